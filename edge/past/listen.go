package past

import (
	"bytes"
	"time"

	"allhours/edge"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Hear takes a message of the cloud and checks it as the agent does.
func (c *Cabinet) Hear(ch topic.Channel, payload []byte) error {
	switch ch {
	case topic.Ack:
		return c.hearAck(payload)
	case topic.Config:
		return c.hearConfig(payload)
	case topic.Command:
		return c.hearCommand(payload)
	}
	return protocol.Errorf(protocol.CodeUnsupported, "nothing is expected on %s", ch)
}

func (c *Cabinet) hearAck(payload []byte) error {
	var a wire.Ack
	if err := wire.Unseal(wire.KindAck, c.keys, payload, &a); err != nil {
		return err
	}
	if a.Cabinet != c.ID() || a.Journal != c.journal.ID() || !bytes.Equal(a.Challenge, c.token[:]) {
		return protocol.Errorf(protocol.CodeOtherCabinet, "ack: for cabinet %s, journal %s or another connection", a.Cabinet, a.Journal)
	}
	c.clock.Heard(time.UnixMilli(a.At))
	upTo, epoch, err := c.journal.Acked()
	if err != nil || upTo == a.HaveUpTo && epoch == a.FleetEpoch {
		return err
	}
	return c.journal.Ack(a.HaveUpTo, a.FleetEpoch)
}

func (c *Cabinet) hearConfig(payload []byte) error {
	var cfg wire.Config
	if err := wire.Unseal(wire.KindConfig, c.keys, payload, &cfg); err != nil {
		return err
	}
	if cfg.Cabinet != c.ID() {
		return protocol.Errorf(protocol.CodeOtherCabinet, "config: for cabinet %s", cfg.Cabinet)
	}
	if cfg.Config.Newer(c.version()) {
		c.waiting = &cfg
	}
	return c.apply()
}

// apply puts a desired state into force between visits.
func (c *Cabinet) apply() error {
	if c.waiting == nil || c.door.Busy() {
		return nil
	}
	cfg := *c.waiting
	if err := c.journal.Apply(cfg); err != nil {
		return err
	}
	c.applied, c.waiting = &cfg, nil
	c.door.Limits = session.New(1, session.Limits{
		Pull: time.Duration(cfg.Limits.PullMS) * time.Millisecond, OpenWarn: time.Duration(cfg.Limits.OpenWarnMS) * time.Millisecond,
	}).Limits
	return nil
}

// hearCommand carries out a command to open. What else a cabinet is asked for, such as recordings, it has none of.
func (c *Cabinet) hearCommand(payload []byte) error {
	var cmd wire.Command
	if err := wire.Decode(payload, &cmd); err != nil {
		return err
	}
	if cmd.Kind != wire.CommandOpen {
		return nil
	}
	err := c.open(cmd)
	if err == nil {
		return nil
	}
	return c.reply(cmd.ID, protocol.CodeOf(err), err.Error(), 0)
}

// open checks the grant in the order of the contract and asks the door.
func (c *Cabinet) open(cmd wire.Command) error {
	now, known := c.clock.Cloud()
	if !known {
		return protocol.Errorf(protocol.CodeTimeUnknown, "the cloud has not told the time on this connection")
	}
	if now.UnixMilli() > cmd.Expires {
		return protocol.Errorf(protocol.CodeExpired, "command: expired")
	}
	raw, err := grant.FromText(cmd.Grant)
	if err != nil {
		return err
	}
	g, err := c.keys.Open(raw, c.ID())
	if err != nil {
		return err
	}
	if g.Challenge != c.token {
		return protocol.Errorf(protocol.CodeStaleChallenge, "grant: bound to another connection")
	}
	if err := g.CheckTime(now); err != nil {
		return err
	}
	visit := edge.VisitOf(g)
	if err := c.journal.Unused(visit); err != nil {
		return err
	}
	if g.Purpose == protocol.PurposePurchase && !c.sells() {
		return protocol.Errorf(protocol.CodeScaleFault, "compartment %d does not sell", g.Compartment)
	}
	visit.Config, visit.Before = c.version().Version, c.shown
	c.arrived = c.o.Now()
	return c.input(session.Ask{Command: cmd.ID, Visit: visit})
}

func (c *Cabinet) reply(command protocol.UUID, code protocol.Code, detail string, took time.Duration) error {
	return c.send(topic.Reply, wire.Reply{V: wire.Version, Cabinet: c.ID(), ID: command, Code: code, Detail: detail, PulseMS: took.Milliseconds()})
}
