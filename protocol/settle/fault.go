package settle

import (
	"math"
	"slices"
)

// Reasons why a platform is not trusted.
const (
	reasonSilent   = "silent"   // it did not answer when it mattered
	reasonStuck    = "stuck"    // it repeated one weight until the end, longer than its noise allows
	reasonOverload = "overload" // it carried more than it can weigh
	reasonWild     = "wild"     // it never came to rest
	reasonGap      = "gap"      // its readings have a hole while the door was open
	reasonObject   = "object"   // something foreign lies on it
)

const (
	maxGap   = 5000 // milliseconds that a channel may be without an answer while the door is open
	overload = 1.05 // of the capacity
)

// inspection is what is known of one channel when its trust is judged.
type inspection struct {
	answered     []reading
	found        []observation
	opened, shut int64
	division     float64
	old          bool // there were readings before these
	over         bool // it carried more than it can
	peers        peers
}

// fault names why the channel cannot be trusted, or "" where it can. What happened to a platform whose weight is the
// same before and after it is no fault.
func (c *inspection) fault() string {
	if len(c.answered) == 0 || len(c.found) == 0 {
		return reasonSilent
	}
	if !c.old && c.answered[0].at > c.opened || c.answered[len(c.answered)-1].at < c.shut {
		return reasonSilent
	}
	if c.stuck() {
		return reasonStuck
	}
	if c.over && c.touched() {
		return reasonOverload
	}
	last := c.found[len(c.found)-1]
	if last.soft || last.to < c.shut {
		return reasonWild
	}
	if c.gap() {
		return reasonGap
	}
	return ""
}

// touched reports whether the platform ever bore another weight at rest than before the door was opened.
func (c *inspection) touched() bool {
	base := c.levelBefore(c.opened)
	return slices.ContainsFunc(c.found, func(o observation) bool {
		return !o.soft && o.at > c.opened && differ(base, o.entry)
	})
}

// differ reports whether two levels cannot be one and the same.
func differ(a, b level) bool {
	return math.Abs(a.grams-b.grams) > 2+4*math.Sqrt(a.variance+b.variance)
}

// gap reports whether the weight changed across a hole while the door was open.
func (c *inspection) gap() bool {
	for i := 1; i < len(c.answered); i++ {
		from, to := c.answered[i-1].at, c.answered[i].at
		if to-from <= maxGap || to <= c.opened || from >= c.shut {
			continue
		}
		if differ(c.levelBefore(from), c.levelAfter(to)) {
			return true
		}
	}
	return false
}

func (c *inspection) levelBefore(at int64) level {
	out := c.found[0].exit
	for _, o := range c.found {
		if o.at <= at && !o.soft {
			out = o.exit
		}
	}
	return out
}

func (c *inspection) levelAfter(at int64) level {
	for _, o := range c.found {
		if o.to >= at && !o.soft {
			return o.entry
		}
	}
	return c.found[len(c.found)-1].exit
}

// overloaded reports whether a platform carried more than so many grams, 0 being unknown, for longer than a wild reading.
func overloaded(answered []reading, capacity float64) bool {
	over := 0
	for _, r := range answered {
		if capacity <= 0 || r.grams <= overload*capacity {
			over = 0
			continue
		}
		over++
		if over >= strayRun {
			return true
		}
	}
	return false
}
