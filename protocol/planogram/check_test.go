package planogram_test

import (
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
		{"two bottles of nearly the same weight", []protocol.SKU{"water", "tea"}, 2}, // one for one, two for two
		{"two small cups weigh as a large one", []protocol.SKU{"yoghurt", "yoghurt-large"}, 1},
		{"bun, cake and yoghurt are multiples of 50 g", []protocol.SKU{"yoghurt", "bun", "cake"}, 3}, // also two cakes and a bun, two buns and the others
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
				if i > 0 && conflict.Separation < report.Conflicts[i-1].Separation {
					t.Errorf("conflict %d is worse than the one before it", i)
				}
				if conflict.Confusion <= 0.05 || conflict.Confusion > 0.5 {
					t.Errorf("conflict %+v: a confusion of %v does not fit its separation", conflict, conflict.Confusion)
				}
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
	if len(report.Overloads) != 1 || report.Overloads[0].Platform != "S1" || report.Overloads[0].Weight != 1_142_000 {
		t.Errorf("want S1 overloaded with 1142 g, got %+v", report.Overloads)
	}
}

func TestCheckRefusesAPlanogramThatCannotBeUsed(t *testing.T) {
	goods := map[protocol.SKU]planogram.Good{"water": good(571, 2.6), "air": good(0, 0)}
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
	}
	for name, platforms := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := planogram.Check(planogram.Planogram{Platforms: platforms, Goods: goods}); err == nil {
				t.Error("want an error")
			}
		})
	}
}
