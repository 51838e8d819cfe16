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
	peersLeast = 2     // scales that tell what is usual
	peerWeight = 50.0  // neighbours that the other scales of a cabinet count for
)

// peers is what the scales of one division in a cabinet have in common, from which one that is stuck stands out. Coarser
// ones say nothing: they may rightly rest on one value for ever.
type peers struct {
	openFelt, shutFelt int // how many shook when the door was opened, and when it was shut for the last time
	scales             int
	equal              float64 // how often neighbours are equal at rest, the median of all
}

// liveliness is how lively one scale was.
type liveliness struct {
	division           float64
	feltOpen, feltShut bool
	equal              float64 // share of neighbours at rest that are equal; negative where there are none
}

// liveliness asks all scales.
func (v *Visit) liveliness(opened, shut int64) []liveliness {
	all := make([]liveliness, len(v.channels))
	for i := range v.channels {
		answered := v.memory.answeredOf(v.channels[i].readings)
		division := v.model.shelves[i].division
		all[i] = liveliness{division, felt(answered, opened, division), felt(answered, shut, division), -1}
		if equal, n := equals(answered, opened); n > 0 {
			all[i].equal = equal / n
		}
	}
	return all
}

// peersOf sums up the other scales of a scale's division.
func peersOf(all []liveliness, scale int) peers {
	var p peers
	var shares []float64
	for i, l := range all {
		if i == scale || l.division != all[scale].division {
			continue
		}
		if l.feltOpen {
			p.openFelt++
		}
		if l.feltShut {
			p.shutFelt++
		}
		if l.equal >= 0 {
			shares = append(shares, l.equal)
		}
	}
	if p.scales = len(shares); p.scales > 0 {
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
	if c.peers.scales >= peersLeast {
		equal, n = equal+c.peers.equal*peerWeight, n+peerWeight
	}
	equal, n = equal+1, n+2
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
