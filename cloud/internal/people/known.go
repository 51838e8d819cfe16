package people

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/internal/throttle"
	"allhours/protocol"
)

// A browser in which members of the staff have signed in before keeps a mark of each: a random number and this service's seal over it
// and the member. Whoever brings one is not held up by what strangers guess at that member's name.
const (
	markSize  = 16 // bytes of the number, and of its seal
	mostMarks = 8  // of one browser, the newest first
)

var markText = base64.RawURLEncoding.Strict()

// Remember implements cloud.People.
func (s *Service) Remember(member protocol.UUID, known string) (string, error) {
	number := make([]byte, markSize)
	if _, err := rand.Read(number); err != nil {
		return "", fmt.Errorf("know a browser again: %w", err)
	}
	marks := []string{markText.EncodeToString(number) + "." + markText.EncodeToString(s.markSeal(member, number))}
	for mark := range strings.SplitSeq(known, "~") {
		if _, theirs := s.markOf(member, mark); !theirs && mark != "" && len(marks) < mostMarks {
			marks = append(marks, mark)
		}
	}
	return strings.Join(marks, "~"), nil
}

// knows finds the mark that a browser has of a member.
func (s *Service) knows(member protocol.UUID, known string) (number string, is bool) {
	marks := strings.SplitN(known, "~", mostMarks+1)
	for _, mark := range marks[:min(len(marks), mostMarks)] {
		if number, is = s.markOf(member, mark); is {
			return number, true
		}
	}
	return "", false
}

func (s *Service) markOf(member protocol.UUID, mark string) (string, bool) {
	text, sealText, _ := strings.Cut(mark, ".")
	number, err := markText.DecodeString(text)
	seal, err2 := markText.DecodeString(sealText)
	if err != nil || err2 != nil || len(number) != markSize {
		return "", false
	}
	return text, hmac.Equal(seal, s.markSeal(member, number))
}

func (s *Service) markSeal(member protocol.UUID, number []byte) []byte {
	return s.vault.tag("known", member.String(), string(number))[:markSize]
}

// limit is one of several that hold at once.
type limit struct {
	*throttle.Throttle
	key string
}

// guessStaff lets somebody try the password of a name. A browser that is known has tries of its own. Strangers have theirs by name and
// address, so that none of them takes another's, and fewer for all names of one address and for one name from all addresses.
func (s *Service) guessStaff(member Staff, name string, from cloud.SignInFrom, try func() (right bool, err error)) error {
	now, wrong := s.now(), protocol.Errorf(cloud.CodeBadPassword, "wrong name or password")
	if number, is := s.knows(member.ID, from.Known); is {
		return guess(s.knownTries, number, now, wrong, try)
	}
	for _, limit := range slices.Backward([]limit{
		{s.addresses, from.Address}, {s.names, string(s.vault.tag("staff", name))}, {s.strangers, string(s.vault.tag("staff", name, from.Address))},
	}) {
		inner := try
		try = func() (bool, error) {
			err := guess(limit.Throttle, limit.key, now, wrong, inner)
			if err == wrong { //nolint:errorlint // It is that very one, or another.
				return false, nil
			}
			return err == nil, err
		}
	}
	switch right, err := try(); {
	case err != nil:
		return err
	case !right:
		return wrong
	}
	return nil
}

// prove wants the password of whoever is signed in before the second step changes: an open session may be in other hands. A sign-in that
// is under way has just been given it.
func (s *Service) prove(ctx context.Context, b begun, password string) error {
	if b.Step != "" {
		return nil
	}
	return s.guessOwn(ctx, b, password)
}

// guessOwn lets the holder of a session try their own password. Nobody else's tries count.
func (s *Service) guessOwn(ctx context.Context, b begun, password string) error {
	wrong := protocol.Errorf(cloud.CodeBadPassword, "the password is wrong")
	return guess(s.proofs, b.ID.String(), s.now(), wrong, func() (bool, error) { return s.checked(ctx, b.member, password) })
}
