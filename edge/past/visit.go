package past

import (
	"fmt"
	"slices"

	"allhours/edge"
	"allhours/edge/internal/weigh"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Door says where the door is.
func (c *Cabinet) Door(open bool) error {
	is := edge.No
	if open {
		is = edge.Yes
	}
	return c.input(session.Door{Open: is})
}

// Latch says where the bolt is.
func (c *Cabinet) Latch(locked bool) error {
	is := edge.No
	if locked {
		is = edge.Yes
	}
	return c.input(session.Latch{Locked: is})
}

// Pulsed says that the lock was pulsed; Asked reports whether that is wanted.
func (c *Cabinet) Pulsed() error {
	return c.input(session.Pulsed{Result: session.PulseDone, Took: c.o.Now().Sub(c.arrived)})
}

// Asked reports a grant that is burnt, whose lock is to be pulsed.
func (c *Cabinet) Asked() bool { return c.door.Stage == session.Pulsing }

// Busy reports a visit under way.
func (c *Cabinet) Busy() bool { return c.door.Busy() }

// Read takes what all scales show, in the order of the desired state's platforms, and lets time pass.
func (c *Cabinet) Read(shown []wire.Weight) error {
	c.shown = shown
	if c.engine != nil {
		for i, w := range shown {
			c.engine.Read(c.ms(), i, settle.Sample{Weight: w.Weight, OK: w.OK})
		}
		if c.door.Stage == session.Counting && c.engine.Calm(c.ms()) {
			if err := c.input(session.Calm{}); err != nil {
				return err
			}
		}
	}
	return c.input(session.Tick{})
}

// Steps writes what was seen since it was last called; a refill's steps are its settlement's.
func (c *Cabinet) Steps() error {
	if c.engine == nil || c.door.Visit.Purpose == protocol.PurposeRefill {
		return nil
	}
	all := c.engine.Steps()
	if len(all) <= c.told {
		return nil
	}
	fresh := slices.Clone(all[c.told:])
	c.told = len(all)
	return c.write(wire.StepBody{Visit: c.door.Visit.ID, Steps: fresh})
}

func (c *Cabinet) ms() int64 { return c.o.Now().Sub(c.zero).Milliseconds() }

// input steps the door and carries out what it asks for.
func (c *Cabinet) input(in session.Input) error {
	for queue := []session.Input{in}; len(queue) > 0; queue = queue[1:] {
		next, effects := session.Step(c.door, queue[0], c.clock.Up())
		c.door = next
		for _, e := range effects {
			result, err := c.do(e)
			if err != nil {
				return fmt.Errorf("%s: %w", c.ID(), err)
			}
			if result != nil {
				queue = append(queue, result)
			}
		}
	}
	return c.apply()
}

func (c *Cabinet) do(e session.Effect) (session.Input, error) {
	switch e := e.(type) {
	case session.Burn:
		if err := c.journal.Burn(e.Visit); err != nil {
			code := protocol.CodeOf(err)
			if code == "" {
				return nil, err
			}
			return session.Burnt{Code: code}, nil
		}
		return session.Burnt{Code: protocol.CodeOK}, nil
	case session.Journal:
		return nil, c.write(e.Bodies...)
	case session.Reply:
		return nil, c.reply(e.Command, e.Code, e.Detail, e.Took)
	case session.Weigh:
		return nil, c.weigh()
	case session.Moved:
		c.engine.Door(c.ms(), e.Open)
	case session.Decide:
		return c.settle(e)
	case session.Forget:
		c.engine = nil
	}
	return nil, nil
}

// weigh begins to follow the scales.
func (c *Cabinet) weigh() (err error) {
	layout, cfg, err := c.layout()
	if err != nil {
		return err
	}
	c.zero, c.told = c.o.Now(), 0
	if c.engine, err = settle.New(layout, cfg); err != nil {
		return err
	}
	c.engine.Door(0, false)
	return nil
}

// settle decides the visit and writes the settlement with the stock that it leaves.
func (c *Cabinet) settle(e session.Decide) (session.Input, error) {
	decide := c.engine.Decide
	if e.Visit.Purpose == protocol.PurposeRefill {
		decide = c.engine.Filled
	}
	answer := decide()
	err := c.write(wire.SettledBody{
		Visit: e.Visit.ID, Compartment: e.Visit.Compartment, Purpose: e.Visit.Purpose, Config: e.Visit.Config,
		OpenMS: e.OpenFor.Milliseconds(), WaitMS: e.ShutFor.Milliseconds(), ZeroAt: c.zero.UnixMilli(), Answer: answer,
	}, wire.StockBody{Levels: answer.Levels})
	return session.Settled{OK: err == nil}, err
}

// layout is what visits are settled against.
func (c *Cabinet) layout() (settle.Layout, settle.Config, error) {
	book, err := c.journal.Book()
	l := settle.Layout{Goods: map[protocol.SKU]settle.Good{}}
	if c.applied == nil || err != nil {
		return l, settle.Config{}, err
	}
	for sku, g := range c.applied.Goods {
		l.Goods[sku] = settle.Good{Unit: g.Unit, SD: g.SD}
	}
	for _, p := range c.applied.Platforms {
		shelf := settle.Platform{ID: p.ID, Capacity: p.Capacity, Division: p.Division, Book: map[protocol.SKU]int{}}
		for _, sku := range p.SKUs {
			shelf.Book[sku] = book[p.ID][sku]
		}
		l.Platforms = append(l.Platforms, shelf)
	}
	return l, settle.Config{BillConfidence: c.applied.Limits.BillConfidence}, nil
}

// Stock writes what lies on each platform by book, and what the scales count there, as the agent does each hour.
func (c *Cabinet) Stock() error {
	layout, _, err := c.layout()
	if err != nil || c.applied == nil {
		return err
	}
	body := wire.StockBody{Levels: []settle.Level{}}
	for i, p := range layout.Platforms {
		level := settle.Level{Platform: p.ID, Units: []settle.Line{}}
		if i < len(c.shown) {
			level.Weight = c.shown[i].Weight
		}
		for _, sku := range c.applied.Platforms[i].SKUs {
			level.Units = append(level.Units, settle.Line{SKU: sku, Qty: p.Book[sku]})
		}
		body.Levels = append(body.Levels, level)
		if i < len(c.shown) && c.shown[i].OK && len(level.Units) > 0 {
			count := weigh.Count(weigh.Scale{Capacity: p.Capacity, Division: p.Division}, level.Weight, level.Units, layout.Goods)
			count.Platform = p.ID
			body.Counts = append(body.Counts, count)
		}
	}
	return c.write(body)
}

// Book is what the cabinet believes to lie on each platform.
func (c *Cabinet) Book() (edge.Book, error) { return c.journal.Book() }

// Counters are those of the cabinet's life.
func (c *Cabinet) Counters() (wire.Counters, error) { return c.journal.Counters() }

// Fault writes that a platform can no longer be weighed.
func (c *Cabinet) Fault(p protocol.PlatformID, reason string) error {
	return c.write(wire.ScaleBody{EventType: wire.ScaleFault, Platform: p, Reason: reason})
}

// Stop writes that the compartment stops selling, as it does when a fault has lasted for half an hour.
func (c *Cabinet) Stop() error {
	c.stopped = true
	return c.write(wire.SaleBody{EventType: wire.SaleStopped, Compartment: 1, Code: protocol.CodeScaleFault, Detail: "a scale of this compartment cannot be trusted"})
}

// Clear takes both back.
func (c *Cabinet) Clear(p protocol.PlatformID) error {
	c.stopped = false
	return c.write(wire.ScaleBody{EventType: wire.ScaleClear, Platform: p}, wire.SaleBody{EventType: wire.SaleResumed, Compartment: 1})
}
