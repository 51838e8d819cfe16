package planogram

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"allhours/protocol"
)

// shakes is how often the search leaves what it found by some exchanges at random and looks again from there.
const (
	shakes    = 8
	exchanges = 3
)

// maxLooks bounds a search by the steps that it looks at, not by time; five shelves of ten articles need some ten thousand.
const maxLooks = 400_000

// surface is a platform as the search sees it.
type surface struct {
	platform int // in the planogram
	Platform
	wares   []int // by article
	weight  protocol.Milligrams
	clashes []clashes // of each ware, on a scale such as this
	changed bool      // since steps to and from it were looked for
}

// search is a local search over assignments. Surfaces and wares are in an order of their own, so that the planogram's
// does not matter.
type search struct {
	surfaces []surface
	wares    []ware
	home, on []int    // surface of each ware, as given and now
	own      []burden // of each ware where it lies
	sum      burden   // by how much all that was done changed the given one
	best     [][]step // of each two surfaces
	strict   bool     // only steps that are harmless
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
		for _, w := range lists[s.surfaces[i].platform] {
			s.wares, s.home = append(s.wares, w), append(s.home, i)
		}
	}
	known := map[float64][]clashes{}
	for i := range s.surfaces {
		floor := s.surfaces[i].floor()
		if known[floor] == nil {
			known[floor] = clashesOf(s.wares, floor)
		}
		s.surfaces[i].clashes = known[floor]
	}
	s.own = make([]burden, len(s.wares))
	s.best = make([][]step, len(s.surfaces))
	for i := range s.best {
		s.best[i] = make([]step, len(s.surfaces))
	}
	s.lay(s.home, burden{})
	return s
}

// lay puts each ware on the surface named.
func (s *search) lay(on []int, sum burden) {
	s.on, s.sum = slices.Clone(on), sum
	for i := range s.surfaces {
		s.surfaces[i].wares, s.surfaces[i].weight = nil, 0
	}
	for w, i := range on {
		s.surfaces[i].weight += s.wares[w].weight
		s.surfaces[i].wares = append(s.surfaces[i].wares, w)
	}
	for i := range s.surfaces {
		slices.SortFunc(s.surfaces[i].wares, s.byArticle)
		s.refresh(i)
	}
}

func (s *search) byArticle(a, b int) int { return cmp.Compare(s.wares[a].sku, s.wares[b].sku) }

// refresh takes note that a surface is not what it was.
func (s *search) refresh(i int) {
	s.surfaces[i].changed = true
	for _, w := range s.surfaces[i].wares {
		s.own[w] = s.clashing(w, i, none)
	}
}

// run looks for the best assignment: first by steps that are harmless each, then from some places near what was found,
// where a way may lead over something worse.
func (s *search) run() {
	s.strict = true
	s.descend()
	s.strict = false
	random := rand.New(rand.NewPCG(1, 1)) // always the same numbers: the same planogram has one proposal
	found, sum := s.on, s.sum
	for range shakes {
		s.lay(found, sum)
		s.shake(random)
		s.descend()
		if s.sum.harmless() && s.sum.minus(sum).helps() {
			found, sum = s.on, s.sum
		}
	}
	s.lay(found, sum)
}

func (s *search) shake(random *rand.Rand) {
	for range exchanges {
		a, b := random.IntN(max(1, len(s.wares))), random.IntN(max(1, len(s.wares)))
		if len(s.wares) == 0 || s.on[a] == s.on[b] {
			continue
		}
		i, k := s.on[a], s.on[b]
		if s.surfaces[i].Compartment == s.surfaces[k].Compartment && s.allowed(a, b, i, k) {
			s.take(step{i, k, a, b, s.change(i, k, a, b)})
		}
	}
}

// descend takes the best step again and again. Only steps between surfaces that changed are looked for anew.
func (s *search) descend() {
	for s.looks < maxLooks {
		var best step
		for i := range s.surfaces {
			for k := i + 1; k < len(s.surfaces); k++ {
				if s.surfaces[i].changed || s.surfaces[k].changed {
					s.best[i][k] = s.between(i, k)
				}
				if s.best[i][k].better(best) {
					best = s.best[i][k]
				}
			}
		}
		for i := range s.surfaces {
			s.surfaces[i].changed = false
		}
		if !best.change.helps() {
			return
		}
		s.take(best)
	}
}

func (s *search) take(t step) {
	s.put(t.a, t.from, t.to)
	s.put(t.b, t.to, t.from)
	s.sum = s.sum.plus(t.change)
	s.refresh(t.from)
	s.refresh(t.to)
}

// put takes a ware from one surface to another.
func (s *search) put(w, from, to int) {
	if w == none {
		return
	}
	f, t := &s.surfaces[from], &s.surfaces[to]
	f.wares = slices.DeleteFunc(f.wares, func(x int) bool { return x == w })
	at, _ := slices.BinarySearchFunc(t.wares, w, s.byArticle)
	t.wares = slices.Insert(t.wares, at, w)
	f.weight, t.weight = f.weight-s.wares[w].weight, t.weight+s.wares[w].weight
	s.on[w] = to
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
