package picking

import (
	"reflect"
	"testing"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// One unit is wanted each 2 hours: 14 until the 29th is over, 17 until the round after the next.
func TestOfAShortLotSoManyAreSentAsAreSoldBeforeItsDate(t *testing.T) {
	lane := func(change func(*Lane)) Lane {
		l := Lane{SKU: "milk", Price: 500, Cost: 300, Life: 10 * 24, Demand: certain{2}}
		change(&l)
		return l
	}
	as := func(*Lane) {}
	for _, c := range []struct {
		name  string
		lane  Lane
		shelf []Lot
		bring int
		lots  []Lot
		why   Reason
	}{
		{"all of it is fresh", lane(as), []Lot{{40, "2026-12-08"}}, 17, []Lot{{17, "2026-12-08"}}, Reason{Service, 17, 90, 34}},
		{"all of it is nearly over", lane(as), []Lot{{40, "2026-11-29"}}, 14, []Lot{{14, "2026-11-29"}}, Reason{Code: Spoils, Units: 14, Hours: 28}},
		{
			"what is fresh comes after what is nearly over", lane(as),
			[]Lot{{40, "2026-12-08"}, {40, "2026-11-29"}},
			17,
			[]Lot{{14, "2026-11-29"}, {3, "2026-12-08"}},
			Reason{Service, 17, 90, 34},
		},
		{
			"what lies there is sold first", lane(func(l *Lane) { l.Book = 10 }),
			[]Lot{{40, "2026-11-29"}},
			4,
			[]Lot{{4, "2026-11-29"}},
			Reason{Code: Spoils, Units: 4, Hours: 28},
		},
		{"few are nearly over, and no others are there", lane(as), []Lot{{5, "2026-11-29"}}, 5, []Lot{{5, "2026-11-29"}}, Reason{Code: Store, Units: 5}},
		{
			"some have no known date: they keep as long as fresh ones", lane(as),
			[]Lot{{40, ""}, {2, "2026-11-29"}},
			17,
			[]Lot{{2, "2026-11-29"}, {15, ""}},
			Reason{Service, 17, 90, 34},
		},
		{
			"of what nobody buys in time the least is sent where it is essential, the freshest", lane(func(l *Lane) { l.Essential, l.Demand = true, certain{1000} }),
			[]Lot{{4, "2026-11-29"}, {4, "2026-11-30"}},
			1,
			[]Lot{{1, "2026-11-30"}},
			Reason{Code: Least, Units: 1},
		},
		{
			"and none where it is not", lane(func(l *Lane) { l.Life, l.Demand = 0, certain{1000} }),
			[]Lot{{4, "2026-11-29"}},
			0, nil,
			Reason{Code: Spoils, Units: 0, Hours: 28},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			cabinet := Cabinet{ID: "xs-01", Must: true, Platforms: []Platform{{ID: "S1", Lanes: []Lane{c.lane}}}}
			plan := Make([]Cabinet{cabinet}, Stock{"milk": c.shelf}, Limits{}, tomorrow(), nightly())
			n := plan.Needs["xs-01"][0]
			if n.Bring != c.bring || !reflect.DeepEqual(n.Lots, c.lots) || n.Why[len(n.Why)-1] != c.why {
				t.Errorf("want %d of %v for %+v, got %d of %v for %+v", c.bring, c.lots, c.why, n.Bring, n.Lots, n.Why)
			}
		})
	}
}

func TestAShortLotGoesToWhereItIsSoldAndDoesNotKeepAFreshOneBack(t *testing.T) {
	lane := func(each int) []Platform {
		return []Platform{{ID: "S1", Lanes: []Lane{{SKU: "milk", Price: 500, Cost: 300, Life: 10 * 24, Demand: certain{each}}}}}
	}
	cabinets := []Cabinet{{ID: "busy", Must: true, Platforms: lane(2)}, {ID: "quiet", Must: true, Platforms: lane(17)}}
	plan := Make(cabinets, Stock{"milk": {{20, "2026-11-29"}, {20, "2026-12-08"}}}, Limits{}, tomorrow(), nightly())
	busy, quiet := plan.Needs["busy"][0], plan.Needs["quiet"][0]
	if want := []Lot{{14, "2026-11-29"}, {3, "2026-12-08"}}; !reflect.DeepEqual(busy.Lots, want) {
		t.Errorf("the busy one is sent %v, want %v", busy.Lots, want)
	}
	if want := []Lot{{1, "2026-11-29"}, {1, "2026-12-08"}}; !reflect.DeepEqual(quiet.Lots, want) {
		t.Errorf("the quiet one is sent %v, want %v", quiet.Lots, want)
	}
}

