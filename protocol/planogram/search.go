package planogram

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// A step that leaves the weight beyond capacity as it is must win about half a visit in a thousand, or as much in conflicts:
// goods are not moved about for nothing.
const (
	leastGain     = 2e-4 // share of grips
	conflictWorth = 1e-5 // of one conflict, as a share of grips: enough to break ties
)

// maxLooks bounds a search by the steps that it looks at, not by time; five shelves of ten articles need some ten thousand.
const maxLooks = 400_000

// burden is what goods cost where they lie, or by how much a step changes that.
type burden struct {
	over      protocol.Milligrams // beyond capacity
	conflicts int
	confused  float64 // reviewed or billed wrong: the sum over pairs of grips, as a share of all grips
}

func (b burden) plus(c burden) burden {
	return burden{b.over + c.over, b.conflicts + c.conflicts, b.confused + c.confused}
}

func (b burden) minus(c burden) burden {
	return burden{b.over - c.over, b.conflicts - c.conflicts, b.confused - c.confused}
}

func (b burden) price() float64 { return b.confused + conflictWorth*float64(b.conflicts) }

// helps reports whether such a change is for the better: less weight beyond capacity, or else neither more conflicts nor
// more of what they cause, and less of them together.
func (b burden) helps() bool {
	if b.over != 0 {
		return b.over < 0
	}
	return b.conflicts <= 0 && b.confused <= 0 && b.price() < -leastGain
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

// surface is a platform as the search sees it.
type surface struct {
	platform int // in the planogram
	Platform
	wares   []int // by article
	weight  protocol.Milligrams
	clashes [][]clash // of each ware, on a scale such as this
}

// search is a local search over assignments. Surfaces and wares are in an order of their own, so that the planogram's
// does not matter.
type search struct {
	surfaces []surface
	wares    []ware
	on       []int    // surface of each ware
	own      []burden // of each ware where it lies
	best     [][]step // of each two surfaces
	most     int      // articles on the fullest platform
	looks    int
}

func newSearch(p Planogram) *search {
	s := &search{}
	lists := p.wares()
	for i := range p.Platforms {
		s.surfaces = append(s.surfaces, surface{platform: i, Platform: p.Platforms[i]})
		s.most = max(s.most, len(lists[i]))
	}
	slices.SortFunc(s.surfaces, func(a, b surface) int { return cmp.Compare(a.ID, b.ID) })
	for i := range s.surfaces {
		f := &s.surfaces[i]
		for _, w := range lists[f.platform] {
			f.wares = append(f.wares, len(s.wares))
			f.weight += w.weight
			s.wares, s.on = append(s.wares, w), append(s.on, i)
		}
	}
	known := map[float64][][]clash{}
	for i := range s.surfaces {
		floor := s.surfaces[i].floor()
		if known[floor] == nil {
			known[floor] = clashesOf(s.wares, floor)
		}
		s.surfaces[i].clashes = known[floor]
	}
	s.best = make([][]step, len(s.surfaces))
	for i := range s.best {
		s.best[i] = make([]step, len(s.surfaces))
	}
	return s
}

// run takes the best step again and again. Only steps between surfaces that changed are looked for anew.
func (s *search) run() {
	changed := func(int) bool { return true }
	s.own = make([]burden, len(s.wares))
	for {
		var best step
		for w, on := range s.on {
			if changed(on) {
				s.own[w] = s.clashing(w, on, none)
			}
		}
		for i := range s.surfaces {
			for k := i + 1; k < len(s.surfaces); k++ {
				if changed(i) || changed(k) {
					s.best[i][k] = s.between(i, k)
				}
				if s.best[i][k].better(best) {
					best = s.best[i][k]
				}
			}
		}
		if !best.change.helps() || s.looks >= maxLooks {
			return
		}
		s.put(best.a, best.from, best.to)
		s.put(best.b, best.to, best.from)
		changed = func(i int) bool { return i == best.from || i == best.to }
	}
}

// put takes a ware from one surface to another.
func (s *search) put(w, from, to int) {
	if w == none {
		return
	}
	f, t := &s.surfaces[from], &s.surfaces[to]
	f.wares = slices.DeleteFunc(f.wares, func(x int) bool { return x == w })
	at, _ := slices.BinarySearchFunc(t.wares, w, func(x, w int) int { return cmp.Compare(s.wares[x].sku, s.wares[w].sku) })
	t.wares = slices.Insert(t.wares, at, w)
	f.weight, t.weight = f.weight-s.wares[w].weight, t.weight+s.wares[w].weight
	s.on[w] = to
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
		if next := (step{i, k, a, b, s.change(i, k, a, b)}); next.better(best) {
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
		more += s.wares[a].weight
	}
	if b != none {
		c = c.minus(s.own[b]).plus(s.clashing(b, i, a))
		more -= s.wares[b].weight
	}
	c.over = s.surfaces[i].over(-more) - s.surfaces[i].over(0) + s.surfaces[k].over(more) - s.surfaces[k].over(0)
	return c
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
		list := with(f.clashes[w], first)
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

// plan writes the assignment into a planogram: what stayed keeps its order, what is new comes after it.
func (s *search) plan(p Planogram) Planogram {
	out := Planogram{Platforms: slices.Clone(p.Platforms), Goods: p.Goods}
	for _, on := range s.surfaces {
		was, is := p.Platforms[on.platform].Goods, make([]Placement, 0, len(on.wares))
		for _, w := range on.wares {
			is = append(is, Placement{SKU: s.wares[w].sku, Units: s.wares[w].units})
		}
		order := func(g Placement) int {
			if at := slices.Index(was, g); at >= 0 {
				return at
			}
			return len(was)
		}
		slices.SortStableFunc(is, func(a, b Placement) int { return cmp.Compare(order(a), order(b)) })
		out.Platforms[on.platform].Goods = is
	}
	return out
}
