package picking

import (
	"reflect"
	"testing"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

func TestWhatExpiresFirstLeavesFirst(t *testing.T) {
	lots := []Lot{{3, "2026-12-03"}, {2, ""}, {4, "2026-12-01"}, {1, "2026-12-03"}, {0, "2026-01-01"}}
	for _, c := range []struct {
		name string
		book int
		want []Lot
	}{
		{"nothing was sold", 10, []Lot{{4, "2026-12-01"}, {4, "2026-12-03"}, {2, ""}}},
		{"five were sold", 5, []Lot{{3, "2026-12-03"}, {2, ""}}},
		{"all was sold", 0, nil},
		{"the book is below zero", -3, nil},
		{"the book knows of more", 13, []Lot{{4, "2026-12-01"}, {4, "2026-12-03"}, {5, ""}}},
	} {
		if got := Lying(lots, c.book); len(got)+len(c.want) > 0 && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: want %v, got %v", c.name, c.want, got)
		}
	}
}

func TestTakingSplitsLotsAndLosesNothing(t *testing.T) {
	rng := draw(t, 70)
	dates := []ledger.Day{"", "2026-12-01", "2026-12-02", "2026-12-03"}
	for range 2000 {
		var lots []Lot
		for range rng.IntN(6) {
			lots = append(lots, Lot{rng.IntN(5), dates[rng.IntN(4)]})
		}
		units := rng.IntN(15)
		taken, left := Take(lots, units)
		if Count(taken) != min(units, Count(lots)) || Count(taken)+Count(left) != Count(lots) {
			t.Fatalf("%d of %v: %v and %v", units, lots, taken, left)
		}
		if len(taken) > 0 && len(left) > 0 {
			last, next := taken[len(taken)-1].Until, left[0].Until
			if last == "" && next != "" || last != "" && next != "" && next < last {
				t.Fatalf("%v was taken before %v", taken, left)
			}
		}
	}
}

func TestLotsAgeUntilTheyAreTakenOut(t *testing.T) {
	at := Place{"xs-01", "S1", "milk"}
	rule := Markdown{Steps: []Step{{2, 20}, {0, 50}}, AlertAt: 2}
	lane := &Lane{SKU: "milk", Book: 12, Price: 580, Cost: 300, Demand: certain{4}, Lots: []Lot{{2, "2026-11-27"}, {3, "2026-11-28"}, {3, "2026-11-30"}, {4, "2026-12-08"}}}
	lots := Age(at, lane, rule, tomorrow())
	want := []Aging{
		{at, Lot{2, "2026-11-27"}, -1, Over, 2},
		{at, Lot{3, "2026-11-28"}, 0, LastDay, 2},
		{at, Lot{3, "2026-11-30"}, 2, Soon, 0},
		{at, Lot{4, "2026-12-08"}, 10, Fresh, 0},
	}
	if !reflect.DeepEqual(lots, want) {
		t.Errorf("want %+v, got %+v", want, lots)
	}
	if got := Removals(lots); !reflect.DeepEqual(got, []Removal{{at, Lot{2, "2026-11-27"}}}) {
		t.Errorf("want what is over taken out, got %+v", got)
	}
	if got, reduced := Reduce(lane, lots, rule); !reduced || got != (Offer{at, 50, 290, "2026-11-28"}) {
		t.Errorf("want half the price for what expires today, got %+v", got)
	}
	if _, reduced := Reduce(lane, lots[3:], rule); reduced {
		t.Error("what is fresh is reduced")
	}
}

func TestPricesGoDownByStepsAndNotBelowWhatIsAllowed(t *testing.T) {
	rule := Markdown{Steps: []Step{{0, 50}, {3, 20}, {1, 30}}}
	floor := rule
	floor.AtCost = true
	for _, c := range []struct {
		name     string
		rule     Markdown
		daysLeft int
		cost     protocol.Fen
		want     protocol.Fen
	}{
		{"four days are left", rule, 4, 700, 990},
		{"three days are left", rule, 3, 700, 790},
		{"the last day but one", rule, 1, 700, 690},
		{"the last day", rule, 0, 700, 500},
		{"the last day, at cost", floor, 0, 700, 700},
		{"it cost more than it is sold for", floor, 0, 1200, 990},
		{"there is no rule", Markdown{}, 0, 700, 990},
		{"everything off", Markdown{Steps: []Step{{0, 100}}}, 0, 700, 10},
	} {
		if got := c.rule.Price(990, c.cost, c.daysLeft); got != c.want {
			t.Errorf("%s: want %s, got %s", c.name, c.want, got)
		}
	}
}

func TestAPriceNeverRisesAsTheDateComesNearer(t *testing.T) {
	rng := draw(t, 71)
	for range 2000 {
		m := Markdown{AtCost: rng.IntN(2) == 0}
		for range rng.IntN(4) {
			m.Steps = append(m.Steps, Step{rng.IntN(6), rng.IntN(101)})
		}
		price := protocol.Fen(1 + rng.IntN(3000))
		cost, last := protocol.Fen(rng.IntN(3000)), price
		for left := 7; left >= 0; left-- {
			p := m.Price(price, cost, left)
			if p > last || p <= 0 || m.AtCost && p < min(cost, price) {
				t.Fatalf("%+v: %d costs %d with %d days left, was %d", m, price, p, left, last)
			}
			last = p
		}
	}
}
