package weigh_test

import (
	"testing"

	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/settle"
)

func TestUnitsThatAllWeighSomethingElseAreTold(t *testing.T) {
	l := settle.Layout{
		Platforms: []settle.Platform{{ID: "S1", Book: map[protocol.SKU]int{"water": 9, "gum": 9}}},
		Goods:     map[protocol.SKU]settle.Good{"water": bottle, "gum": {Unit: 31_000, SD: 500}},
	}
	taken := func(sku protocol.SKU, what settle.What, grams float64) settle.Answer {
		s := settle.Step{Platform: "S1", SKU: sku, What: what, Delta: protocol.FromGrams(-grams)}
		if sku != "" {
			s.Qty = -1
		}
		return settle.Answer{Decision: settle.Review, Why: []settle.Explanation{{Steps: []settle.Step{s}}}}
	}
	cases := []struct {
		name   string
		visits []settle.Answer
		want   float64 // grams that water is told to weigh; 0: nothing is told
	}{
		{"units as they always were", []settle.Answer{taken("water", settle.Taken, 573), taken("water", settle.Taken, 569), taken("water", settle.Taken, 571), taken("water", settle.Taken, 574)}, 0},
		{"three of another weight", []settle.Answer{taken("", settle.Strange, 600), taken("", settle.Strange, 601), taken("", settle.Strange, 602)}, 0},
		{"four of another weight, two of them taken for the article", []settle.Answer{
			taken("", settle.Strange, 600), taken("water", settle.Taken, 602), taken("", settle.Strange, 601), taken("water", settle.Taken, 601),
		}, 601},
		{"four weights that have nothing in common", []settle.Answer{
			taken("", settle.Strange, 500), taken("", settle.Strange, 520), taken("", settle.Strange, 610), taken("", settle.Strange, 640),
		}, 0},
		{"four things that are near no article", []settle.Answer{
			taken("", settle.Strange, 300), taken("", settle.Strange, 300), taken("", settle.Strange, 300), taken("", settle.Strange, 300),
		}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var odd weigh.Odd
			told := 0
			for range 3 { // and never again
				for _, a := range c.visits {
					for sku, r := range odd.Look(l, a) {
						told++
						if sku != "water" || r.Was != bottle.Unit || r.Unit != protocol.FromGrams(c.want) {
							t.Errorf("told %s %+v: want water of %g g", sku, r, c.want)
						}
					}
				}
				if c.want == 0 {
					break
				}
			}
			if c.want > 0 && told != 1 {
				t.Errorf("told %d times: want once", told)
			}
		})
	}
}
