package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// desire keeps a desired state that is newer than the one in force and fits this cabinet until it can be applied. Any other
// is refused, and what is in force stays, whole.
func (a *Agent) desire(c wire.Config) {
	if a.desired(c) {
		return
	}
	if err := errors.Join(a.newest(c), a.fits(c)); err != nil {
		a.refuseConfig(c.Config, err)
		return
	}
	a.waiting = &c
	a.applyWaiting()
}

// desired reports a desired state that is in force or waits to be: the cloud sends each until it has heard of it.
func (a *Agent) desired(c wire.Config) bool {
	for _, known := range []*wire.Config{a.applied.Load(), a.waiting} {
		if known != nil && known.Config == c.Config && sameConfig(*known, c) {
			return true
		}
	}
	return false
}

// sameConfig compares what two desired states say; one that the journal kept has lost what is empty.
func sameConfig(a, b wire.Config) bool {
	one, wrongOne := json.Marshal(a)
	other, wrongOther := json.Marshal(b)
	return wrongOne == nil && wrongOther == nil && bytes.Equal(one, other)
}

// newest reports a desired state that is not newer than what is in force or waits to be.
func (a *Agent) newest(c wire.Config) error {
	known := a.Applied()
	if a.waiting != nil && a.waiting.Config.Newer(known) {
		known = a.waiting.Config
	}
	switch {
	case c.Config == known:
		return protocol.Errorf(protocol.CodeMalformed, "version %d.%d is known with another content", known.FleetEpoch, known.Version)
	case !c.Config.Newer(known):
		return protocol.Errorf(protocol.CodeStale, "not newer than %d.%d", known.FleetEpoch, known.Version)
	}
	return nil
}

// refuseConfig tells the cloud of each version once in a boot: it sends the same again and again.
func (a *Agent) refuseConfig(v wire.ConfigVersion, why error) {
	if a.notApplied == v {
		return
	}
	a.notApplied = v
	a.log.Error("desired state refused", "version", v.Version, "error", why)
	code := protocol.CodeMalformed
	detail := why.Error()
	var coded *protocol.Error
	if errors.As(why, &coded) {
		code, detail = coded.Code, coded.Msg
	}
	a.write(wire.NotAppliedBody{Config: v, Code: code, Detail: detail})
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
	a.limitWarmth()
	a.followHalts()
	a.log.Info("desired state applied", "version", a.waiting.Config.Version)
	a.waiting = nil
	for _, d := range a.doors {
		d.forget()
	}
	a.schedule.telemetry = 0
}

// layout is what a compartment's visits are settled against; empty without a desired state. A refill may bring what is to come.
func (a *Agent) layout(c protocol.Compartment, purpose protocol.Purpose) (settle.Layout, settle.Config) {
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
		for _, sku := range lying(p, book, purpose) {
			shelf.Book[sku] = book[p.ID][sku]
		}
		l.Platforms = append(l.Platforms, shelf)
	}
	return l, settle.Config{BillConfidence: cfg.Limits.BillConfidence}
}

// lying are the articles that a visit may find on a platform. What is to come is among them in a refill, and from then on that
// a refill has put some of it there: a resident may be at the door before the next planogram is in force.
func lying(p wire.Platform, book edge.Book, purpose protocol.Purpose) []protocol.SKU {
	skus := slices.Clone(p.SKUs)
	for _, sku := range p.Coming {
		if purpose == protocol.PurposeRefill || book[p.ID][sku] != 0 {
			skus = append(skus, sku)
		}
	}
	return skus
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
		for _, sku := range lying(p, book, protocol.PurposePurchase) {
			level.Units = append(level.Units, settle.Line{SKU: sku, Qty: book[p.ID][sku]})
		}
		body.Levels = append(body.Levels, level)
	}
	body.Counts = a.counts(cfg, body.Levels)
	return body, nil
}
