package planogram_test

import (
	"math"
	"testing"

	"allhours/protocol"
	"allhours/protocol/planogram"
)

func good(unit, sd float64) planogram.Good {
	return planogram.Good{Unit: protocol.FromGrams(unit), SD: protocol.FromGrams(sd)}
}

func TestCheckFindsWhatTheScalesCannotTellApart(t *testing.T) {
	goods := map[protocol.SKU]planogram.Good{
		"water": good(571, 2.6), "tea": good(569, 2.6), "yoghurt": good(150, 1), "yoghurt-large": good(300.5, 1.5),
		"bun": good(100, 1), "cake": good(50, 1), "juice": good(1030, 4),
	}
	cases := []struct {
		name   string
		placed []protocol.SKU
		want   int
	}{
		{"goods of very different weight stand side by side", []protocol.SKU{"water", "yoghurt", "juice"}, 0},
		{"two bottles of nearly the same weight", []protocol.SKU{"water", "tea"}, 3}, // one for one, two for two, three for three
		{"two small cups weigh as a large one", []protocol.SKU{"yoghurt", "yoghurt-large"}, 1},
		{"bun, cake and yoghurt are multiples of 50 g", []protocol.SKU{"yoghurt", "bun", "cake"}, 5}, // also three cakes and a yoghurt, two buns and the others
		{"an empty platform", nil, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			platform := planogram.Platform{ID: "S1", Division: 1000}
			for _, sku := range c.placed {
				platform.Goods = append(platform.Goods, planogram.Placement{SKU: sku, Units: 2})
			}
			report, err := planogram.Check(planogram.Planogram{Platforms: []planogram.Platform{platform}, Goods: goods})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Conflicts) != c.want {
				t.Errorf("want %d conflicts, got %+v", c.want, report.Conflicts)
			}
			for i, conflict := range report.Conflicts {
				if i > 0 && conflict.Reviews+conflict.Wrong > report.Conflicts[i-1].Reviews+report.Conflicts[i-1].Wrong {
					t.Errorf("conflict %d is worse than the one before it", i)
				}
				if conflict.Confusion <= 0 || conflict.Confusion > 0.5 || conflict.Reviews+conflict.Wrong < planogram.MinTrouble {
					t.Errorf("conflict %+v does not fit its separation", conflict)
				}
			}
		})
	}
}

func TestTheEstimateKnowsWhatScalesSpreadsAndDemandDo(t *testing.T) {
	two := func(a, b planogram.Good, noise protocol.Milligrams) planogram.Report {
		report, err := planogram.Check(planogram.Planogram{
			Platforms: []planogram.Platform{{ID: "S1", Division: 1000, Noise: noise, Goods: []planogram.Placement{{SKU: "a", Units: 6}, {SKU: "b", Units: 6}}}},
			Goods:     map[protocol.SKU]planogram.Good{"a": a, "b": b},
		})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	often, seldom := good(300, 2), good(300, 2)
	often.Demand, seldom.Demand = 100, 1
	cases := []struct {
		name                  string
		report                planogram.Report
		least, most, mistaken float64
	}{
		{"the same weight is always asked about", two(good(300, 2), good(300, 2), 0), 995, 1000, 1},
		{"far apart nothing is asked", two(good(300, 2), good(400, 2), 0), 0, 0.5, 0.5},
		{"a few grams apart some are asked about", two(good(300, 2), good(308, 2), 0), 100, 900, 50},
		{"a smaller spread helps", two(good(300, 1), good(308, 1), 0), 5, 200, 20},
		{"a noisy scale does harm", two(good(300, 1), good(308, 1), 3000), 500, 1000, 50},
		{"what is hardly ever taken is billed as its twin", two(often, seldom, 0), 0, 10, 30},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if r := c.report; r.Reviews < c.least || r.Reviews > c.most || r.Wrong > c.mistaken {
				t.Errorf("want %v to %v reviews and at most %v wrong of 1000, got %v and %v", c.least, c.most, c.mistaken, r.Reviews, r.Wrong)
			}
		})
	}
}

func TestCheckLooksAtEachPlatformAlone(t *testing.T) {
	p := planogram.Planogram{
		Goods: map[protocol.SKU]planogram.Good{"water": good(571, 2.6), "tea": good(569, 2.6)},
		Platforms: []planogram.Platform{
			{ID: "S1", Capacity: 1_000_000, Goods: []planogram.Placement{{SKU: "water", Units: 2}}},
			{ID: "S2", Capacity: 2_000_000, Goods: []planogram.Placement{{SKU: "tea", Units: 2}}},
		},
	}
	report, err := planogram.Check(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Conflicts) != 0 {
		t.Errorf("twins on two platforms are no conflict, got %+v", report.Conflicts)
	}
	if over := report.Overloads(); len(over) != 1 || over[0].Platform != "S1" || over[0].Over() != 142_000 {
		t.Errorf("want S1 142 g over its capacity, got %+v", over)
	}
}

func TestCheckRefusesAPlanogramThatCannotBeUsed(t *testing.T) {
	goods := map[protocol.SKU]planogram.Good{"water": good(571, 2.6), "air": good(0, 0), "riddle": {Unit: 1000, Demand: math.NaN()}}
	place := func(skus ...protocol.SKU) planogram.Platform {
		p := planogram.Platform{ID: "S1"}
		for _, sku := range skus {
			p.Goods = append(p.Goods, planogram.Placement{SKU: sku, Units: 1})
		}
		return p
	}
	cases := map[string][]planogram.Platform{
		"no platform":               nil,
		"a platform is there twice": {place(), place()},
		"an article is there twice": {place("water", "water")},
		"an article is not known":   {place("wine")},
		"an article weighs nothing": {place("air")},
		"fewer than no units of it": {{ID: "S1", Goods: []planogram.Placement{{SKU: "water", Units: -1}}}},
		"an article has no number":  {place("riddle")},
		"a scale bears less than 0": {{ID: "S1", Capacity: -1}},
	}
	for name, platforms := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := planogram.Check(planogram.Planogram{Platforms: platforms, Goods: goods}); err == nil {
				t.Error("want an error")
			}
		})
	}
}
