package weigh_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

var (
	shelfScale = weigh.Scale{Capacity: 40_000_000, Division: 1000}
	someGoods  = map[protocol.SKU]settle.Good{
		"water": {Unit: 571_000, SD: 2600}, "noodles": {Unit: 120_000, SD: 1000}, "milk": {Unit: 1_030_000, SD: 4000},
		"tea": {Unit: 570_000, SD: 2600},
	}
)

func TestTheScaleCountsWhatTheBookMayBeWrongAbout(t *testing.T) {
	cases := []struct {
		name  string
		book  []settle.Line
		scale weigh.Scale
		grams float64
		want  []int
		sure  bool
	}{
		{"a book that is right", []settle.Line{{SKU: "water", Qty: 9}}, shelfScale, 9 * 571, []int{9}, true},
		{"a bottle that is missing", []settle.Line{{SKU: "water", Qty: 9}}, shelfScale, 8*571 + 3, []int{8}, true},
		{"an empty shelf", []settle.Line{{SKU: "water", Qty: 30}}, shelfScale, 1, []int{0}, true},
		{"a crate that nobody booked", []settle.Line{{SKU: "water", Qty: 0}}, shelfScale, 24 * 571, []int{24}, true},
		{"one pack too many beside water", []settle.Line{{SKU: "water", Qty: 9}, {SKU: "noodles", Qty: 12}}, shelfScale, 9*571 + 13*120, []int{9, 13}, true},
		{"two goods that weigh the same", []settle.Line{{SKU: "water", Qty: 5}, {SKU: "tea", Qty: 5}}, shelfScale, 4*571 + 5*570, nil, false},
		{"a brick", []settle.Line{{SKU: "water", Qty: 2}}, shelfScale, 2*571 + 300, nil, false},
		{"a zero that wandered by a third of a pack", []settle.Line{{SKU: "noodles", Qty: 40}}, weigh.Scale{Capacity: 40_000_000, Zero: 40_000}, 40*120 + 40, []int{40}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := weigh.Count(c.scale, protocol.FromGrams(c.grams), c.book, someGoods)
			if sure := got.Confidence > 0.8; sure != c.sure {
				t.Errorf("%+v: want it sure: %v", got, c.sure)
			}
			for i, qty := range c.want {
				if u := got.Units[i]; u.Qty != qty || u.Low > qty || u.High < qty || u.SKU != c.book[i].SKU {
					t.Errorf("%+v: want %d", u, qty)
				}
			}
		})
	}
}

// shelfOf draws a platform, its book and how far that is wrong.
func shelfOf(chance *rand.Rand) (book, truth []settle.Line, goods map[protocol.SKU]settle.Good) {
	goods = map[protocol.SKU]settle.Good{}
	for i := range 1 + chance.IntN(6) {
		sku := protocol.SKU(fmt.Sprint(i))
		unit := 60 + 900*chance.Float64()
		goods[sku] = settle.Good{Unit: protocol.FromGrams(unit), SD: protocol.FromGrams(unit * (0.003 + 0.007*chance.Float64()))}
		qty := chance.IntN(12)
		book = append(book, settle.Line{SKU: sku, Qty: qty})
		if chance.Float64() < 0.03 {
			off := 1
			for chance.Float64() < 0.5 {
				off++
			}
			qty = max(qty+off*(1-2*chance.IntN(2)), 0)
		}
		truth = append(truth, settle.Line{SKU: sku, Qty: qty})
	}
	return book, truth, goods
}

// weightOf is what the scale shows of the goods, in grams: each unit, each mean and the scale itself are a little off.
func weightOf(chance *rand.Rand, truth []settle.Line, goods map[protocol.SKU]settle.Good) float64 {
	grams := 2 * chance.NormFloat64()
	for _, l := range truth {
		g := goods[l.SKU]
		mean := g.Unit.Grams() * (1 + 0.0015*chance.NormFloat64())
		grams += mean*float64(l.Qty) + g.SD.Grams()*math.Sqrt(float64(l.Qty))*chance.NormFloat64()
	}
	return grams * (1 + 0.0001*chance.NormFloat64())
}

func TestACountIsRightAsOftenAsItSays(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 8))
	const shelves = 2000
	var said, right, within, articles, changed, found float64
	for range shelves {
		book, truth, goods := shelfOf(chance)
		c := weigh.Count(shelfScale, protocol.FromGrams(weightOf(chance, truth, goods)), book, goods)
		said += c.Confidence
		whole, wrong := true, false
		for i, u := range c.Units {
			articles++
			whole = whole && u.Qty == truth[i].Qty
			wrong = wrong || book[i].Qty != truth[i].Qty
			if u.Low <= truth[i].Qty && truth[i].Qty <= u.High {
				within++
			}
		}
		right += asNumber(whole)
		changed += asNumber(wrong)
		found += asNumber(wrong && whole)
	}
	t.Logf("said %.3f, right %.3f, within the bounds %.3f; of wrong books %.2f found", said/shelves, right/shelves, within/articles, found/changed)
	if math.Abs(said-right) > 0.02*shelves || within < 0.95*articles {
		t.Errorf("said to be right in %.3f, right in %.3f; within the bounds %.3f: want 0.95", said/shelves, right/shelves, within/articles)
	}
	if found < 0.7*changed {
		t.Errorf("%.0f of %.0f wrong books were found", found, changed)
	}
}

func asNumber(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func BenchmarkCount(b *testing.B) {
	chance := rand.New(rand.NewPCG(1, 9))
	var book []settle.Line
	goods := map[protocol.SKU]settle.Good{}
	for i := range 10 {
		sku := protocol.SKU(fmt.Sprint(i))
		goods[sku] = settle.Good{Unit: protocol.FromGrams(100 + 500*chance.Float64()), SD: 2000}
		book = append(book, settle.Line{SKU: sku, Qty: 6})
	}
	var c wire.Count
	for b.Loop() {
		c = weigh.Count(shelfScale, 20_000_000, book, goods)
	}
	_ = c
}
