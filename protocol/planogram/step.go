package planogram

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// What a conflict and a move are worth, as a share of grips: a conflict enough to break ties, a move about a quarter of a
// visit in a thousand. Goods are not moved about for nothing.
const (
	conflictWorth = 1e-5
	moveWorth     = 1e-4
)

// burden is what goods cost where they lie, or by how much a step changes that.
type burden struct {
	over      protocol.Milligrams // beyond capacity
	conflicts int
	confused  float64 // reviewed or billed wrong: the sum over pairs of grips, as a share of all grips
	moved     int     // wares that do not lie where they were
}

func (b burden) plus(c burden) burden {
	return burden{b.over + c.over, b.conflicts + c.conflicts, b.confused + c.confused, b.moved + c.moved}
}

func (b burden) minus(c burden) burden {
	return burden{b.over - c.over, b.conflicts - c.conflicts, b.confused - c.confused, b.moved - c.moved}
}

func (b burden) price() float64 {
	return b.confused + conflictWorth*float64(b.conflicts) + moveWorth*float64(b.moved)
}

// rounding is what sums of shares may be off by.
const rounding = 1e-12

// helps reports whether such a change is for the better: less weight beyond capacity, or else a lower price.
func (b burden) helps() bool {
	if b.over != 0 {
		return b.over < 0
	}
	return b.price() < -rounding
}

// harmless reports whether such a change makes neither conflicts more nor what they cause, unless it is for less weight
// beyond capacity.
func (b burden) harmless() bool {
	return b.over < 0 || b.over == 0 && b.conflicts <= 0 && b.confused <= rounding
}

// step exchanges a ware of one surface with one of another, or moves one: then the other is none.
type step struct {
	from, to int // surfaces
	a, b     int // wares
	change   burden
}

const none = -1

// better orders steps that help; one without a change is no step.
func (s step) better(than step) bool {
	return s.change.helps() && cmp.Or(cmp.Compare(s.change.over, than.change.over), cmp.Compare(s.change.price(), than.change.price())) < 0
}

// between looks for the best step between two surfaces.
func (s *search) between(i, k int) (best step) {
	from, to := &s.surfaces[i], &s.surfaces[k]
	if from.Compartment != to.Compartment {
		return step{}
	}
	try := func(a, b int) {
		if s.looks >= maxLooks || !s.allowed(a, b, i, k) {
			return
		}
		s.looks++
		next := step{i, k, a, b, s.change(i, k, a, b)}
		if next.better(best) && (!s.strict || next.change.harmless()) {
			best = next
		}
	}
	for _, a := range from.wares {
		try(a, none)
		for _, b := range to.wares {
			try(a, b)
		}
	}
	for _, b := range to.wares {
		try(none, b)
	}
	return best
}

// allowed reports whether wares may change places: no platform gets the same article twice, nor more than the fullest has.
func (s *search) allowed(a, b, i, k int) bool {
	fits := func(w, instead, on int) bool {
		if w == none {
			return true
		}
		wares := s.surfaces[on].wares
		return (instead != none || len(wares) < s.most) &&
			!slices.ContainsFunc(wares, func(x int) bool { return s.wares[x].sku == s.wares[w].sku })
	}
	return fits(a, b, k) && fits(b, a, i)
}

// change is what exchanging two wares does to the burden of their surfaces.
func (s *search) change(i, k, a, b int) burden {
	var c burden
	var more protocol.Milligrams // on k
	if a != none {
		c = c.minus(s.own[a]).plus(s.clashing(a, k, b))
		c.moved += s.away(a, k) - s.away(a, i)
		more += s.wares[a].weight
	}
	if b != none {
		c = c.minus(s.own[b]).plus(s.clashing(b, i, a))
		c.moved += s.away(b, i) - s.away(b, k)
		more -= s.wares[b].weight
	}
	c.over = s.surfaces[i].over(-more) - s.surfaces[i].over(0) + s.surfaces[k].over(more) - s.surfaces[k].over(0)
	return c
}

// away is 1 where the surface is not where the ware was, and 0 where it is.
func (s *search) away(w, on int) int {
	if s.home[w] == on {
		return 0
	}
	return 1
}

func (f *surface) over(more protocol.Milligrams) protocol.Milligrams {
	return Load{Weight: f.weight + more, Capacity: f.Capacity}.Over()
}

// clashing is what a ware costs among the wares of a surface without one of them.
func (s *search) clashing(w, on, without int) (b burden) {
	f := &s.surfaces[on]
	for _, first := range f.wares {
		if first == without {
			continue
		}
		list := f.clashes[w].with(first)
	next:
		for i := range list {
			c := &list[i]
			for _, other := range c.others[1:max(1, c.n)] {
				if s.on[other] != on || int(other) == without {
					continue next
				}
			}
			b.confused += c.confused
			if c.conflict {
				b.conflicts++
			}
		}
	}
	return b
}
