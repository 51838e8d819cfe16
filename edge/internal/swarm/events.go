package swarm

import (
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// idle are the events that a cabinet writes in turn: as often as those of a visit come beside each other, without its begin
// and its end, which a visit of the cloud alone has. A door is shut in the moment it is opened, for nobody stands there: who
// comes to buy finds it shut.
var idle = [...]func(*cabinet) []wire.Body{
	one((*cabinet).pulsed), (*cabinet).opened, one((*cabinet).step), one((*cabinet).step), one((*cabinet).step), one((*cabinet).step),
	one((*cabinet).levels), one((*cabinet).alive),
}

func one(body func(*cabinet) wire.Body) func(*cabinet) []wire.Body {
	return func(c *cabinet) []wire.Body { return []wire.Body{body(c)} }
}

func (c *cabinet) pulsed() wire.Body {
	visit := c.outbox.journal
	return wire.LockBody{EventType: wire.LockPulsed, Compartment: 1, Visit: &visit}
}

func (c *cabinet) opened() []wire.Body {
	visit := c.outbox.journal
	return []wire.Body{
		wire.DoorBody{EventType: wire.DoorOpened, Compartment: 1, Visit: &visit},
		wire.DoorBody{EventType: wire.DoorShut, Compartment: 1, Visit: &visit, OpenMS: 8200},
	}
}

func (c *cabinet) step() wire.Body {
	s := wire.StepBody{Visit: c.outbox.journal}
	if p, sku, ok := c.first(1); ok {
		s.Steps = []settle.Step{{At: 4200, Platform: p, Delta: -c.layout().Goods[sku].Unit, SKU: sku, Qty: -1, What: settle.Taken, Probability: 0.997}}
	}
	return s
}

func (c *cabinet) levels() wire.Body { return wire.StockBody{Levels: c.stock(1)} }

func (c *cabinet) alive() wire.Body {
	c.mu.Lock()
	defer c.mu.Unlock()
	return wire.AliveBody{Selling: true, Counters: c.counters}
}

// first is an article of a compartment, and where it lies.
func (c *cabinet) first(n protocol.Compartment) (protocol.PlatformID, protocol.SKU, bool) {
	for _, p := range c.layout().Platforms {
		if p.Compartment == n && len(p.SKUs) > 0 {
			return p.ID, p.SKUs[0], true
		}
	}
	return "", "", false
}

// stock says of each platform of a compartment that four of each article lie there.
func (c *cabinet) stock(n protocol.Compartment) []settle.Level {
	layout, levels := c.layout(), []settle.Level{}
	for _, p := range layout.Platforms {
		if p.Compartment != n {
			continue
		}
		l := settle.Level{Platform: p.ID, Units: []settle.Line{}}
		for _, sku := range p.SKUs {
			l.Units = append(l.Units, settle.Line{SKU: sku, Qty: 4})
			l.Weight += 4 * layout.Goods[sku].Unit
		}
		levels = append(levels, l)
	}
	return levels
}
