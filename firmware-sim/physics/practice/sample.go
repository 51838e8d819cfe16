package practice

import (
	"math"
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// Sampling says when the scales are read.
type Sampling struct {
	Period    float64 // milliseconds between two readings of a scale
	Jitter    float64 // by which a reading is early or late at most, milliseconds
	Irregular bool    // pauses are drawn between a third of the period and five times as much
	Staggered bool    // each channel has times of its own
}

// Ordinary is ten readings a second, of all scales at once, as in the recorded practice visits.
func Ordinary() Sampling { return Every(100) }

// Every reads all scales at once, with so many milliseconds between two readings.
func Every(period float64) Sampling { return Sampling{Period: period, Jitter: jitterShare * period} }

// Reading is one reading of one channel.
type Reading struct {
	At       int64 // milliseconds since the visit's zero
	Platform int
	settle.Sample
}

// times gives the moments of readings in milliseconds, in order.
func (s *Story) times(how Sampling, c chance, offset float64) []float64 {
	var out []float64
	for at := how.Period + offset; at < s.end; {
		out = append(out, max(1, at+c.in(span{-how.Jitter, how.Jitter})))
		if how.Irregular {
			at += how.Period * math.Exp(c.in(span{math.Log(1.0 / 3), math.Log(5)}))
		} else {
			at += how.Period
		}
	}
	return out
}

// Trace reads all scales at once, whatever the sampling says of staggering.
func (s *Story) Trace(how Sampling) trace.Visit {
	c := newChance(s.seed, "read/"+s.ID)
	v := trace.Visit{Header: s.Header, Rows: []trace.Row{{}}}
	held := make([]settle.Sample, len(s.cells))
	isOpen, wasShut := false, false
	for _, at := range s.times(how, c, 0) {
		if s.missing(at) {
			continue
		}
		ms := int64(at)
		if !isOpen && at >= s.opened {
			isOpen = true
			v.Rows = append(v.Rows, trace.Row{At: ms, Open: true})
		}
		if !wasShut && at >= s.shut {
			wasShut = true
			v.Rows = append(v.Rows, trace.Row{At: ms})
		}
		row := trace.Row{At: ms, Reading: true, Samples: make([]settle.Sample, len(s.cells))}
		for i := range s.cells {
			row.Samples[i] = s.read(i, at, c, held)
		}
		v.Rows = append(v.Rows, row)
	}
	if s.faults.disorder {
		v.Rows = disordered(v.Rows, c, func(r trace.Row) bool { return r.Reading })
	}
	return v
}

// Feed plays the visit into an engine as the sampling says.
func (s *Story) Feed(engine *settle.Visit, how Sampling) {
	if !how.Staggered {
		v := s.Trace(how)
		v.Feed(engine)
		return
	}
	engine.Door(0, false)
	opened, shut := int64(s.opened), int64(s.shut)
	for _, r := range s.Readings(how) {
		if opened > 0 && r.At >= opened {
			engine.Door(opened, true)
			opened = 0
		}
		if shut > 0 && r.At >= shut {
			engine.Door(shut, false)
			shut = 0
		}
		engine.Read(r.At, r.Platform, r.Sample)
	}
}

// Readings reads each scale at times of its own, in the order in which they come.
func (s *Story) Readings(how Sampling) []Reading {
	c := newChance(s.seed, "read/"+s.ID)
	var out []Reading
	held := make([]settle.Sample, len(s.cells))
	for i := range s.cells {
		for _, at := range s.times(how, c, c.Float64()*how.Period) {
			if !s.missing(at) {
				out = append(out, Reading{int64(at), i, s.read(i, at, c, held)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Reading) int { return int(a.At - b.At) })
	if s.faults.disorder {
		out = disordered(out, c, func(Reading) bool { return true })
	}
	return out
}

func (s *Story) missing(at float64) bool { return at >= s.faults.gap.from && at < s.faults.gap.to }

// read is what channel i shows; held is what each showed last.
func (s *Story) read(i int, at float64, c chance, held []settle.Sample) settle.Sample {
	f, cell := &s.faults, &s.cells[i]
	g := cell.weight(at) + cell.noise*c.NormFloat64()
	if f.wild > 0 && c.happens(f.wild) {
		g += wildSpread * cell.capacity * c.NormFloat64()
	}
	out := settle.Sample{Weight: protocol.FromGrams(math.Round(g/cell.division) * cell.division), OK: true}
	for _, o := range f.stuck {
		if o.holds(i, at) && held[i].OK {
			out = held[i]
		}
	}
	held[i] = out
	lost := f.lost > 0 && c.happens(f.lost) || f.dumb && g > cell.capacity
	for _, o := range f.silent {
		lost = lost || o.holds(i, at)
	}
	if lost {
		return settle.Sample{}
	}
	return out
}

// Shares of readings that change places with the next and that come twice, in the family disorder.
const (
	lateShare  = 0.05
	twiceShare = 0.05
)

// disordered lets some of what may move change places with the next, or come twice.
func disordered[T any](in []T, c chance, may func(T) bool) []T {
	out := make([]T, 0, len(in)+len(in)/10)
	for _, x := range in {
		out = append(out, x)
		n := len(out)
		switch {
		case !may(x):
		case n > 1 && may(out[n-2]) && c.happens(lateShare):
			out[n-1], out[n-2] = out[n-2], out[n-1]
		case c.happens(twiceShare):
			out = append(out, x)
		}
	}
	return out
}
