package settle_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// randomVisit is a visit that takes, and sometimes puts back, at random.
func randomVisit(seed uint64) *cabinet {
	c := newCabinet(seed, shelves())
	at := int64(5000)
	for range 1 + c.random.IntN(4) {
		p := c.random.IntN(len(c.layout.Platforms))
		skus := make([]protocol.SKU, 0, 4)
		for sku := range c.layout.Platforms[p].Book {
			skus = append(skus, sku)
		}
		slices.Sort(skus)
		w := c.take(at, p, skus[c.random.IntN(len(skus))], 1+c.random.IntN(2))
		at += 900 + c.random.Int64N(2000)
		if c.random.IntN(4) == 0 {
			c.put(at, p, w)
			at += 900 + c.random.Int64N(2000)
		}
	}
	return c
}

func TestTheBillWeighsWhatIsGone(t *testing.T) {
	bills := 0
	for seed := range uint64(60) {
		c := randomVisit(seed)
		a := c.decide(t)
		if a.Decision != settle.Bill {
			continue
		}
		bills++
		var gone, billed, variance float64
		for i, l := range a.Levels {
			gone += c.base(i) - l.Weight.Grams()
		}
		for _, l := range a.Lines {
			g := c.layout.Goods[l.SKU]
			billed += float64(l.Qty) * g.Unit.Grams()
			variance += float64(l.Qty) * g.SD.Grams() * g.SD.Grams()
		}
		if off := math.Abs(gone - billed); off > 4+5*math.Sqrt(variance) {
			t.Errorf("seed %d: %.1f g are gone, %v were billed, which weigh %.1f g", seed, gone, a.Lines, billed)
		}
	}
	if bills < 50 {
		t.Errorf("want nearly every visit billed, got %d of 60", bills)
	}
}

func TestTheOrderOfPlatformsIsIrrelevant(t *testing.T) {
	for seed := range uint64(20) {
		c := randomVisit(seed)
		samples := c.samples()
		want := c.feed(t, samples).Decide()
		order := c.random.Perm(len(c.layout.Platforms))
		turned := *c
		turned.layout.Platforms = nil
		place := make([]int, len(order))
		for now, before := range order {
			turned.layout.Platforms = append(turned.layout.Platforms, c.layout.Platforms[before])
			place[before] = now
		}
		moved := slices.Clone(samples)
		for i := range moved {
			moved[i].platform = place[moved[i].platform]
		}
		got := turned.feed(t, moved).Decide()
		if got.Decision != want.Decision || !slices.Equal(got.Lines, want.Lines) || got.Confidence != want.Confidence || !reflect.DeepEqual(got.Why, want.Why) {
			t.Errorf("seed %d, order %v: want %s of %v (%.4f), got %s of %v (%.4f)", seed, order,
				want.Decision, want.Lines, want.Confidence, got.Decision, got.Lines, got.Confidence)
		}
	}
}

func TestTheSameReadingsGiveTheSameAnswerHoweverTheyCome(t *testing.T) {
	c := randomVisit(11)
	samples := c.samples()
	want := c.feed(t, samples).Decide()
	shuffled := func(r *rand.Rand) []sample {
		late := make(map[int]int64, len(samples))
		for i, s := range samples {
			late[i] = s.at + r.Int64N(900)
		}
		index := make([]int, len(samples))
		for i := range index {
			index[i] = i
		}
		slices.SortStableFunc(index, func(a, b int) int { return cmp.Compare(late[a], late[b]) })
		out := make([]sample, len(samples))
		for i, k := range index {
			out[i] = samples[k]
		}
		return out
	}
	byChannel := slices.Clone(samples)
	slices.SortStableFunc(byChannel, func(a, b sample) int { return cmp.Compare(a.platform, b.platform) })
	cases := map[string][]sample{
		"one channel after the other": byChannel,
		"a little out of order":       shuffled(c.random),
		"each reading twice":          append(slices.Clone(samples), samples[len(samples)-40:]...),
	}
	for name, fed := range cases {
		if got := c.feed(t, fed).Decide(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: want %+v, got %+v", name, want, got)
		}
	}
	v := c.feed(t, samples)
	v.Basket()
	v.Steps()
	v.Calm(c.end)
	if first, again := v.Decide(), v.Decide(); !reflect.DeepEqual(first, want) || !reflect.DeepEqual(again, want) {
		t.Error("looking at a visit changed its answer")
	}
}

func TestEveryChannelHasItsOwnTimesAndRate(t *testing.T) {
	for _, period := range []int64{20, 50, 100, 200, 500} {
		c := newCabinet(5, shelves())
		c.period = period
		c.take(6000, 0, "water", 1)
		c.take(9000, 1, "cola", 2)
		samples := c.samples()
		for i := range samples {
			samples[i].at += int64(samples[i].platform) * period / 3
		}
		wantBill(t, c.feed(t, samples).Decide(), lines("cola", 2, "water", 1))
	}
}

func TestStockIsNeverNegative(t *testing.T) {
	l := shelves()
	l.Platforms[0].Book = map[protocol.SKU]int{"water": 1, "cup": 0}
	c := newCabinet(2, l)
	c.put(6000, 0, -571)
	c.put(8000, 0, -571)
	c.put(10000, 0, -145)
	a := c.decide(t)
	wantReview(t, a)
	for _, level := range a.Levels {
		for _, u := range level.Units {
			if u.Qty < 0 {
				t.Errorf("%s: %d units of %s", level.Platform, u.Qty, u.SKU)
			}
		}
	}
}

