package uplink

import (
	"bytes"
	"context"
	"time"

	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// listen reads what the cloud sends, beside the loop that sends, so that a command never waits for a batch.
func (c *connection) listen(ctx context.Context) {
	for {
		select {
		case m := <-c.t.inbound:
			if err := c.handle(m); err != nil {
				c.u.opt.Log.Warn("refused a message", "channel", m.channel, "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (c *connection) handle(m inbound) error {
	switch m.channel {
	case topic.Ack:
		return c.handleAck(m)
	case topic.Config:
		return c.handleConfig(m.payload)
	case topic.Command:
		return c.handleCommand(m)
	}
	return protocol.Errorf(protocol.CodeUnsupported, "nothing is expected on %s", m.channel)
}

func (c *connection) handleAck(m inbound) error {
	var a wire.Ack
	o := &c.u.opt
	if err := wire.Unseal(wire.KindAck, o.Keys, m.payload, &a); err != nil {
		return err
	}
	_, last, err := o.Outbox.Bounds()
	switch {
	case err != nil:
		return err
	case a.V != wire.Version:
		return protocol.Errorf(protocol.CodeUnsupported, "ack: version %d: want %d", a.V, wire.Version)
	case a.Cabinet != o.Address.Cabinet || a.Journal != o.Journal:
		return protocol.Errorf(protocol.CodeOtherCabinet, "ack: for cabinet %s and journal %s", a.Cabinet, a.Journal)
	case !bytes.Equal(a.Challenge, c.challenge[:]):
		return protocol.Errorf(protocol.CodeStaleChallenge, "ack: of another connection")
	case a.HaveUpTo > last:
		return protocol.Errorf(protocol.CodeStale, "ack: up to %d, this journal ends at %d: it may be a copy", a.HaveUpTo, last)
	}
	o.Clock.Heard(time.UnixMilli(a.At).Add(time.Since(m.at)))
	select {
	case c.acks <- a:
	default: // The loop is behind; the cloud sends its ack again with the next batch.
	}
	return nil
}

func (c *connection) handleConfig(payload []byte) error {
	var cfg wire.Config
	if err := wire.Unseal(wire.KindConfig, c.u.opt.Keys, payload, &cfg); err != nil {
		return err
	}
	if cfg.V != wire.Version {
		return protocol.Errorf(protocol.CodeUnsupported, "config: version %d: want %d", cfg.V, wire.Version)
	}
	if cfg.Cabinet != c.u.opt.Address.Cabinet {
		return protocol.Errorf(protocol.CodeOtherCabinet, "config: for cabinet %s", cfg.Cabinet)
	}
	c.u.opt.Handler.Config(cfg)
	return nil
}

func (c *connection) handleCommand(m inbound) error {
	var cmd wire.Command
	if err := wire.Decode(m.payload, &cmd); err != nil {
		return err
	}
	if cmd.Cabinet != c.u.opt.Address.Cabinet {
		return protocol.Errorf(protocol.CodeOtherCabinet, "command: for cabinet %s", cmd.Cabinet)
	}
	c.u.opt.Handler.Command(cmd, m.at)
	return nil
}
