package practice_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// everyCell calls f for each family in each of its layouts.
func everyCell(f func(family, layout string)) {
	for _, family := range practice.Families() {
		for _, layout := range practice.Layouts(family) {
			f(family, layout)
		}
	}
}

func mustMake(t *testing.T, family, layout string, seed uint64) (trace.Visit, practice.Truth) {
	t.Helper()
	v, truth, err := practice.Make(family, layout, seed)
	if err != nil {
		t.Fatal(err)
	}
	return v, truth
}

func TestEveryVisitCanBeSettled(t *testing.T) {
	everyCell(func(family, layout string) {
		for seed := range uint64(1) {
			v, truth := mustMake(t, family, layout, seed)
			if truth.Family != family || truth.Layout != layout || truth.ID != v.ID || truth.Lines == nil {
				t.Errorf("%s: the truth is about another visit: %+v", v.ID, truth)
			}
			if _, err := v.Settle(settle.Config{}); err != nil {
				t.Errorf("%s: %v", v.ID, err)
			}
		}
	})
}

func TestTheSameSeedMakesTheSameVisit(t *testing.T) {
	everyCell(func(family, layout string) {
		v, truth := mustMake(t, family, layout, 7)
		again, same := mustMake(t, family, layout, 7)
		if !reflect.DeepEqual(v, again) || !reflect.DeepEqual(truth, same) {
			t.Errorf("%s: made twice, it differs", v.ID)
		}
		if other, _ := mustMake(t, family, layout, 9); reflect.DeepEqual(v.Rows, other.Rows) {
			t.Errorf("%s: another seed makes the same readings", v.ID)
		}
	})
}

func TestWhatIsUnknownIsRefused(t *testing.T) {
	for _, c := range [][2]string{{"robbery", practice.Lanes}, {"everyday", "cellar"}, {"twins", practice.Lanes}} {
		if _, _, err := practice.Make(c[0], c[1], 1); err == nil {
			t.Errorf("want an error for family %s in layout %s", c[0], c[1])
		}
	}
}

// grams is the median of a platform's readings while the door is as given and before or after the visit.
func grams(v trace.Visit, platform int, after bool) float64 {
	var opened, shut int64
	for _, r := range v.Rows {
		if !r.Reading && r.Open {
			opened = r.At
		} else if !r.Reading {
			shut = r.At
		}
	}
	var all []float64
	for _, r := range v.Rows {
		if r.Reading && r.Samples[platform].OK && (r.At < opened && !after || r.At > shut+1500 && after) {
			all = append(all, r.Samples[platform].Weight.Grams())
		}
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// What left the platforms weighs what the truth says was taken; goods put back elsewhere and objects that went again
// change nothing. Each unit may stray, and each scale may be off by a share of the weight that it lost.
func TestWhatLeftWeighsWhatWasTaken(t *testing.T) {
	conserving := []string{"everyday", "browse", "putback", "bulk", "drift", "misplace", "rough", "rush", "two-shoppers", "nothing", "power-gap", "object-for-a-while", "lean"}
	for _, family := range conserving {
		for _, layout := range practice.Layouts(family) {
			for seed := range uint64(6) {
				v, truth := mustMake(t, family, layout, seed)
				var lost, moved, want, spread float64
				for i := range v.Layout.Platforms {
					d := grams(v, i, false) - grams(v, i, true)
					lost += d
					moved += math.Abs(d)
				}
				for _, l := range truth.Lines {
					g := v.Layout.Goods[l.SKU]
					want += float64(l.Qty) * g.Unit.Grams()
					spread += float64(l.Qty) * g.SD.Grams() * g.SD.Grams()
				}
				limit := 4.5*math.Sqrt(spread) + 0.006*moved + 15
				if family == "drift" {
					limit += 40
				}
				if math.Abs(lost-want) > limit {
					t.Errorf("%s: %.1f g left the platforms, %.1f g were taken (limit %.1f)", v.ID, lost, want, limit)
				}
			}
		}
	}
}

func TestAPlannedShelfTellsSmallTakesApart(t *testing.T) {
	for seed := range uint64(30) {
		v, _ := mustMake(t, "everyday", practice.Planned, seed)
		for _, p := range v.Layout.Platforms {
			if len(p.Book) < 4 {
				t.Errorf("seed %d: platform %s has only %d articles", seed, p.ID, len(p.Book))
			}
			var small []float64
			for a := range p.Book {
				small = append(small, v.Layout.Goods[a].Unit.Grams(), 2*v.Layout.Goods[a].Unit.Grams())
			}
			slices.Sort(small)
			for i := 1; i < len(small); i++ {
				if small[i]-small[i-1] <= 6 {
					t.Errorf("seed %d: platform %s: takes of %.1f and %.1f g", seed, p.ID, small[i-1], small[i])
				}
			}
		}
	}
}

func TestNoPlatformCarriesMoreThanItCan(t *testing.T) {
	everyCell(func(family, layout string) {
		v, _ := mustMake(t, family, layout, 3)
		for _, p := range v.Layout.Platforms {
			var load protocol.Milligrams
			for sku, n := range p.Book {
				load += protocol.Milligrams(n) * v.Layout.Goods[sku].Unit
			}
			if load > p.Capacity {
				t.Errorf("%s: platform %s carries %.0f g", v.ID, p.ID, load.Grams())
			}
		}
	})
}

func TestTheLayoutsAreAsLargeAsTheyShouldBe(t *testing.T) {
	for layout, want := range map[string][2]int{practice.Lanes: {24, 1}, practice.Planned: {5, 4}, practice.Shelves: {5, 6}, practice.Crowded: {5, 10}} {
		for seed := range uint64(10) {
			v, _ := mustMake(t, "everyday", layout, seed)
			if len(v.Layout.Platforms) != want[0] {
				t.Errorf("%s: want %d platforms, got %d", layout, want[0], len(v.Layout.Platforms))
			}
			for _, p := range v.Layout.Platforms {
				if len(p.Book) < want[1] {
					t.Errorf("%s, seed %d: want at least %d articles on %s, got %d", layout, seed, want[1], p.ID, len(p.Book))
				}
			}
		}
	}
}
