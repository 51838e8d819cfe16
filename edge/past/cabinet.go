package past

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"allhours/edge"
	"allhours/edge/internal/claim"
	"allhours/edge/internal/config"
	"allhours/edge/internal/journal"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// keepAcked is how long an agent keeps what it has told.
const keepAcked = 14 * 24 * time.Hour

// Options say which cabinet it is; all are needed.
type Options struct {
	Data    string                                       // the folder of its papers and its journal
	Reader  bool                                         // a grant can be shown to it
	Now     func() time.Time                             // never goes back
	Send    func(ch topic.Channel, payload []byte) error // to the cloud
	Version string                                       // told as the agent's
}

// Cabinet is one whose past is played, one call at a time.
type Cabinet struct {
	o       Options
	papers  config.Credentials
	keys    grant.Keys
	clock   *edge.Clock
	journal *journal.Journal
	start   protocol.UUID
	conn    protocol.UUID
	token   grant.Token
	applied *wire.Config
	waiting *wire.Config
	door    session.State
	engine  *settle.Visit
	zero    time.Time // of the engine's times
	told    int       // steps
	arrived time.Time // of the command
	shown   []wire.Weight
	stopped bool
}

// Claim makes a folder the cabinet that a code was printed for, as a technician does.
func Claim(ctx context.Context, data, code, cloud string) error {
	_, err := claim.Claim(ctx, claim.Options{Code: code, Cloud: cloud, Data: data, Entropy: rand.Reader, Told: func(string) {}})
	return err
}

// Open starts the cabinet on its journal.
func Open(o Options) (*Cabinet, error) {
	c := &Cabinet{o: o, clock: edge.NewClockBy(o.Now)}
	var err error
	if c.papers, err = config.ReadCredentials(o.Data); err != nil {
		return nil, err
	}
	if c.keys, err = (config.Config{Keys: c.papers.Keys}).PublicKeys(); err != nil {
		return nil, err
	}
	if c.start, err = protocol.NewUUID(o.Now(), rand.Reader); err != nil {
		return nil, err
	}
	c.journal, err = journal.Open(journal.Options{
		Dir: o.Data, Cabinet: c.papers.Cabinet, Clock: c.clock, Entropy: rand.Reader, KeepAcked: keepAcked, Volatile: true,
	})
	if err != nil {
		return nil, err
	}
	if c.applied, err = c.journal.Config(); err != nil {
		return nil, errors.Join(err, c.journal.Abandon())
	}
	c.door = session.New(1, session.Limits{})
	return c, c.write(wire.BootBody{Clean: c.journal.Clean(), Version: o.Version})
}

// Close ends the cabinet in order.
func (c *Cabinet) Close() error { return c.journal.Close() }

// ID is the cabinet's.
func (c *Cabinet) ID() protocol.CabinetID { return c.papers.Cabinet }

// Address is where it sends to.
func (c *Cabinet) Address() topic.Address {
	return topic.Address{Shard: c.papers.Shard, Cabinet: c.papers.Cabinet}
}

func (c *Cabinet) write(bodies ...wire.Body) error { return c.journal.Append(bodies...) }

func (c *Cabinet) send(ch topic.Channel, message any) error {
	payload, err := wire.Encode(message)
	if err != nil {
		return err
	}
	return c.o.Send(ch, payload)
}

// Connect begins a connection.
func (c *Cabinet) Connect() (err error) {
	if c.conn, err = protocol.NewUUID(c.o.Now(), rand.Reader); err != nil {
		return err
	}
	if _, err = io.ReadFull(rand.Reader, c.token[:]); err != nil {
		return err
	}
	c.clock.Reconnected()
	first, last, err := c.journal.Bounds()
	if err != nil {
		return err
	}
	return c.send(topic.Birth, wire.Birth{
		V: wire.Version, Cabinet: c.ID(), Journal: c.journal.ID(), FirstKept: first, Last: last, Boot: c.journal.Boot(), Start: c.start,
		Conn: c.conn, Challenge: c.token[:], Config: c.version(), Versions: wire.Versions{Agent: c.o.Version, Rule: settle.RuleVersion},
		Reader: c.o.Reader, Up: c.clock.Up().Milliseconds(),
	})
}

// Disconnect ends the connection, as its will does.
func (c *Cabinet) Disconnect() error {
	c.token = grant.Token{}
	return c.send(topic.Death, wire.Death{V: wire.Version, Cabinet: c.ID(), Conn: c.conn})
}

// Connected reports a connection that was begun and not ended.
func (c *Cabinet) Connected() bool { return !c.token.IsZero() }

func (c *Cabinet) version() wire.ConfigVersion {
	if c.applied == nil {
		return wire.ConfigVersion{}
	}
	return c.applied.Config
}

// Deliver sends what the cloud has not acknowledged, batch after batch, each after the answer to the one before.
func (c *Cabinet) Deliver() error {
	for c.Connected() {
		acked, _, err := c.journal.Acked()
		if err != nil {
			return err
		}
		_, last, err := c.journal.Bounds()
		if err != nil || acked == last {
			return err
		}
		batch, err := c.journal.Batch(acked+1, last)
		if err != nil {
			return err
		}
		if err := c.send(topic.Event, batch); err != nil {
			return err
		}
		now, _, err := c.journal.Acked()
		if err == nil && now <= acked {
			err = fmt.Errorf("%s: the cloud has not acknowledged event %d", c.ID(), acked+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Alive writes the mark of every quarter of an hour.
func (c *Cabinet) Alive() error { return c.write(wire.AliveBody{Selling: c.sells()}) }

func (c *Cabinet) sells() bool { return c.applied != nil && !c.stopped }

// Prune forgets what an agent would not keep any longer.
func (c *Cabinet) Prune() error { return c.journal.Prune(c.o.Now()) }

// Tell sends how the cabinet stands.
func (c *Cabinet) Tell() error {
	_, last, err := c.journal.Bounds()
	if err != nil {
		return err
	}
	acked, _, err := c.journal.Acked()
	if err != nil {
		return err
	}
	t := wire.CompartmentTelemetry{Compartment: 1, Door: c.door.Door(), Selling: c.sells(), Weights: c.shown}
	if !t.Selling {
		t.Why = protocol.CodeScaleFault
	}
	stamp := c.clock.Stamp()
	return c.send(topic.Telemetry, wire.Telemetry{
		V: wire.Version, Cabinet: c.ID(), At: stamp.At, Clock: stamp.Clock, Last: last, Backlog: last - acked, PollHz: 10,
		Compartments: []wire.CompartmentTelemetry{t},
	})
}
