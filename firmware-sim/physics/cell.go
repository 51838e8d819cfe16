package physics

import (
	"math"
	"time"
)

// ConversionPeriod is the time between two conversions of a cell's converter: 40 a second.
const ConversionPeriod = 25 * time.Millisecond

// settled is the age at which a shock has rung out for good and is forgotten.
const settled = 3 * time.Second

// CellSpec is the character of one load cell with the platform on it. Zero values mean a perfect part.
type CellSpec struct {
	NoiseG     float64       // standard deviation of one conversion, before any filter
	DriftG     float64       // amplitude of the slow wander with temperature, over hours
	SpanError  float64       // share by which the calibration is off
	CreepShare float64       // share of a load that shows only after CreepTime
	CreepTime  time.Duration // time constant of the creep
	RingHz     float64       // natural frequency of the platform
	RingTime   time.Duration // time constant with which it calms down
	CapacityG  float64       // above it the converter reports overload
}

// OrdinaryCell is a mid-price cell under a platform of the given capacity in grams.
func OrdinaryCell(capacityG float64, seed uint64) CellSpec {
	c := chance{seed: seed}
	return CellSpec{
		NoiseG:     0.6 + capacityG/100_000, // 0.3 to 0.5 g after the transmitter's filter of four
		DriftG:     capacityG / 20_000,
		SpanError:  0.0001 * c.gauss(),
		CreepShare: 0.0001 * c.gauss(),
		CreepTime:  2 * time.Minute,
		RingHz:     c.between(9, 14),
		RingTime:   70 * time.Millisecond,
		CapacityG:  capacityG,
	}
}

// Cell is one load cell. Its reading is a function of time between two changes of its load.
type Cell struct {
	spec  CellSpec
	seed  uint64
	base  float64   // grams of all ramps that are long over
	ramps []ramp    // recent changes of load
	bumps []bump    // hands that press
	rings []ring    // shocks that still ring
	creep float64   // grams of creep at creepAt
	since time.Time // when creep was last brought up to date
}

type ramp struct {
	from  time.Time
	over  time.Duration
	grams float64
}

type bump struct {
	from time.Time
	over time.Duration
	peak float64
}

type ring struct {
	from time.Time
	peak float64
}

// NewCell makes a cell that has carried load grams for ever.
func NewCell(spec CellSpec, seed uint64, load float64) *Cell {
	return &Cell{spec: spec, seed: seed, base: load, creep: load * spec.CreepShare}
}

// Add changes the load by grams, evenly between at and at+over, and lets the platform ring afterwards.
func (c *Cell) Add(at time.Time, over time.Duration, grams float64) {
	c.forget(at)
	c.ramps = append(c.ramps, ramp{at, over, grams})
	c.Shake(at.Add(over), -0.12*grams)
}

// Press lets a hand lean on the platform: a push that grows to peak grams and is gone after over. Negative peaks lift.
func (c *Cell) Press(at time.Time, over time.Duration, peak float64) {
	c.bumps = append(c.bumps, bump{at, over, peak})
}

// Shake makes the platform ring with a first swing of peak grams.
func (c *Cell) Shake(at time.Time, peak float64) {
	c.rings = keep(c.rings, func(r ring) bool { return at.Sub(r.from) <= settled })
	c.rings = append(c.rings, ring{at, peak})
}

// LoadG is what really lies on the platform, in grams, without hands and swings.
func (c *Cell) LoadG(at time.Time) float64 {
	load := c.base
	for _, r := range c.ramps {
		load += r.grams * r.done(at)
	}
	return load
}

// ConversionAt is the index of the newest conversion at a time.
func ConversionAt(at time.Time) int64 { return at.UnixNano() / int64(ConversionPeriod) }

// Conversion is what the converter gave at its k-th conversion, in grams, noise included.
func (c *Cell) Conversion(k int64) float64 {
	at := time.Unix(0, k*int64(ConversionPeriod))
	load := c.LoadG(at)
	seen := load*(1+c.spec.SpanError) + c.creepAt(at, load) + c.drift(at)
	for _, b := range c.bumps {
		seen += b.force(at)
	}
	for _, r := range c.rings {
		seen += c.swing(r, at)
	}
	return seen + c.spec.NoiseG*gauss(c.seed, k)
}

// CapacityG is the load in grams above which the converter reports overload.
func (c *Cell) CapacityG() float64 { return c.spec.CapacityG }

func (r ramp) done(at time.Time) float64 {
	passed := at.Sub(r.from)
	switch {
	case passed <= 0:
		return 0
	case passed >= r.over:
		return 1
	}
	return float64(passed) / float64(r.over)
}

func (b bump) force(at time.Time) float64 {
	passed := at.Sub(b.from)
	if passed <= 0 || passed >= b.over {
		return 0
	}
	s := math.Sin(math.Pi * float64(passed) / float64(b.over))
	return b.peak * s * s
}

func (c *Cell) swing(r ring, at time.Time) float64 {
	passed := at.Sub(r.from).Seconds()
	if passed <= 0 || passed > settled.Seconds() || c.spec.RingTime <= 0 {
		return 0
	}
	return r.peak * math.Exp(-passed/c.spec.RingTime.Seconds()) * math.Cos(2*math.Pi*c.spec.RingHz*passed)
}

// creepAt follows the load with a first-order lag. Loads change in a blink against the lag, so the load of now stands
// for the whole time since the last change.
func (c *Cell) creepAt(at time.Time, load float64) float64 {
	if c.since.IsZero() || c.spec.CreepTime <= 0 {
		return c.creep
	}
	goal := load * c.spec.CreepShare
	return goal + (c.creep-goal)*math.Exp(-max(0, at.Sub(c.since).Seconds())/c.spec.CreepTime.Seconds())
}

// drift wanders like the temperature of a cabinet: over the day, and with the compressor over the half hour.
func (c *Cell) drift(at time.Time) float64 {
	const day, compressor = 24 * time.Hour, 1900 * time.Second
	a, b := uniform(c.seed, -1), uniform(c.seed, -2)
	return c.spec.DriftG * (0.8*math.Sin(2*math.Pi*(share(at, day)+a)) + 0.2*math.Sin(2*math.Pi*(share(at, compressor)+b)))
}

// share is how much of the running period is over. Whole numbers are far cheaper here than math.Mod.
func share(at time.Time, period time.Duration) float64 {
	return float64(at.UnixMilli()%period.Milliseconds()) / float64(period.Milliseconds())
}

// forget folds what has long rung out into the base, so that a cell does not grow with its history, and brings the
// creep up to date before the load changes.
func (c *Cell) forget(at time.Time) {
	if c.since.IsZero() {
		c.since = at
	}
	c.creep, c.since = c.creepAt(at, c.LoadG(at)), at
	kept := c.ramps[:0]
	for _, r := range c.ramps {
		if at.Sub(r.from) > settled+r.over {
			c.base += r.grams
		} else {
			kept = append(kept, r)
		}
	}
	c.ramps = kept
	c.bumps = keep(c.bumps, func(b bump) bool { return at.Sub(b.from) <= settled+b.over })
	c.rings = keep(c.rings, func(r ring) bool { return at.Sub(r.from) <= settled })
}

func keep[T any](all []T, wanted func(T) bool) []T {
	kept := all[:0]
	for _, one := range all {
		if wanted(one) {
			kept = append(kept, one)
		}
	}
	return kept
}
