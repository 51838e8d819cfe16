package settle_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// shelves is a layout whose goods stand well apart from each other.
func shelves() settle.Layout {
	good := func(unit, sd float64) settle.Good {
		return settle.Good{Unit: protocol.FromGrams(unit), SD: protocol.FromGrams(sd)}
	}
	shelf := func(id protocol.PlatformID, skus ...protocol.SKU) settle.Platform {
		p := settle.Platform{ID: id, Capacity: 40_000_000, Division: 1000, Book: map[protocol.SKU]int{}}
		for _, sku := range skus {
			p.Book[sku] = 6
		}
		return p
	}
	return settle.Layout{
		Platforms: []settle.Platform{
			shelf("S1", "water", "cup", "gum"),
			shelf("S2", "cola", "noodles"),
			shelf("S3", "milk", "crisps", "egg"),
		},
		Goods: map[protocol.SKU]settle.Good{
			"water": good(571, 2.6), "cup": good(145, 1.2), "gum": good(31, 0.5),
			"cola": good(352, 1.6), "noodles": good(112, 1.5),
			"milk": good(1042, 3.5), "crisps": good(84, 1.6), "egg": good(295, 2),
		},
	}
}

// move is something that a test's shopper does.
type move struct {
	at       int64
	platform int
	grams    float64
}

// cabinet makes the readings of a visit: noise, a platform that swings in after each move, and slams of the door.
type cabinet struct {
	layout settle.Layout
	random *rand.Rand
	noise  float64 // grams
	period int64   // milliseconds between readings
	moves  []move
	opened int64
	shut   int64
	end    int64
}

func newCabinet(seed uint64, l settle.Layout) *cabinet {
	return &cabinet{layout: l, random: rand.New(rand.NewPCG(seed, 7)), noise: 0.8, period: 100, opened: 3000, shut: 20000, end: 24000}
}

// unit is the weight of one unit with its own spread.
func (c *cabinet) unit(sku protocol.SKU) float64 {
	g := c.layout.Goods[sku]
	return g.Unit.Grams() + g.SD.Grams()*max(-2.5, min(2.5, c.random.NormFloat64()))
}

// take plans that qty units leave a platform at the moment, and returns their weight.
func (c *cabinet) take(at int64, platform int, sku protocol.SKU, qty int) float64 {
	var sum float64
	for range qty {
		sum += c.unit(sku)
	}
	c.put(at, platform, -sum)
	return sum
}

// put plans a change of weight in grams.
func (c *cabinet) put(at int64, platform int, grams float64) {
	c.moves = append(c.moves, move{at, platform, grams})
}

// base is what lies on a platform before the visit.
func (c *cabinet) base(platform int) float64 {
	var sum float64
	for sku, n := range c.layout.Platforms[platform].Book {
		sum += float64(n) * c.layout.Goods[sku].Unit.Grams()
	}
	return sum
}

// weight is what a platform's scale shows.
func (c *cabinet) weight(platform int, at int64) float64 {
	g := c.base(platform)
	for _, m := range c.moves {
		if m.platform != platform || at < m.at {
			continue
		}
		since := float64(at - m.at)
		g += m.grams * (1 - math.Exp(-since/70)*math.Cos(since/40))
	}
	for _, slam := range []int64{c.opened, c.shut} {
		if at >= slam {
			g += 12 * math.Exp(-float64(at-slam)/200) * math.Sin(float64(at-slam)/25)
		}
	}
	return math.Round(g + c.noise*c.random.NormFloat64())
}

// sample is one reading with its place and time.
type sample struct {
	at       int64
	platform int
	settle.Sample
}

func (c *cabinet) samples() []sample {
	var out []sample
	for at := int64(100); at < c.end; at += c.period {
		for i := range c.layout.Platforms {
			out = append(out, sample{at, i, settle.Sample{Weight: protocol.FromGrams(c.weight(i, at)), OK: true}})
		}
	}
	return out
}

// feed plays door and samples into a new engine.
func (c *cabinet) feed(t *testing.T, samples []sample) *settle.Visit {
	t.Helper()
	v, err := settle.New(c.layout, settle.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v.Door(0, false)
	v.Door(c.opened, true)
	for _, s := range samples {
		v.Read(s.at, s.platform, s.Sample)
	}
	v.Door(c.shut, false)
	return v
}

func (c *cabinet) decide(t *testing.T) settle.Answer {
	t.Helper()
	return c.feed(t, c.samples()).Decide()
}

func lines(pairs ...any) []settle.Line {
	out := []settle.Line{}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, settle.Line{SKU: protocol.SKU(pairs[i].(string)), Qty: pairs[i+1].(int)})
	}
	return out
}

func wantBill(t *testing.T, a settle.Answer, want []settle.Line) {
	t.Helper()
	if a.Decision != settle.Bill || !slices.Equal(a.Lines, want) {
		t.Errorf("want a bill of %v, got %s of %v with confidence %.4f, faults %v, why %+v", want, a.Decision, a.Lines, a.Confidence, a.Faults, a.Why)
	}
}

func wantReview(t *testing.T, a settle.Answer) {
	t.Helper()
	if a.Decision != settle.Review {
		t.Errorf("want a review, got a bill of %v with confidence %.4f", a.Lines, a.Confidence)
	}
}
