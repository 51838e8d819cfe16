package coverage

import (
	"slices"
	"sort"
)

// Days are the store's days so far; what changed since it was last asked for is computed first.
func (s *Store) Days() []Day {
	s.settle()
	days := make([]Day, 0, len(s.days))
	for n := range s.days {
		if s.plan.Days[n] >= s.until {
			break
		}
		days = append(days, s.day(n))
	}
	return days
}

// settle sweeps the days again that may have changed.
func (s *Store) settle() {
	s.merge()
	if s.from == never || len(s.days) == 0 {
		return
	}
	n := max(sort.Search(len(s.plan.Days), func(i int) bool { return s.plan.Days[i] > s.from })-1, 0)
	n = min(n, len(s.days)-1)
	for n > 0 && (s.days[n].begin == nil || s.from < s.plan.Days[0]) {
		n--
	}
	w := sweep{s: s, slots: s.begins(n)}
	w.next = sort.Search(len(s.changes), func(i int) bool { return s.changes[i].at >= s.plan.Days[n] })
	for ; n < len(s.days) && s.plan.Days[n] < s.until; n++ {
		s.days[n].begin = slices.Clone(w.slots)
		w.day(n)
		if n+1 < len(s.days) && s.plan.Days[n+1] > s.force && w.as(s.days[n+1].begin) {
			break
		}
	}
	s.from, s.force = never, 0
}

// begins is the state in which a day begins; that of the first comes from all that was before.
func (s *Store) begins(n int) []int32 {
	if n > 0 {
		slots := slices.Clone(s.days[n].begin)
		for int32(len(slots)) < s.slots { // Of what was never heard of before.
			slots = append(slots, none)
		}
		return slots
	}
	w := sweep{s: s, slots: make([]int32, s.slots)}
	for i := range w.slots {
		w.slots[i] = none
	}
	w.zero(s.service)
	for _, c := range s.cabs {
		w.zero(c.silence)
		w.zero(c.down)
		w.zero(c.late)
	}
	for _, c := range s.changes {
		if c.at >= s.plan.Days[0] {
			break
		}
		w.apply(c)
	}
	return w.slots
}

// sweep goes through a store's changes.
type sweep struct {
	s      *Store
	slots  []int32
	next   int // change to be applied
	vec    []byte
	causes []cause
	able   [][]possible
}

func (w *sweep) zero(of span) { w.slots[of.count] = 0 }

// as reports whether the state is one that was there before.
func (w *sweep) as(begin []int32) bool {
	return len(begin) > 0 && slices.Equal(w.slots[:len(begin)], begin) && !slices.ContainsFunc(w.slots[len(begin):], func(v int32) bool { return v != none })
}

func (w *sweep) apply(c change) {
	switch c.do {
	case begins:
		w.slots[c.slot]++
		w.slots[c.slot+1] = c.to
	case ends:
		if w.slots[c.slot]--; w.slots[c.slot] == 0 {
			w.slots[c.slot+1] = none
		}
	case sets:
		w.slots[c.slot] = c.to
	}
}

// day sweeps one day as far as it has passed.
func (w *sweep) day(n int) {
	d := &w.s.days[n]
	d.pieces = d.pieces[:0:0]
	end := min(w.s.plan.Days[n+1], w.s.until)
	for t := w.s.plan.Days[n]; t < end; {
		for w.next < len(w.s.changes) && w.s.changes[w.next].at <= t {
			w.apply(w.s.changes[w.next])
			w.next++
		}
		to := end
		if w.next < len(w.s.changes) {
			to = min(to, w.s.changes[w.next].at)
		}
		for _, c := range w.s.cabs {
			if c.heard > t {
				to = min(to, c.heard)
			}
		}
		w.look(t)
		w.add(d, t, to)
		t = to
	}
	// What changes between now and the end of the day belongs to the day that is not over.
	for w.next < len(w.s.changes) && w.s.changes[w.next].at < w.s.plan.Days[n+1] {
		w.apply(w.s.changes[w.next])
		w.next++
	}
}

// add puts a piece at the end of a day, joined with the one before it where nothing differs.
func (w *sweep) add(d *swept, from, to int64) {
	need := int16(w.slots[w.s.need])
	if last := len(d.pieces) - 1; last >= 0 {
		if p := &d.pieces[last]; p.need == need && p.vec == string(w.vec) && slices.Equal(p.causes, w.causes) {
			p.to = to
			return
		}
	}
	d.pieces = append(d.pieces, piece{from: from, to: to, need: need, vec: string(w.vec), causes: slices.Clone(w.causes)})
}

// piece is a time in which nothing changed: the store's state, those of the categories, and those of the cabinets.
type piece struct {
	from, to int64
	vec      string
	causes   []cause
	need     int16
}

// cause is why a time is a gap or unknown, by numbers.
type cause struct {
	why            Why
	cab, door, cat int16 // -1: none
	slot           int32 // of a lane
	fact           int32
}

// possible is whether a door could sell, and why not.
type possible struct {
	state State
	why   Why
	fact  int32
	whole bool // the cabinet could not, whichever door
}

// elsewhere marks a cabinet that does not stand with the store.
const elsewhere = 0xFF
