package picking

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"allhours/protocol"
)

func TestEachCabinetIsChosenOrNotAndSaysWhy(t *testing.T) {
	p := Policy{Minute: 60, NightHour: 300, ExpiredOut: 1000}
	stops := []Stop{
		{Cabinet: "asked-for", Minutes: 10, Must: true},
		{Cabinet: "dull", Minutes: 10, Units: 4, Skip: Loss{Margin: 100}},
		{Cabinet: "empty-at-night", Minutes: 10, Units: 4, Skip: Loss{NightHours: 8}},
		{Cabinet: "expired", Minutes: 5, Skip: Loss{Expired: 1}},
		{Cabinet: "far", Minutes: 30, Units: 9, Skip: Loss{Margin: 3000}},
		{Cabinet: "full", Minutes: 5},
		{Cabinet: "large", Minutes: 5, Units: 30, Totes: 2, Skip: Loss{Margin: 450}},
		{Cabinet: "near", Minutes: 5, Units: 9, Skip: Loss{Margin: 2000}},
	}
	type choice struct {
		chosen bool
		why    Ground
	}
	want := map[protocol.CabinetID]choice{
		"asked-for": {true, Wanted}, "near": {true, Pays}, "empty-at-night": {true, Pays}, "expired": {true, Pays},
		"far": {false, NoTime}, "large": {false, NoTote}, "dull": {false, NotWorth}, "full": {false, NoneToDo},
	}
	got := map[protocol.CabinetID]choice{}
	for _, c := range Choose(stops, Limits{Minutes: 40, Totes: 5}, p) {
		got[c.Cabinet] = choice{c.Chosen, c.Why}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestNoRoundIsFullerThanItsLimitsNorEmptierThanItMustBe(t *testing.T) {
	rng, p := draw(t, 64), nightly()
	for range 2000 {
		var stops []Stop
		for n := range rng.IntN(20) {
			stops = append(stops, Stop{
				Cabinet: protocol.CabinetID(fmt.Sprint(n)), Minutes: 1 + rng.IntN(15), Totes: 1 + rng.IntN(2), Units: rng.IntN(5),
				Must: rng.IntN(10) == 0, Skip: Loss{Margin: protocol.Fen(rng.IntN(3000)), NightHours: rng.Float64() * 3},
			})
		}
		limits := Limits{rng.IntN(60), rng.IntN(10)}
		minutes, totes := 0, 0
		choices := Choose(stops, limits, p)
		for _, c := range choices {
			if c.Chosen {
				minutes, totes = minutes+c.Minutes, totes+c.Totes
			}
		}
		if limits.Minutes > 0 && minutes > limits.Minutes || limits.Totes > 0 && totes > limits.Totes {
			t.Fatalf("%d minutes and %d totes, limits %+v", minutes, totes, limits)
		}
		for _, c := range choices {
			slow, heavy := limits.Minutes > 0 && minutes+c.Minutes > limits.Minutes, limits.Totes > 0 && totes+c.Totes > limits.Totes
			if !c.Chosen && (c.Must || c.Units > 0 && c.Worth >= c.Price) && !slow && !heavy {
				t.Fatalf("%+v would have fitted", c)
			}
		}
		rng.Shuffle(len(stops), func(i, j int) { stops[i], stops[j] = stops[j], stops[i] })
		if again := Choose(stops, limits, p); !reflect.DeepEqual(choices, again) {
			t.Fatal("another order of the stops led to another choice")
		}
	}
}

func TestTheNightsThatEssentialsMissAreCounted(t *testing.T) {
	when := When{Visit: 10, After: 34, Nights: []Span{{2, 11}, {26, 35}}}
	milk := func(sku protocol.SKU, book int) Lane {
		return Lane{SKU: sku, Category: "milk", Essential: true, Price: 500, Cost: 300, Book: book, Demand: certain{3}}
	}
	snack := Lane{SKU: "snack", Category: "snack", Price: 500, Cost: 300, Demand: certain{3}}
	for _, c := range []struct {
		name  string
		lanes []Lane
		par   int
		want  float64
		alone float64 // of single articles
	}{
		{"milk is sold out all the time between the visits: the hour from 10, and 26 to 34", []Lane{milk("a", 0)}, 20, 9, 9},
		{"ten units of milk end in the hour from 30", []Lane{milk("a", 10)}, 20, 4, 4},
		{"another milk is there", []Lane{milk("a", 0), milk("b", 20)}, 20, 0, 9},
		{"nobody needs snacks", []Lane{snack}, 20, 0, 0},
		{"two categories count each", []Lane{milk("a", 0), {SKU: "b", Category: "bread", Essential: true, Demand: certain{3}}}, 20, 18, 18},
		{"a visit that brings eight does not help against the hours from 26", []Lane{milk("a", 0)}, 8, 1, 1},
	} {
		cabinet := Cabinet{ID: "xs-01", Platforms: []Platform{{ID: "S1", Lanes: c.lanes}}}
		for i := range cabinet.Platforms[0].Lanes {
			l := &cabinet.Platforms[0].Lanes[i]
			l.HasPar, l.Par = true, c.par
		}
		l := Skipping(Needs(&cabinet, when, nightly()), when)
		if math.Abs(l.NightHours-c.want) > 1e-9 || math.Abs(l.ArticleHours-c.alone) > 1e-9 {
			t.Errorf("%s: want %v hours, and %v of single articles, got %v and %v", c.name, c.want, c.alone, l.NightHours, l.ArticleHours)
		}
		if worth := l.Worth(Policy{NightHour: 400}) - l.Margin; worth != protocol.Fen(math.Round(400*c.want+240*c.alone)) {
			t.Errorf("%s: the nights are worth %d fen", c.name, worth)
		}
	}
}

func TestSkippingCostsWhatWouldHaveBeenSold(t *testing.T) {
	lane := Lane{SKU: "1", Price: 500, Cost: 300, Book: 2, Demand: certain{2}}
	cabinet := Cabinet{ID: "xs-01", Platforms: []Platform{{ID: "S1", Lanes: []Lane{lane}}}}
	l := Skipping(Needs(&cabinet, tomorrow(), nightly()), tomorrow())
	// 17 are wanted in all, 5 of them before the visit, for which 2 are there.
	if l.Units != 12 || l.Margin != 2400 {
		t.Errorf("want 12 units and 24 yuan, got %v and %v", l.Units, l.Margin)
	}
}
