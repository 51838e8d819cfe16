package practice_test

import (
	"math"
	"testing"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol/trace"
)

// mean of something over many visits of a family.
func mean(t *testing.T, family, layout string, f func(trace.Visit, practice.Truth) float64) float64 {
	t.Helper()
	const visits = 60
	sum := 0.0
	for seed := range uint64(visits) {
		v, truth := mustMake(t, family, layout, seed)
		sum += f(v, truth)
	}
	return sum / visits
}

func units(_ trace.Visit, truth practice.Truth) float64 {
	n := 0
	for _, l := range truth.Lines {
		n += l.Qty
	}
	return float64(n)
}

func mustBill(_ trace.Visit, truth practice.Truth) float64 {
	if truth.MustBill {
		return 1
	}
	return 0
}

func lost(v trace.Visit, _ practice.Truth) float64 {
	n, all := 0.0, 0.0
	for _, r := range v.Rows {
		for _, s := range r.Samples {
			all++
			if !s.OK {
				n++
			}
		}
	}
	return n / all
}

// noise is the standard deviation in grams of a platform's reading before the door opens, from neighbours.
func noise(v trace.Visit, _ practice.Truth) float64 {
	sum, n := 0.0, 0
	for i := 2; i < 18; i++ {
		for k := range v.Layout.Platforms {
			d := v.Rows[i].Samples[k].Weight.Grams() - v.Rows[i-1].Samples[k].Weight.Grams()
			sum += d * d / 2
			n++
		}
	}
	return math.Sqrt(sum / float64(n))
}

func seconds(v trace.Visit, _ practice.Truth) float64 {
	return float64(v.Rows[len(v.Rows)-1].At) / 1000
}

func TestHabitsAreAsMeasured(t *testing.T) {
	cases := []struct {
		name, family, layout string
		of                   func(trace.Visit, practice.Truth) float64
		from, to             float64
	}{
		{"everyday, about two and a half units are kept", "everyday", practice.Lanes, units, 1.9, 3.1},
		{"in a rush more is taken, often two at once", "rush", practice.Shelves, units, 5.2, 7.0},
		{"nothing is taken in browse", "browse", practice.Planned, units, 0, 0},
		{"two shoppers take twice as much as one", "two-shoppers", practice.Lanes, units, 6.8, 8.8},
		{"bulk comes for one article", "bulk", practice.Lanes, func(_ trace.Visit, r practice.Truth) float64 { return float64(len(r.Lines)) }, 1, 1},
		{"most objects are forgotten", "left-behind", practice.Shelves, mustBill, 0.25, 0.65},
		{"twins are nobody's fault", "twins", practice.Shelves, mustBill, 0, 0},
		{"a faulty line loses up to 15 % of its readings", "faults", practice.Planned, lost, 0.05, 0.10},
		{"a healthy line loses none", "everyday", practice.Planned, lost, 0, 0},
		{"lanes are quiet", "everyday", practice.Lanes, noise, 0.35, 0.5},
		{"shelves are three times as loud", "everyday", practice.Shelves, noise, 1.1, 1.5},
		{"a calm visit takes a quarter of a minute", "everyday", practice.Shelves, seconds, 15, 22},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := mean(t, c.family, c.layout, c.of); got < c.from || got > c.to {
				t.Errorf("want %v to %v, got %v", c.from, c.to, got)
			}
		})
	}
}
