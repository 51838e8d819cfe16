package settle

import "math"

const (
	stuckLog   = -40.0 // log-probability below which a run of equal readings is no chance
	stuckLeast = 8     // readings
	slamMS     = 600   // a slam of the door shows for so long
	slamSteps  = 3.0   // divisions by which it moves a scale at least
)

// stuck reports whether the channel ends with a run of equal readings that is no chance: it began before the door was
// shut, and the slam, which the same scale felt when the door was opened and others felt now, does not show; or it is too
// long for how often neighbours are equal otherwise. Such a scale may not have seen what was taken last.
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
	if c.slammed && c.answered[n-1].at-c.shut >= slamMS && felt(c.answered, c.opened, c.division) {
		return true
	}
	return float64(run)*math.Log(equalShare(c.answered[:first+1], c.opened)) < stuckLog
}

// equalShare is how often neighbours are equal at rest, told high where few tell it; the slam at the moment given is left
// out.
func equalShare(answered []reading, slam int64) float64 {
	var equal, n float64
	for i := 1; i < len(answered); i++ {
		if at := answered[i].at; at >= slam && at <= slam+slamMS {
			continue
		}
		n++
		if answered[i].grams == answered[i-1].grams {
			equal++
		}
	}
	share := (equal + 1) / (n + 2)
	return min(1, share+2*math.Sqrt(share*(1-share)/(n+2)))
}

// felt reports whether a scale shook just after the moment given.
func felt(answered []reading, at int64, division float64) bool {
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range answered {
		if r.at >= at && r.at <= at+slamMS {
			low, high = min(low, r.grams), max(high, r.grams)
		}
	}
	return high-low > slamSteps*max(division, 1)
}
