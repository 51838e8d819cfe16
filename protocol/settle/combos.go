package settle

import (
	"cmp"
	"math"
	"slices"
)

// maxKinds is how many different articles one grip may hold; three would be two hands and luck.
const maxKinds = 3

// part is a number of units of one slot.
type part struct {
	slot int
	qty  int
}

// combo is what one grip may take from a platform or put back on it.
type combo struct {
	parts    [maxKinds]part
	kinds    int
	grams    float64
	variance float64 // of the units' weights, grams squared
	choice   float64 // log-probability of just these kinds among the platform's
}

func (c *combo) used() []part { return c.parts[:c.kinds] }

// combosOf lists the grips of one platform by weight; first is the index of its first slot.
func combosOf(slots []slot, first int) []combo {
	var all []combo
	grow := func(from combo, i, limit int) {
		s := slots[i]
		for qty := 1; qty <= min(limit, s.book+mostShort); qty++ {
			c := from
			c.parts[c.kinds] = part{slot: first + i, qty: qty}
			c.kinds++
			c.grams += float64(qty) * s.unit
			c.variance += float64(qty) * s.sd * s.sd
			all = append(all, c)
		}
	}
	extend := func(from, to, limit int) {
		for k := from; k < to; k++ {
			last := all[k].parts[all[k].kinds-1].slot - first
			for i := last + 1; i < len(slots); i++ {
				grow(all[k], i, limit)
			}
		}
	}
	for i := range slots {
		grow(combo{}, i, mostUnits)
	}
	singles := len(all)
	extend(0, singles, 2)
	all = slices.DeleteFunc(all, func(c combo) bool { return c.kinds == 2 && c.parts[0].qty > 2 })
	pairs := len(all)
	for k := singles; k < pairs; k++ {
		if all[k].parts[0].qty == 1 && all[k].parts[1].qty == 1 {
			extend(k, k+1, 1)
		}
	}
	for k := range all {
		all[k].choice = -math.Log(float64(len(slots))) * float64(all[k].kinds)
	}
	slices.SortFunc(all, func(a, b combo) int { return cmp.Compare(a.grams, b.grams) })
	return all
}
