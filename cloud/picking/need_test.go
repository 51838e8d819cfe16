package picking

import (
	"reflect"
	"testing"

	"allhours/protocol"
)

func TestALaneIsBroughtWhatItNeedsAndSaysWhy(t *testing.T) {
	// One unit is wanted each 2 hours: 5 until the visit, 17 until the one after it.
	base := func(change func(*Lane)) Lane {
		l := Lane{SKU: "1203", Price: 500, Cost: 300, Unit: 500_000, Demand: certain{2}}
		change(&l)
		return l
	}
	cases := []struct {
		name     string
		lane     Lane
		capacity protocol.Milligrams
		bring    int
		why      []Reason
	}{
		{"an empty lane gets what lasts until the visit after the next", base(func(*Lane) {}), 0, 17, []Reason{{Service, 17, 90, 34}}},
		{"what lies there is not brought", base(func(l *Lane) { l.Book = 6 }), 0, 11, []Reason{{Service, 11, 90, 34}}},
		{"a book below zero is an empty lane", base(func(l *Lane) { l.Book = -2 }), 0, 17, []Reason{{Service, 17, 90, 34}}},
		{"what lies there is enough", base(func(l *Lane) { l.Book = 17 }), 0, 0, []Reason{{Enough, 0, 90, 34}}},
		{"an essential article shall last more surely", base(func(l *Lane) { l.Essential = true }), 0, 17, []Reason{{Service, 17, 98, 34}}},
		{"an article has a level of its own", base(func(l *Lane) { l.Service = 0.75 }), 0, 17, []Reason{{Service, 17, 75, 34}}},
		{
			"a par is filled up to, what is sold until then counted in", base(func(l *Lane) { l.HasPar, l.Par, l.Book = true, 12, 8 }), 0, 9,
			[]Reason{{Code: Par, Units: 9}},
		},
		{"more than the par lies there", base(func(l *Lane) { l.HasPar, l.Par, l.Book = true, 2, 9 }), 0, 0, []Reason{{Code: Par}}},
		{"a par of none keeps a lane empty", base(func(l *Lane) { l.HasPar = true }), 0, 0, []Reason{{Code: Par}}},
		{"what has left the assortment is not brought", base(func(l *Lane) { l.Leaving = true }), 0, 0, []Reason{{Code: Leaving}}},
		{
			"what nobody wants lies there once", base(func(l *Lane) { l.Demand = certain{1000} }), 0, 1,
			[]Reason{{Code: Least, Units: 1}},
		},
		{
			"a case that lacks little is made whole", base(func(l *Lane) { l.Case = 6 }), 0, 18,
			[]Reason{{Service, 17, 90, 34}, {Code: Case, Units: 18}},
		},
		{"a case that lacks much is not", base(func(l *Lane) { l.Case = 12 }), 0, 17, []Reason{{Service, 17, 90, 34}}},
		{
			"the lane holds no more, beside what will not be sold by then", base(func(l *Lane) { l.Book, l.Holds = 8, 10 }), 0, 7,
			[]Reason{{Service, 9, 90, 34}, {Code: Room, Units: 7}},
		},
		{
			"what spoils in six hours is brought for six hours", base(func(l *Lane) { l.Life = 6 }), 0, 8,
			[]Reason{{Service, 17, 90, 34}, {Spoils, 8, 0, 16}},
		},
		{
			"what spoils is sold after what lies there", base(func(l *Lane) { l.Life, l.Book = 6, 5 }), 0, 3,
			[]Reason{{Service, 12, 90, 34}, {Spoils, 3, 0, 16}},
		},
		{
			"a par does not make goods spoil", base(func(l *Lane) { l.Life, l.HasPar, l.Par = 6, true, 12 }), 0, 8,
			[]Reason{{Code: Par, Units: 12}, {Spoils, 8, 0, 16}},
		},
		{
			"what expires today is sold until midnight, and the rest replaced", base(func(l *Lane) { l.Book, l.Lots = 6, []Lot{{6, "2026-11-28"}} }), 0, 15,
			[]Reason{{Code: Expiring, Units: 4}, {Service, 15, 90, 34}},
		},
		{
			"a unit is sold once, from the lot that expires first", base(func(l *Lane) { l.Book, l.Lots = 16, []Lot{{14, "2026-11-29"}, {2, "2026-11-28"}} }), 0, 3,
			[]Reason{{Code: Expiring, Units: 2}, {Service, 3, 90, 34}},
		},
		{
			"the platform bears ten units of half a kilogram", base(func(*Lane) {}), 5_000_000, 10,
			[]Reason{{Service, 17, 90, 34}, {Code: Scale, Units: 10}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cabinet := Cabinet{ID: "xs-01", Platforms: []Platform{{ID: "S1", Capacity: c.capacity, Lanes: []Lane{c.lane}}}}
			n := Needs(&cabinet, tomorrow(), nightly())[0]
			if n.Bring != c.bring || !reflect.DeepEqual(n.Why, c.why) {
				t.Errorf("want %d for %+v, got %d for %+v", c.bring, c.why, n.Bring, n.Why)
			}
		})
	}
}

