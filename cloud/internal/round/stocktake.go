package round

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// mostUnsure is how many lanes of a cabinet are proposed to be counted.
const mostUnsure = 12

// tallied adds cabinets whose lanes are counted: those that are named, else all.
func tallied(tx cloud.Tx, round *cloud.Round, p cloud.PlanRound) error {
	if len(p.Lines)+len(p.Legs) > 0 {
		return protocol.Errorf(protocol.CodeMalformed, "lines, legs: nothing is brought to be counted")
	}
	cabinets, err := ofStore(tx, round.Store, p.Cabinets)
	if err != nil {
		return err
	}
	named := slices.Clone(p.Lanes)
	for _, c := range cabinets {
		lanes := 0
		for _, platform := range c.Platforms {
			for _, sku := range platform.SKUs {
				at := picking.Place{Cabinet: c.ID, Platform: platform.ID, SKU: sku}
				if i := slices.Index(named, at); i >= 0 {
					named = slices.Delete(named, i, i+1)
				} else if p.Lanes != nil {
					continue
				}
				book, err := tx.Ledger.Balance(ledger.Stock(c.ID, platform.ID), ledger.Article(sku))
				if err != nil {
					return err
				}
				round.Lines = append(round.Lines, cloud.RoundLine{Cabinet: c.ID, Platform: platform.ID, SKU: sku, Before: int(book), After: int(book)})
				lanes++
			}
		}
		round.Stops = append(round.Stops, cloud.RoundStop{Cabinet: c.ID, Minutes: minutes(lanes), State: cloud.StopAhead})
	}
	if len(named) > 0 || len(round.Lines) == 0 {
		return protocol.Errorf(protocol.CodeMalformed, "lanes: want lanes of the cabinets, one or more")
	}
	return nil
}

// tally keeps how many units of a lane were counted. They are held against what the books had after the last opening of the stop;
// before one was settled, as where the door was opened with a key, against what they have now.
func (m *move) tally(stop *cloud.RoundStop, line *cloud.RoundLine) error {
	if m.step.Units < 0 || m.step.Units > ledger.MaxUnits || m.step.Removed != 0 {
		return protocol.Errorf(protocol.CodeMalformed, "units: want 0 to %d that lie there", ledger.MaxUnits)
	}
	units := m.step.Units
	if saw := m.step.Saw; saw != nil && !sameUnits(saw.Units, line.Counted) && !sameUnits(&units, line.Counted) {
		return protocol.Errorf(cloud.CodeChanged, "somebody else has counted %s on %s", line.SKU, line.Platform)
	}
	if stop.Settled == 0 {
		book, err := m.tx.Ledger.Balance(ledger.Stock(line.Cabinet, line.Platform), ledger.Article(line.SKU))
		if err != nil {
			return err
		}
		line.Before, line.After = int(book), int(book)
	}
	line.Counted, line.Answer = &units, ""
	return nil
}

// explain answers for a count that differs from the books.
func (m *move) explain(line *cloud.RoundLine) error {
	switch {
	case m.step.Answer == picking.CountAgain:
		line.Counted, line.Answer = nil, ""
		return nil
	case slices.Contains(picking.Gaps(), m.step.Answer):
		line.Answer = m.step.Answer
		return nil
	}
	return protocol.Errorf(protocol.CodeMalformed, "answer: want one of %v, or %s", picking.Gaps(), picking.CountAgain)
}

// take books what was counted at a stop. What was sold since it was counted is no part of the difference.
func (m *move) take(cabinet protocol.CabinetID) error {
	for i := range m.round.Lines {
		l := &m.round.Lines[i]
		if l.Cabinet != cabinet || l.Counted == nil {
			continue
		}
		lane := ledger.Stock(l.Cabinet, l.Platform)
		now, err := m.tx.Ledger.Balance(lane, ledger.Article(l.SKU))
		if err != nil {
			return err
		}
		gap := *l.Counted - l.Before
		l.After = max(int(now)+gap, 0)
		g := cloud.MoveGoods{Kind: cloud.MoveCount, From: lane, Lines: []cloud.MovedLine{{SKU: l.SKU, Qty: l.After}}}
		if gap != 0 {
			g.Reason = ledger.Reason(l.Answer)
		}
		if err := m.carry(g); err != nil {
			return err
		}
	}
	return nil
}

