package agent

import (
	"maps"
	"slices"
	"time"

	"allhours/protocol"
	"allhours/protocol/planogram"
	"allhours/protocol/wire"
)

// The longest times that a desired state may set.
const (
	longestPull  = 5 * time.Minute
	longestWarn  = time.Hour
	longestValid = 24 * time.Hour
	longestPer   = 31 * 24 * time.Hour
)

// fits reports why a desired state cannot be carried out by this cabinet.
func (a *Agent) fits(c wire.Config) error {
	if len(c.Platforms) == 0 {
		return protocol.Errorf(protocol.CodeMalformed, "no platform")
	}
	if c.PriceVersion == 0 {
		return protocol.Errorf(protocol.CodeMalformed, "no version of prices")
	}
	seen := map[protocol.PlatformID]bool{}
	for _, p := range c.Platforms {
		switch {
		case seen[p.ID]:
			return protocol.Errorf(protocol.CodeMalformed, "platform %q is there twice", p.ID)
		case !a.watch.Has(p.ID):
			return protocol.Errorf(protocol.CodeMalformed, "platform %q has no scale here", p.ID)
		case a.doorOf(p.Compartment) == nil:
			return protocol.Errorf(protocol.CodeMalformed, "platform %q: this cabinet has no compartment %d", p.ID, p.Compartment)
		case p.Capacity <= 0 || p.Division <= 0:
			return protocol.Errorf(protocol.CodeMalformed, "platform %q: capacity %d mg, division %d mg: want more than 0", p.ID, p.Capacity, p.Division)
		}
		seen[p.ID] = true
		if err := goodsFit(c, p); err != nil {
			return err
		}
	}
	if err := a.countFits(c); err != nil {
		return err
	}
	if err := a.healthFits(c.Limits.Health); err != nil {
		return err
	}
	if err := haltsFit(c.Halts); err != nil {
		return err
	}
	return limitsFit(c.Limits)
}

// goodsFit reports an article that cannot be sold from a platform.
func goodsFit(c wire.Config, p wire.Platform) error {
	seen := map[protocol.SKU]bool{}
	for _, sku := range p.Known() {
		g, known := c.Goods[sku]
		switch {
		case seen[sku]:
			return protocol.Errorf(protocol.CodeMalformed, "platform %q: article %q is there twice", p.ID, sku)
		case !known || g.Unit <= 0:
			return protocol.Errorf(protocol.CodeMalformed, "platform %q: article %q has no weight", p.ID, sku)
		case g.SD < 0 || g.Price < 0:
			return protocol.Errorf(protocol.CodeMalformed, "article %q: spread %d mg, price %d fen: want no less than 0", sku, g.SD, int64(g.Price))
		case g.Unit > p.Capacity:
			return protocol.Errorf(protocol.CodeMalformed, "platform %q bears %d mg: article %q weighs %d mg", p.ID, p.Capacity, sku, g.Unit)
		}
		seen[sku] = true
	}
	return nil
}

// overCounted is the share of its capacity that what is counted on a platform may be above it: units differ, and a book that
// is a little wrong must not keep a new box from selling.
const overCounted = 10

// countFits reports a count of what cannot be there. One that was taken already says nothing of what lies there now. A
// platform that is there no more stays in the count that was taken before, and does no harm: the cloud goes on with that
// count until somebody counts again.
func (a *Agent) countFits(c wire.Config) error {
	if known := a.applied.Load(); known != nil && c.Stock.Version <= known.Stock.Version {
		return nil
	}
	for id, units := range c.Stock.Book {
		load := planogram.Load{Platform: id} // Without a capacity nothing is too much.
		if i := slices.IndexFunc(c.Platforms, func(p wire.Platform) bool { return p.ID == id }); i >= 0 {
			load.Capacity = c.Platforms[i].Capacity
		}
		for sku, n := range units {
			if n < 0 {
				return protocol.Errorf(protocol.CodeMalformed, "the count of article %q on platform %q is %d", sku, id, n)
			}
			load.Weight += protocol.Milligrams(n) * c.Goods[sku].Unit
		}
		if load.Over() > load.Capacity/overCounted {
			return protocol.Errorf(protocol.CodeMalformed, "platform %q bears %d mg: what is counted on it weighs %d mg", id, load.Capacity, load.Weight)
		}
	}
	return nil
}

// healthFits reports a limit of the cold that is out of all reason, or of a door that is not there.
func (a *Agent) healthFits(said map[protocol.Compartment]wire.Health) error {
	for _, n := range slices.Sorted(maps.Keys(said)) {
		h := said[n]
		if a.doorOf(n) == nil {
			return protocol.Errorf(protocol.CodeMalformed, "health: this cabinet has no compartment %d", n)
		}
		if dc := h.AboveDC; dc != nil && (*dc < wire.ColdestDC || *dc > wire.WarmestDC) {
			return protocol.Errorf(protocol.CodeMalformed, "health of compartment %d: above_dc %d: want %d to %d", n, *dc, wire.ColdestDC, wire.WarmestDC)
		}
		for _, minutes := range []int{h.ShutMin, h.WarmMin, h.AllMin} {
			if minutes < 0 || minutes > wire.LongestMin {
				return protocol.Errorf(protocol.CodeMalformed, "health of compartment %d: %d minutes: want 0 to %d", n, minutes, wire.LongestMin)
			}
		}
	}
	return nil
}

// limitsFit reports a limit that is out of all reason; a zero is the agent's default.
func limitsFit(l wire.Limits) error {
	within := func(what string, ms int64, longest time.Duration) error {
		if ms < 0 || ms > longest.Milliseconds() {
			return protocol.Errorf(protocol.CodeMalformed, "%s of %d ms: want 0 to %d", what, ms, longest.Milliseconds())
		}
		return nil
	}
	if l.BillConfidence < 0 || l.BillConfidence > 1 {
		return protocol.Errorf(protocol.CodeMalformed, "bill_confidence %g: want 0 to 1", l.BillConfidence)
	}
	if err := within("pull_ms", l.PullMS, longestPull); err != nil {
		return err
	}
	if err := within("open_warn_ms", l.OpenWarnMS, longestWarn); err != nil {
		return err
	}
	o := l.Offline
	if o == nil {
		return nil
	}
	if o.Openings < 0 || o.Service < 0 || o.Fen < 0 || o.Cabinet < 0 {
		return protocol.Errorf(protocol.CodeMalformed, "offline: %d openings, %d of a technician, %d fen, %d on the cabinet: want no less than 0",
			o.Openings, o.Service, int64(o.Fen), o.Cabinet)
	}
	if err := within("offline.valid_ms", o.ValidMS, longestValid); err != nil {
		return err
	}
	return within("offline.per_ms", o.PerMS, longestPer)
}
