package agent

import (
	"fmt"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// desire keeps a desired state that is newer than the one in force and fits this cabinet until it can be applied.
func (a *Agent) desire(c wire.Config) {
	if !c.Config.Newer(a.Applied()) || a.waiting != nil && !c.Config.Newer(a.waiting.Config) {
		a.log.Debug("desired state is not newer", "version", c.Config.Version)
		return
	}
	if err := a.fits(c); err != nil {
		a.log.Error("desired state refused", "version", c.Config.Version, "error", err)
		return
	}
	a.waiting = &c
	a.applyWaiting()
}

// fits reports why a desired state cannot be carried out by this cabinet.
func (a *Agent) fits(c wire.Config) error {
	if len(c.Platforms) == 0 {
		return protocol.Errorf(protocol.CodeMalformed, "no platform")
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
		}
		seen[p.ID] = true
		for _, sku := range p.SKUs {
			if g, known := c.Goods[sku]; !known || g.Unit <= 0 {
				return protocol.Errorf(protocol.CodeMalformed, "platform %q: article %q has no weight", p.ID, sku)
			}
		}
	}
	return nil
}

// applyWaiting puts a desired state into force between visits.
func (a *Agent) applyWaiting() {
	if a.waiting == nil || !a.idle() || a.clock.Up() < a.schedule.apply {
		return
	}
	if err := a.journal.Apply(*a.waiting); err != nil {
		a.log.Error("desired state not applied", "error", err)
		a.schedule.apply = a.clock.Up() + saveAgain
		return
	}
	if was := a.applied.Load(); was != nil && a.waiting.Stock.Version > was.Stock.Version {
		a.counted()
	}
	a.applied.Store(a.waiting)
	a.fitZeros(a.waiting)
	a.log.Info("desired state applied", "version", a.waiting.Config.Version)
	a.waiting = nil
	for _, d := range a.doors {
		d.forget()
	}
	a.schedule.telemetry = 0
}

// layout is what a compartment's visits are settled against; empty without a desired state.
func (a *Agent) layout(c protocol.Compartment) (settle.Layout, settle.Config) {
	cfg := a.applied.Load()
	if cfg == nil {
		return settle.Layout{}, settle.Config{}
	}
	book, err := a.journal.Book()
	if err != nil {
		a.log.Error("book", "error", err)
	}
	l := settle.Layout{Goods: a.goods(cfg)}
	for _, p := range cfg.Platforms {
		if p.Compartment != c {
			continue
		}
		shelf := settle.Platform{ID: p.ID, Capacity: p.Capacity, Division: p.Division, Book: map[protocol.SKU]int{}}
		for _, sku := range p.SKUs {
			shelf.Book[sku] = book[p.ID][sku]
		}
		l.Platforms = append(l.Platforms, shelf)
	}
	return l, settle.Config{BillConfidence: cfg.Limits.BillConfidence}
}

func platformsOf(l settle.Layout) []protocol.PlatformID {
	ids := make([]protocol.PlatformID, len(l.Platforms))
	for i, p := range l.Platforms {
		ids[i] = p.ID
	}
	return ids
}

// platforms of a compartment by the desired state in force.
func (a *Agent) platforms(c protocol.Compartment) []protocol.PlatformID {
	cfg := a.applied.Load()
	if cfg == nil {
		return nil
	}
	var ids []protocol.PlatformID
	for _, p := range cfg.Platforms {
		if p.Compartment == c {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// stock is what lies on every platform, by book, and what it weighs.
func (a *Agent) stock() (wire.StockBody, error) {
	body := wire.StockBody{Levels: []settle.Level{}}
	cfg := a.applied.Load()
	if cfg == nil {
		return body, nil
	}
	book, err := a.journal.Book()
	if err != nil {
		return body, fmt.Errorf("stock level: %w", err)
	}
	for _, p := range cfg.Platforms {
		weight := a.watch.Weights([]protocol.PlatformID{p.ID})[0]
		level := settle.Level{Platform: p.ID, Weight: weight.Weight, Units: []settle.Line{}}
		for _, sku := range p.SKUs {
			level.Units = append(level.Units, settle.Line{SKU: sku, Qty: book[p.ID][sku]})
		}
		body.Levels = append(body.Levels, level)
	}
	body.Counts = a.counts(cfg, body.Levels)
	return body, nil
}