// Unsure implements cloud.Stocktakes.
func (s *Service) Unsure(ctx context.Context, id cloud.StoreID) (stops []cloud.StocktakeStop, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if _, err := findStore(tx, id); err != nil {
			return err
		}
		all, err := tx.Cabinets.List()
		if err != nil {
			return err
		}
		open, err := tx.Rounds.List(cloud.RoundQuery{Store: id, Open: true})
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.Store != id {
				continue
			}
			stop, err := s.unsure(tx, c)
			if err != nil {
				return fmt.Errorf("what to count in %s: %w", c.ID, err)
			}
			for _, r := range open {
				if r.Kind == cloud.RoundTally && r.Stop(c.ID) != nil {
					stop.Round = r.ID
				}
			}
			stops = append(stops, stop)
		}
		slices.SortStableFunc(stops, func(a, b cloud.StocktakeStop) int { return a.Cabinet.Number - b.Cabinet.Number })
		return nil
	})
	return stops, err
}

func (s *Service) unsure(tx cloud.Tx, c cloud.Cabinet) (stop cloud.StocktakeStop, err error) {
	stop.Cabinet = c
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return stop, err
	}
	counts, err := tx.Counts.In(ledger.StockPrefix(c.ID))
	if err != nil {
		return stop, err
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return stop, err
	}
	scales, err := levels(tx, c.ID, ledger.DayOf(s.Now(), zone))
	if err != nil {
		return stop, err
	}
	var lanes []picking.Unsure
	for _, p := range c.Platforms {
		for _, sku := range p.SKUs {
			lane := cloud.StocktakeLane{Article: articles[sku]}
			lane.Place, lane.Days = picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku}, picking.Never
			place := ledger.Stock(c.ID, p.ID)
			book, err := tx.Ledger.Balance(place, ledger.Article(sku))
			if err != nil {
				return stop, err
			}
			lane.Book = int(book)
			if level, known := scales[lane.Place]; known {
				lane.Scales, lane.Off = &level, off(book, level)
			}
			if i := slices.IndexFunc(counts, func(k cloud.LaneCount) bool { return k.Place == place && k.SKU == sku }); i >= 0 {
				lane.Last, lane.Gap = &counts[i], max(counts[i].Counted-counts[i].Booked, counts[i].Booked-counts[i].Counted)
				lane.Days = int(s.Now().Sub(counts[i].At) / (24 * time.Hour))
			}
			stop.Lanes = append(stop.Lanes, lane)
			lanes = append(lanes, lane.Unsure)
		}
	}
	for i, u := range picking.Vary(lanes, mostUnsure) {
		at := slices.IndexFunc(stop.Lanes, func(l cloud.StocktakeLane) bool { return l.Place == u.Place })
		lane := stop.Lanes[at]
		lane.Chosen = true
		stop.Lanes = slices.Insert(slices.Delete(stop.Lanes, at, at+1), i, lane)
	}
	return stop, nil
}

// off is how many units book and scales differ by, beyond what the scales are unsure of.
func off(book int64, l reconcile.Level) int {
	switch {
	case book < l.Low:
		return int(l.Low - book)
	case book > l.High:
		return int(book - l.High)
	}
	return 0
}

// sinceSaid is how many entries of a lane are looked at for what came and went after its scales said something: they say it each hour.
const sinceSaid = 100

// moved is how many units came into a lane after a time, below nothing what went: whoever only counts them moves none.
func moved(tx cloud.Tx, at picking.Place, since time.Time) (units int64, err error) {
	lane, unit := ledger.Stock(at.Cabinet, at.Platform), ledger.Article(at.SKU)
	entries, err := tx.Ledger.Latest(lane, unit, sinceSaid)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !e.At.After(since) {
			break
		}
		if id, of := e.Ref.Movement(); of {
			m, err := tx.Movements.Find(id)
			if err != nil {
				return 0, err
			}
			if m.Kind == cloud.MoveCount || m.Kind == cloud.MoveCorrect {
				continue
			}
		}
		for _, p := range e.Postings {
			if p.Account == lane && p.Unit == unit {
				units += p.Amount
			}
		}
	}
	return units, nil
}

// levels are what the scales of a cabinet said last, today or yesterday, with what came and went since.
func levels(tx cloud.Tx, id protocol.CabinetID, today ledger.Day) (map[picking.Place]reconcile.Level, error) {
	all := make(map[picking.Place]reconcile.Level)
	for _, day := range []ledger.Day{today.Add(-1), today} {
		said, err := tx.Scales.Of(id, day)
		if err != nil {
			return nil, err
		}
		for _, l := range said {
			for sku, level := range l.Counts {
				level.At = l.At
				all[picking.Place{Cabinet: id, Platform: l.Platform, SKU: sku}] = level
			}
		}
	}
	for at, level := range all {
		units, err := moved(tx, at, level.At)
		if err != nil {
			return nil, err
		}
		level.Qty, level.Low, level.High = max(level.Qty+units, 0), max(level.Low+units, 0), max(level.High+units, 0)
		all[at] = level
	}
	return all, nil
}
