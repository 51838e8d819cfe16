package storeday_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

const south = cloud.StoreID("south")

// move lets the cabinet stand with another store from now on.
func (r *rig) move(to cloud.StoreID) {
	r.t.Helper()
	r.cabinet.Store = to
	r.update(func(tx cloud.Tx) error {
		plan := storetest.Plan()
		plan.Stores = append(plan.Stores, cloud.Store{ID: south})
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(r.cabinet, r.now)
		return err
	})
}

// of is a day of any store, which must add up.
func (r *rig) of(store cloud.StoreID, d ledger.Day) cloud.StoreDay {
	r.t.Helper()
	found, err := r.days.Day(context.Background(), store, d)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, g := range found.Goods {
		if err := g.Check(); err != nil {
			r.t.Errorf("%s on %s: %v", store, d, err)
		}
	}
	if err := found.Money.Check(); err != nil {
		r.t.Errorf("%s on %s: %v", store, d, err)
	}
	return found
}

// goodsOf are the opening and closing stock of the first article, and what was sold and moved of it.
func goodsOf(d cloud.StoreDay) (opening, sold, moved, closing int64) {
	for _, g := range d.Goods {
		if g.SKU == "1001" {
			return g.Opening, g.Total(reconcile.Sold), g.Total(reconcile.Moved), g.Closing
		}
	}
	return 0, 0, 0, 0
}

