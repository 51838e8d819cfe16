package agent

import (
	"slices"
	"time"

	"allhours/edge"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// waitForScales is how long a boot waits for scales that do not show what lies on them before it recovers a visit without
// them.
const waitForScales = 10 * time.Second

// unchanged is how far a weight may wander while the power is off, in milligrams, beside two divisions of its scale.
const unchanged protocol.Milligrams = 4000

// recover takes up a visit that the boot found without an end, once the door and the weights are known.
func (d *door) recover() {
	up := d.a.clock.Up()
	if d.unfinished == nil || d.firstOpen == edge.Unknown || up < 2*time.Second {
		return
	}
	v := *d.unfinished
	layout, _ := d.a.layout(v.Compartment, v.Purpose)
	if !d.a.watch.Shown(platformsOf(layout)) && up < waitForScales {
		return
	}
	d.unfinished, d.takenUp = nil, time.Now()
	after := d.a.watch.Weights(platformsOf(layout))
	d.a.log.Info("a visit without an end was found", "visit", v.ID, "door_open", d.firstOpen, "opened", v.Opened)
	d.input(session.Recover{
		Visit: v, DoorOpen: d.firstOpen, Locked: d.firstLatch, Unchanged: same(layout, v.Before, after),
	}, d.takenUp)
}

// lookBack compares the weights with those before the visit, as soon as every scale of the door shows one again.
func (d *door) lookBack(now time.Time) {
	if d.compare.IsZero() {
		return
	}
	v := d.state.Visit
	layout, _ := d.a.layout(v.Compartment, v.Purpose)
	after := d.a.watch.Weights(platformsOf(layout))
	silent := slices.ContainsFunc(after, func(w wire.Weight) bool { return !w.OK })
	if silent && now.Sub(d.compare) < waitForScales {
		return
	}
	d.compare = time.Time{}
	d.input(session.Compared{Unchanged: same(layout, v.Before, after)}, now)
}

// same reports whether every platform weighs what it did; a weight that is not known is not the same.
func same(l settle.Layout, before, after []wire.Weight) bool {
	was, is := samples(l, before), samples(l, after)
	for i, p := range l.Platforms {
		d := is[i].Weight - was[i].Weight
		if !was[i].OK || !is[i].OK || max(d, -d) > unchanged+2*p.Division {
			return false
		}
	}
	return true
}

// samples puts weights into the layout's order; a platform without one is not OK.
func samples(l settle.Layout, weights []wire.Weight) []settle.Sample {
	out := make([]settle.Sample, len(l.Platforms))
	for i, p := range l.Platforms {
		for _, w := range weights {
			if w.Platform == p.ID {
				out[i] = settle.Sample{Weight: w.Weight, OK: w.OK}
			}
		}
	}
	return out
}
