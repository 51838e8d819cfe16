package storeday

import (
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// weigh puts the scales' word beside the book, at the end of the day and at its beginning, and what people counted.
func (a *adding) weigh(lines []reconcile.Goods) error {
	now, err := a.scales(a.day)
	if err != nil {
		return err
	}
	before, err := a.scales(a.day.Add(-1))
	if err != nil {
		return err
	}
	counted, err := a.counts()
	if err != nil {
		return err
	}
	for i := range lines {
		g := &lines[i]
		at := place{g.Cabinet, g.SKU}
		g.Before = reconcile.Goods{Closing: a.began[at], Scales: before[at]}.Diff()
		if !a.stood(g.Cabinet, a.end()) {
			continue // What lies in it at the end of the day is another store's.
		}
		g.Scales = now[at]
		if level := counted[at]; level != nil {
			g.Count = &level.Qty
		}
	}
	return nil
}

// spot is one article on one platform of a cabinet.
type spot struct {
	place
	platform protocol.PlatformID
}

// levels are what somebody found on platforms: the scales, or a person.
type levels map[spot]*reconcile.Level

// scales are what the platforms of an article counted last on a day.
func (a *adding) scales(day ledger.Day) (map[place]*reconcile.Level, error) {
	found := make(levels)
	for _, c := range a.cabinets {
		counted, err := a.tx.Scales.Of(c.ID, day)
		if err != nil {
			return nil, err
		}
		for _, l := range counted {
			for sku, level := range l.Counts {
				level.At = l.At
				found[spot{place{c.ID, sku}, l.Platform}] = &level
			}
		}
	}
	return a.sum(found, day)
}

// counts are what people counted last on this day.
func (a *adding) counts() (map[place]*reconcile.Level, error) {
	all, err := a.tx.Movements.Counts(a.store, a.from, a.to)
	if err != nil {
		return nil, err
	}
	found := make(levels)
	for _, m := range all {
		kind, _, platform, _ := m.From.Place()
		if kind != "stock" {
			continue
		}
		for _, l := range m.Lines {
			n := int64(l.Qty)
			found[spot{place{m.Cabinet, l.SKU}, protocol.PlatformID(platform)}] = &reconcile.Level{Qty: n, Low: n, High: n, At: m.At}
		}
	}
	return a.sum(found, a.day)
}

// sum adds up the platforms of each article, and what was booked after they were looked at. An article of which a platform
// was not looked at has no sum.
func (a *adding) sum(found levels, day ledger.Day) (map[place]*reconcile.Level, error) {
	if len(found) == 0 {
		return nil, nil
	}
	oldest := a.to
	for _, level := range found {
		if level.At.Before(oldest) {
			oldest = level.At
		}
	}
	if err := a.follow(found, day, oldest); err != nil {
		return nil, err
	}
	lacking := lacks(a.cabinets, found)
	sums := make(map[place]*reconcile.Level)
	for at, level := range found {
		sum := sums[at.place]
		switch {
		case lacking[at.place]:
			continue
		case sum == nil:
			sums[at.place] = level
			continue
		}
		sum.Qty, sum.Low, sum.High = sum.Qty+level.Qty, sum.Low+level.Low, sum.High+level.High
		if level.At.Before(sum.At) {
			sum.At = level.At
		}
	}
	return sums, nil
}

// follow moves each level on by what was booked on the day after it was found.
func (a *adding) follow(found levels, day ledger.Day, oldest time.Time) error {
	var moved []cloud.Moved
	for _, store := range a.stores() {
		of, err := a.tx.Scales.After(store, day, oldest)
		if err != nil {
			return err
		}
		moved = append(moved, of...)
	}
	for _, m := range moved {
		kind, cabinet, platform, _ := m.Account.Place()
		if kind != "stock" {
			continue
		}
		at := spot{place{protocol.CabinetID(cabinet), protocol.SKU(strings.TrimPrefix(string(m.Unit), "sku:"))}, protocol.PlatformID(platform)}
		if level := found[at]; level != nil && m.At.After(level.At) {
			level.Qty, level.Low, level.High = level.Qty+m.Amount, level.Low+m.Amount, level.High+m.Amount
		}
	}
	return nil
}

// lacks are the articles of which a platform was not looked at.
func lacks(cabinets []cloud.Cabinet, found levels) map[place]bool {
	lacking := make(map[place]bool)
	for _, c := range cabinets {
		for _, p := range c.Platforms {
			for _, sku := range p.SKUs {
				if at := (place{c.ID, sku}); found[spot{at, p.ID}] == nil {
					lacking[at] = true
				}
			}
		}
	}
	return lacking
}
