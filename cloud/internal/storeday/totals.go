package storeday

import (
	"maps"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// tallying is a day that is broken down to what each cabinet made of it.
type tallying struct {
	*adding
	lines map[protocol.CabinetID]*cloud.DayTotal
}

// Totals is what a store's day came to, for each of its cabinets and for the store itself, as it stands in tx. They add up to the
// day that Day tells.
func (s *Service) Totals(tx cloud.Tx, store cloud.StoreID, day ledger.Day) ([]cloud.DayTotal, error) {
	a, err := s.open(tx, store, day)
	if err != nil {
		return nil, err
	}
	d, err := s.day(tx, store, day)
	if err != nil {
		return nil, err
	}
	t := tallying{adding: a, lines: make(map[protocol.CabinetID]*cloud.DayTotal)}
	t.goods(d)
	for _, count := range []func() error{t.money, t.work, t.soldOut, t.told} {
		if err := count(); err != nil {
			return nil, err
		}
	}
	all := make([]cloud.DayTotal, 0, len(t.lines))
	for _, cabinet := range slices.Sorted(maps.Keys(t.lines)) {
		all = append(all, *t.lines[cabinet])
	}
	return all, nil
}

// of is the line of a cabinet; without one, of the store itself.
func (t tallying) of(cabinet protocol.CabinetID) *cloud.DayTotal {
	if t.lines[cabinet] == nil {
		t.lines[cabinet] = &cloud.DayTotal{Store: t.shown, Day: t.day, Cabinet: cabinet, Causes: cloud.Causes{}}
	}
	return t.lines[cabinet]
}

// goods takes over what was earned and what differs.
func (t tallying) goods(d cloud.StoreDay) {
	t.of("")
	for cabinet, e := range d.Earned {
		line := t.of(cabinet)
		line.Gross, line.Net, line.Cost, line.Waste, line.Shrink = e.Gross, e.Net, e.Cost, e.Waste, e.Shrink
	}
	for _, x := range d.Differences {
		differs := cloud.Differing{More: x.Cost}
		if x.Cost < 0 {
			differs = cloud.Differing{Missing: -x.Cost}
		}
		t.of(x.Goods.Cabinet).Causes.Add(cloud.Causes{x.Cause: differs})
	}
}

// money adds up what each cabinet's entries moved.
func (t tallying) money() error {
	piles, err := t.tx.Days.Piles(t.store, t.day)
	by := make(map[protocol.CabinetID][]reconcile.Pile)
	for _, p := range piles {
		by[p.Cabinet] = append(by[p.Cabinet], p)
	}
	for cabinet, piles := range by {
		m, line := reconcile.Moneys(piles), t.of(cabinet)
		line.Orders, line.TakenBack, line.Refunded, line.Owed = m.Orders, m.TakenBack, m.Refunded, m.Owed()
		if t.store == "" { // What the chain itself gives back was paid ahead, and never was turnover.
			line.Refunded = 0
		}
	}
	return err
}

// work counts what people did: residents who came, persons who decided, rounds that were walked.
func (t tallying) work() error {
	if t.store == "" {
		return nil
	}
	visits, err := t.tx.Work.Visits(t.store, t.from, t.to)
	if err != nil {
		return err
	}
	for _, c := range visits {
		t.of(c.Cabinet).Visits = int(c.Count)
	}
	reviewed, err := t.tx.Work.Reviewed(t.store, t.from, t.to, cloud.MaxLook)
	if err != nil {
		return err
	}
	for _, c := range reviewed {
		t.of(c.Cabinet).Reviewed = time.Duration(c.Count) * time.Millisecond
	}
	walked, err := t.tx.Work.Walked(t.store, t.day)
	for _, c := range walked {
		long := time.Duration(c.Count) * time.Millisecond
		t.of(c.Cabinet).Walked += long
		if c.Cabinet != "" {
			t.of("").Walked -= long // The store's own is what was walked and not at a cabinet.
		}
	}
	return err
}

// told takes over how the store was served, where that was told already.
func (t tallying) told() error {
	days, err := t.tx.CoverageDays.Told(t.shown, t.day, t.day)
	for _, d := range days {
		of := t.of("")
		of.Served, of.Lost, of.Blind = d.Sum, d.Lost, time.Duration(d.Blind)*time.Millisecond
	}
	return err
}

// soldOut adds up for how long the lanes that a cabinet is planned with had nothing by the books, while it stood with the store. A
// lane of which the books know nothing yet is not sold out.
func (t tallying) soldOut() error {
	if len(t.cabinets) == 0 {
		return nil
	}
	flows, err := t.tx.Demand.Flows(t.store, t.day)
	if err != nil {
		return err
	}
	of := make(map[picking.Place][]cloud.GoodsFlow)
	for _, f := range flows {
		of[f.Place] = append(of[f.Place], f)
	}
	for _, c := range t.cabinets {
		lay, err := t.lay(c.ID)
		if err != nil {
			return err
		}
		for _, p := range c.Platforms {
			for _, sku := range p.SKUs {
				at := picking.Place{Cabinet: c.ID, Platform: p.ID, SKU: sku}
				units, known := lay[at]
				t.of(c.ID).SoldOut += t.without(c.ID, units, known, of[at])
			}
		}
	}
	return nil
}

// lay is what the lanes of a cabinet had when the day began.
func (t tallying) lay(cabinet protocol.CabinetID) (map[picking.Place]int64, error) {
	prefix := ledger.StockPrefix(cabinet)
	piles, err := t.tx.Work.Lay(prefix, t.day.Add(-1))
	lay := make(map[picking.Place]int64, len(piles))
	for _, p := range piles {
		platform := protocol.PlatformID(strings.TrimPrefix(string(p.Account), string(prefix)))
		lay[picking.Place{Cabinet: cabinet, Platform: platform, SKU: p.Unit.SKU()}] = p.Amount
	}
	return lay, err
}

// without is for how long of the day a lane had nothing.
func (t tallying) without(cabinet protocol.CabinetID, units int64, known bool, flows []cloud.GoodsFlow) (long time.Duration) {
	since := t.from
	until := func(at time.Time) {
		if known && units <= 0 {
			long += t.here(cabinet, since, at)
		}
		since = at
	}
	for _, f := range flows {
		if f.At.After(since) && f.At.Before(t.until) { // What belongs to another day is booked at either end of this one.
			until(f.At)
		}
		units, known = units+f.Units, true
	}
	until(t.until)
	return long
}

// here is for how long of a time a cabinet stood with the store.
func (t tallying) here(cabinet protocol.CabinetID, from, to time.Time) (long time.Duration) {
	for _, s := range t.stays[cabinet] {
		begin, end := from, to
		if s.From.After(begin) {
			begin = s.From
		}
		if !s.Until.IsZero() && s.Until.Before(end) {
			end = s.Until
		}
		if s.Store == t.store && end.After(begin) {
			long += end.Sub(begin)
		}
	}
	return long
}
