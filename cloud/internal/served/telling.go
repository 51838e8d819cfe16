package served

import (
	"context"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// tellDays keeps the days that are over as they are told now, and corrects those that are told otherwise since something was
// heard.
func (s *Service) tellDays(ctx context.Context) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		zone, err := s.Book.Zone(tx)
		if protocol.CodeOf(err) == cloud.CodeNotFound {
			return nil // There is no chain yet.
		}
		if err != nil {
			return err
		}
		stores, err := tx.Plans.Stores()
		if err != nil {
			return err
		}
		last := ledger.DayOf(s.Now().Add(-settles), zone).Add(-1)
		for _, store := range stores {
			if err := s.tellNew(tx, store.ID, last); err != nil {
				return err
			}
		}
		return s.tellAgain(tx, zone, last)
	})
}

// tellNew tells the days since the last one that was told; of a store that is new only the last one.
func (s *Service) tellNew(tx cloud.Tx, store cloud.StoreID, last ledger.Day) error {
	told, err := tx.CoverageDays.Told(store, last.Add(1-mostTold), last)
	if err != nil {
		return err
	}
	first := last
	if len(told) > 0 {
		first = told[len(told)-1].Day.Add(1)
	}
	if first > last {
		return nil
	}
	days, err := s.compute(tx, store, first, last)
	if err != nil {
		return err
	}
	for _, d := range days {
		if err := tx.CoverageDays.Tell(d); err != nil {
			return err
		}
	}
	return nil
}

