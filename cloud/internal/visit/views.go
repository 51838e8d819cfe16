package visit

import (
	"context"
	"math"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Visit implements cloud.Visits.
func (s *Service) Visit(ctx context.Context, id protocol.VisitID) (cloud.Visit, error) {
	var record cloud.VisitRecord
	var v cloud.Visit
	var apart error
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if record, err = tx.Visits.Find(id); err != nil {
			return err
		}
		if apart = believed(tx, record.Cabinet); apart != nil && protocol.CodeOf(apart) == "" {
			return apart
		}
		v, err = s.shown(tx, record)
		return err
	})
	if err == nil && apart == nil {
		v.Pass, err = s.pass(ctx, record)
	}
	return v, err
}

// Latest implements cloud.Visits.
func (s *Service) Latest(ctx context.Context, cabinet protocol.CabinetID, person protocol.UUID, limit int) ([]cloud.Visit, error) {
	visits := []cloud.Visit{}
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		records, err := tx.Visits.List(cloud.VisitQuery{Cabinet: cabinet, Person: person, Limit: limit})
		for _, record := range records {
			v, err := s.shown(tx, record)
			if err != nil {
				return err
			}
			visits = append(visits, v)
		}
		return err
	})
	return visits, err
}

// shown adds the phase and the basket of a visit under way. After a restart of the service they are not known until the
// cabinet speaks; that it began is.
func (s *Service) shown(tx cloud.Tx, record cloud.VisitRecord) (cloud.Visit, error) {
	v := record.Visit
	if !v.Ended.IsZero() {
		return v, nil
	}
	known := s.live.of(v.ID)
	v.Phase, v.Put = known.phase, known.put
	if v.Phase == "" && !record.Begun.IsZero() {
		v.Phase = wire.PhaseOpening
	}
	v.Silent = s.waiting.isDoubted(v.ID)
	lines, total, _, err := s.Catalog.Lines(tx, known.basket, v.PriceVersion)
	v.Lines, v.Total = lines, total
	return v, err
}

// Reviews implements cloud.Visits.
func (s *Service) Reviews(ctx context.Context, of cloud.Bound, limit int) ([]cloud.Review, error) {
	if limit == 0 {
		limit = math.MaxInt32
	}
	reviews := []cloud.Review{}
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		chain, err := tx.Plans.Chain()
		if err != nil {
			return err
		}
		queue, err := tx.Cases.Queue(of, limit)
		if err != nil {
			return err
		}
		for _, q := range queue {
			record, err := tx.Visits.Find(q.Visit)
			if err != nil {
				return err
			}
			r, _, err := s.asReview(tx, record, chain)
			if err != nil {
				return err
			}
			reviews = append(reviews, r)
		}
		return nil
	})
	return reviews, err
}

// Review is one visit that a person decides or has decided, with its order; cloud.CodeNotFound where it never came to that.
func (s *Service) Review(ctx context.Context, id protocol.VisitID) (r cloud.Review, o cloud.Order, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		chain, err := tx.Plans.Chain()
		if err != nil {
			return err
		}
		record, err := tx.Visits.Find(id)
		if err != nil {
			return err
		}
		if r, o, err = s.asReview(tx, record, chain); err == nil && o.Why == "" {
			return protocol.Errorf(cloud.CodeNotFound, "visit %s was never in review", id)
		}
		return err
	})
	return r, o, err
}

// asReview tells what a person needs to know of a visit.
func (s *Service) asReview(tx cloud.Tx, record cloud.VisitRecord, chain cloud.Chain) (cloud.Review, cloud.Order, error) {
	order, _, err := tx.Orders.Find(record.ID)
	if err != nil {
		return cloud.Review{}, order, err
	}
	cabinet, err := tx.Cabinets.Find(record.Cabinet)
	if err != nil {
		return cloud.Review{}, order, err
	}
	bills, err := s.bills(tx, order.Answer, record.PriceVersion)
	return cloud.Review{
		Visit: record.Visit, Place: cabinet.Place, Why: order.Why, Answer: order.Answer, Zero: order.Zero, Guess: order.Lines, Bills: bills,
		Waives: order.At.Add(chain.WaiveAfter), Waiting: s.Now().Sub(order.At),
	}, order, err
}

// bills prices each explanation as the resident saw the prices.
func (s *Service) bills(tx cloud.Tx, a settle.Answer, version uint32) ([]cloud.Bill, error) {
	bills := make([]cloud.Bill, 0, len(a.Why))
	for _, why := range a.Why {
		lines, total, unknown, err := s.Catalog.Lines(tx, why.Lines, version)
		if err != nil {
			return nil, err
		}
		bills = append(bills, cloud.Bill{Lines: lines, Total: total, Known: unknown == ""})
	}
	return bills, nil
}
