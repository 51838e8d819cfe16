package practice

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Layouts of a cabinet.
const (
	Lanes   = "lanes"   // 24 trays of one article each
	Planned = "planned" // 5 shelves of about 6 articles that takes of one or two units can tell apart
	Shelves = "shelves" // 5 shelves of 6 articles thrown together
	Crowded = "crowded" // 5 shelves of 10 articles: every family has it, but it is for measuring time and in no list
)

const (
	laneCount  = 24
	shelfCount = 5
	shelfGoods = 6
	crowdGoods = 10
	leastBook  = 2
	mostBook   = 10
)

// On every shelf but those of twins, single units differ by at least singleGrams and singleSD standard deviations more. On
// a planned shelf, takes of one or two units that share no article differ by at least pairGrams, and by pairSD.
const (
	singleGrams = 4.0
	singleSD    = 4.0
	pairGrams   = 6.0
	pairSD      = 2.97
	pickTries   = 10 // for each article that is wanted,
	mostMissing = 2  // of which some may not be found on a planned shelf
)

// stocked is one platform with its goods and their units, each with a weight of its own.
type stocked struct {
	id    string
	goods []good
	units [][]float64 // grams, beside goods
}

func (s *stocked) load() float64 {
	sum := 0.0
	for _, units := range s.units {
		for _, g := range units {
			sum += g
		}
	}
	return sum
}

// stock draws a cabinet of a layout; twins puts two neighbours in weight on each shelf.
func (c chance) stock(layout string, twins bool) []stocked {
	all := catalogue()
	c.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	if layout == Lanes {
		return c.lanes(all)
	}
	var out []stocked
	for i := range shelfCount {
		var goods []good
		switch {
		case layout == Planned:
			goods = c.apart(all, shelfGoods, 2)
		case twins:
			goods = c.twins(all)
		case layout == Crowded:
			goods = c.apart(all, crowdGoods, 1)
		default:
			goods = c.apart(all, shelfGoods, 1)
			all = slices.DeleteFunc(all, func(g good) bool { return slices.Contains(goods, g) })
		}
		out = append(out, c.fill(stocked{id: fmt.Sprintf("S%d", i+1), goods: goods}, shelfFill*shelfCapacity))
	}
	return out
}

func (c chance) lanes(all []good) []stocked {
	light := slices.DeleteFunc(all, func(g good) bool { return g.unit > laneHeaviest })
	var out []stocked
	for i := range laneCount {
		id := fmt.Sprintf("%c%d", 'A'+i/6, i%6+1)
		out = append(out, c.fill(stocked{id: id, goods: light[i : i+1]}, laneFill*laneCapacity))
	}
	return out
}

// fill draws the units of a platform's goods, as many as it can bear.
func (c chance) fill(s stocked, limit float64) stocked {
	left := limit
	for _, g := range s.goods {
		n := max(1, min(c.between(leastBook, mostBook), int(left/g.unit)))
		left -= float64(n) * g.unit
		units := make([]float64, n)
		for i := range units {
			units[i] = g.unit + g.sd*max(-4, min(4, c.NormFloat64()))
		}
		s.units = append(s.units, units)
	}
	return s
}

// apart picks so many goods one by one, leaving out those that a shelf's scale could take for others when so many units
// are taken at once.
func (c chance) apart(all []good, most, units int) []good {
	for {
		var picked []good
		for range pickTries * most {
			candidate := all[c.IntN(len(all))]
			if slices.Contains(picked, candidate) {
				continue
			}
			if next := append(slices.Clone(picked), candidate); distinct(next, units) {
				picked = next
			}
			if len(picked) == most {
				return picked
			}
		}
		if units > 1 && len(picked) >= most-mostMissing {
			return picked
		}
	}
}

// grasp is one or two units taken at once; b is -1 where there is only one article.
type grasp struct {
	a, b            int
	grams, variance float64
}

func distinct(goods []good, units int) bool {
	var all []grasp
	for i, g := range goods {
		v := g.sd * g.sd
		all = append(all, grasp{i, -1, g.unit, v})
		for k, h := range goods[:i] {
			if math.Abs(g.unit-h.unit) < singleGrams+singleSD*math.Sqrt(v+h.sd*h.sd) {
				return false
			}
			if units > 1 {
				all = append(all, grasp{i, k, g.unit + h.unit, v + h.sd*h.sd})
			}
		}
		if units > 1 {
			all = append(all, grasp{i, -1, 2 * g.unit, 2 * v})
		}
	}
	return units == 1 || allApart(all)
}

func allApart(all []grasp) bool {
	for i, x := range all {
		for _, y := range all[:i] {
			gap := math.Abs(x.grams - y.grams)
			if !x.shares(y) && (gap <= pairGrams || gap < pairSD*math.Sqrt(x.variance+y.variance)) {
				return false
			}
		}
	}
	return true
}

// shares reports whether both hold a same article: then the rest decides, which is a pair of its own.
func (x grasp) shares(y grasp) bool {
	return x.a == y.a || x.b >= 0 && (x.b == y.a || x.b == y.b) || y.b >= 0 && x.a == y.b
}

// twins picks two neighbours in the order of weight, and what chance gives beside them.
func (c chance) twins(all []good) []good {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b good) int { return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.sku, b.sku)) })
	i := c.IntN(len(sorted) - 1)
	picked := []good{sorted[i], sorted[i+1]}
	for len(picked) < shelfGoods {
		if g := all[c.IntN(len(all))]; !slices.Contains(picked, g) {
			picked = append(picked, g)
		}
	}
	return picked
}