func TestWhatIsSentIsWhatWasMeantAsLongAsItIsThere(t *testing.T) {
	short, fresh := Lot{10, "2026-11-29"}, Lot{10, "2026-12-08"}
	for _, c := range []struct {
		name  string
		shelf []Lot
		asks  []Wish
		sent  [][]Lot
		left  []Lot
	}{
		{"nothing was meant: the first to expire goes to the first", []Lot{fresh, short}, []Wish{{Units: 8}, {Units: 8}}, [][]Lot{{{8, "2026-11-29"}}, {{2, "2026-11-29"}, {6, "2026-12-08"}}}, []Lot{{4, "2026-12-08"}}},
		{
			"a fresh one was meant for the first",
			[]Lot{fresh, short},
			[]Wish{{5, []Lot{{1, "2026-11-29"}, {4, "2026-12-08"}}}, {Units: 2}},
			[][]Lot{{{1, "2026-11-29"}, {4, "2026-12-08"}}, {{2, "2026-11-29"}}},
			[]Lot{{7, "2026-11-29"}, {6, "2026-12-08"}},
		},
		{"what was meant for one is not given to another", []Lot{{2, "2026-11-29"}, fresh}, []Wish{{Units: 3}, {2, []Lot{{2, "2026-11-29"}}}}, [][]Lot{{{3, "2026-12-08"}}, {{2, "2026-11-29"}}}, []Lot{{7, "2026-12-08"}}},
		{"what was meant is gone", []Lot{fresh}, []Wish{{3, []Lot{{3, "2026-11-29"}}}}, [][]Lot{{{3, "2026-12-08"}}}, []Lot{{7, "2026-12-08"}}},
		{"fewer are picked than were meant", []Lot{short, fresh}, []Wish{{2, []Lot{{1, "2026-11-29"}, {4, "2026-12-08"}}}}, [][]Lot{{{1, "2026-11-29"}, {1, "2026-12-08"}}}, []Lot{{9, "2026-11-29"}, {9, "2026-12-08"}}},
		{"more than the books know of", []Lot{{1, "2026-11-29"}}, []Wish{{Units: 3}}, [][]Lot{{{1, "2026-11-29"}, {2, ""}}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent, left := Send(c.shelf, c.asks)
			if left = FirstExpired(left); !reflect.DeepEqual(sent, c.sent) || len(left)+len(c.left) > 0 && !reflect.DeepEqual(left, c.left) {
				t.Errorf("want %v and %v, got %v and %v", c.sent, c.left, sent, left)
			}
		})
	}
}

func TestWhatTheStoreSendsIsSoldInTimeAndIsOnItsShelf(t *testing.T) {
	rng, when, p := draw(t, 73), tomorrow(), nightly()
	dates := []ledger.Day{"2026-11-29", "2026-11-30", "2026-12-02", "2026-12-09", ""}
	for range 300 {
		var cabinets []Cabinet
		for n := range 6 {
			c := someCabinet(rng, n)
			c.Must = true
			cabinets = append(cabinets, c)
		}
		stock := Stock{}
		for n := range 8 {
			for range rng.IntN(5) {
				sku := someLane(rng, n).SKU
				stock[sku] = append(stock[sku], Lot{rng.IntN(10), dates[rng.IntN(len(dates))]})
			}
		}
		given := map[protocol.SKU][]Lot{}
		for id, needs := range Make(cabinets, stock, Limits{}, when, p).Needs {
			for _, n := range needs {
				soldInTime(t, id, n, when, p)
				given[n.SKU] = append(given[n.SKU], n.Lots...)
			}
		}
		for sku, lots := range given {
			for _, l := range FirstExpired(lots) {
				if there := Count(lotsOf(stock[sku], l.Until)); l.Units > there {
					t.Fatalf("of %s %d until %q are sent, %d are there", sku, l.Units, l.Until, there)
				}
			}
		}
	}
}

func lotsOf(lots []Lot, until ledger.Day) (some []Lot) {
	for _, l := range lots {
		if l.Until == until {
			some = append(some, l)
		}
	}
	return some
}

// soldInTime holds what a lane is sent to the demand until each of its dates.
func soldInTime(t *testing.T, id protocol.CabinetID, n Need, when When, p Policy) {
	t.Helper()
	sent := 0
	for _, l := range n.Lots {
		sent += l.Units
		if sold := n.lane.sells(n.lane.risk(p), when.until(l.Until)); l.Until != "" && n.kept+sent > max(sold, n.kept+n.least(p)) {
			t.Fatalf("%s: %d lie there, %v are sent, and until %s %d are sold", id, n.kept, n.Lots, l.Until, sold)
		}
	}
	if n.Lots != nil && sent != n.Bring {
		t.Fatalf("%s: %d are brought, of %v", id, n.Bring, n.Lots)
	}
}
