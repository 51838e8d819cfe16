package people

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"allhours/cloud"
	ours "allhours/protocol"
)

// maxPasskeys bounds those of one member.
const maxPasskeys = 10

// passkeysAt reads where passkeys are good. A browser wants a name there, and TLS unless it is its own machine.
func passkeysAt(origin string) (*webauthn.WebAuthn, string, error) {
	if origin == "" {
		return nil, "", nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return nil, "", fmt.Errorf("people: origin %q: want https://host", origin)
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil, "", nil
	}
	keys, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: issuer, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{UserVerification: protocol.VerificationPreferred},
		AttestationPreference:  protocol.PreferNoAttestation,
	})
	if err != nil {
		return nil, "", fmt.Errorf("people: passkeys at %s: %w", origin, err)
	}
	return keys, u.Host, nil
}

// keyHolder is a member as the library wants to see one.
type keyHolder struct {
	member Staff
	keys   []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (h keyHolder) WebAuthnID() []byte { return h.member.ID[:] }

// WebAuthnName implements webauthn.User.
func (h keyHolder) WebAuthnName() string { return h.member.Name }

// WebAuthnDisplayName implements webauthn.User.
func (h keyHolder) WebAuthnDisplayName() string { return h.member.Name }

// WebAuthnCredentials implements webauthn.User.
func (h keyHolder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (s *Service) keyHolder(ctx context.Context, member Staff) (h keyHolder, kept []Passkey, err error) {
	h.member = member
	if kept, err = s.store.PasskeysOf(ctx, member.ID); err != nil {
		return h, nil, fmt.Errorf("passkeys: %w", err)
	}
	for _, k := range kept {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Credential, &c); err != nil {
			return h, nil, fmt.Errorf("passkey %s: %w", k.ID, err)
		}
		h.keys = append(h.keys, c)
	}
	return h, kept, nil
}

// PasskeysAt implements cloud.PasskeySteps.
func (s *Service) PasskeysAt(host string) bool {
	return s.keys != nil && strings.EqualFold(host, s.host)
}

// Passkeys implements cloud.PasskeySteps.
func (s *Service) Passkeys(ctx context.Context, token string) ([]cloud.Passkey, error) {
	b, err := s.of(ctx, token)
	if err != nil {
		return nil, err
	}
	kept, err := s.store.PasskeysOf(ctx, b.ID)
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	list := make([]cloud.Passkey, len(kept))
	for i, k := range kept {
		list[i] = k.Passkey
	}
	return list, nil
}

// keyStep is a member who may use passkeys for what the step of the session is.
func (s *Service) keyStep(ctx context.Context, token string, enrol bool) (begun, error) {
	if s.keys == nil {
		return begun{}, ours.Errorf(ours.CodeUnsupported, "there are no passkeys at this address")
	}
	if enrol {
		return s.enrolling(ctx, token)
	}
	return s.proving(ctx, token)
}

// AskPasskey implements cloud.PasskeySteps.
func (s *Service) AskPasskey(ctx context.Context, token, password string, enrol bool) ([]byte, error) {
	b, err := s.keyStep(ctx, token, enrol)
	if err == nil && enrol {
		err = s.prove(ctx, b, password)
	}
	if err != nil {
		return nil, err
	}
	h, _, err := s.keyHolder(ctx, b.member)
	if err != nil {
		return nil, err
	}
	var options any
	var asked *webauthn.SessionData
	switch {
	case enrol && len(h.keys) >= maxPasskeys:
		return nil, ours.Errorf(cloud.CodeConflict, "there are %d passkeys already", len(h.keys))
	case enrol:
		options, asked, err = s.keys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	case len(h.keys) == 0:
		return nil, ours.Errorf(cloud.CodeBadCode, "there is no passkey")
	default:
		options, asked, err = s.keys.BeginLogin(h)
	}
	if err != nil {
		return nil, fmt.Errorf("ask for passkey: %w", err)
	}
	kept, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("ask for passkey: %w", err)
	}
	if err := s.store.Challenge(ctx, b.hash, string(kept)); err != nil {
		return nil, fmt.Errorf("ask for passkey: %w", err)
	}
	return json.Marshal(options)
}

