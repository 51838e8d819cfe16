package dispute

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

// Debts implements cloud.Debtors.
func (s *Service) Debts(ctx context.Context, after protocol.VisitID) (list cloud.DebtList, err error) {
	list.Debts = []cloud.OpenDebt{}
	if err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if list.Count, list.Sum, err = tx.Debts.Total(); err != nil {
			return err
		}
		found, err := tx.Debts.Open(after, cloud.DebtsMost+1)
		if err != nil {
			return err
		}
		if list.More = len(found) > cloud.DebtsMost; list.More {
			found = found[:cloud.DebtsMost]
		}
		for _, d := range found {
			v, err := tx.Visits.Find(d.Visit)
			if err != nil {
				return err
			}
			list.Debts = append(list.Debts, cloud.OpenDebt{Debt: d, Cabinet: v.Cabinet})
		}
		return nil
	}); err != nil {
		return list, fmt.Errorf("open debts: %w", err)
	}
	for i, d := range list.Debts {
		if list.Debts[i].Masked, err = s.masked(ctx, d.Person); err != nil {
			return list, fmt.Errorf("open debts: %w", err)
		}
	}
	return list, nil
}