func TestTheParThatIsProposedIsWhatLastsFromVisitToVisit(t *testing.T) {
	ordinary := Lane{SKU: "1", Price: 500, Cost: 300, Demand: steady{0.2, 24 * 14}}
	essential, slow, small, short, seldom := ordinary, ordinary, ordinary, ordinary, ordinary
	essential.Essential = true
	slow.Demand = steady{0.0001, 24 * 14}
	small.Holds = 3
	short.Life = 12
	unpriced := short
	unpriced.Cost = 0
	seldom.Demand, seldom.Life, seldom.Essential = steady{0.0001, 24 * 14}, 48, true
	rare := seldom
	rare.Essential = false
	for _, c := range []struct {
		name string
		lane Lane
		want int
	}{
		{"an ordinary article", ordinary, 8},
		{"an essential one lasts more surely", essential, 11},
		{"a slow one lies there once", slow, 1},
		{"a lane that holds three", small, 3},
		{"what keeps for half a day", short, 1},
		{"what keeps for half a day, and nobody knows the cost of", unpriced, 2},
		{"what spoils and hardly anybody wants", rare, 0},
		{"the same where it is essential: it lies there once", seldom, 1},
	} {
		if n := need(Place{}, &c.lane, tomorrow(), nightly()); n.Proposed != c.want {
			t.Errorf("%s: want %d, got %d", c.name, c.want, n.Proposed)
		}
	}
}

func TestAPlatformThatBearsTooLittleGetsWhatSavesMost(t *testing.T) {
	fast, slow := Lane{SKU: "fast", Price: 500, Cost: 300, Unit: 500_000, Demand: steady{1, 100}}, Lane{SKU: "slow", Price: 500, Cost: 300, Unit: 500_000, Demand: steady{0.1, 100}}
	cabinet := Cabinet{ID: "xs-01", Platforms: []Platform{{ID: "S1", Capacity: 10_000_000, Lanes: []Lane{fast, slow}}}}
	needs := Needs(&cabinet, tomorrow(), nightly())
	if needs[0].Bring != 20 || needs[1].Bring != 0 {
		t.Errorf("want all room for what is wanted within the time, got %d and %d", needs[0].Bring, needs[1].Bring)
	}
	slow.Essential, slow.Price = true, 2000
	cabinet.Platforms[0].Lanes[1] = slow
	if needs = Needs(&cabinet, tomorrow(), nightly()); needs[1].Bring < 3 || needs[0].Bring+needs[1].Bring != 20 {
		t.Errorf("want some room for what is essential and earns more, got %d and %d", needs[0].Bring, needs[1].Bring)
	}
}

func TestAStoreThatIsShortGivesToThoseWhoWouldSellIt(t *testing.T) {
	lane := func(rate float64, book int) Lane {
		return Lane{SKU: "1", Price: 500, Cost: 300, Book: book, Demand: steady{rate, 100}}
	}
	cabinets := []Cabinet{
		{ID: "busy", Platforms: []Platform{{ID: "S1", Lanes: []Lane{lane(0.5, 0)}}}},
		{ID: "full", Platforms: []Platform{{ID: "S1", Lanes: []Lane{lane(0.5, 14)}}}},
		{ID: "quiet", Platforms: []Platform{{ID: "S1", Lanes: []Lane{lane(0.02, 0)}}}},
	}
	plan := Make(cabinets, Stock{"1": {{Units: 9}}}, Limits{}, tomorrow(), Policy{Service: 0.9, Least: 1})
	got := map[protocol.CabinetID]int{}
	for id, needs := range plan.Needs {
		got[id] = needs[0].Bring
	}
	if got["busy"] != 9 || got["full"] != 0 || got["quiet"] != 0 {
		t.Errorf("want all for the busy one, got %v", got)
	}
	if why := plan.Needs["quiet"][0].Why; why[len(why)-1] != (Reason{Code: Store}) {
		t.Errorf("want the store as the reason, got %+v", why)
	}
}

