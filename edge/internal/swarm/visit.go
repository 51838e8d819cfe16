package swarm

import (
	"context"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// carryOut lets a resident in whose grant is good; of other commands the swarm knows nothing.
func (c *cabinet) carryOut(ctx context.Context, cmd wire.Command) error {
	reply := wire.Reply{V: wire.Version, Cabinet: c.id, ID: cmd.ID, Code: protocol.CodeOK}
	g, err := c.granted(cmd)
	if err != nil {
		reply.Code, reply.Detail = protocol.CodeOf(err), err.Error()
		c.uplink.Send(topic.Reply, reply)
		return nil
	}
	if err := c.outbox.write(
		wire.BegunBody{Visit: g.Visit, Compartment: g.Compartment, Purpose: g.Purpose, PriceVersion: g.PriceVersion, Config: c.Applied().Version, Limit: g.LimitFen},
		wire.LockBody{EventType: wire.LockPulsed, Compartment: g.Compartment, Visit: &g.Visit},
	); err != nil {
		return err
	}
	c.uplink.Send(topic.Reply, reply)
	return c.visit(ctx, g)
}

func (c *cabinet) granted(cmd wire.Command) (grant.Grant, error) {
	if cmd.Kind != wire.CommandOpen {
		return grant.Grant{}, protocol.Errorf(protocol.CodeUnsupported, "command %q: a cabinet of a swarm opens only", cmd.Kind)
	}
	raw, err := grant.FromText(cmd.Grant)
	if err != nil {
		return grant.Grant{}, err
	}
	return c.keys.Open(raw, c.id)
}

// visit takes one unit of the first article.
func (c *cabinet) visit(ctx context.Context, g grant.Grant) error {
	if !wait(ctx, pullAfter) {
		return nil
	}
	if err := c.outbox.write(wire.DoorBody{EventType: wire.DoorOpened, Compartment: g.Compartment, Visit: &g.Visit}, wire.OpenedBody{Visit: g.Visit}); err != nil {
		return err
	}
	c.uplink.Send(topic.Live, wire.Live{V: wire.Version, Cabinet: c.id, Visit: g.Visit, Phase: wire.PhaseOpen, Basket: []settle.Line{}})
	if !wait(ctx, shutAfter) {
		return nil
	}
	if err := c.outbox.write(wire.DoorBody{EventType: wire.DoorShut, Compartment: g.Compartment, Visit: &g.Visit, OpenMS: shutAfter.Milliseconds()}); err != nil {
		return err
	}
	if !wait(ctx, calmAfter) {
		return nil
	}
	return c.outbox.write(c.settled(g), wire.StockBody{Levels: c.stock(g.Compartment)})
}

func (c *cabinet) settled(g grant.Grant) wire.SettledBody {
	answer := settle.Answer{Decision: settle.Bill, Lines: []settle.Line{}, Confidence: 1, Rule: "swarm", Levels: c.stock(g.Compartment)}
	layout := c.layout()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counters.Openings++
	for _, p := range layout.Platforms {
		if p.Compartment != g.Compartment || len(p.SKUs) == 0 || g.Purpose != protocol.PurposePurchase {
			continue
		}
		sku := p.SKUs[0]
		answer.Lines = []settle.Line{{SKU: sku, Qty: 1}}
		answer.Why = []settle.Explanation{{Lines: answer.Lines, Probability: 1, Steps: []settle.Step{
			{At: 1000, Platform: p.ID, Delta: -layout.Goods[sku].Unit, SKU: sku, Qty: -1, What: settle.Taken, Probability: 1},
		}}}
		c.counters.Units++
		c.counters.Fen += layout.Goods[sku].Price
		break
	}
	return wire.SettledBody{
		Visit: g.Visit, Compartment: g.Compartment, Purpose: g.Purpose, Config: layout.Config.Version,
		OpenMS: shutAfter.Milliseconds(), WaitMS: calmAfter.Milliseconds(), Answer: answer, Counters: c.counters,
	}
}

func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
