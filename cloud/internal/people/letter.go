package people

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

// letter is the message that brings a code. Phone and code travel sealed: the phone may be nobody's yet, and of the code
// there is nothing else but its MAC.
func (s *Service) letter(phone, code string, row CodeRow) (cloud.OutMessage, error) {
	now := s.now()
	id, err := protocol.NewUUID(now, rand.Reader)
	if err != nil {
		return cloud.OutMessage{}, fmt.Errorf("message of a code: %w", err)
	}
	sealed, err := s.vault.seal(phone+" "+code, id)
	if err != nil {
		return cloud.OutMessage{}, fmt.Errorf("message of a code: %w", err)
	}
	return cloud.OutMessage{State: cloud.MessageWaiting, Next: now, Message: cloud.Message{
		ID: id, Ref: cloud.MessageRef(cloud.MessageCode, id.String()), Kind: cloud.MessageCode, Lang: codeLang, Sealed: sealed, Created: now, Expires: row.Expires,
	}}, nil
}

// codeLang is the language of codes: who asks for one is not known yet, and that text has both.
const codeLang = "zh"

// Reach tells where a message goes, and the code in it, if it has one: for the moment of sending only. Its errors name
// neither. CodeNotFound where the person is no resident.
func (s *Service) Reach(ctx context.Context, m cloud.Message) (phone, code string, err error) {
	if m.Kind == cloud.MessageCode {
		text, err := s.vault.open(m.Sealed, m.ID)
		if err != nil {
			return "", "", fmt.Errorf("message %s: %w", m.ID, err)
		}
		phone, code, _ = strings.Cut(text, " ")
		return phone, code, nil
	}
	r, err := s.store.Resident(ctx, m.Person)
	if err != nil {
		return "", "", fmt.Errorf("message %s: %w", m.ID, err)
	}
	phone, err = s.vault.open(r.Phone, r.ID)
	return phone, "", wrapped("message "+m.ID.String(), err)
}
