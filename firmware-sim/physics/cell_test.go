package physics_test

import (
	"math"
	"testing"
	"time"

	"allhours/firmware-sim/physics"
)

func night() time.Time { return time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC) }

func ordinary(load float64) *physics.Cell {
	return physics.NewCell(physics.OrdinaryCell(40000, 3), 3, load)
}

// shown is what a filter of four conversions makes of the cell at a time.
func shown(c *physics.Cell, at time.Time) float64 {
	sum, k := 0.0, physics.ConversionAt(at)
	for i := range int64(4) {
		sum += c.Conversion(k - i)
	}
	return sum / 4
}

func TestTheNoiseAfterTheFilterIsThatOfARealTransmitter(t *testing.T) {
	c := ordinary(10000)
	const n = 2000
	sum, squares := 0.0, 0.0
	for i := range n {
		g := shown(c, night().Add(time.Duration(i)*100*time.Millisecond)) // apart, so that windows do not overlap
		sum, squares = sum+g, squares+g*g
	}
	sd := math.Sqrt(squares/n - (sum/n)*(sum/n))
	if sd < 0.3 || sd > 1 {
		t.Fatalf("standard deviation %.2f g, want 0.3 to 1", sd)
	}
}

func TestTheSameMomentReadsTheSameHoweverOftenItIsAsked(t *testing.T) {
	a, b := ordinary(5000), ordinary(5000)
	for i := range int64(200) { // b is asked for other moments in between
		b.Conversion(i * 7919)
	}
	k := physics.ConversionAt(night())
	if x, y := a.Conversion(k), b.Conversion(k); x != y {
		t.Fatalf("%v and %v", x, y)
	}
}

func TestATakenBottleIsCalmAfterLessThanHalfASecond(t *testing.T) {
	c := ordinary(10000)
	before := shown(c, night())
	c.Add(night(), 100*time.Millisecond, -571)
	calm := night().Add(500 * time.Millisecond)
	for i := range 40 {
		at := calm.Add(time.Duration(i) * 25 * time.Millisecond)
		if got := shown(c, at) - before; math.Abs(got+571) > 3 {
			t.Fatalf("%v after the hand left %.1f g are missing, want 571", at.Sub(night()), -got)
		}
	}
}

func TestAHandLeavesNothingBehind(t *testing.T) {
	c := ordinary(10000)
	before := shown(c, night())
	c.Press(night(), 300*time.Millisecond, 400)
	if got := shown(c, night().Add(200*time.Millisecond)); got < before+100 {
		t.Fatalf("a hand of 400 g was not felt: %.1f g more", got-before)
	}
	if got := shown(c, night().Add(time.Second)); math.Abs(got-before) > 3 {
		t.Fatalf("the hand left %.1f g behind", got-before)
	}
}

func TestDriftIsSlow(t *testing.T) {
	c := ordinary(10000)
	for hour := range 24 {
		at := night().Add(time.Duration(hour) * time.Hour)
		if moved := math.Abs(shown(c, at.Add(30*time.Second)) - shown(c, at)); moved > 4 {
			t.Fatalf("hour %d: %.1f g in half a minute", hour, moved)
		}
	}
}

func TestCreepFollowsALoadForMinutes(t *testing.T) {
	spec := physics.CellSpec{CreepShare: 0.001, CreepTime: 2 * time.Minute}
	c := physics.NewCell(spec, 1, 0)
	c.Add(night(), 0, 10000)
	cases := []struct {
		after time.Duration
		want  float64
	}{{time.Second, 10000}, {2 * time.Minute, 10006.3}, {20 * time.Minute, 10010}}
	for _, k := range cases {
		if got := c.Conversion(physics.ConversionAt(night().Add(k.after))); math.Abs(got-k.want) > 0.2 {
			t.Fatalf("%v after loading 10 kg: %.1f g, want %.1f", k.after, got, k.want)
		}
	}
}

func TestALongLifeDoesNotChangeALoad(t *testing.T) {
	c := physics.NewCell(physics.CellSpec{}, 1, 1000)
	at := night()
	for range 5000 {
		c.Add(at, 100*time.Millisecond, -10)
		c.Add(at.Add(time.Second), 100*time.Millisecond, 10)
		at = at.Add(3 * time.Second)
	}
	if got := c.LoadG(at); math.Abs(got-1000) > 1e-6 {
		t.Fatalf("%v g, want 1000", got)
	}
}