func TestABookThatIsWrongByOneNeverMakesANeighbourPay(t *testing.T) {
	l := shelves()
	l.Goods["tea"] = settle.Good{Unit: protocol.FromGrams(560), SD: protocol.FromGrams(2.6)}
	l.Platforms[0].Book = map[protocol.SKU]int{"water": 1, "tea": 4}
	c := newCabinet(2, l)
	c.put(6000, 0, -571)
	c.put(9000, 0, -571) // the second bottle, of which the book knows nothing
	wantReview(t, c.decide(t))
}

func TestManyUnitsOfOneArticle(t *testing.T) {
	l := shelves()
	l.Platforms[0].Book["gum"] = 300
	c := newCabinet(2, l)
	c.shut, c.end = 60_000, 64_000
	for i := range int64(25) {
		c.take(5000+2000*i, 0, "gum", 6)
	}
	if a := c.decide(t); len(a.Lines) != 1 || a.Lines[0].SKU != "gum" || a.Lines[0].Qty < 140 {
		t.Errorf("want some 150 gums, got %v", a.Lines)
	}
}

func TestWhatWasPutElsewhereIsNotCharged(t *testing.T) {
	c := newCabinet(4, shelves())
	c.take(6000, 0, "water", 1)
	c.put(10000, 2, c.take(8000, 1, "cola", 1))
	a := c.decide(t)
	wantBill(t, a, lines("water", 1))
	want := []settle.Stray{{Platform: "S3", SKU: "cola", Qty: 1}}
	if !slices.Equal(a.Strays, want) {
		t.Errorf("want strays %v, got %v", want, a.Strays)
	}
	home := c.layout.Platforms[1]
	for _, u := range a.Levels[1].Units {
		if left := home.Book["cola"] - 1; u.SKU == "cola" && u.Qty != left {
			t.Errorf("%s: %d cola are left where it belongs: want %d", home.ID, u.Qty, left)
		}
	}
}

func TestWhatCameBackChangedGoesToAHuman(t *testing.T) {
	for name, share := range map[string]float64{"emptied in part": 0.6, "swapped for something a little lighter": 0.985, "swapped for something heavier": 1.02} {
		t.Run(name, func(t *testing.T) {
			c := newCabinet(4, shelves())
			c.put(9000, 2, share*c.take(6000, 2, "milk", 1))
			wantReview(t, c.decide(t))
		})
	}
}

func TestAnExplanationTellsItsSteps(t *testing.T) {
	c := newCabinet(4, shelves())
	c.take(6000, 0, "water", 1)
	c.put(9000, 2, -190)
	a := c.decide(t)
	wantReview(t, a)
	if len(a.Why) == 0 || len(a.Why[0].Steps) != 2 {
		t.Fatalf("want two steps told, got %+v", a.Why)
	}
	first, second := a.Why[0].Steps[0], a.Why[0].Steps[1]
	if first.Platform != "S1" || first.SKU != "water" || first.Qty != -1 || first.At < 6000 || first.At > 7000 {
		t.Errorf("want one water from S1 soon after 6 s, got %+v", first)
	}
	if second.Platform != "S3" || second.SKU != "" || math.Abs(second.Delta.Grams()+190) > 3 {
		t.Errorf("want 190 g from S3 that nothing explains, got %+v", second)
	}
	var sum float64
	for _, why := range a.Why {
		sum += why.Probability
	}
	if sum > 1.0001 || a.Why[0].Probability < 0.5 {
		t.Errorf("probabilities do not add up: %+v", a.Why)
	}
}

func TestAPlatformWithoutGoodsIsWatchedToo(t *testing.T) {
	l := shelves()
	l.Platforms = append(l.Platforms, settle.Platform{ID: "S4", Division: 1000})
	c := newCabinet(6, l)
	c.take(6000, 0, "water", 1)
	wantBill(t, c.decide(t), lines("water", 1))
	c.put(8000, 3, 230)
	a := c.decide(t)
	wantReview(t, a)
	if len(a.Faults) != 1 || a.Faults[0] != (settle.Fault{Platform: "S4", Reason: "object"}) {
		t.Errorf("want an object on S4, got %v", a.Faults)
	}
}

func TestADoorThatStaysOpenForHours(t *testing.T) {
	c := newCabinet(6, shelves())
	c.shut, c.end = 3_600_000, 3_604_000
	c.take(60_000, 0, "water", 1)
	c.take(3_500_000, 1, "cola", 1)
	wantBill(t, c.decide(t), lines("cola", 1, "water", 1))
}

func TestEachStepTellsHowSureItIs(t *testing.T) {
	l := shelves()
	l.Goods["tea"] = settle.Good{Unit: protocol.FromGrams(569), SD: protocol.FromGrams(2.6)}
	l.Platforms[0].Book = map[protocol.SKU]int{"water": 6, "tea": 6}
	c := newCabinet(4, l)
	c.put(6000, 0, -570.2) // as likely one as the other
	c.take(9000, 1, "cola", 1)
	a := c.decide(t)
	wantReview(t, a)
	steps := a.Why[0].Steps
	if len(steps) != 2 || steps[0].What != settle.Taken || steps[0].Probability > 0.8 || steps[1].Probability < 0.99 {
		t.Errorf("want a doubtful bottle and a certain cola, got %+v", steps)
	}
	if sum := a.Why[0].Steps[0].Probability + a.Why[1].Steps[0].Probability; sum > 1.0001 || sum < 0.95 {
		t.Errorf("the two stories of the bottle add up to %.4f", sum)
	}
}
