// Package fakecloud is a cloud for tests of this side: a real broker reached over in-memory connections, and a clerk that
// takes births and events and signs acknowledgements as the contract says. It prices nothing and refuses nothing of its
// own accord; a test tells it when to be silent, to forget or to lie.
package fakecloud

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Cloud is a broker and the clerk behind it. Safe for concurrent use.
type Cloud struct {
	tb      testing.TB
	broker  *mochi.Server
	Address topic.Address
	Signer  grant.Signer

	mu         sync.Mutex
	down       bool
	mute       bool
	deaf       bool
	conns      []net.Conn
	births     []wire.Birth
	deaths     []wire.Death
	events     map[uint64]wire.Event
	received   int // events, repeated ones too
	conflicts  int // events that came again with another content
	have       uint64
	replies    []wire.Reply
	lives      []wire.Live
	telemetry  []wire.Telemetry
	fleetEpoch uint64
	skew       time.Duration // of the cloud's clock against the bubble's
}

// Start makes a cloud for one cabinet; it ends with the test, within its bubble when there is one.
func Start(tb testing.TB, a topic.Address) *Cloud {
	tb.Helper()
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = 7
	c := &Cloud{
		tb: tb, Address: a, Signer: grant.Signer{KeyID: 1, Key: ed25519.NewKeyFromSeed(seed)},
		events: map[uint64]wire.Event{}, fleetEpoch: 1,
	}
	c.broker = mochi.New(&mochi.Options{
		InlineClient: true, SysTopicResendInterval: 3600, Logger: slog.New(slog.DiscardHandler),
	})
	if err := c.broker.AddHook(&everyone{c: c}, nil); err != nil {
		tb.Fatal(err)
	}
	if err := c.broker.Subscribe(topic.AllUpFilter(), 1, c.take); err != nil {
		tb.Fatal(err)
	}
	if err := c.broker.Serve(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.broker.Close() })
	return c
}

// everyone may connect; who may do what is the cloud's own test.
type everyone struct {
	mochi.HookBase
	c *Cloud
}

// ID implements mochi.Hook.
func (*everyone) ID() string { return "everyone" }

func (*everyone) Provides(b byte) bool {
	return b == mochi.OnConnectAuthenticate || b == mochi.OnACLCheck
}

func (*everyone) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }

func (e *everyone) OnACLCheck(_ *mochi.Client, _ string, write bool) bool {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	return write || !e.c.deaf
}

// PublicKey is the clerk's, as a cabinet's file has it.
func (c *Cloud) PublicKey() string {
	public, _ := c.Signer.Key.Public().(ed25519.PublicKey)
	return base64.StdEncoding.EncodeToString(public)
}

// Dial connects a cabinet.
func (c *Cloud) Dial(context.Context) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return nil, errors.New("connection refused")
	}
	near, far := net.Pipe()
	c.conns = append(c.conns, near, far)
	go func() { _ = c.broker.EstablishConnection("pipe", far) }()
	return near, nil
}

// Cut breaks every connection; while down, no new one is made.
func (c *Cloud) Cut(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

// take is the inbox.
func (c *Cloud) take(_ *mochi.Client, _ packets.Subscription, p packets.Packet) {
	_, channel, err := topic.Parse(p.TopicName)
	if err != nil {
		c.tb.Errorf("the cabinet published to %s: %v", p.TopicName, err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch channel {
	case topic.Birth:
		c.births = append(c.births, decode[wire.Birth](c, p.Payload))
		c.ack()
	case topic.Death:
		c.deaths = append(c.deaths, decode[wire.Death](c, p.Payload))
	case topic.Event:
		c.inbox(p.Payload)
	case topic.Reply:
		c.replies = append(c.replies, decode[wire.Reply](c, p.Payload))
	case topic.Live:
		c.lives = append(c.lives, decode[wire.Live](c, p.Payload))
	case topic.Telemetry:
		c.telemetry = append(c.telemetry, decode[wire.Telemetry](c, p.Payload))
	}
}

func decode[M any](c *Cloud, payload []byte) M {
	var m M
	if err := wire.Decode(payload, &m); err != nil {
		c.tb.Errorf("the cabinet sent what cannot be read: %v", err)
	}
	return m
}

func (c *Cloud) inbox(payload []byte) {
	batch, err := wire.DecodeBatch(payload, c.Address.Cabinet)
	if err != nil {
		c.tb.Errorf("the cabinet sent a bad batch: %v", err)
		return
	}
	for _, e := range batch {
		c.received++
		if old, known := c.events[e.Seq]; known && old.Hash() != e.Hash() {
			c.conflicts++
			c.tb.Errorf("event %d came again with another content", e.Seq)
		}
		c.events[e.Seq] = e
	}
	for c.events[c.have+1].Seq != 0 {
		c.have++
	}
	c.ack()
}

// ack says what the inbox has; the lock is held.
func (c *Cloud) ack() {
	if c.mute || len(c.births) == 0 {
		return
	}
	birth := c.births[len(c.births)-1]
	c.send(wire.KindAck, topic.Ack, wire.Ack{
		V: wire.Version, Cabinet: c.Address.Cabinet, FleetEpoch: c.fleetEpoch, Journal: birth.Journal, HaveUpTo: c.have,
		Challenge: birth.Challenge, At: time.Now().Add(c.skew).UnixMilli(),
	})
}

// send signs a message and publishes it beside the caller, who may hold the broker.
func (c *Cloud) send(kind wire.Kind, channel topic.Channel, message any) {
	payload, err := wire.Seal(kind, c.Signer, message)
	if err != nil {
		c.tb.Error(err)
		return
	}
	go c.Publish(channel, payload)
}

// Publish sends any bytes to the cabinet.
func (c *Cloud) Publish(channel topic.Channel, payload []byte) {
	_ = c.broker.Publish(c.Address.Of(channel), payload, false, 0)
}

// Sign makes a grant of this cloud and its text form.
func (c *Cloud) Sign(g grant.Grant) string {
	raw, err := c.Signer.Sign(g)
	if err != nil {
		c.tb.Fatal(err)
	}
	return grant.Text(raw)
}

// Now is the cloud's time.
func (c *Cloud) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.skew)
}

// ID makes ids that differ, for commands and visits.
func ID(n byte) protocol.UUID { return protocol.UUID{0: 1, 6: 0x70, 8: 0x80, 15: n} }
