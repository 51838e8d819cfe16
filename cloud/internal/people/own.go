package people

import (
	"context"

	"allhours/cloud"
	"allhours/protocol"
)

// SendOwn implements cloud.OwnPhones. The phone is the one that the resident signed in with.
func (s *Service) SendOwn(ctx context.Context, resident protocol.UUID, act cloud.OwnAct) (string, error) {
	phone, err := s.OwnPhone(ctx, resident)
	if err != nil {
		return "", err
	}
	return s.sendCode(ctx, phone, ownUse(act))
}

// ConfirmOwn implements cloud.OwnPhones.
func (s *Service) ConfirmOwn(ctx context.Context, resident protocol.UUID, act cloud.OwnAct, code string) error {
	phone, err := s.OwnPhone(ctx, resident)
	if err != nil {
		return err
	}
	return s.checkCode(ctx, phone, ownUse(act), code)
}

// OwnPhone implements cloud.OwnPhones.
func (s *Service) OwnPhone(ctx context.Context, resident protocol.UUID) (string, error) {
	r, err := s.store.Resident(ctx, resident)
	if err != nil {
		return "", wrapped("find resident", err)
	}
	phone, err := s.vault.open(r.Phone, r.ID)
	return phone, wrapped("own phone", err)
}

// ownUse keeps a code of one act from being good for another, or for a sign-in.
func ownUse(act cloud.OwnAct) string { return signInUse + ":" + string(act) }
