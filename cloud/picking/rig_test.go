package picking

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"allhours/protocol"
)

// steady is Poisson demand of so many units an hour.
type steady struct {
	rate  float64
	reach int
}

func (s steady) Hours() int { return s.reach }

func (s steady) Expected(hours int) float64 { return s.rate * float64(max(min(hours, s.reach), 0)) }

func (s steady) Quantile(p float64, hours int) int {
	n, chance := 0, math.Exp(-s.Expected(hours))
	for below := chance; below < p && n < 1000; below += chance {
		n++
		chance *= s.Expected(hours) / float64(n)
	}
	return n
}

func (s steady) SoldOut(stock, hours int) float64 {
	mean, below := s.Expected(hours), 0.0
	chance := math.Exp(-mean)
	for k := range max(stock, 0) {
		below += chance
		chance *= mean / float64(k+1)
	}
	return math.Max(1-below, 0)
}

func (s steady) Lost(stock, hours int) float64 {
	mean := s.Expected(hours)
	left, below, chance := mean, 0.0, math.Exp(-mean)
	for k := range max(stock, 0) {
		below += chance
		left -= 1 - below
		chance *= mean / float64(k+1)
	}
	return math.Max(left, 0)
}

// certain is demand of exactly one unit each so many hours.
type certain struct{ each int }

func (c certain) Hours() int                    { return 24 * 60 }
func (c certain) Expected(hours int) float64    { return float64(c.wanted(hours)) }
func (c certain) Quantile(_ float64, h int) int { return c.wanted(h) }
func (c certain) Lost(stock, hours int) float64 { return float64(max(c.wanted(hours)-stock, 0)) }
func (c certain) wanted(hours int) int          { return max(hours, 0) / c.each }
func (c certain) SoldOut(stock, h int) float64 {
	if c.wanted(h) >= stock {
		return 1
	}
	return 0
}

// draw is a source of cases; its seed is printed.
func draw(t *testing.T, seed uint64) *rand.Rand {
	t.Helper()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// tomorrow is a round in 10 hours whose next one is a day later; the store is shut from 22:00 to 7:00, and it is 20:00.
func tomorrow() When {
	return When{Visit: 10, After: 34, Nights: []Span{{2, 11}, {26, 35}}, Today: "2026-11-28", Rest: 4}
}

// someLane draws a lane.
func someLane(rng *rand.Rand, n int) Lane {
	l := Lane{
		SKU: protocol.SKU(fmt.Sprintf("%04d", n)), Category: []string{"water", "bread", "milk"}[rng.IntN(3)], Essential: rng.IntN(3) == 0,
		Leaving: rng.IntN(20) == 0, Book: rng.IntN(12) - 1, Case: []int{0, 6, 12}[rng.IntN(3)], Unit: protocol.Milligrams(50_000 + rng.IntN(900_000)),
		Price: 500, Cost: protocol.Fen(200 + rng.IntN(300)), Demand: steady{math.Min(math.Exp(rng.NormFloat64()*1.5-2.5), 1), 24 * 14},
	}
	if l.HasPar = rng.IntN(4) == 0; l.HasPar {
		l.Par = rng.IntN(15)
	}
	if rng.IntN(2) == 0 {
		l.Holds = 1 + rng.IntN(16)
	}
	if rng.IntN(2) == 0 {
		l.Life = 24 * (1 + rng.IntN(6))
		l.Lots = []Lot{{rng.IntN(3), "2026-11-27"}, {rng.IntN(3), "2026-11-28"}, {rng.IntN(4), "2026-11-30"}}
	}
	return l
}

// someCabinet draws a cabinet.
func someCabinet(rng *rand.Rand, n int) Cabinet {
	c := Cabinet{ID: protocol.CabinetID(fmt.Sprintf("c-%03d", n)), Minutes: 3 + rng.IntN(10), Totes: rng.IntN(3)}
	for i := range 1 + rng.IntN(4) {
		p := Platform{ID: protocol.PlatformID(fmt.Sprintf("S%d", i+1))}
		if rng.IntN(2) == 0 {
			p.Capacity = protocol.Milligrams(2_000_000 + rng.IntN(15_000_000))
		}
		for k := range 1 + rng.IntN(4) {
			p.Lanes = append(p.Lanes, someLane(rng, i*4+k))
		}
		c.Platforms = append(c.Platforms, p)
	}
	return c
}

// nightly is the usual policy of a chain whose rounds reach every cabinet.
func nightly() Policy {
	p := Usual()
	p.Days = 0
	return p
}
