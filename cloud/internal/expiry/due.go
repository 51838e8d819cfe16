package expiry

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// Due implements cloud.Expiry.
func (s *Service) Due(ctx context.Context, store cloud.StoreID) ([]cloud.LotDue, error) {
	return s.all(ctx, store, nil)
}

// Rules implements cloud.Expiry.
func (s *Service) Rules(ctx context.Context) (rules cloud.Markdowns, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		rules, err = tx.Plans.Markdowns()
		return err
	})
	return rules, err
}

// Would implements cloud.Expiry.
func (s *Service) Would(ctx context.Context, rules cloud.Markdowns) ([]cloud.LotDue, error) {
	return s.all(ctx, "", rules)
}

func (s *Service) all(ctx context.Context, store cloud.StoreID, rules cloud.Markdowns) (all []cloud.LotDue, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		l, err := s.look(tx)
		if err != nil {
			return err
		}
		for _, r := range rules {
			l.rules = append(slices.DeleteFunc(slices.Clone(l.rules), func(k cloud.Markdown) bool { return k.Category == r.Category }), r)
		}
		lots, err := tx.Lots.Due(l.today.Add(l.rules.Reach()))
		if err != nil {
			return err
		}
		d := dues{look: l, now: s.Now(), store: store, cabinets: map[protocol.CabinetID]cloud.Cabinet{}, next: map[cloud.StoreID]time.Time{}}
		if err := d.rounds(); err != nil {
			return err
		}
		all, err = d.of(lots)
		return err
	})
	slices.SortStableFunc(all, func(a, b cloud.LotDue) int { return cmp.Compare(a.Until, b.Until) })
	return all, err
}

// dues are the lots that somebody is to look at, and what is on its way to them.
type dues struct {
	look
	now      time.Time
	store    cloud.StoreID // empty: all
	cabinets map[protocol.CabinetID]cloud.Cabinet
	stops    map[protocol.CabinetID]cloud.Round // that go there
	next     map[cloud.StoreID]time.Time        // round
}

// rounds looks which rounds still have cabinets before them.
func (d *dues) rounds() error {
	open, err := d.tx.Rounds.List(cloud.RoundQuery{Open: true, Store: d.store})
	d.stops = make(map[protocol.CabinetID]cloud.Round)
	for _, r := range open {
		if r.Kind == cloud.RoundTally {
			continue // Nothing is taken out there.
		}
		for _, stop := range r.Stops {
			if stop.State == cloud.StopAhead || stop.State == cloud.StopOpen {
				d.stops[stop.Cabinet] = r
			}
		}
	}
	return err
}

func (d *dues) of(lots []cloud.Lot) (all []cloud.LotDue, err error) {
	for i, lot := range lots {
		if i > 0 && lots[i-1].Place == lot.Place && lots[i-1].SKU == lot.SKU {
			continue
		}
		lane, err := d.laneOf(lot)
		if err != nil {
			return nil, err
		}
		all = append(all, lane...)
	}
	return all, nil
}

// laneOf are the lots of a lane that somebody is to look at.
func (d *dues) laneOf(one cloud.Lot) (all []cloud.LotDue, err error) {
	_, whose, platform, _ := one.Place.Place()
	at := picking.Place{Cabinet: protocol.CabinetID(whose), Platform: protocol.PlatformID(platform), SKU: one.SKU}
	cabinet, known := d.cabinets[at.Cabinet]
	if !known {
		if cabinet, err = d.tx.Cabinets.Find(at.Cabinet); err != nil {
			return nil, err
		}
		d.cabinets[at.Cabinet] = cabinet
	}
	if d.store != "" && cabinet.Store != d.store {
		return nil, nil
	}
	prices, err := d.prices(at.Cabinet)
	if err != nil {
		return nil, err
	}
	lane, err := d.lane(one.Place, at)
	if err != nil {
		return nil, err
	}
	for _, lot := range lane.Lots {
		if lot.Stage == picking.Fresh {
			continue
		}
		due := cloud.LotDue{LotLeft: lot, Lane: at, Cabinet: cabinet, Article: lane.Article, Full: d.full[at.SKU], Price: prices[at.SKU]}
		d.step(&due)
		if due.Fate, err = d.fate(due); err != nil {
			return nil, err
		}
		all = append(all, due)
	}
	return all, nil
}

// step says what the rule of the lot's category does to its price now, and next.
func (d *dues) step(due *cloud.LotDue) {
	rule := d.rules.Of(due.Article.Category)
	left := max(due.DaysLeft, 0)
	due.Percent, due.Step = rule.Percent(left), rule.Price(due.Full, due.Article.Cost, left)
	for days := left - 1; days >= 0 && due.DaysLeft > 0; days-- {
		if percent := rule.Percent(days); percent > due.Percent {
			due.Next = &cloud.PriceStep{Day: due.Until.Add(-days), Percent: percent, Price: rule.Price(due.Full, due.Article.Cost, days)}
			return
		}
	}
}

// fate looks for the round that is on its way to the lot, else for the next one of its store.
func (d *dues) fate(due cloud.LotDue) (f cloud.LotFate, err error) {
	if round, going := d.stops[due.Lane.Cabinet]; going {
		f.Round = round.ID
		if line := round.Line(due.Lane); line != nil {
			f.Out = line.Expired - line.Removed
		}
		return f, nil
	}
	at, known := d.next[due.Cabinet.Store]
	if !known {
		if at, err = d.nextRound(due.Cabinet.Store); err != nil {
			return f, err
		}
		d.next[due.Cabinet.Store] = at
	}
	f.Next, f.Over = at, !at.IsZero() && due.Until < ledger.DayOf(at, d.zone)
	return f, nil
}

func (d *dues) nextRound(id cloud.StoreID) (time.Time, error) {
	stores, err := d.tx.Plans.Stores()
	i := slices.IndexFunc(stores, func(s cloud.Store) bool { return s.ID == id })
	if err != nil || i < 0 {
		return time.Time{}, err
	}
	times, err := d.tx.RoundTimes(stores[i], d.zone)
	if err != nil {
		return time.Time{}, err
	}
	return times.After(d.now), nil
}
