package settle

import "math"

const (
	stuckLog   = -40.0 // log-probability below which a run of equal readings is no chance
	stuckLeast = 8     // readings
	slamMS     = 600   // a slam of the door shows for so long
	slamSteps  = 3.0   // divisions by which it moves a scale at least
)

// stuck reports whether the channel ends with a run of equal readings that is no chance: it began before the door was
// shut, and the slam, which the same scale felt when the door was opened, does not show; or it is too long for how often
// neighbours are equal otherwise. Such a scale may not have seen what was taken last.
func (c *inspection) stuck() bool {
	n := len(c.answered)
	first := n - 1
	for first > 0 && c.answered[first-1].grams == c.answered[n-1].grams {
		first--
	}
	run := n - 1 - first
	if run < stuckLeast || c.answered[first].at > c.shut {
		return false
	}
	if c.answered[n-1].at-c.shut >= slamMS && c.feltOpening() {
		return true
	}
	equal := 0
	for i := 1; i <= first; i++ {
		if c.answered[i].grams == c.answered[i-1].grams {
			equal++
		}
	}
	return float64(run)*math.Log(float64(equal+1)/float64(first+2)) < stuckLog
}

// feltOpening reports whether the scale moved when the door was opened.
func (c *inspection) feltOpening() bool {
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range c.answered {
		if r.at >= c.opened && r.at <= c.opened+slamMS {
			low, high = min(low, r.grams), max(high, r.grams)
		}
	}
	return high-low > slamSteps*max(c.division, 1)
}