func TestPastDaysFollowACabinetThatMoved(t *testing.T) {
	r := newRig(t)
	r.now = at(0, 9, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	r.count(at(-1, 23, 0), 8, 0)
	r.now = at(0, 23, 0)
	r.sell(at(0, 10, 0), "1001", 2, 200, true)
	r.count(at(0, 22, 0), 6, 0)
	r.now = at(1, 12, 0)
	r.sell(at(1, 10, 0), "1001", 1, 200, true)
	r.move(south)
	r.now = at(1, 23, 0)
	r.sellAt(south, at(1, 20, 0), "1001", 2, 200)
	r.count(at(1, 22, 0), 3, 0)
	r.now = at(3, 1, 0)
	for say, c := range map[string]struct {
		store                        cloud.StoreID
		day                          ledger.Day
		opening, sold, moved, closes int64
		billed                       protocol.Fen
		weighed, stands              bool
	}{
		"a day before it moved is the old store's":     {store, day, 8, -2, 0, 6, 400, true, true},
		"and is none of the new one's":                 {south, day, 0, 0, 0, 0, 0, false, false},
		"on the day it moved its goods left the old":   {store, day.Add(1), 6, -1, -5, 0, 200, false, true},
		"and came to the new one":                      {south, day.Add(1), 0, -2, 5, 3, 400, true, true},
		"the day after it is the new store's":          {south, day.Add(2), 3, 0, 0, 3, 0, false, true},
		"and nothing is left of it with the old store": {store, day.Add(2), 0, 0, 0, 0, 0, false, false},
	} {
		t.Run(say, func(t *testing.T) {
			d := r.of(c.store, c.day)
			opening, sold, moved, closing := goodsOf(d)
			if opening != c.opening || sold != c.sold || moved != c.moved || closing != c.closes || d.Money.Billed != c.billed {
				t.Errorf("%d opening, %d sold, %d moved, %d closing, %s billed: want %+v", opening, sold, moved, closing, d.Money.Billed, c)
			}
			if got := len(d.Cabinets) == 1; got != c.stands {
				t.Errorf("cabinets %+v", d.Cabinets)
			}
			for _, g := range d.Goods {
				if g.SKU == "1001" && (g.Scales != nil) != c.weighed {
					t.Errorf("scales %+v", g.Scales)
				}
			}
			if len(d.Differences) > 0 {
				t.Errorf("differs by the move: %+v", d.Differences)
			}
		})
	}
	if m := r.of(south, day.Add(1)).Moves; len(m) != 1 || m[0].From != store || m[0].To != south {
		t.Errorf("the move is told as %+v", m)
	}
}

// sellAt books a visit that was billed and captured with a store.
func (r *rig) sellAt(at cloud.StoreID, when time.Time, sku protocol.SKU, qty int, price protocol.Fen) {
	r.t.Helper()
	was := r.cabinet.Store
	r.cabinet.Store = at
	r.sell(when, sku, qty, price, true)
	r.cabinet.Store = was
}

func TestWhatIsBookedLateForTheStoreThatACabinetLeftAddsUpWithBoth(t *testing.T) {
	r := newRig(t)
	r.now = at(0, 9, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	r.now = at(1, 9, 0)
	if err := r.close(day, "x"); err != nil {
		t.Fatal(err)
	}
	r.move(south)
	r.now = at(2, 12, 0)
	r.sellAt(store, at(0, 22, 0), "1001", 2, 200) // its events came after the day was closed and the cabinet gone
	old, present := r.of(store, day.Add(2)), r.of(south, day.Add(2))
	if opening, sold, moved, closing := goodsOf(old); opening != 0 || sold != -2 || moved != 2 || closing != 0 || len(old.LateHere) != 1 || len(old.Cabinets) != 1 {
		t.Errorf("the old store: %d %d %d %d %+v", opening, sold, moved, closing, old.LateHere)
	}
	if opening, sold, moved, closing := goodsOf(present); opening != 8 || sold != 0 || moved != -2 || closing != 6 {
		t.Errorf("the new store: %d %d %d %d", opening, sold, moved, closing)
	}
}

// Whatever is sold and moved when: what the stores' days end with is what they begin with on the next, and all that is in the
// books.
func TestNothingIsLostBetweenStoresWhateverMoves(t *testing.T) {
	const days = 6
	for seed := range uint64(4) {
		r, draw := newRig(t), rand.New(rand.NewPCG(seed, 21))
		r.now = at(0, 0, 0)
		r.move(store)
		r.post("count:1", r.now, ledger.Count("xs-01", "S1", "1001", 900)...)
		for r.now.Before(at(days, 0, 0)) {
			r.now = r.now.Add(time.Duration(draw.IntN(20*60)) * time.Minute)
			if draw.IntN(3) == 0 {
				r.now = r.now.Truncate(24 * time.Hour).Add(16 * time.Hour) // the first moment of a day
				r.move([]cloud.StoreID{store, south}[draw.IntN(2)])
				continue
			}
			r.sellAt(r.cabinet.Store, r.now, "1001", 1+draw.IntN(3), 200)
		}
		r.now = at(days+3, 0, 0)
		left := map[cloud.StoreID]int64{}
		for n := range days {
			d := day.Add(n)
			var ends int64
			for _, s := range []cloud.StoreID{store, south} {
				opening, _, _, closing := goodsOf(r.of(s, d))
				if opening != left[s] {
					t.Errorf("seed %d: %s begins %s with %d, and ended the day before with %d", seed, s, d, opening, left[s])
				}
				left[s] = closing
				ends += closing
			}
			var booked int64
			r.update(func(tx cloud.Tx) error {
				all, err := tx.Ledger.Closing("stock:xs-01:", d)
				for _, p := range all {
					booked += p.Amount
				}
				return err
			})
			if ends != booked {
				t.Errorf("seed %d: the stores end %s with %d, the books with %d", seed, d, ends, booked)
			}
		}
	}
}

func TestAVisitBelongsToTheStoreWithWhichItsCabinetStoodThen(t *testing.T) {
	r := newRig(t)
	r.now = at(1, 12, 0)
	r.move(south)
	r.update(func(tx cloud.Tx) error {
		for when, want := range map[time.Time]cloud.StoreID{at(0, 10, 0): store, at(1, 11, 59): store, at(1, 12, 0): south, at(2, 0, 0): south} {
			c, err := tx.CabinetAt("xs-01", when)
			if err != nil || c.Store != want {
				t.Errorf("at %s it stood with %s: %v, want %s", when, c.Store, err, want)
			}
		}
		return r.book.Post(tx, book.Fact{Ref: r.event(), Cabinet: r.cabinet, At: r.now}, ledger.Count("xs-01", "S1", "1001", 1))
	})
}
