package practice

import "math"

// forgotten is how many milliseconds after a shock nothing is left of it.
const forgotten = 2500

// cell is one scale with what happens to it: a function of time, before noise and rounding. Weights are grams, times
// milliseconds.
type cell struct {
	capacity, division float64
	base               float64 // load before the visit
	zero, span, slope  float64 // offset; share; grams a second
	noise              float64
	ringHz, ringTime   float64
	steps              []step
	presses            []press
	shocks             []shock
}

// step is a change of the load in one moment.
type step struct{ at, grams, ring float64 }

// press is a hand: half a sine from its phase on, or flat where it leans like a good.
type press struct {
	from, time, phase, peak float64
	flat                    bool
}

// shock is a swing that a slam of the door began.
type shock struct{ at, peak, phase float64 }

// load is what really lies on the platform.
func (c *cell) load(at float64) float64 {
	g := c.base
	for _, s := range c.steps {
		if at >= s.at {
			g += s.grams
		}
	}
	return g
}

// weight is what the scale sees.
func (c *cell) weight(at float64) float64 {
	g := c.load(at)*(1+c.span) + c.zero + c.slope*at/1000
	for _, s := range c.steps {
		g -= s.grams * s.ring * c.swing(at-s.at, 0)
	}
	for _, p := range c.presses {
		g += p.force(at)
	}
	for _, s := range c.shocks {
		g += s.peak * c.swing(at-s.at, s.phase)
	}
	return g
}

func (c *cell) swing(since, phase float64) float64 {
	if since < 0 || since > forgotten {
		return 0
	}
	return math.Exp(-since/c.ringTime) * math.Cos(2*math.Pi*(c.ringHz*since/1000+phase))
}

// rise is the share of a flat press's time in which it grows, and in which it goes again.
const rise = 0.2

func (p press) force(at float64) float64 {
	u := (at-p.from)/p.time + p.phase
	switch {
	case at < p.from || u >= 1:
		return 0
	case p.flat:
		return p.peak * min(1, u/rise, (1-u)/rise)
	}
	return p.peak * math.Sin(math.Pi*u)
}
