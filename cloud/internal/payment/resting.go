package payment

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

// Resting implements cloud.DebtDesk.
func (s *Service) Resting(ctx context.Context, limit int) (r cloud.Resting, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		_, ask, err := tx.Restored.Since()
		if err != nil {
			return err
		}
		r.Asked = !ask
		if r.All, err = tx.Resting.Count(""); err != nil {
			return err
		}
		r.Debts, err = tx.Resting.List(limit)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("resting debts: %w", err)
	}
	return r, nil
}

// tellResting has the books say that debts rest since they were restored, or that none does any more.
func (s *Service) tellResting(tx cloud.Tx) error {
	n, err := tx.Resting.Count(cloud.RestRestored)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.Incidents.Close("", cloud.IncidentDebtsRest, "", s.Now())
	}
	known, found, err := tx.Noticed.Newest("", cloud.IncidentDebtsRest, "")
	if err != nil || found && known.Closed.IsZero() {
		return err
	}
	return tx.Incidents.Open(cloud.Incident{Kind: cloud.IncidentDebtsRest, Detail: cloud.DetailRest.Fill(n), Last: s.Now()})
}

// Resume implements cloud.DebtDesk.
func (s *Service) Resume(ctx context.Context, visit protocol.VisitID) error {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		if err := mustBeAsked(tx); err != nil {
			return err
		}
		if err := resume(tx, visit); err != nil {
			return err
		}
		return s.tellResting(tx)
	})
	if err != nil {
		return fmt.Errorf("resume the debt of visit %s: %w", visit, err)
	}
	s.Wake()
	s.Changed(visit)
	return nil
}

func resume(tx cloud.Tx, visit protocol.VisitID) error {
	v, err := tx.Visits.Find(visit)
	if err != nil {
		return err
	}
	d, err := owed(tx, v)
	if err != nil {
		return err
	}
	if d.Rests == "" {
		return protocol.Errorf(cloud.CodeConflict, "the debt of visit %s does not rest", visit)
	}
	ops, err := tx.Ops.Of(visit)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if op.Kind == cloud.OpPay && op.State == cloud.OpDone {
			return protocol.Errorf(cloud.CodeConflict, "a part of the debt of visit %s was paid: what is left can only be waived", visit)
		}
	}
	return tx.Resting.Rest(visit, "")
}

// ResumeAll implements cloud.DebtDesk.
func (s *Service) ResumeAll(ctx context.Context) (n int, err error) {
	err = s.DB.Update(ctx, func(tx cloud.Tx) error {
		if err := mustBeAsked(tx); err != nil {
			return err
		}
		if n, err = tx.Resting.WakeAll(cloud.RestRestored); err != nil {
			return err
		}
		return s.tellResting(tx)
	})
	if err != nil {
		return 0, fmt.Errorf("resume all debts: %w", err)
	}
	s.Wake()
	return n, nil
}

// mustBeAsked refuses while restored books do not know what the provider took since.
func mustBeAsked(tx cloud.Tx) error {
	_, ask, err := tx.Restored.Since()
	if err == nil && ask {
		err = protocol.Errorf(cloud.CodeConflict, "the provider has not told yet what it took since the backup")
	}
	return err
}
