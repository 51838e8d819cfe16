package planogram

import (
	"cmp"
	"slices"
)

// maxSums is for how many wares the sums of two are looked at in a search: beyond it they are too many, and only the
// reports know them.
const maxSums = 64

// leastClash is the share of grips below which a search does not look at two of them.
const leastClash = 2e-6

// clash is two grips that may be taken for each other, seen from one of their wares: the others must lie on the same
// platform.
type clash struct {
	confused float64 // reviewed or billed wrong, as a share of all grips
	others   [3]int32
	n        uint8
	conflict bool
}

// clashes are those of one ware, sorted by the first of the others; from says where those of each begin, and of the last
// end.
type clashes struct {
	all  []clash
	from []int32
}

// with gives those whose first other is the one named.
func (c *clashes) with(other int) []clash { return c.all[c.from[other]:c.from[other+1]] }

// sorted makes the list ready for with.
func sorted(list []clash, wares int) clashes {
	slices.SortStableFunc(list, func(a, b clash) int { return cmp.Compare(a.others[0], b.others[0]) })
	c := clashes{all: list, from: make([]int32, wares+1)}
	for _, x := range list {
		c.from[x.others[0]+1]++
	}
	for i := range wares {
		c.from[i+1] += c.from[i]
	}
	return c
}

// clashesOf lists the clashes of each ware with any others, did they lie on one platform whose scale adds such a variance.
func clashesOf(wares []ware, floor float64) []clashes {
	all := make([][]clash, len(wares))
	pairs(gripsOf(wares, floor, len(wares) <= maxSums), func(a, b *grip, odds confusion) {
		c := clash{confused: odds.reviewed + odds.wrong, conflict: odds.trouble() >= MinTrouble}
		if c.confused < leastClash {
			return
		}
		members := [...]int{a.first, a.second, b.first, b.second}
		for _, w := range members {
			if w == none {
				continue
			}
			c.n = 0
			for _, other := range members {
				if other != w && other != none {
					c.others[c.n] = int32(other)
					c.n++
				}
			}
			all[w] = append(all[w], c)
		}
	})
	ready := make([]clashes, len(wares))
	for w, list := range all {
		ready[w] = sorted(list, len(wares))
	}
	return ready
}
