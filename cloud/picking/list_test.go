package picking

import (
	"reflect"
	"testing"

	"allhours/protocol"
)

func TestTheListGoesAlongTheAislesAndTakesWhatExpiresFirst(t *testing.T) {
	totes := []Tote{
		{Cabinet: "xs-02", Units: map[protocol.SKU]int{"milk": 5, "water": 8, "new": 1}},
		{Cabinet: "xs-01", Units: map[protocol.SKU]int{"milk": 4, "water": 18, "bread": 0}},
	}
	shelves := []Shelf{
		{SKU: "water", Aisle: "10", Case: 12},
		{SKU: "milk", Aisle: "9", Case: 1, Lots: []Lot{{6, "2026-12-03"}, {2, "2026-11-28"}, {2, "2026-12-01"}}},
	}
	want := []Pick{
		{"9", 0, "milk", 9, 0, 9, []Lot{{2, "2026-12-01"}, {6, "2026-12-03"}, {1, ""}}, []Share{
			{Cabinet: "xs-02", Units: 5, Lots: []Lot{{2, "2026-12-01"}, {3, "2026-12-03"}}}, {Cabinet: "xs-01", Units: 4, Lots: []Lot{{3, "2026-12-03"}, {1, ""}}},
		}},
		{"10", 0, "water", 26, 2, 2, []Lot{{26, ""}}, []Share{{Cabinet: "xs-02", Units: 8, Lots: []Lot{{8, ""}}}, {Cabinet: "xs-01", Units: 18, Lots: []Lot{{18, ""}}}}},
		{"", 0, "new", 1, 0, 1, []Lot{{1, ""}}, []Share{{Cabinet: "xs-02", Units: 1, Lots: []Lot{{1, ""}}}}},
	}
	if got := List(totes, shelves, "2026-11-29"); !reflect.DeepEqual(got, want) {
		t.Errorf("want %+v\n got %+v", want, got)
	}
}

func TestWithinAnAisleTheListGoesAlongIt(t *testing.T) {
	tote := Tote{Cabinet: "a", Units: map[protocol.SKU]int{"tea": 1, "milk": 1, "rice": 1, "oil": 1, "salt": 1}}
	shelves := []Shelf{{SKU: "tea", Aisle: "2", Turn: 10}, {SKU: "milk", Aisle: "2", Turn: 9}, {SKU: "rice", Aisle: "2"}, {SKU: "oil", Aisle: "1", Turn: 11}}
	var got []protocol.SKU
	for _, p := range List([]Tote{tote}, shelves, "2026-11-29") {
		got = append(got, p.SKU)
	}
	if want := []protocol.SKU{"oil", "milk", "tea", "rice", "salt"}; !reflect.DeepEqual(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestWhatIsSoldForTheLastTimeOnTheDayOfTheVisitIsPicked(t *testing.T) {
	lots := []Lot{{1, "2026-11-29"}, {1, "2026-11-28"}}
	picks := List([]Tote{{Cabinet: "a", Units: map[protocol.SKU]int{"milk": 1}}}, []Shelf{{SKU: "milk", Lots: lots}}, "2026-11-29")
	if want := []Lot{{1, "2026-11-29"}}; !reflect.DeepEqual(picks[0].Lots, want) {
		t.Errorf("want %v, got %v", want, picks[0].Lots)
	}
}

func TestAisleNumbersAreNumbers(t *testing.T) {
	order := []string{"2", "9", "10", "A2", "A10", "B1", ""}
	for i := range order {
		for j := range order {
			if got := byAisle(order[i], "1", order[j], "1"); got != compareInts(i, j) {
				t.Errorf("%q against %q: %d", order[i], order[j], got)
			}
		}
	}
	if byAisle("1", "01", "1", "1") == 0 {
		t.Error("two articles have no order")
	}
}

func compareInts(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestAfterTheLockOnlyWhatChangedIsShown(t *testing.T) {
	shelves := []Shelf{{SKU: "milk", Aisle: "9"}, {SKU: "water", Aisle: "10"}}
	was := List([]Tote{{Cabinet: "a", Units: map[protocol.SKU]int{"milk": 5, "water": 8}}, {Cabinet: "b", Units: map[protocol.SKU]int{"milk": 2}}}, shelves, "2026-11-29")
	is := List([]Tote{{Cabinet: "b", Units: map[protocol.SKU]int{"milk": 2, "water": 1}}, {Cabinet: "a", Units: map[protocol.SKU]int{"milk": 3, "water": 8, "new": 1}}}, shelves, "2026-11-29")
	want := []Change{{"9", "milk", "a", 5, 3}, {"10", "water", "b", 0, 1}, {"", "new", "a", 0, 1}}
	if got := Changes(was, is); !reflect.DeepEqual(got, want) {
		t.Errorf("want %+v, got %+v", want, got)
	}
	if got := Changes(is, is); len(got) != 0 {
		t.Errorf("a list differs from itself: %+v", got)
	}
}

func TestNoUnitOfAListIsLostOrPickedTwice(t *testing.T) {
	rng := draw(t, 69)
	for range 1000 {
		lots := []Lot{{rng.IntN(6), "2026-12-03"}, {rng.IntN(6), "2026-12-01"}, {rng.IntN(6), "2026-11-20"}}
		var totes []Tote
		want := 0
		for _, id := range []protocol.CabinetID{"a", "b", "c"} {
			units := rng.IntN(8)
			totes, want = append(totes, Tote{Cabinet: id, Units: map[protocol.SKU]int{"milk": units}}), want+units
		}
		picks := List(totes, []Shelf{{SKU: "milk", Aisle: "1", Case: 6, Lots: lots}}, "2026-11-29")
		if want == 0 {
			if len(picks) > 0 {
				t.Fatalf("nothing is needed, %+v is picked", picks)
			}
			continue
		}
		p := picks[0]
		dated, shared := map[string]int{}, 0
		for _, s := range p.Totes {
			shared += Count(s.Lots)
			for _, l := range s.Lots {
				dated[string(l.Until)] += l.Units
			}
		}
		if p.Units != want || p.Cases*6+p.Singles != want || Count(p.Lots) != want || shared != want {
			t.Fatalf("want %d, got %+v", want, p)
		}
		if dated["2026-12-03"] > lots[0].Units || dated["2026-12-01"] > lots[1].Units || dated["2026-11-20"] > 0 {
			t.Fatalf("of %v were picked %v", lots, dated)
		}
	}
}