func TestNoLaneIsEverGivenMoreThanThereIsRoomFor(t *testing.T) {
	rng := draw(t, 61)
	for range 3000 {
		c := someCabinet(rng, 0)
		when, p := tomorrow(), nightly()
		needs, at := Needs(&c, when, p), 0
		for _, surface := range c.Platforms {
			weight, before := protocol.Milligrams(0), protocol.Milligrams(0)
			for i := range surface.Lanes {
				l, n := &surface.Lanes[i], &needs[at]
				at++
				rules(t, l, n, when, p)
				weight += l.Unit * protocol.Milligrams(n.there(when)+n.Bring)
				before += l.Unit * protocol.Milligrams(n.there(when))
			}
			if surface.Capacity > 0 && weight > max(surface.Capacity, before) {
				t.Fatalf("%s bears %d, is given up to %d", surface.ID, surface.Capacity, weight)
			}
		}
	}
}

// rules holds a need to what must always be true of it.
func rules(t *testing.T, l *Lane, n *Need, when When, p Policy) {
	t.Helper()
	switch {
	case n.Bring < 0 || n.Lost < 0 || n.Expired < 0 || n.Proposed < 0:
		t.Fatalf("something is below zero: %+v", n)
	case len(n.Why) == 0 || n.Why[len(n.Why)-1].Units != n.Bring && n.Why[len(n.Why)-1].Code != Expiring:
		t.Fatalf("%d is not what its reasons end with: %+v", n.Bring, n.Why)
	case l.Leaving && n.Bring > 0:
		t.Fatalf("what leaves is brought: %+v", n)
	case l.Holds > 0 && n.Bring > 0 && n.there(when)+n.Bring > l.Holds:
		t.Fatalf("%d hold, %d are brought to %d", l.Holds, n.Bring, n.there(when))
	case l.Life > 0 && n.Bring > 0 && n.kept+n.Bring > max(l.Demand.Quantile(l.risk(p), when.Visit+l.Life), map[bool]int{true: p.Least}[l.Essential]):
		t.Fatalf("%d are brought to %d, which will not be sold in %d hours", n.Bring, n.kept, l.Life)
	case n.kept+n.Expired > max(l.Book, 0):
		t.Fatalf("%d are kept and %d expired of %d", n.kept, n.Expired, l.Book)
	}
}

func TestMoreOnTheShelfNeverMeansMoreToBring(t *testing.T) {
	rng := draw(t, 62)
	for range 2000 {
		l := someLane(rng, 1)
		l.Case, l.Lots = 0, nil
		last := -1
		for book := 12; book >= 0; book-- {
			l.Book = book
			n := need(Place{}, &l, tomorrow(), nightly())
			if n.Bring < last {
				t.Fatalf("%d lie there: %d are brought; one more lies there: %d", book, n.Bring, last)
			}
			last = n.Bring
		}
	}
}

func TestTheStoreIsNeverAskedForMoreThanItHas(t *testing.T) {
	rng := draw(t, 63)
	for range 200 {
		var cabinets []Cabinet
		for n := range 12 {
			cabinets = append(cabinets, someCabinet(rng, n))
		}
		stock := Stock{}
		for n := range 8 {
			stock[someLane(rng, n).SKU] = []Lot{{rng.IntN(20), ""}, {rng.IntN(6), "2026-11-29"}, {rng.IntN(6), "2026-12-02"}}
		}
		limits := Limits{Minutes: rng.IntN(80), Totes: rng.IntN(10)}
		plan := Make(cabinets, stock, limits, tomorrow(), nightly())
		if again := Make(cabinets, stock, limits, tomorrow(), nightly()); !reflect.DeepEqual(plan.Choices, again.Choices) || !reflect.DeepEqual(briefly(plan), briefly(again)) {
			t.Fatal("the same question had two answers")
		}
		given := map[protocol.SKU]int{}
		for _, id := range plan.Chosen() {
			for _, n := range plan.Needs[id] {
				given[n.SKU] += n.Bring
			}
		}
		for sku, lots := range stock {
			if units := Count(lots); given[sku] > units {
				t.Fatalf("%d of %s are given, %d are there", given[sku], sku, units)
			}
		}
	}
}

// briefly is what each lane is brought.
func briefly(p Plan) map[Place]int {
	all := map[Place]int{}
	for _, needs := range p.Needs {
		for _, n := range needs {
			all[n.Place] = n.Bring
		}
	}
	return all
}
