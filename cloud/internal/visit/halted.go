package visit

import (
	"context"

	"allhours/cloud"
	"allhours/protocol"
)

// halted refuses a door that a person of the chain keeps shut for a purpose. It stands before every signature: neither a command
// nor a code is given out.
func (s *Service) halted(tx cloud.Tx, cabinet protocol.CabinetID, purpose protocol.Purpose) error {
	halts, err := tx.Halts.InForce(cabinet)
	if err != nil {
		return err
	}
	for _, h := range halts {
		if h.Stops(purpose) && !h.Over(s.Now()) {
			return &cloud.Halted{Halt: h}
		}
	}
	return nil
}

// stillOpen reports whether a grant that was given out to be shown may be shown on. The cabinet refuses it too, once it has heard.
func (s *Service) stillOpen(ctx context.Context, v cloud.VisitRecord) (bool, error) {
	err := s.DB.View(ctx, func(tx cloud.Tx) error { return s.halted(tx, v.Cabinet, v.Purpose) })
	if protocol.CodeOf(err).Halt() {
		return false, nil
	}
	return err == nil, err
}
