package simple_test

import (
	"slices"
	"testing"

	"allhours/firmware-sim/physics/practice"
	"allhours/firmware-sim/physics/simple"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// visit is one platform that goes from one weight in grams to another while the door is open.
func visit(before, after float64) *trace.Visit {
	v := &trace.Visit{Header: trace.Header{Layout: settle.Layout{
		Platforms: []settle.Platform{{ID: "S1", Book: map[protocol.SKU]int{"cup": 4, "water": 4}}},
		Goods:     map[protocol.SKU]settle.Good{"cup": {Unit: 145_000}, "water": {Unit: 571_000}},
	}}}
	read := func(at int64, grams float64) {
		v.Rows = append(v.Rows, trace.Row{At: at, Reading: true, Samples: []settle.Sample{{Weight: protocol.FromGrams(grams), OK: true}}})
	}
	read(100, before)
	v.Rows = append(v.Rows, trace.Row{At: 200, Open: true}, trace.Row{At: 300})
	read(400, after)
	return v
}

func TestTheNearestCombinationIsBilled(t *testing.T) {
	cases := []struct {
		name          string
		before, after float64
		want          []settle.Line
	}{
		{"nothing moved", 3000, 3001, []settle.Line{}},
		{"one of each", 3000, 2280, []settle.Line{{SKU: "cup", Qty: 1}, {SKU: "water", Qty: 1}}},
		{"three of one kind", 3000, 2560, []settle.Line{{SKU: "cup", Qty: 3}}},
		{"it became heavier", 3000, 3400, []settle.Line{}},
		{"more than the book has", 5000, 5000 - 6*571, []settle.Line{{SKU: "cup", Qty: 2}, {SKU: "water", Qty: 4}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := simple.Settle(visit(c.before, c.after)); !slices.Equal(got, c.want) {
				t.Errorf("want %v, got %v", c.want, got)
			}
		})
	}
}

func TestItBillsMostLanesRight(t *testing.T) {
	right := 0
	const visits = 40
	for seed := range uint64(visits) {
		v, truth, err := practice.Make("everyday", practice.Lanes, 2*seed)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Equal(simple.Settle(&v), truth.Lines) {
			right++
		}
	}
	if right < visits*3/4 {
		t.Errorf("want most of %d calm visits to single-good lanes right, got %d", visits, right)
	}
}
