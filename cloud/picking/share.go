package picking

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// claim is the wish of one lane for one unit more.
type claim struct {
	need   *Need
	nth    int     // of the units that the lane wishes for
	weight int64   // what it takes of what there is too little of
	worth  float64 // what is saved by it, by its weight
}

// share gives what there is too little of to those lanes where a unit saves most, each up to what it wishes for. What a unit saves
// is its worth by the probability that it is asked for, which shrinks with each one that is there before it, so a lane's units come
// in order.
func share(needs []*Need, wished []int, there int64, weigh func(*Need) int64, when When, p Policy) {
	var claims []claim
	for i, n := range needs {
		for k := n.Bring; k < wished[i]; k++ {
			weight := max(weigh(n), 1)
			worth := float64(n.lane.worth(p)) * n.lane.Demand.SoldOut(n.kept+k+1, when.After) / float64(weight)
			claims = append(claims, claim{n, k, weight, worth})
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.nth, b.nth), a.need.Compare(b.need.Place))
	})
	for _, c := range claims {
		if c.nth == c.need.Bring && c.weight <= there {
			c.need.Bring++
			there -= c.weight
		}
	}
}

// worth is what a sold unit counts where there is too little for all.
func (l *Lane) worth(p Policy) protocol.Fen {
	worth := max(l.margin(), 1)
	if l.Essential {
		worth *= protocol.Fen(max(p.Worth, 1))
	}
	return worth
}

// bear leaves out what a platform does not bear beside what lies there.
func bear(needs []Need, capacity protocol.Milligrams, when When, p Policy) {
	if capacity <= 0 {
		return
	}
	left, wished := int64(capacity), int64(0)
	var asking []*Need
	for i := range needs {
		n := &needs[i]
		left -= int64(n.lane.Unit) * int64(n.there(when))
		if n.Bring > 0 {
			wished += int64(n.lane.Unit) * int64(n.Bring)
			asking = append(asking, n)
		}
	}
	if wished <= left {
		return
	}
	units := make([]int, len(asking))
	for i, n := range asking {
		units[i], n.Bring = n.Bring, 0
	}
	share(asking, units, left, func(n *Need) int64 { return int64(n.lane.Unit) }, when, p)
	for i, n := range asking {
		if n.Bring < units[i] {
			n.because(Reason{Code: Scale, Units: n.Bring})
		}
	}
}
