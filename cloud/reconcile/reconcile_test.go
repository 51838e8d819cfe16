package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

func TestGoodsWithoutACounterpartHereWereMoved(t *testing.T) {
	shelves := []reconcile.Shelf{
		{Cabinet: "a", Platform: "S1", SKU: "1", Opening: 5, Closing: 3},
		{Cabinet: "b", Platform: "S1", SKU: "1", Closing: 2},
		{Cabinet: "a", Platform: "S2", SKU: "1", Closing: 1, Stray: true},
	}
	lines := reconcile.Book(shelves, []reconcile.Pile{
		{Cabinet: "a", Pile: "stock:a:S1", Unit: "sku:1", Amount: -3},
		{Cabinet: "a", Pile: "stray:a:S2", Unit: "sku:1", Amount: 1},
		{Cabinet: "a", Pile: "supplier:a", Unit: "sku:1", Amount: -1},
		{Cabinet: "a", Pile: "hold:north:a", Unit: ledger.Fen, Amount: 9},
	})
	if len(lines) != 2 {
		t.Fatalf("got %+v", lines)
	}
	a, b := lines[0], lines[1]
	if a.Check() != nil || a.Total(reconcile.Moved) != -2 || a.Total(reconcile.Misplaced) != -1 || a.Total(reconcile.Refilled) != 1 || a.Elsewhere != 1 {
		t.Errorf("from where they were taken: %+v", a)
	}
	if b.Check() != nil || b.Total(reconcile.Moved) != 2 {
		t.Errorf("to where they were brought: %+v", b)
	}
}

func TestALineThatDoesNotAddUpIsAFault(t *testing.T) {
	if (reconcile.Goods{Opening: 3, Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -1}, Closing: 3}).Check() == nil {
		t.Error("goods that do not add up are taken for well")
	}
	if (reconcile.Money{Billed: 400, Captured: 300}).Check() == nil {
		t.Error("money that does not add up is taken for well")
	}
}

func TestScalesDifferOnlyBeyondTheirBounds(t *testing.T) {
	for say, c := range map[string]struct {
		closing, qty, low, high, want int64
	}{
		"the likeliest number is the book's": {5, 5, 5, 5, 0},
		"the book lies within the bounds":    {6, 5, 5, 6, 0},
		"fewer than the book, beyond doubt":  {7, 5, 5, 6, -2},
		"more than the book, beyond doubt":   {3, 5, 4, 6, 2},
	} {
		g := reconcile.Goods{Closing: c.closing, Scales: &reconcile.Level{Qty: c.qty, Low: c.low, High: c.high}}
		if got := g.Diff(); got != c.want {
			t.Errorf("%s: %d, want %d", say, got, c.want)
		}
	}
}

func TestAnArticleThatDiffersEverywhereWeighsSomethingElse(t *testing.T) {
	line := func(cabinet protocol.CabinetID, diff int64) reconcile.Goods {
		at := time.Unix(0, 0)
		return reconcile.Goods{
			Cabinet: cabinet, SKU: "1", Closing: 10, Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -6},
			Scales: &reconcile.Level{Qty: 10 + diff, Low: 10 + diff, High: 10 + diff, At: at},
		}
	}
	for say, c := range map[string]struct {
		lines []reconcile.Goods
		want  reconcile.Cause
	}{
		"three cabinets lack some of it":              {[]reconcile.Goods{line("a", -1), line("b", -2), line("c", -1)}, reconcile.CauseWeight},
		"two cabinets do, which may be chance":        {[]reconcile.Goods{line("a", -1), line("b", -2)}, reconcile.CauseUnknown},
		"a fourth cabinet that sold it lacks nothing": {[]reconcile.Goods{line("a", -1), line("b", -2), line("c", -1), line("d", 0)}, reconcile.CauseUnknown},
	} {
		found := reconcile.Differences(c.lines, nil, map[protocol.SKU]protocol.Fen{"1": 100}, time.Unix(60, 0))
		if len(found) == 0 || found[0].Cause != c.want {
			t.Errorf("%s: %+v, want %s", say, found, c.want)
		}
		if found[0].Goods.Cabinet != "b" || found[0].Cost != -200 {
			t.Errorf("%s: the dearest comes first, got %s at %s", say, found[0].Goods.Cabinet, found[0].Cost)
		}
	}
}

