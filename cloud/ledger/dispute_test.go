package ledger_test

import (
	"fmt"
	"testing"

	"allhours/cloud/ledger"
	"allhours/protocol/settle"
)

func TestGoodsThatWereBilledWronglyGoBackWhereTheyCameFrom(t *testing.T) {
	story := func(lines []settle.Line, steps ...settle.Step) settle.Answer {
		return settle.Answer{Decision: settle.Bill, Lines: lines, Why: []settle.Explanation{{Lines: lines, Steps: steps}}}
	}
	two := []settle.Line{{SKU: "1002", Qty: 2}}
	both := story(two, settle.Step{Platform: "S2", SKU: "1002", Qty: -1}, settle.Step{Platform: "S1", SKU: "1002", Qty: -1})
	for name, c := range map[string]struct {
		answer settle.Answer
		line   settle.Line
		before int
		to     ledger.Account
		want   map[string]int64
	}{
		"one of two, from the platform that the story names first": {both, settle.Line{SKU: "1002", Qty: 1}, 0, "", map[string]int64{"sold:c sku:1002": -1, "stock:c:S2 sku:1002": 1}},
		"the other one, after the first went back":                 {both, settle.Line{SKU: "1002", Qty: 1}, 1, "", map[string]int64{"sold:c sku:1002": -1, "stock:c:S1 sku:1002": 1}},
		"both, each to its platform":                               {both, two[0], 0, "", map[string]int64{"sold:c sku:1002": -2, "stock:c:S1 sku:1002": 1, "stock:c:S2 sku:1002": 1}},
		"a story that is not the bill: the first home": {
			story(two, settle.Step{Platform: "S2", SKU: "1002", Qty: -1}), two[0], 0, "", map[string]int64{"sold:c sku:1002": -2, "stock:c:S1 sku:1002": 2},
		},
		"no good":                        {both, two[0], 0, ledger.OffQuality, map[string]int64{"sold:c sku:1002": -2, "off:quality sku:1002": 2}},
		"lost":                           {both, two[0], 0, ledger.Lost, map[string]int64{"sold:c sku:1002": -2, "lost sku:1002": 2}},
		"what was never booked as sold":  {settle.Answer{Lines: []settle.Line{{SKU: "9999", Qty: 1}}}, settle.Line{SKU: "9999", Qty: 1}, 0, "", map[string]int64{}},
		"the same, where it should have": {settle.Answer{Lines: []settle.Line{{SKU: "9999", Qty: 1}}}, settle.Line{SKU: "9999", Qty: 1}, 0, ledger.Lost, map[string]int64{}},
	} {
		postings := ledger.Unsell("c", homes, c.answer, c.line, c.before, c.to)
		if got := sum(postings); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		if len(postings) == 0 {
			continue
		}
		if err := entry(postings...).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