// TakePasskey implements cloud.PasskeySteps.
func (s *Service) TakePasskey(ctx context.Context, token, name string, reply []byte) (cloud.Admitted, error) {
	b, err := s.keyStep(ctx, token, name != "")
	if err != nil {
		return cloud.Admitted{Who: b.Principal}, err
	}
	who := cloud.Admitted{Who: b.Principal}
	h, kept, err := s.keyHolder(ctx, b.member)
	if err != nil {
		return who, err
	}
	challenge, err := s.store.Answered(ctx, b.hash)
	if err != nil {
		if ours.CodeOf(err) == cloud.CodeNotFound {
			err = ours.Errorf(cloud.CodeBadCode, "nothing was asked")
		}
		return who, err
	}
	var asked webauthn.SessionData
	if err := json.Unmarshal([]byte(challenge), &asked); err != nil {
		return who, fmt.Errorf("what was asked: %w", err)
	}
	if name != "" {
		return s.addPasskey(ctx, b, h, asked, name, reply)
	}
	err = s.guessSecond(b, func() (bool, error) { return s.usePasskey(ctx, h, kept, asked, reply) })
	if err != nil {
		return who, err
	}
	return s.admit(ctx, entry{before: b.hash}, b.member, cloud.StepEnrol)
}

func (s *Service) addPasskey(ctx context.Context, b begun, h keyHolder, asked webauthn.SessionData, name string, reply []byte) (cloud.Admitted, error) {
	who := cloud.Admitted{Who: b.Principal}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(reply)
	if err != nil {
		return who, ours.Errorf(cloud.CodeBadCode, "the reply cannot be read")
	}
	made, err := s.keys.CreateCredential(h, asked, parsed)
	if err != nil {
		return who, ours.Errorf(cloud.CodeBadCode, "the passkey is not accepted")
	}
	raw, err := json.Marshal(made)
	if err != nil {
		return who, fmt.Errorf("keep passkey: %w", err)
	}
	row := Passkey{Person: b.ID, Credential: raw, Passkey: cloud.Passkey{ID: base64.RawURLEncoding.EncodeToString(made.ID), Name: name, Created: s.now()}}
	doing(ctx, b.Principal, cloud.DidSecond)
	if err := s.store.AddPasskey(ctx, row); err != nil {
		return who, fmt.Errorf("keep passkey: %w", err)
	}
	return s.enrolled(ctx, b)
}

// usePasskey checks the reply of a passkey. A counter that goes back is that of a copy.
func (s *Service) usePasskey(ctx context.Context, h keyHolder, kept []Passkey, asked webauthn.SessionData, reply []byte) (bool, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(reply)
	if err != nil {
		return false, nil //nolint:nilerr // A reply that cannot be read is a wrong one.
	}
	used, err := s.keys.ValidateLogin(h, asked, parsed)
	if err != nil || used.Authenticator.CloneWarning {
		return false, nil //nolint:nilerr // What the library does not accept is wrong.
	}
	raw, err := json.Marshal(used)
	if err != nil {
		return false, fmt.Errorf("keep passkey: %w", err)
	}
	id := base64.RawURLEncoding.EncodeToString(used.ID)
	for _, k := range kept {
		if k.ID == id {
			k.Credential, k.Used = raw, s.now()
			return true, wrapped("keep passkey", s.store.UsePasskey(ctx, k))
		}
	}
	return false, nil
}

// DropPasskey implements cloud.PasskeySteps.
func (s *Service) DropPasskey(ctx context.Context, token, password, id string) error {
	b, err := s.signedIn(ctx, token)
	if err == nil {
		err = s.prove(ctx, b, password)
	}
	if err != nil {
		return err
	}
	return wrapped("drop passkey", s.store.DropPasskey(ctx, b.ID, id, b.hash))
}
