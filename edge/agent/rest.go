package agent

import (
	"maps"
	"slices"
	"time"

	"allhours/edge"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// restEvery is how often a platform behind a shut door is looked at.
const restEvery = 5 * time.Second

// rest is what is known between visits.
type rest struct {
	drifts map[protocol.PlatformID]edge.Drift // as remembered, until the platform has a zero
	zeros  map[protocol.PlatformID]*weigh.Zero
	learnt map[protocol.SKU]edge.Learnt
	odd    weigh.Odd
	next   time.Duration
}

func (a *Agent) rememberRest() (err error) {
	if a.rest.drifts, err = a.journal.Drifts(); err != nil {
		return err
	}
	if a.rest.learnt, err = a.journal.Learnt(); err != nil {
		return err
	}
	a.fitZeros(a.applied.Load())
	return nil
}

// fitZeros goes on with the zeros as a desired state bounds them.
func (a *Agent) fitZeros(cfg *wire.Config) {
	drifts := a.drifts()
	a.rest.zeros = map[protocol.PlatformID]*weigh.Zero{}
	if cfg == nil {
		return
	}
	for _, p := range cfg.Platforms {
		a.rest.zeros[p.ID] = zeroOf(cfg, p, drifts[p.ID])
	}
}

// zeroOf goes on with the zero of one platform.
func zeroOf(cfg *wire.Config, p wire.Platform, d edge.Drift) *weigh.Zero {
	var lightest protocol.Milligrams
	for _, sku := range p.SKUs {
		if unit := cfg.Goods[sku].Unit; lightest == 0 || unit < lightest {
			lightest = unit
		}
	}
	return weigh.NewZero(weigh.BoundsOf(p.Capacity, p.Division, lightest), d)
}

// drifts is how the zeros stand, and what is remembered of platforms that have none now.
func (a *Agent) drifts() map[protocol.PlatformID]edge.Drift {
	all := maps.Clone(a.rest.drifts)
	for id, z := range a.rest.zeros {
		all[id] = z.Drift
	}
	return all
}

// counted begins the zeros anew: a person has counted what lies there.
func (a *Agent) counted() {
	for id := range a.drifts() {
		a.rest.drifts[id] = edge.Drift{}
	}
	a.rest.zeros = nil
}

func (a *Agent) saveDrifts() {
	if err := a.journal.SaveDrifts(a.drifts()); err != nil {
		a.log.Error("zeros", "error", err)
	}
}

// quiet reports a door behind which nothing should move.
func (d *door) quiet() bool {
	return !d.state.Busy() && d.unfinished == nil && d.state.Door() == wire.DoorStateShut
}

// lookAtRest follows the zeros behind quiet doors. A scale that cannot be trusted is looked at again when it can.
func (a *Agent) lookAtRest() {
	now := a.clock.Up()
	if now < a.rest.next {
		return
	}
	a.rest.next = now + restEvery
	for _, d := range a.doors {
		if !d.quiet() {
			continue
		}
		d.resting = true
		for _, w := range a.watch.Weights(a.platforms(d.number)) {
			if z := a.rest.zeros[w.Platform]; z != nil && w.OK {
				m, moved := z.Rest(now, w.Weight)
				a.tellMoved(w.Platform, m, moved)
			}
		}
	}
}

// stir ends the rest of a door's platforms the moment that it is no longer quiet.
func (d *door) stir() {
	if !d.resting || d.quiet() {
		return
	}
	d.resting = false
	for _, id := range d.a.platforms(d.number) {
		if z := d.a.rest.zeros[id]; z != nil {
			m, moved := z.Stir(d.a.clock.Up())
			d.a.tellMoved(id, m, moved)
		}
	}
}

func (a *Agent) tellMoved(id protocol.PlatformID, m weigh.Moved, moved bool) {
	if !moved {
		return
	}
	a.log.Warn("a weight changed behind a shut door", "platform", id, "by_mg", m.By, "over", m.Over)
	a.write(wire.MovedBody{Platform: id, Delta: m.By, Weight: m.Weight, OverMS: m.Over.Milliseconds()})
}

// learn takes from a settlement what its goods weighed, for the visits after it.
func (a *Agent) learn(l settle.Layout, answer settle.Answer) {
	cfg := a.applied.Load()
	if cfg == nil {
		return
	}
	learnt := map[protocol.SKU]edge.Learnt{}
	odd := a.rest.odd.Look(l, answer)
	for _, sku := range slices.Sorted(maps.Keys(odd)) {
		a.tellUnit(sku, odd[sku])
		good := settle.Good{Unit: cfg.Goods[sku].Unit, SD: cfg.Goods[sku].SD}
		learnt[sku] = weigh.ToldOf(a.rest.learnt[sku], good, odd[sku])
		a.rest.learnt[sku] = learnt[sku]
	}
	taken := weigh.TakenIn(answer)
	for _, sku := range slices.Sorted(maps.Keys(taken)) {
		good := settle.Good{Unit: cfg.Goods[sku].Unit, SD: cfg.Goods[sku].SD}
		l, moved := weigh.Learn(a.rest.learnt[sku], good, taken[sku])
		a.rest.learnt[sku], learnt[sku] = l, l
		if moved != nil {
			a.tellUnit(sku, *moved)
		}
	}
	if len(learnt) == 0 {
		return
	}
	if err := a.journal.SaveLearnt(learnt); err != nil {
		a.log.Error("unit weights", "error", err)
	}
}

func (a *Agent) tellUnit(sku protocol.SKU, moved weigh.Repackaged) {
	a.log.Warn("an article's weight has moved", "sku", sku, "was_mg", moved.Was, "unit_mg", moved.Unit)
	a.write(wire.UnitBody{SKU: sku, Was: moved.Was, Unit: moved.Unit, Visits: moved.Visits, Units: moved.Units})
}

// goods are the articles of a desired state with the weights that were learnt.
func (a *Agent) goods(cfg *wire.Config) map[protocol.SKU]settle.Good {
	all := make(map[protocol.SKU]settle.Good, len(cfg.Goods))
	for sku, g := range cfg.Goods {
		all[sku] = settle.Good{Unit: weigh.UnitOf(a.rest.learnt[sku], g.Unit), SD: g.SD}
	}
	return all
}

// counts asks the scales behind quiet doors how many units lie there.
func (a *Agent) counts(cfg *wire.Config, levels []settle.Level) []wire.Count {
	var counts []wire.Count
	goods := a.goods(cfg)
	for i, p := range cfg.Platforms {
		d := a.doorOf(p.Compartment)
		w := a.watch.Weights([]protocol.PlatformID{p.ID})[0]
		if d == nil || !d.quiet() || !w.OK || len(p.SKUs) == 0 {
			continue
		}
		scale := weigh.Scale{Capacity: p.Capacity, Division: p.Division, Zero: a.drifts()[p.ID].Zero}
		c := weigh.Count(scale, w.Weight, levels[i].Units, goods)
		c.Platform, c.Zero = p.ID, scale.Zero
		counts = append(counts, c)
	}
	return counts
}
