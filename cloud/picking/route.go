package picking

import "slices"

// improved is the best of a few orders, each changed until no small change helps.
func (w *walk) improved() ([]int, toll) {
	var best []int
	var cost toll
	for i, order := range [][]int{w.nearest(), w.urgent(), ascending(len(w.calls))} {
		if t := w.descend(order); i == 0 || t.less(cost) {
			best, cost = order, t
		}
	}
	return best, cost
}

// descend takes each change that helps until none does.
func (w *walk) descend(order []int) toll {
	cost := w.toll(order)
	for again := true; again; {
		again = w.turnParts(order, &cost)
		again = w.moveParts(order, &cost) || again
	}
	return cost
}

// turnParts walks parts of the order the other way around (2-opt).
func (w *walk) turnParts(order []int, cost *toll) (helped bool) {
	for i := range order {
		for j := i + 1; j < len(order); j++ {
			copy(w.scratch, order)
			slices.Reverse(w.scratch[i : j+1])
			helped = w.take(order, cost) || helped
		}
	}
	return helped
}

// moveParts moves one to three calls elsewhere (or-opt).
func (w *walk) moveParts(order []int, cost *toll) (helped bool) {
	for size := 1; size <= 3; size++ {
		for from := 0; from+size <= len(order); from++ {
			for to := 0; to+size <= len(order); to++ {
				if to == from {
					continue
				}
				w.moved(order, from, to, size)
				helped = w.take(order, cost) || helped
			}
		}
	}
	return helped
}

// moved writes the order into scratch with a part of it elsewhere: it begins at to when all is done.
func (w *walk) moved(order []int, from, to, size int) {
	rest := w.scratch[:0]
	rest = append(rest, order[:from]...)
	rest = append(rest, order[from+size:]...)
	w.scratch = slices.Insert(rest, to, order[from:from+size]...)
}

// take makes scratch the order where it costs less.
func (w *walk) take(order []int, cost *toll) bool {
	t := w.toll(w.scratch)
	if !t.less(*cost) {
		return false
	}
	copy(order, w.scratch)
	*cost = t
	return true
}

// search goes through all orders, and leaves those that already cost more than the best.
type search struct {
	walk
	best []int
	cost toll
	free []int // the first are the order so far, the others are left
}

func (s *search) from(depth, at int, t toll) {
	if s.cost.less(t) {
		return
	}
	if depth == len(s.free) {
		if depth > 0 {
			t = s.home(at, t)
		}
		if t.less(s.cost) {
			s.best, s.cost = slices.Clone(s.free), t
		}
		return
	}
	for i := depth; i < len(s.free); i++ {
		s.free[depth], s.free[i] = s.free[i], s.free[depth]
		next, _ := s.step(at, s.free[depth], t)
		next.Early += s.early(s.free[:depth], s.free[depth])
		s.from(depth+1, s.free[depth]+1, next)
		s.free[depth], s.free[i] = s.free[i], s.free[depth]
	}
}
