package settle_test

import (
	"maps"
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// fill plans that qty units are put on a platform one after the other, so many milliseconds apart.
func (c *cabinet) fill(at int64, platform int, sku protocol.SKU, qty int, apart int64) int64 {
	for range qty {
		c.put(at, platform, c.unit(sku))
		at += apart
	}
	return at
}

// filledWith is what a refill's steps come to, by platform and article.
func filledWith(a settle.Answer) map[string]int {
	net := map[string]int{}
	for _, s := range a.Why[0].Steps {
		if s.SKU != "" {
			net[string(s.Platform)+" "+string(s.SKU)] += s.Qty
		}
	}
	maps.DeleteFunc(net, func(_ string, n int) bool { return n == 0 })
	return net
}

func TestARefillIsWhatWasPutWhereAndWhatWasTakenOut(t *testing.T) {
	cases := []struct {
		name string
		do   func(c *cabinet)
		want map[string]int
	}{
		{"nothing was put", func(*cabinet) {}, map[string]int{}},
		{"three bottles, one after the other", func(c *cabinet) { c.fill(5000, 0, "water", 3, 1500) }, map[string]int{"S1 water": 3}},
		{"twelve bottles, faster than the scale comes to rest", func(c *cabinet) { c.fill(5000, 0, "water", 12, 250) }, map[string]int{"S1 water": 12}},
		{"bottles, then cups on the same shelf, and cola on another", func(c *cabinet) {
			c.fill(c.fill(5000, 0, "water", 4, 300)+1500, 0, "cup", 5, 300)
			c.fill(12000, 1, "cola", 6, 400)
		}, map[string]int{"S1 water": 4, "S1 cup": 5, "S2 cola": 6}},
		{"two old cartons come out and five fresh ones go in", func(c *cabinet) {
			c.take(5000, 2, "milk", 2)
			c.fill(7000, 2, "milk", 5, 400)
		}, map[string]int{"S3 milk": 3}},
		{"eggs are taken home and crisps put in their place", func(c *cabinet) {
			c.take(5000, 2, "egg", 6)
			c.fill(8000, 2, "crisps", 4, 400)
		}, map[string]int{"S3 egg": -6, "S3 crisps": 4}},
		{"a hand leans on the shelf while bottles are put there", func(c *cabinet) {
			c.put(5000, 0, 1400)
			c.fill(6500, 0, "water", 3, 900)
			c.put(10500, 0, -1400)
		}, map[string]int{"S1 water": 3}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(20) {
				cab := newCabinet(seed, shelves())
				cab.noise = 0.3 + 0.035*float64(seed)
				c.do(cab)
				a := cab.feed(t, cab.samples()).Filled()
				if got := filledWith(a); !maps.Equal(got, c.want) || a.Decision != settle.Bill || len(a.Lines) != 0 {
					t.Fatalf("with seed %d: filled with %v, %s %v, want %v", seed, got, a.Decision, a.Faults, c.want)
				}
			}
		})
	}
}

func TestARefillTellsWhatLiesThereAfterwards(t *testing.T) {
	cab := newCabinet(1, shelves())
	cab.fill(5000, 0, "water", 3, 1000)
	levels := cab.feed(t, cab.samples()).Filled().Levels
	if l := levels[0]; l.Platform != "S1" || len(l.Units) != 3 || l.Units[2] != (settle.Line{SKU: "water", Qty: 9}) {
		t.Errorf("levels are %+v: want 9 bottles on S1", levels)
	}
}

func TestAWeightThatNoArticleHasIsNoUnit(t *testing.T) {
	cab := newCabinet(1, shelves())
	cab.put(6000, 1, 190)
	a := cab.feed(t, cab.samples()).Filled()
	if got := filledWith(a); len(got) != 0 || a.Decision != settle.Review || len(a.Faults) != 1 || a.Faults[0].Platform != "S2" {
		t.Errorf("filled with %v, %s %v: want a fault of S2", got, a.Decision, a.Faults)
	}
}

func TestARefillThatThePowerCutEndsIsTheDifferenceOfTheWeights(t *testing.T) {
	l := shelves()
	before, after := make([]settle.Sample, 3), make([]settle.Sample, 3)
	cab := newCabinet(1, l)
	for i := range l.Platforms {
		before[i] = settle.Sample{Weight: protocol.FromGrams(cab.base(i)), OK: true}
		after[i] = before[i]
	}
	after[0].Weight += protocol.FromGrams(4 * 571)
	if got := filledWith(settle.NetFilled(l, before, after, settle.Config{})); !maps.Equal(got, map[string]int{"S1 water": 4}) {
		t.Errorf("filled with %v, want four bottles", got)
	}
	after[2].OK = false
	if a := settle.NetFilled(l, before, after, settle.Config{}); a.Decision != settle.Review || len(filledWith(a)) != 1 {
		t.Errorf("with a scale that is silent: %+v", a)
	}
}