// compute is what some days come to by the facts that there are.
func (s *Service) compute(tx cloud.Tx, store cloud.StoreID, first, last ledger.Day) ([]cloud.CoverageDay, error) {
	found, err := findStore(tx, store)
	if err != nil {
		return nil, err
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	r := &record{store: found, zone: zone, first: first, days: first.Until(last) + 1}
	if r.law, err = readLaw(tx, found, zone); err != nil {
		return nil, err
	}
	if err := s.fill(tx, r); err != nil {
		return nil, err
	}
	begin, _ := first.Span(zone)
	heard, err := tx.CoverageFacts.Heard(store, begin, s.Now())
	if err != nil {
		return nil, err
	}
	for id, at := range heard {
		if !at.IsZero() {
			r.of.Heard(id, at.UnixMilli())
		}
	}
	r.of.Until(s.Now().UnixMilli())
	var all []cloud.CoverageDay
	for n, d := range r.of.Days() {
		told := cloud.CoverageDay{Store: store, Day: first.Add(n), Sum: d.Sum(), Made: s.Now(), Pieces: joined(d.Pieces)}
		for _, g := range coverage.Gaps([]coverage.Day{d}, r.rates) {
			told.Lost += protocol.Fen(g.Lost)
		}
		if r.age.Days == 0 { // Nothing is learned yet of what sells when.
			told.Blind = told.Sum.Uncovered
		}
		all = append(all, told)
	}
	return all, nil
}

// joined is in which states the store was, and for how long.
func joined(pieces []coverage.Piece) (all []cloud.ToldPiece) {
	for _, p := range pieces {
		if n := len(all) - 1; n >= 0 && all[n].State == p.State {
			all[n].To = p.To
			continue
		}
		all = append(all, cloud.ToldPiece{Span: p.Span, State: p.State})
	}
	return all
}

// tellAgain looks at the told days that facts may have changed that came since.
func (s *Service) tellAgain(tx cloud.Tx, zone *time.Location, last ledger.Day) error {
	read, err := tx.CoverageMarks.Mark(cloud.MarkRead)
	if err != nil {
		return err
	}
	for {
		facts, number, err := tx.CoverageFacts.After(read, mostFacts)
		if err != nil {
			return err
		}
		for _, f := range facts {
			if err := s.correct(tx, f, zone, last); err != nil {
				return err
			}
		}
		if number != read {
			if err := tx.CoverageMarks.SetMark(cloud.MarkRead, number); err != nil {
				return err
			}
		}
		if read = number; len(facts) < mostFacts {
			return nil
		}
	}
}

// correct tells the days of the stores that a fact is about, as far as it makes them other ones. Most facts are of today, of
// which nothing is told yet.
func (s *Service) correct(tx cloud.Tx, f coverage.Fact, zone *time.Location, last ledger.Day) error {
	begins := f.At
	if f.From != 0 {
		begins = min(f.From, f.At)
	}
	first := ledger.DayOf(time.UnixMilli(begins), zone)
	if first > last {
		return nil
	}
	stores, err := s.about(tx, f)
	if err != nil {
		return err
	}
	for _, store := range stores {
		if err := s.correctStore(tx, store, f, first, last); err != nil {
			return err
		}
	}
	return nil
}

// correctStore tells the days of a store again that were told before a fact was known, as far as they are others now.
func (s *Service) correctStore(tx cloud.Tx, store cloud.StoreID, f coverage.Fact, first, last ledger.Day) error {
	told, err := tx.CoverageDays.Told(store, first, last)
	if err != nil {
		return err
	}
	told = slices.DeleteFunc(told, func(d cloud.CoverageDay) bool { return d.Made.UnixMilli() > f.Made }) // It was known when they were told.
	if len(told) == 0 {
		return nil
	}
	first, last = told[0].Day, told[len(told)-1].Day
	now, err := s.compute(tx, store, first, last)
	if err != nil {
		return err
	}
	for _, before := range told {
		if n := first.Until(before.Day); n < len(now) && !slices.Equal(now[n].Pieces, before.Pieces) {
			if err := tx.CoverageDays.Correct(now[n], correction(before, now[n], f)); err != nil {
				return err
			}
		}
	}
	return nil
}

// about are the stores that a fact may say something of.
func (s *Service) about(tx cloud.Tx, f coverage.Fact) ([]cloud.StoreID, error) {
	var stores []cloud.StoreID
	if f.Cabinet == "" {
		all, err := tx.Plans.Stores()
		for _, store := range all {
			stores = append(stores, store.ID)
		}
		return stores, err
	}
	stays, err := tx.Stays.Of(f.Cabinet)
	for _, stay := range stays {
		if !slices.Contains(stores, stay.Store) {
			stores = append(stores, stay.Store)
		}
	}
	return stores, err
}

// correction is what a day was told to be, what it is, and between which moments they differ.
func correction(before, now cloud.CoverageDay, f coverage.Fact) cloud.CoverageCorrection {
	c := cloud.CoverageCorrection{
		Store: now.Store, Day: now.Day, At: now.Made, Before: before.Sum, After: now.Sum, Ref: f.Ref, Kind: f.Kind, Cabinet: f.Cabinet,
	}
	from, to := now.Pieces[0].From, now.Pieces[len(now.Pieces)-1].To
	c.From, c.To = time.UnixMilli(differs(before.Pieces, now.Pieces, from)).UTC(), time.UnixMilli(to).UTC()
	for at := to; at > from; { // Back from the end, over what is the same.
		a, b := last(before.Pieces, at), last(now.Pieces, at)
		if a.State != b.State {
			break
		}
		at = max(a.From, b.From)
		c.To = time.UnixMilli(at).UTC()
	}
	return c
}

// differs is the first moment at which two tellings are not the same.
func differs(a, b []cloud.ToldPiece, from int64) int64 {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			if a[i].State != b[i].State {
				return a[i].From
			}
			return min(a[i].To, b[i].To)
		}
	}
	return from
}

// last is the piece that a moment ends.
func last(of []cloud.ToldPiece, at int64) cloud.ToldPiece {
	for _, p := range of {
		if p.From < at && at <= p.To {
			return p
		}
	}
	return cloud.ToldPiece{Span: coverage.Span{From: at - 1}}
}
