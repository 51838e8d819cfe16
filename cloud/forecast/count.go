package forecast

import "math"

// many is the mean from which a count is treated as a normal number.
const many = 300

// count is a number of units that is not known yet: a negative binomial distribution, or Poisson's where the variance is no
// more than the mean.
type count struct {
	mean, variance float64
}

// walk calls step with each possible count and its probability, from 0 on, until step has had enough.
func (c count) walk(step func(units int, chance float64) bool) {
	over := math.Max(c.variance/c.mean-1, 0)
	var chance, odds, size float64
	if over < 1e-6 {
		chance = math.Exp(-c.mean)
	} else {
		size, odds = c.mean/over, over/(1+over)
		chance = math.Exp(-size * math.Log1p(over))
	}
	for x := 0; step(x, chance); x++ {
		if over < 1e-6 {
			chance *= c.mean / float64(x+1)
		} else {
			chance *= (size + float64(x)) / float64(x+1) * odds
		}
	}
}

// below is the probability of fewer than so many units.
func (c count) below(units int) float64 {
	switch {
	case units <= 0:
		return 0
	case c.mean <= 0:
		return 1
	case c.mean > many:
		return normal((float64(units) - 0.5 - c.mean) / math.Sqrt(c.variance))
	}
	sum := 0.0
	c.walk(func(x int, chance float64) bool {
		sum += chance
		return x+1 < units
	})
	return math.Min(sum, 1)
}

// quantile is the smallest number of units that is not exceeded with probability p.
func (c count) quantile(p float64) int {
	if c.mean <= 0 {
		return 0
	}
	if c.mean > many {
		z := math.Sqrt2 * math.Erfinv(2*p-1)
		return max(0, int(math.Ceil(c.mean+z*math.Sqrt(c.variance)-0.5)))
	}
	units, sum, most := 0, 0.0, int(c.mean+40*math.Sqrt(c.variance))+40
	c.walk(func(x int, chance float64) bool {
		units, sum = x, sum+chance
		return sum < p && x < most
	})
	return units
}

// beyond is the expected number of units above so many.
func (c count) beyond(units int) float64 {
	if c.mean <= 0 || units <= 0 {
		return math.Max(c.mean, 0)
	}
	if c.mean > many {
		sd := math.Sqrt(c.variance)
		z := (float64(units) - c.mean) / sd
		return min(math.Max(sd*(math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)-z*(1-normal(z))), 0), c.mean)
	}
	left, sum := c.mean, 0.0
	c.walk(func(x int, chance float64) bool {
		sum += chance
		left -= 1 - sum // More than x are wanted.
		return x+1 < units
	})
	return math.Max(left, 0)
}

func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }
