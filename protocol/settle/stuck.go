package settle

import (
	"math"
	"slices"
)

const (
	stuckLog   = -14.0 // log-probability below which a run of equal readings is no chance
	stuckLeast = 8     // readings
	slamMS     = 600   // a slam of the door shows for so long
	slamSteps  = 3.0   // divisions by which it moves a scale at least
	peerWeight = 50.0  // neighbours that the other scales of a cabinet count for
)

// peers is what the scales of one cabinet have in common, from which one that is stuck stands out.
type peers struct {
	openFelt, shutFelt int     // how many shook when the door was opened, and when it was shut for the last time
	equal              float64 // how often neighbours are equal at rest, the median of all
}

// peersOf asks all scales.
func (v *Visit) peersOf(opened, shut int64) peers {
	var p peers
	shares := make([]float64, 0, len(v.channels))
	for i := range v.channels {
		answered := v.memory.answeredOf(v.channels[i].readings)
		division := v.model.shelves[i].division
		if felt(answered, opened, division) {
			p.openFelt++
		}
		if felt(answered, shut, division) {
			p.shutFelt++
		}
		if len(answered) > 1 {
			equal, n := equals(answered, opened)
			shares = append(shares, equal/max(n, 1))
		}
	}
	if len(shares) > 0 {
		slices.Sort(shares)
		p.equal = shares[len(shares)/2]
	}
	return p
}

// stuck reports whether the channel ends with a run of equal readings that is no chance: it began before the door was
// shut, and the slam, which other scales felt, does not show on one that feels slams; or it is too long for how often
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
	slammed := c.peers.shutFelt >= 2 && c.answered[n-1].at-c.shut >= slamMS
	feels := felt(c.answered, c.opened, c.division) || c.answered[first].at <= c.opened && c.peers.openFelt >= 2
	if slammed && feels {
		return true
	}
	return float64(run)*math.Log(c.equalShare(first)) < stuckLog
}

// equalShare is how often neighbours before the first reading of a run are equal at rest, told high where few tell it;
// the other scales of the cabinet help out.
func (c *inspection) equalShare(first int) float64 {
	equal, n := equals(c.answered[:first+1], c.opened)
	equal, n = equal+1+c.peers.equal*peerWeight, n+2+peerWeight
	share := equal / n
	return min(1, share+2*math.Sqrt(share*(1-share)/n))
}

// equals counts the neighbours that are equal, and all; the slam at the moment given is left out.
func equals(answered []reading, slam int64) (equal, n float64) {
	for i := 1; i < len(answered); i++ {
		if at := answered[i].at; at >= slam && at <= slam+slamMS {
			continue
		}
		n++
		if answered[i].grams == answered[i-1].grams {
			equal++
		}
	}
	return equal, n
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
