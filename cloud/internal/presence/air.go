package presence

import (
	"cmp"
	"math"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// airSteps is how many steps are kept: 24 hours.
const airSteps = int(24 * time.Hour / cloud.AirStep)

// air is how warm it was at the probes of a cabinet.
type air map[probe]*ring

type probe struct {
	compartment protocol.Compartment
	number      int
}

// ring has the steps of the last 24 hours, each at the place of its number; last is the number of the newest, kept that of the
// newest that was handed out to be kept.
type ring struct {
	last int64
	kept int64
	low  [airSteps]int16
	high [airSteps]int16
}

// untold marks a step of which nothing was told; no probe measures it.
const untold = math.MinInt16

func stepOf(at time.Time) int64 { return at.UnixMilli() / cloud.AirStep.Milliseconds() }

// note takes what a cabinet told of its probes at a moment.
func (a *air) note(t wire.Telemetry, at time.Time) {
	for _, c := range t.Compartments {
		for n, p := range c.Probes {
			if p.Fault != "" || p.Celsius == untold {
				continue
			}
			if *a == nil {
				*a = make(air)
			}
			key := probe{c.Compartment, n}
			r := (*a)[key]
			if r == nil {
				r = ringOf(cloud.AirTrace{Last: stepOf(at)})
				r.kept-- // Nothing of it is kept yet.
				(*a)[key] = r
			}
			r.note(int16(p.Celsius), stepOf(at))
		}
	}
}

func (r *ring) note(celsius int16, step int64) {
	if step < r.last { // The clock was set back; what is kept stays.
		return
	}
	r.clear(max(r.last, step-int64(airSteps)), step)
	r.last = step
	i := step % int64(airSteps)
	if r.low[i] == untold {
		r.low[i], r.high[i] = celsius, celsius
		return
	}
	r.low[i], r.high[i] = min(r.low[i], celsius), max(r.high[i], celsius)
}

// clear forgets the steps after one to another.
func (r *ring) clear(after, to int64) {
	for step := after + 1; step <= to; step++ {
		r.low[step%int64(airSteps)] = untold
	}
}

// curve are the steps that end now, the oldest first.
func (r *ring) curve(now int64) []cloud.AirRange {
	steps := make([]cloud.AirRange, airSteps)
	for i := range steps {
		step := now - int64(airSteps) + 1 + int64(i)
		at := step % int64(airSteps)
		if step > r.last || step <= r.last-int64(airSteps) || r.low[at] == untold {
			continue
		}
		steps[i] = cloud.AirRange{Low: protocol.DeciCelsius(r.low[at]), High: protocol.DeciCelsius(r.high[at]), Known: true}
	}
	return steps
}

// Air are the curves of a cabinet until now.
func (b *Book) Air(cabinet protocol.CabinetID, now time.Time) []cloud.AirCurve {
	b.mu.RLock()
	defer b.mu.RUnlock()
	e, known := b.cabinets[cabinet]
	if !known {
		return nil
	}
	step := stepOf(now)
	from := time.UnixMilli((step - int64(airSteps) + 1) * cloud.AirStep.Milliseconds()).UTC()
	all := []cloud.AirCurve{}
	for p, r := range e.air {
		all = append(all, cloud.AirCurve{Compartment: p.compartment, Probe: p.number, From: from, Steps: r.curve(step)})
	}
	slices.SortFunc(all, func(x, y cloud.AirCurve) int {
		return cmp.Or(cmp.Compare(x.Compartment, y.Compartment), cmp.Compare(x.Probe, y.Probe))
	})
	return all
}

// TakeAir hands out the traces that have grown by a number of steps since they were handed out last, at most so many of them.
func (b *Book) TakeAir(grown int64, most int) (traces []cloud.AirTrace) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, e := range b.cabinets {
		for p, r := range e.air {
			if len(traces) == most {
				return traces
			}
			if r.last-r.kept >= grown {
				traces = append(traces, cloud.AirTrace{Cabinet: id, Compartment: p.compartment, Probe: p.number, Last: r.last, Steps: r.curve(r.last)})
				r.kept = r.last
			}
		}
	}
	return traces
}

// KeepAir takes up the traces of before a restart, of cabinets that are known; what was told since stands.
func (b *Book) KeepAir(traces []cloud.AirTrace) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range traces {
		e, known := b.cabinets[t.Cabinet]
		key := probe{t.Compartment, t.Probe}
		if !known || e.air[key] != nil || len(t.Steps) > airSteps {
			continue
		}
		if e.air == nil {
			e.air = make(air)
		}
		e.air[key] = ringOf(t)
	}
}

func ringOf(t cloud.AirTrace) *ring {
	r := &ring{last: t.Last, kept: t.Last}
	r.clear(r.last-int64(airSteps), r.last)
	for i, s := range t.Steps {
		if step := t.Last - int64(len(t.Steps)-1-i); s.Known && step >= 0 {
			r.low[step%int64(airSteps)], r.high[step%int64(airSteps)] = int16(s.Low), int16(s.High)
		}
	}
	return r
}
