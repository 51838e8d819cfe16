package practice

import "math"

// swap takes a good and puts something else of about its weight in its place: something brought along, or a good of
// another platform.
func swap(s *script) {
	wanted := s.take(s.choose(1), 1)
	s.wait(carrying)
	if s.happens(0.5) {
		g := s.shelves[wanted.platform].goods[wanted.good]
		off := s.in(span{max(4, 3*g.sd), max(12, 0.06*g.unit)})
		s.move(wanted.platform, math.Max(5, g.unit+s.sign(0.5)*off))
		s.touch(wanted.platform)
		s.Note = "something brought along"
	} else {
		h := s.take(s.nearest(wanted.place), 1)
		s.wait(carrying)
		s.elsewhere(h, wanted.platform)
		s.Note = "a good of another platform"
	}
	s.MustBill = false
	s.leave(carrying)
}

// nearest is the article of another platform whose weight is nearest to a place's.
func (s *script) nearest(to place) place {
	unit, best, gap := s.shelves[to.platform].goods[to.good].unit, place{s.other(to.platform), 0}, math.Inf(1)
	for p, shelf := range s.shelves {
		for i, g := range shelf.goods {
			if d := math.Abs(g.unit - unit); p != to.platform && d < gap && len(shelf.units[i]) > 0 {
				best, gap = place{p, i}, d
			}
		}
	}
	return best
}

// partEaten opens a package, empties it in part and puts it back: it is to be paid.
func partEaten(s *script) {
	h := s.take(s.choose(1), 1)
	if s.happens(0.5) {
		s.wait(carrying)
		s.take(s.choose(1), 1)
	}
	s.wait(span{3000, 9000})
	s.move(h.platform, h.grams()*s.in(span{0.05, 0.93}))
	s.touch(h.platform)
	s.MustBill = false
	s.leave(carrying)
}

// nothing opens the door and shuts it, now and then with a hand on a shelf.
func nothing(s *script) {
	s.now = s.opened + s.in(span{500, 6000})
	if s.happens(0.3) {
		s.lean(s.IntN(len(s.cells)), s.in(span{s.opened, s.now}), leanPeak, leanTime)
		s.now += s.in(leaving)
	}
}

// objectForAWhile puts one or two objects down while goods are taken, and takes them away again.
func objectForAWhile(s *script) {
	type lying struct {
		platform int
		grams    float64
	}
	var objs []lying
	for range s.between(1, 2) {
		o := lying{s.IntN(len(s.cells)), s.in(objects)}
		if s.happens(0.3) {
			o.grams = s.in(span{600, 3000})
		}
		if c := &s.cells[o.platform]; c.load(s.now)+o.grams > c.capacity {
			o.grams = objects.from // it must not be an overload as well
		}
		s.move(o.platform, o.grams)
		objs = append(objs, o)
		s.wait(forgetting)
	}
	for range s.between(1, 3) {
		n := s.units(twoShare)
		s.take(s.choose(n), n)
		s.wait(forgetting)
	}
	for _, o := range objs {
		s.move(o.platform, -o.grams)
		s.wait(forgetting)
	}
	s.now += s.in(leaving)
}

// lean rests a steady hand on shelves, with the weight of a good that lies there, beside one or two takes.
func lean(s *script) {
	for range s.between(1, 2) {
		s.take(s.choose(1), 1)
		s.wait(pauses)
	}
	for range s.between(1, 2) {
		at := s.choose(1)
		unit := s.shelves[at.platform].goods[at.good].unit
		s.press(at.platform, press{from: s.now, time: s.in(span{600, 2600}), peak: s.sign(0.5) * unit * s.in(span{0.96, 1.04}), flat: true})
		s.wait(span{2800, 4500})
	}
	s.now += s.in(leaving)
}
