package fleet

import (
	"cmp"
	"context"
	"slices"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// walkedBack is how many visits are looked at for one that moved goods.
const walkedBack = 20

// Walked implements cloud.Standing.
func (s *Service) Walked(ctx context.Context, id protocol.CabinetID) (w cloud.Walked, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if _, err := tx.Cabinets.Find(id); err != nil {
			return err
		}
		visits, err := tx.Visits.List(cloud.VisitQuery{Cabinet: id, Limit: walkedBack})
		if err != nil {
			return err
		}
		for _, v := range visits {
			order, found, err := tx.Orders.Find(v.ID)
			if err != nil {
				return err
			}
			if found && len(order.Answer.Why) > 0 && len(order.Answer.Why[0].Steps) > 0 {
				w = cloud.Walked{Visit: v.Visit, Steps: inTime(order.Answer.Why[0].Steps), Sure: order.Why == ""}
				return nil
			}
		}
		return nil
	})
	return w, err
}

func inTime(steps []settle.Step) []settle.Step {
	return slices.SortedStableFunc(slices.Values(steps), func(a, b settle.Step) int { return cmp.Compare(a.At, b.At) })
}
