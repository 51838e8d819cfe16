package people

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

const (
	recoveryCodes = 10
	offerLife     = 10 * time.Minute // of a secret that an app was not set up with yet
	issuer        = "allhours"
)

var appText = base32.StdEncoding.WithPadding(base32.NoPadding)

// OfferApp implements cloud.AppCodes. The secret travels sealed with the form, and is bound to the member and to its time.
func (s *Service) OfferApp(ctx context.Context, token string) (cloud.AppSecret, error) {
	b, err := s.enrolling(ctx, token)
	if err != nil {
		return cloud.AppSecret{}, err
	}
	key := make([]byte, totpKey)
	if _, err := rand.Read(key); err != nil {
		return cloud.AppSecret{}, fmt.Errorf("secret of an app: %w", err)
	}
	text := appText.EncodeToString(key)
	sealed, err := s.vault.seal(strconv.FormatInt(s.now().Add(offerLife).Unix(), 10)+" "+text, b.ID)
	if err != nil {
		return cloud.AppSecret{}, err
	}
	uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + b.Name, RawQuery: url.Values{"secret": {text}, "issuer": {issuer}}.Encode()}
	return cloud.AppSecret{Text: text, URI: uri.String(), Sealed: base64.RawURLEncoding.EncodeToString(sealed)}, nil
}

// enrolling is a member who may set a second step: signed in, or told to by the sign-in.
func (s *Service) enrolling(ctx context.Context, token string) (begun, error) {
	b, err := s.of(ctx, token)
	if err != nil || b.Step == "" {
		return b, err
	}
	if b.Step != cloud.StepEnrol {
		return b, protocol.Errorf(cloud.CodeSecondStep, "the step %s comes first", b.Step)
	}
	if b.member.shown().Second() { // Else a password alone, given before there was a second step, could put another in its place.
		return b, protocol.Errorf(cloud.CodeNoSession, "a second step was set since this sign-in began")
	}
	return b, nil
}

// EnrolApp implements cloud.AppCodes.
func (s *Service) EnrolApp(ctx context.Context, token, password, sealed, code string) ([]string, cloud.Admitted, error) {
	b, err := s.enrolling(ctx, token)
	if err != nil {
		return nil, cloud.Admitted{}, err
	}
	who := cloud.Admitted{Who: b.Principal}
	if err := s.prove(ctx, b, password); err != nil {
		return nil, who, err
	}
	text, key, err := s.offered(b, sealed)
	if err != nil {
		return nil, who, err
	}
	var step int64
	if err := s.guessSecond(b, func() (bool, error) {
		var found bool
		step, found = totpFind(key, digits(code), s.now())
		return found, nil
	}); err != nil {
		return nil, who, err
	}
	kept, err := s.vault.seal(text, b.ID)
	if err != nil {
		return nil, who, err
	}
	doing(ctx, b.Principal, cloud.DidSecond)
	if err := s.store.SetApp(ctx, b.ID, kept, step); err != nil {
		return nil, who, fmt.Errorf("set up app: %w", err)
	}
	recovery, err := s.recover(ctx, b)
	if err != nil {
		return nil, who, err
	}
	who, err = s.enrolled(ctx, b)
	return recovery, who, err
}

// offered opens what OfferApp sealed.
func (s *Service) offered(b begun, sealed string) (text string, key []byte, err error) {
	old := protocol.Errorf(cloud.CodeBadCode, "the offer is too old, or of somebody else")
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", nil, old
	}
	plain, err := s.vault.open(raw, b.ID)
	if err != nil {
		return "", nil, old
	}
	until, text, _ := strings.Cut(plain, " ")
	at, err := strconv.ParseInt(until, 10, 64)
	if err != nil || s.now().Unix() >= at {
		return "", nil, old
	}
	key, err = appText.DecodeString(text)
	return text, key, wrapped("secret of an app", err)
}

