package storeday

import (
	"maps"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// statement matches the provider's lines of the day with what our book says was done.
func (a *adding) statement(d *cloud.StoreDay) error {
	pairs, stated, err := a.pairs()
	if err != nil {
		return err
	}
	d.Stated, d.Paid, d.Pairs = stated, reconcile.Sum(pairs, a.day), []reconcile.Pair{}
	for _, p := range pairs {
		switch p.State {
		case reconcile.Matched:
			d.Matched++
		case reconcile.NotYet:
			d.Awaited++
		default:
			d.Pairs = append(d.Pairs, p)
		}
	}
	return nil
}

func (a *adding) pairs() (pairs []reconcile.Pair, stated bool, err error) {
	m := reconcile.Matching{Day: a.day, Merchant: a.s.Merchant, DayOf: func(at time.Time) ledger.Day { return ledger.DayOf(at, a.zone) }}
	if m.Booked, err = a.tx.Days.Booked(a.store, a.day); err != nil {
		return nil, false, err
	}
	if m.Whole, err = a.tx.Stated.Covers(a.day); err != nil {
		return nil, false, err
	}
	lines, err := a.lines()
	if err != nil {
		return nil, false, err
	}
	ours := make(map[string]bool, len(m.Booked))
	for _, b := range m.Booked {
		ours[string(b.Kind)+b.Number] = true
	}
	named := make(map[string]bool, len(lines))
	for _, l := range lines {
		m.Stated = append(m.Stated, l.Stated)
		number := string(l.Kind) + strings.ReplaceAll(l.Op, "-", "")
		named[number] = true
		if !ours[number] {
			b, found, err := a.tx.Days.BookedAs(l.Kind, l.Op)
			if err != nil {
				return nil, false, err
			}
			if found {
				m.Booked, ours[number] = append(m.Booked, b), true
			}
		}
	}
	if err := a.repeated(&m, lines); err != nil {
		return nil, false, err
	}
	if m.Whole || len(lines) > 0 {
		if err := a.elsewhere(&m, named); err != nil {
			return nil, false, err
		}
	}
	return m.Match(), m.Whole, nil
}

// repeated finds the lines of other days that state again what a line of this day states: whatever was taken on two days was
// taken twice.
func (a *adding) repeated(m *reconcile.Matching, lines []cloud.StatementLine) error {
	asked := make(map[string]bool, len(lines))
	for _, l := range lines {
		if l.Op == "" || asked[string(l.Kind)+l.Op] {
			continue
		}
		asked[string(l.Kind)+l.Op] = true
		all, err := a.tx.Stated.Naming(l.Op)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Kind == l.Kind && other.Day != a.day {
				m.Stated = append(m.Stated, other.Stated)
			}
		}
	}
	return nil
}

// elsewhere finds the lines of other days that are of this day's operations.
func (a *adding) elsewhere(m *reconcile.Matching, named map[string]bool) error {
	for _, b := range m.Booked {
		if b.Day != a.day || named[string(b.Kind)+b.Number] {
			continue
		}
		id, err := protocol.ParseUUID(hyphened(b.Number))
		if err != nil {
			continue
		}
		lines, err := a.tx.Stated.Naming(id.String())
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.Kind == b.Kind && l.Day != a.day {
				m.Stated = append(m.Stated, l.Stated)
			}
		}
	}
	return nil
}

// lines are the day's of the store, also those whose operation was not known yet when they came. Those of no store are the
// chain's own.
func (a *adding) lines() (lines []cloud.StatementLine, err error) {
	if a.store != "" {
		if lines, err = a.tx.Stated.Of(a.store, a.day); err != nil {
			return nil, err
		}
	}
	unplaced, err := a.tx.Stated.Of("", a.day)
	if err != nil {
		return nil, err
	}
	for _, l := range unplaced {
		store, err := a.placed(l)
		if err != nil {
			return nil, err
		}
		if store == a.store {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// placed is the store of a line that had none when it came; empty where it still has none.
func (a *adding) placed(l cloud.StatementLine) (cloud.StoreID, error) {
	if l.Op == "" {
		return "", nil
	}
	return a.tx.Stated.Place(l.Op)
}

// statedNow is what is stated of the day by now, and of the chain's own day, what is stated of each store.
func (a *adding) statedNow(d *cloud.StoreDay) error {
	lines, err := a.lines()
	if err != nil {
		return err
	}
	var own []reconcile.Pair
	for _, l := range lines {
		own = append(own, reconcile.Pair{Stated: &l.Stated, Day: a.day})
	}
	d.PaidNow = reconcile.Sum(own, a.day)
	if a.store != "" {
		return nil
	}
	d.Whole, err = a.whole(d.PaidNow)
	return err
}

// whole splits the statement of the day up by stores.
func (a *adding) whole(own reconcile.Paid) ([]cloud.StoreStated, error) {
	sums, err := a.tx.Stated.Sums(a.day)
	if err != nil {
		return nil, err
	}
	paid := make(map[cloud.StoreID]reconcile.Paid, len(sums))
	for _, s := range sums {
		paid[s.Store] = s.Paid
	}
	unplaced, err := a.tx.Stated.Of("", a.day)
	if err != nil {
		return nil, err
	}
	for _, l := range unplaced {
		store, err := a.placed(l)
		if err != nil {
			return nil, err
		}
		if store != "" {
			paid[store] = paid[store].Add(reconcile.Sum([]reconcile.Pair{{Stated: &l.Stated, Day: a.day}}, a.day))
		}
	}
	delete(paid, "")
	all := make([]cloud.StoreStated, 0, len(paid)+1)
	for _, store := range slices.Sorted(maps.Keys(paid)) {
		all = append(all, cloud.StoreStated{Store: store, Paid: paid[store]})
	}
	return append(all, cloud.StoreStated{Store: cloud.Chainwide, Paid: own}), nil
}

// hyphened writes an order number as the id that it is; anything else stays as it is.
func hyphened(number string) string {
	if len(number) != 32 {
		return number
	}
	return strings.Join([]string{number[:8], number[8:12], number[12:16], number[16:20], number[20:]}, "-")
}