func TestTaxIsTakenOutOfAPrice(t *testing.T) {
	for gross, want := range map[protocol.Fen]protocol.Fen{113: 100, 400: 354, 0: 0, -113: -100} {
		if got := reconcile.Net(gross, 13); got != want {
			t.Errorf("%s with 13 %% in it: %s, want %s", gross, got, want)
		}
	}
	if got := reconcile.Net(350, 0); got != 350 {
		t.Errorf("without tax: %s", got)
	}
}

func TestAFlowIsOneWord(t *testing.T) {
	for _, f := range []reconcile.Flow{{Way: reconcile.Sold}, {Way: reconcile.WrittenOff, Reason: "expired"}} {
		text, err := f.MarshalText()
		var back reconcile.Flow
		if err2 := back.UnmarshalText(text); err != nil || err2 != nil || back != f {
			t.Errorf("%+v became %s and %+v", f, text, back)
		}
	}
}

func TestWhatIsGivenBackLessensWhatWasEarned(t *testing.T) {
	articles := map[protocol.SKU]reconcile.Article{"1": {Cost: 100, VATPercent: 13}, "2": {Cost: 50}}
	sold := []reconcile.Sale{{Cabinet: "a", SKU: "1", Qty: 2, Gross: 452}, {Cabinet: "a", SKU: "2", Qty: 1, Gross: 100}}
	line := func(op byte, article protocol.SKU, amount, ruled protocol.Fen) reconcile.GivenBack {
		return reconcile.GivenBack{Op: protocol.UUID{op}, Cabinet: "a", Amount: amount, SKU: article, Ruled: ruled}
	}
	returned := func(units int64) []reconcile.Pile {
		return []reconcile.Pile{{Cabinet: "a", Pile: "sold:a", Unit: "sku:1", Amount: -units}, {Cabinet: "a", Pile: "sold:a", Unit: "sku:1", Amount: 2}, {Pile: "store:n:a", Unit: ledger.Fen, Amount: -5}}
	}
	for say, c := range map[string]struct {
		back  []reconcile.GivenBack
		piles []reconcile.Pile
		want  reconcile.Earned
	}{
		"nothing":                               {nil, nil, reconcile.Earned{Gross: 552, Net: 500, Cost: 250}},
		"a unit that came back on its shelf":    {[]reconcile.GivenBack{line(1, "1", 226, 226)}, returned(1), reconcile.Earned{Gross: 552, Net: 300, Cost: 150}},
		"money alone":                           {[]reconcile.GivenBack{line(1, "2", 30, 30)}, nil, reconcile.Earned{Gross: 552, Net: 470, Cost: 250}},
		"a part of what was ruled, of two":      {[]reconcile.GivenBack{line(1, "1", 163, 226), line(1, "2", 163, 100)}, nil, reconcile.Earned{Gross: 552, Net: 350, Cost: 250}},
		"two rulings":                           {[]reconcile.GivenBack{line(1, "2", 30, 30), line(2, "2", 20, 20)}, nil, reconcile.Earned{Gross: 552, Net: 450, Cost: 250}},
		"a ruling of nothing, and what it gave": {[]reconcile.GivenBack{line(1, "2", 7, 0)}, nil, reconcile.Earned{Gross: 552, Net: 493, Cost: 250}},
	} {
		divided := reconcile.Divide(c.back)
		got := reconcile.Earn(nil, slices.Concat(sold, divided, reconcile.Returned(c.piles)), articles)["a"]
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", say, got, c.want)
		}
		var gave, given protocol.Fen
		seen := map[protocol.UUID]bool{}
		for i, b := range c.back {
			if gave -= divided[i].Gross; !seen[b.Op] {
				given, seen[b.Op] = given+b.Amount, true
			}
		}
		if gave != given {
			t.Errorf("%s: %s were given back, %s are divided", say, given, gave)
		}
	}
}