// enrolled goes on with a sign-in that waited for a second step; of a session that is signed in nothing changes.
func (s *Service) enrolled(ctx context.Context, b begun) (cloud.Admitted, error) {
	if b.Step == "" {
		return cloud.Admitted{Who: b.Principal}, nil
	}
	member, err := s.store.Member(ctx, b.ID, s.now())
	if err != nil {
		return cloud.Admitted{Who: b.Principal}, fmt.Errorf("find staff: %w", err)
	}
	return s.admit(ctx, entry{before: b.hash}, member, cloud.StepEnrol)
}

// guessSecond lets somebody try a second step, a few times a minute.
func (s *Service) guessSecond(b begun, try func() (bool, error)) error {
	return guess(s.seconds, string(s.vault.tag("second", b.ID.String())), s.now(), protocol.Errorf(cloud.CodeBadCode, "wrong, used or too old"), try)
}

// ProveCode implements cloud.AppCodes.
func (s *Service) ProveCode(ctx context.Context, token, code string) (cloud.Admitted, error) {
	b, err := s.proving(ctx, token)
	if err != nil {
		return cloud.Admitted{Who: b.Principal}, err
	}
	err = s.guessSecond(b, func() (bool, error) {
		if typed := digits(code); len(typed) == totpDigits {
			return s.useApp(ctx, b.member, typed)
		}
		err := s.store.UseRecovery(ctx, b.ID, s.recoveryMAC(b.ID, code), s.now())
		return err == nil, unlessNotFound(err)
	})
	if err != nil {
		return cloud.Admitted{Who: b.Principal}, err
	}
	return s.admit(ctx, entry{before: b.hash}, b.member, cloud.StepEnrol)
}

// proving is a member whose sign-in waits for the second step.
func (s *Service) proving(ctx context.Context, token string) (begun, error) {
	b, err := s.of(ctx, token)
	if err == nil && b.Step != cloud.StepSecond {
		err = protocol.Errorf(cloud.CodeNoSession, "no sign-in waits for a second step")
	}
	return b, err
}

// useApp takes a code of the app, once.
func (s *Service) useApp(ctx context.Context, member Staff, code string) (bool, error) {
	if len(member.App) == 0 {
		return false, nil
	}
	text, err := s.vault.open(member.App, member.ID)
	if err != nil {
		return false, fmt.Errorf("secret of an app: %w", err)
	}
	key, err := appText.DecodeString(text)
	if err != nil {
		return false, fmt.Errorf("secret of an app: %w", err)
	}
	step, found := totpFind(key, code, s.now())
	if !found {
		return false, nil
	}
	err = s.store.UseApp(ctx, member.ID, step)
	return err == nil, unlessNotFound(err)
}

func unlessNotFound(err error) error {
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return nil
	}
	return err
}

// NewRecovery implements cloud.AppCodes.
func (s *Service) NewRecovery(ctx context.Context, token, password string) ([]string, error) {
	b, err := s.of(ctx, token)
	if err != nil {
		return nil, err
	}
	if b.Step != "" || !b.member.shown().Second() {
		return nil, protocol.Errorf(cloud.CodeConflict, "there is no second step that codes could stand in for")
	}
	if err := s.prove(ctx, b, password); err != nil {
		return nil, err
	}
	return s.recover(ctx, b)
}

func (s *Service) recover(ctx context.Context, b begun) ([]string, error) {
	codes, macs := make([]string, recoveryCodes), make([][]byte, recoveryCodes)
	for i := range codes {
		text := strings.ToLower(rand.Text())[:12] // 60 bits
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:]
		macs[i] = s.recoveryMAC(b.ID, codes[i])
	}
	return codes, wrapped("recovery codes", s.store.SetRecovery(ctx, b.ID, macs))
}

// recoveryMAC is all that is kept of a recovery code. How it was typed does not matter.
func (s *Service) recoveryMAC(id protocol.UUID, code string) []byte {
	plain := strings.NewReplacer(" ", "", "-", "").Replace(strings.ToLower(code))
	return s.vault.tag("recovery", id.String(), plain)
}

// digits is a code as it was typed, without spaces.
func digits(code string) string { return strings.ReplaceAll(strings.TrimSpace(code), " ", "") }
