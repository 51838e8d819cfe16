package practice

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// chance is a seeded sequence with the shapes that a visit needs.
type chance struct{ *rand.Rand }

// newChance begins the sequence of a seed and what it is for.
func newChance(seed uint64, purpose string) chance {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return chance{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

func (c chance) in(s span) float64 { return s.from + (s.to-s.from)*c.Float64() }

func (c chance) happens(share float64) bool { return c.Float64() < share }

// between draws a whole number, both ends included.
func (c chance) between(least, most int) int { return least + c.IntN(most-least+1) }

// weighted draws an index by its weight.
func (c chance) weighted(weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := c.Float64() * total
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// sign is 1 with the given share and -1 otherwise.
func (c chance) sign(share float64) float64 {
	if c.happens(share) {
		return 1
	}
	return -1
}

func (c chance) logNormal(median, spread float64) float64 {
	return median * math.Exp(spread*c.NormFloat64())
}
