package physics

import "math"

// mix is the finaliser of splitmix64: it turns a counter into well spread bits, so that noise can be a function of
// (seed, index) and needs no state.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// uniform gives a number in (0, 1) for each pair of seed and index.
func uniform(seed uint64, index int64) float64 {
	return (float64(mix(seed^mix(uint64(index)))>>11) + 0.5) / (1 << 53)
}

// gauss gives a standard normal number for each pair of seed and index (Box and Muller).
func gauss(seed uint64, index int64) float64 {
	u := uniform(seed, index)
	v := uniform(^seed, index)
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// chance is a seeded sequence for things that happen one after the other.
type chance struct {
	seed uint64
	n    int64
}

func (c *chance) uniform() float64 {
	c.n++
	return uniform(c.seed, c.n)
}

func (c *chance) gauss() float64 {
	c.n++
	return gauss(c.seed, c.n)
}

// between draws from [lo, hi).
func (c *chance) between(lo, hi float64) float64 { return lo + (hi-lo)*c.uniform() }
