package dispute

import (
	"context"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
)

// Case implements cloud.Disputes.
func (s *Service) Case(ctx context.Context, id protocol.UUID) (c cloud.DisputeCase, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		d, err := tx.Disputes.Find(id)
		if err == nil {
			c, err = caseOf(tx, d)
		}
		return err
	})
	return c, err
}

// Cases implements cloud.Disputes.
func (s *Service) Cases(ctx context.Context, of cloud.Bound, open bool, limit int) ([]cloud.DisputeCase, error) {
	cases := []cloud.DisputeCase{}
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err := tx.Disputes.List(of, open, limit)
		for _, d := range list {
			c, err := caseOf(tx, d)
			if err != nil {
				return err
			}
			cases = append(cases, c)
		}
		return err
	})
	return cases, err
}

func caseOf(tx cloud.Tx, d cloud.Dispute) (cloud.DisputeCase, error) {
	c := cloud.DisputeCase{Dispute: d}
	v, err := tx.Visits.Find(d.Visit)
	if err != nil {
		return c, err
	}
	ops, err := tx.Ops.Of(d.Visit)
	if err != nil {
		return c, err
	}
	all, err := tx.Disputes.Of(d.Visit)
	c.Visit, c.Owed, c.Left, c.Again = v, payment.Owed(v.Visit, ops), payment.Left(ops), again(d, all)
	return c, err
}
