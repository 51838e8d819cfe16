package practice

import "math"

// faults is what goes wrong on the way from the scales to the readings.
type faults struct {
	lost, wild float64 // shares of the readings
	stuck      []outage
	silent     []outage
	gap        span // no readings at all between these moments; none where it is empty
	disorder   bool // readings come out of order and twice
	dumb       bool // a channel above its capacity does not answer
}

// outage is a time in which one channel fails.
type outage struct {
	platform int
	span
}

func (o outage) holds(platform int, at float64) bool {
	return o.platform == platform && at >= o.from && at < o.to
}

// faulty shops as every day with a line that loses readings, and one scale that sticks for a while.
func faulty(s *script) {
	s.faults.lost, s.faults.wild = s.Float64()*mostLost, s.Float64()*mostWild
	if s.happens(stuckShare) {
		from := s.opened + s.in(stuckStart)
		s.faults.stuck = append(s.faults.stuck, outage{s.IntN(len(s.cells)), span{from, from + s.in(stuckTime)}})
	}
	everyday(s)
}

// stuck has one scale that repeats its reading until the end.
func stuck(s *script) {
	everyday(s)
	o := outage{s.touched(), span{s.in(span{0, s.now}), math.Inf(1)}}
	s.faults.stuck = []outage{o}
	s.MustBill, s.Hidden = false, s.movedOn(o)
}

// silent has one channel that does not answer: for a while, or until the end.
func silent(s *script) {
	everyday(s)
	o := outage{s.touched(), span{s.in(span{s.opened, s.now}), math.Inf(1)}}
	if s.happens(0.5) {
		o.to = o.from + s.in(span{1000, 4000})
		s.Note, s.MustBill = "silent for a while", !s.movedIn(o.span, 1000)
	} else {
		s.Note, s.MustBill, s.Hidden = "silent until the end", false, s.movedOn(o)
	}
	s.faults.silent = []outage{o}
}

// movedOn reports whether anything was moved on a channel since it failed, or just before.
func (s *script) movedOn(o outage) bool {
	for _, step := range s.cells[o.platform].steps {
		if step.at >= o.from-1000 {
			return true
		}
	}
	return false
}

// touched picks a platform from which something was taken, or any where nothing was.
func (s *script) touched() int {
	if len(s.used) == 0 || s.happens(0.3) {
		return s.IntN(len(s.cells))
	}
	return s.used[s.IntN(len(s.used))].platform
}

// powerGap has a hole in the middle, for all channels.
func powerGap(s *script) {
	everyday(s)
	from := s.in(span{s.opened + 300, s.now - 1200})
	s.faults.gap = span{from, min(from+s.in(span{1000, 12000}), s.now-100)}
	s.MustBill = !s.movedIn(s.faults.gap, 1000)
}

// movedIn reports whether anything was moved in a span of time or so many milliseconds beside it.
func (s *script) movedIn(t span, beside float64) bool {
	for _, c := range s.cells {
		for _, step := range c.steps {
			if step.at >= t.from-beside && step.at <= t.to+beside {
				return true
			}
		}
	}
	return false
}

// disorder has readings that come out of order and twice.
func disorder(s *script) {
	everyday(s)
	s.faults.disorder = true
}

// overload has somebody who sits down on a shelf: more than its scale can bear, for a while.
func overload(s *script) {
	everyday(s)
	platform, from := s.touched(), s.in(span{s.opened + 300, s.now - 300})
	c := &s.cells[platform]
	c.presses = append(c.presses, press{from: from, time: s.in(span{800, 4000}), peak: c.capacity * s.in(span{1.1, 1.6}), flat: true})
	s.faults.dumb = s.happens(0.5)
	s.MustBill = false
}
