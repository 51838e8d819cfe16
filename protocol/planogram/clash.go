package planogram

import (
	"cmp"
	"slices"
	"sort"
)

// maxSums is for how many wares the sums of two are looked at in a search: beyond it they are too many, and only the
// reports know them.
const maxSums = 64

// leastClash is the share of grips below which a search does not look at two of them.
const leastClash = 2e-6

// clash is two grips that may be taken for each other, seen from one of their wares: the others must lie on the same
// platform. Those of a ware are sorted by the first of the others.
type clash struct {
	confused float64 // reviewed or billed wrong, as a share of all grips
	others   [3]int32
	n        uint8
	conflict bool
}

// clashesOf lists the clashes of each ware with any others, did they lie on one platform whose scale adds such a variance.
func clashesOf(wares []ware, floor float64) [][]clash {
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
	for _, list := range all {
		slices.SortStableFunc(list, func(a, b clash) int { return cmp.Compare(a.others[0], b.others[0]) })
	}
	return all
}

// with gives those of a ware's clashes whose first other is the one named.
func with(list []clash, other int) []clash {
	from := sort.Search(len(list), func(i int) bool { return int(list[i].others[0]) >= other })
	to := from
	for to < len(list) && int(list[to].others[0]) == other {
		to++
	}
	return list[from:to]
}
