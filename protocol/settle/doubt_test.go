package settle_test

import (
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// withTea is the layout with tea beside the water, lighter by so many grams, and so many bottles of water in the book.
func withTea(lighter float64, water int) settle.Layout {
	l := shelves()
	l.Goods["tea"] = settle.Good{Unit: protocol.FromGrams(571 - lighter), SD: protocol.FromGrams(2.6)}
	l.Platforms[0].Book = map[protocol.SKU]int{"water": water, "tea": 6}
	return l
}

func TestDoubtIsNotCrowdedOutByWhatLooksTheSame(t *testing.T) {
	for n := range 10 {
		l := withTea(4, 6)
		l.Goods["cola"] = settle.Good{Unit: protocol.FromGrams(352), SD: protocol.FromGrams(0.1)}
		l.Platforms[1].Book["cola"] = 12
		c := newCabinet(uint64(n), l)
		c.shut, c.end = 60_000, 64_000
		c.put(6000, 0, -569) // as likely water as tea
		at := int64(9000)
		var cans []float64
		for range n {
			cans = append(cans, c.take(at, 1, "cola", 1))
			at += 2500
		}
		for _, can := range cans {
			c.put(at, 1, can)
			at += 2500
		}
		if a := c.decide(t); a.Decision != settle.Review {
			t.Errorf("%d cans taken and put back: billed %v with confidence %.4f", n, a.Lines, a.Confidence)
		}
	}
}

func TestAWeightThatTheBookNeverKnewIsNoSale(t *testing.T) {
	for _, grams := range []float64{349, 352, 356} { // a can of cola weighs 352 g
		c := newCabinet(1, shelves())
		c.put(-100_000, 1, grams)
		c.put(6000, 1, -grams)
		wantReview(t, c.decide(t))
	}
}

func TestUnitsThatTheBookNeverKnewAreNotTheNeighbours(t *testing.T) {
	for _, lighter := range []float64{2, 4, 6} {
		for qty := range 2 {
			c := newCabinet(1, withTea(lighter, 0))
			bottles := c.take(6000, 0, "water", qty+1)
			c.put(-100_000, 0, bottles) // they lie there all the same
			wantReview(t, c.decide(t))
		}
	}
}

func TestACoarseScaleMayRestOnOneValue(t *testing.T) {
	for _, division := range []float64{2, 5, 20} {
		l := shelves()
		l.Platforms[2].Division = protocol.FromGrams(division)
		c := newCabinet(3, l)
		c.take(6000, 0, "water", 1)
		samples := c.samples()
		for i := range samples {
			if samples[i].platform == 2 {
				samples[i].Weight = 8_520_000
			}
		}
		wantBill(t, c.feed(t, samples).Decide(), lines("water", 1))
	}
}

func TestADeadScaleIsNotWaitedFor(t *testing.T) {
	c := newCabinet(3, shelves())
	v, err := settle.New(c.layout, settle.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v.Door(c.opened, true)
	v.Door(c.shut, false)
	for _, s := range c.samples() {
		s.OK = s.platform != 2
		v.Read(s.at, s.platform, s.Sample)
		if s.at > c.shut && v.Calm(s.at) {
			if waited := s.at - c.shut; waited > 2200 {
				t.Errorf("waited %d ms for a scale that never answered", waited)
			}
			return
		}
	}
	t.Error("never calm")
}
