package weigh

import (
	"math"
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
)

// Times of trust.
const (
	faultAfter = 3 * time.Second // of bad readings
	clearAfter = 3 * time.Second // of good ones
	levelSpan  = time.Second     // a calm weight is the middle of so much
	keep       = 24              // readings: what a visit is given of the time before it, some 2 s
)

// channel is one platform's scale.
type channel struct {
	correct edge.Correction
	shown   []edge.Sample // as the board gave them, oldest first, keep at most
	recent  []edge.Sample // the same as they are believed: corrected
	tries   int
	fault   string    // why it cannot be trusted; "" where it can
	since   time.Time // since when its readings have been unlike its fault
	unlike  string    // what they say instead
	still   stillness
	rate    rate
}

func (c *channel) latest() reading {
	s := c.recent[len(c.recent)-1]
	return reading{at: s.At, weight: s.Weight, ok: s.Fault == edge.ScaleOK && c.fault == ""}
}

type reading struct {
	at     time.Time
	weight protocol.Milligrams
	ok     bool
}

func (c *channel) add(s edge.Sample) {
	c.shown = pushed(c.shown, s)
	if s.Fault == edge.ScaleOK {
		s.Weight = c.correct.Of(s.Weight)
	}
	c.recent = pushed(c.recent, s)
	c.tries++
	says := string(s.Fault)
	if s.Fault == edge.ScaleOK {
		c.rate.add(s.At)
		if c.still.stuck(s.Weight) {
			says = "stuck"
		}
	}
	c.judge(says, s.At)
}

// pushed adds the newest sample in the place of the oldest.
func pushed(samples []edge.Sample, s edge.Sample) []edge.Sample {
	if len(samples) == keep {
		samples = slices.Delete(samples, 0, 1)
	}
	return append(samples, s)
}

// judge changes the verdict only after readings said the same for some seconds.
func (c *channel) judge(says string, at time.Time) {
	if says == c.fault {
		c.unlike, c.since = c.fault, time.Time{}
		return
	}
	if c.since.IsZero() || says != c.unlike {
		c.unlike, c.since = says, at
		return
	}
	patience := faultAfter
	if says == "" {
		patience = clearAfter
	}
	if at.Sub(c.since) >= patience {
		c.fault, c.since = says, time.Time{}
	}
}

// level is the median of the last second.
func (c *channel) level(now time.Time) (protocol.Milligrams, bool) {
	var weights []protocol.Milligrams
	for _, s := range c.recent {
		if s.Fault == edge.ScaleOK && now.Sub(s.At) <= levelSpan {
			weights = append(weights, s.Weight)
		}
	}
	if len(weights) == 0 {
		return 0, false
	}
	slices.Sort(weights)
	return weights[len(weights)/2], c.fault == ""
}

// stillness finds a scale that has stopped to measure. Only one whose readings usually dance over three values and more
// can be told from a calm one; of any other nothing is said.
type stillness struct {
	seen     int
	changes  int
	last     protocol.Milligrams
	values   [3]protocol.Milligrams
	distinct int
	lively   int // windows for which its last dance still counts
	is       bool
}

const (
	stillWindow   = 600 // readings, about a minute
	livelyChanges = stillWindow / 5
	remembered    = 2 // windows: it may fall still in the middle of one
)

func (s *stillness) stuck(w protocol.Milligrams) bool {
	if s.seen > 0 && w != s.last {
		s.changes++
		s.is = false
	}
	s.last = w
	s.seen++
	if s.distinct < len(s.values) && !slices.Contains(s.values[:s.distinct], w) {
		s.values[s.distinct] = w
		s.distinct++
	}
	if s.seen < stillWindow {
		return s.is
	}
	switch {
	case s.distinct == len(s.values) && s.changes >= livelyChanges:
		s.lively = remembered
	case s.distinct == 1 && (s.is || s.lively > 0):
		s.is = true
	default:
		s.lively = max(s.lively-1, 0)
	}
	s.seen, s.changes, s.distinct = 0, 0, 0
	return s.is
}

// rate counts answers in spans of some seconds.
type rate struct {
	from  time.Time
	count int
	last  float64
}

const rateSpan = 5 * time.Second

func (r *rate) add(at time.Time) {
	if r.from.IsZero() {
		r.from = at
		return
	}
	r.count++
	if span := at.Sub(r.from); span >= rateSpan {
		r.last, r.count, r.from = float64(r.count)/span.Seconds(), 0, at
	}
}

func (r *rate) hz(now time.Time) float64 {
	if r.from.IsZero() || now.Sub(r.from) > 2*rateSpan {
		return 0
	}
	if r.last == 0 && now.After(r.from) {
		return float64(r.count) / now.Sub(r.from).Seconds()
	}
	return r.last
}

// noise is the standard deviation of the readings that are kept.
func (c *channel) noise() protocol.Milligrams {
	var n, sum, squares float64
	for _, s := range c.recent {
		if s.Fault == edge.ScaleOK {
			g := s.Weight.Grams()
			n, sum, squares = n+1, sum+g, squares+g*g
		}
	}
	if n < 2 {
		return 0
	}
	return protocol.FromGrams(math.Sqrt(max(squares/n-(sum/n)*(sum/n), 0)))
}
