package coverage

import (
	"strconv"
	"strings"

	"allhours/protocol"
)

// writer makes changes of one fact.
type writer struct {
	s *Store
	f Fact
	n int32
}

func (w writer) put(at int64, slot int32, do action, to int32) {
	w.s.pending = append(w.s.pending, change{at: at, seq: w.f.Seq, slot: slot, do: do, to: to, fact: w.n})
	w.s.touch(at, at)
}

func (w writer) span(of span, from, to int64) {
	if from >= to {
		return
	}
	w.put(from, of.count, begins, w.n)
	w.put(to, of.count, ends, none)
}

// state sets a slot to the fact where it holds, and clears it where it holds no more.
func (w writer) state(slot int32, holds bool) {
	to := none
	if holds {
		to = w.n
	}
	w.put(w.f.At, slot, sets, to)
}

// chain is what all cabinets share.
func (w writer) chain() {
	switch w.f.Kind {
	case Service:
		w.span(w.s.service, w.f.From, w.f.At)
	case Payment:
		w.state(w.s.payment, w.f.Value != 0)
	}
}

func (w writer) cabinet(c *cab, n int) {
	switch w.f.Kind {
	case Silence:
		w.silence(c)
	case End:
		w.put(w.f.At, c.apart, sets, none)
	case Apart:
		w.state(c.apart, true)
	case Halt:
		slot := c.off
		if w.f.Subject == string(protocol.CodeLockedOut) {
			slot = c.locked
		}
		w.state(slot, w.f.Value != 0)
	case Late:
		w.span(c.late, w.f.From, w.f.At)
	case Line:
		if w.f.Subject == Reader {
			w.put(w.f.At, c.reader, sets, int32(w.f.Value))
			return
		}
		w.state(c.lost, w.f.Value == 0)
	case Stock:
		w.stock(c, n)
	case Barred:
		w.state(w.s.bar(c, w.f.Subject), w.f.Value != 0)
	case Scale:
		w.state(w.scale(c), w.f.Value != 0)
	case Sale:
		if w.f.Subject == "" {
			w.state(c.stopped, w.f.Value != 0)
		}
		w.door(c, func(d *door) { w.state(d.stops, w.f.Value != 0) })
	case Door:
		w.door(c, func(d *door) { w.state(d.open, w.f.Value != 0) })
	case Lock:
		w.door(c, w.lock)
	}
}

// silence is unknown, but for what a boot proves: an agent that runs would have written the mark that is missing.
func (w writer) silence(c *cab) {
	from, at := w.f.From, w.f.At
	w.put(at, none, marks, none)
	if from == 0 {
		return
	}
	if w.f.Code != SilentPower && w.f.Code != SilentStopped {
		w.span(c.silence, from, at)
		return
	}
	w.span(c.silence, from, min(from+Mark, at))
	w.span(c.down, from+Mark, at)
}

func (w writer) lock(d *door) {
	if w.f.Value < 2 {
		w.state(d.lock, false)
		w.state(d.doubt, w.f.Value == 1)
		return
	}
	w.put(w.f.From, d.lock, sets, w.n)
	w.put(w.f.At, d.lock, sets, w.n)
}

func (w writer) door(c *cab, do func(*door)) {
	number, err := strconv.Atoi(w.f.Subject)
	if err != nil {
		return
	}
	for i := range c.doors {
		if int(c.doors[i].number) == number {
			do(&c.doors[i])
		}
	}
}

// behind is the door of a platform.
func (c *cab) behind(platform string) int { return c.of[protocol.PlatformID(platform)] }

func (w writer) scale(c *cab) int32 {
	slot, known := c.scales[w.f.Subject]
	if !known {
		slot = w.s.slot()
		c.scales[w.f.Subject] = slot
		d := &c.doors[c.behind(w.f.Subject)]
		d.scales = append(d.scales, slot)
	}
	return slot
}

// stock sets a lane to twice the fact's number, and one more where something lies there.
func (w writer) stock(c *cab, n int) {
	slot, known := c.lanes[w.f.Subject]
	if !known {
		slot = w.s.slot()
		c.lanes[w.f.Subject] = slot
		w.s.serves(c, n, w.f.Subject, slot)
	}
	to := w.n << 1
	if w.f.Value > 0 {
		to++
	}
	w.put(w.f.At, slot, sets, to)
	if w.f.At < c.stocked {
		w.s.touch(w.f.At, min(c.stocked, w.s.until))
		c.stocked = w.f.At
	}
}

// know begins what is known of a cabinet with its first fact.
func (w writer) know(c *cab) {
	switch w.f.Kind {
	case Line, Late, Apart, Halt, End, Barred:
		return
	}
	if w.f.At < c.first {
		w.s.touch(w.f.At, min(c.first, w.s.until))
		c.first = w.f.At
	}
}

// bar is the slot of an article that may not be sold.
func (s *Store) bar(c *cab, sku string) int32 {
	slot, known := c.barred[sku]
	if !known {
		slot = s.slot()
		c.barred[sku] = slot
	}
	return slot
}

// serves has a lane serve the categories that its article is marked for.
func (s *Store) serves(c *cab, n int, subject string, slot int32) {
	platform, sku, _ := strings.Cut(subject, "/")
	for need := range s.plan.Needs {
		for i, category := range s.plan.Needs[need].Categories {
			for _, marked := range category.SKUs {
				if string(marked) == sku {
					at := s.category(need, i)
					s.lanes[at] = append(s.lanes[at], laneAt{cab: n, door: c.behind(platform), slot: slot, bar: s.bar(c, sku), subject: subject})
				}
			}
		}
	}
}

// category numbers the categories of all needs.
func (s *Store) category(need, i int) int {
	n := i
	for _, before := range s.plan.Needs[:need] {
		n += len(before.Categories)
	}
	return n
}
