package weigh_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"allhours/edge"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/settle"
)

var bottle = settle.Good{Unit: 571_000, SD: 2600}

// sell takes visits of some units whose mean weight is given, and gives what was told.
func sell(l edge.Learnt, good settle.Good, visits, units int, mean float64, seed uint64) (edge.Learnt, []weigh.Repackaged) {
	chance := rand.New(rand.NewPCG(seed, 5))
	var told []weigh.Repackaged
	for range visits {
		t := weigh.Taken{Units: units, Weight: protocol.FromGrams(mean*float64(units) + math.Sqrt(float64(units))*good.SD.Grams()*chance.NormFloat64())}
		var r *weigh.Repackaged
		if l, r = weigh.Learn(l, good, t); r != nil {
			told = append(told, *r)
		}
	}
	return l, told
}

func TestSeveralVisitsAndADozenUnitsTeach(t *testing.T) {
	cases := []struct {
		name          string
		visits, units int
		learnt        bool
	}{
		{"one visit of a whole crate", 1, 24, false},
		{"four visits of many", 4, 12, false},
		{"eleven visits of one", 11, 1, false},
		{"twelve visits of one", 12, 1, true},
		{"five visits of three", 5, 3, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l, _ := sell(edge.Learnt{}, bottle, c.visits, c.units, 573, 1)
			unit := weigh.UnitOf(l, bottle.Unit)
			if c.learnt != (unit != bottle.Unit) {
				t.Errorf("unit %v after the visits: want it learnt: %v", unit, c.learnt)
			}
		})
	}
}

func TestTheMeanIsFoundAndOtherMasterDataBeginAnew(t *testing.T) {
	l, told := sell(edge.Learnt{}, bottle, 300, 1, 573.5, 2)
	if unit := weigh.UnitOf(l, bottle.Unit).Grams(); math.Abs(unit-573.5) > 1 || len(told) > 0 {
		t.Errorf("learnt %.2f g, told %+v: want 573.5 g, and nothing to tell of half a per cent", unit, told)
	}
	if unit := weigh.UnitOf(l, 580_000); unit != 580_000 {
		t.Errorf("unit %v beside new master data", unit)
	}
	if l, _ = sell(l, settle.Good{Unit: 580_000, SD: 2600}, 1, 1, 580, 3); l.Unit != 580_000 || l.Visits != 1 {
		t.Errorf("%+v: want to begin anew", l)
	}
}

func TestAnotherPackagingIsToldOnce(t *testing.T) {
	for seed := range uint64(50) {
		l, told := sell(edge.Learnt{}, bottle, 60, 2, 571.3, seed)
		if len(told) > 0 {
			t.Fatalf("seed %d: told %+v of goods as they always were", seed, told)
		}
		if l, told = sell(l, bottle, 60, 2, 580, seed+1000); len(told) != 1 || math.Abs(told[0].Unit.Grams()-580) > 6 {
			t.Fatalf("seed %d: told %+v: want 580 g once", seed, told)
		}
		if unit := weigh.UnitOf(l, bottle.Unit).Grams(); math.Abs(unit-580) > 2 {
			t.Fatalf("seed %d: learnt %.1f g: want the new packaging's", seed, unit)
		}
	}
}

func TestWhatIsLearntStaysNearTheMasterData(t *testing.T) {
	for seed := range uint64(200) {
		chance := rand.New(rand.NewPCG(seed, 6))
		good := settle.Good{Unit: protocol.FromGrams(20 + 1500*chance.Float64()), SD: protocol.FromGrams(20 * chance.Float64() * chance.Float64())}
		far := math.Min(0.03*float64(good.Unit), 4*math.Max(float64(good.SD), 1000)) + 1
		var l edge.Learnt
		before := good.Unit
		for visit := range 400 {
			tell := weigh.Taken{Units: chance.IntN(40) - 2, Weight: protocol.FromGrams(4000 * (chance.Float64() - 0.1))}
			l, _ = weigh.Learn(l, good, tell)
			unit := weigh.UnitOf(l, good.Unit)
			if off := math.Abs(float64(unit - good.Unit)); off > far {
				t.Fatalf("seed %d: learnt %v beside %v: %.0f mg off", seed, unit, good.Unit, off)
			}
			if unit != before && (visit < 4 || l.Visits != 0) {
				t.Fatalf("seed %d: one visit taught", seed)
			}
			before = unit
		}
	}
}

func TestOnlySureAndSimpleVisitsTeach(t *testing.T) {
	step := func(at int64, sku protocol.SKU, qty int, delta protocol.Milligrams) settle.Step {
		return settle.Step{At: at, Platform: "S1", SKU: sku, Qty: qty, Delta: delta}
	}
	bill := func(steps ...settle.Step) settle.Answer {
		return settle.Answer{Decision: settle.Bill, Confidence: 0.9999, Why: []settle.Explanation{{Steps: steps}}}
	}
	two := step(1, "1001", -2, -1_142_000)
	unsure, reviewed, stray := bill(two), bill(two), bill(two)
	unsure.Confidence, reviewed.Decision, stray.Strays = 0.99, settle.Review, []settle.Stray{{SKU: "1001"}}
	cases := []struct {
		name   string
		answer settle.Answer
		want   weigh.Taken
	}{
		{"two bottles at once", bill(two), weigh.Taken{Units: 2, Weight: 1_142_000}},
		{"a bottle and later another", bill(step(1, "1001", -1, -571_000), step(9, "1001", -1, -570_000)), weigh.Taken{Units: 2, Weight: 1_141_000}},
		{"a bottle put back and taken again", bill(two, step(5, "1001", 1, 571_000)), weigh.Taken{}},
		{"a bottle and a pack in one grasp", bill(step(1, "1001", -1, -691_000), step(1, "2001", -1, -691_000)), weigh.Taken{}},
		{"a bill that is not quite sure", unsure, weigh.Taken{}},
		{"a review", reviewed, weigh.Taken{}},
		{"goods that went astray", stray, weigh.Taken{}},
		{"no explanation", settle.Answer{Decision: settle.Bill, Confidence: 1}, weigh.Taken{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := weigh.TakenIn(c.answer)["1001"]; got != c.want {
				t.Errorf("%+v: want %+v", got, c.want)
			}
		})
	}
}
