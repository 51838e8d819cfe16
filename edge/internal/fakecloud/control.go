package fakecloud

import (
	"encoding/json"
	"slices"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Mute keeps the clerk from acknowledging, as a cloud that is down behind a broker that is up.
func (c *Cloud) Mute(mute bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mute = mute
}

// RefuseSubscriptions makes the broker grant none.
func (c *Cloud) RefuseSubscriptions(refuse bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deaf = refuse
}

// Skew sets the cloud's clock apart from the cabinet's.
func (c *Cloud) Skew(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew = d
}

// Forget drops every event above a number, as a restored backup does, and raises the fleet's epoch.
func (c *Cloud) Forget(above uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for seq := range c.events {
		if seq > above {
			delete(c.events, seq)
		}
	}
	c.have, c.fleetEpoch = min(c.have, above), c.fleetEpoch+1
}

// Drop forgets what was told, but not how far it got: a clerk that runs for a month must not fill the memory.
func (c *Cloud) Drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events, c.replies, c.lives, c.deaths = map[uint64]wire.Event{}, nil, nil, nil
	c.telemetry = slices.Clone(c.telemetry[max(0, len(c.telemetry)-1):])
	c.births = slices.Clone(c.births[max(0, len(c.births)-1):])
}

// Configure signs a desired state and sends it.
func (c *Cloud) Configure(cfg wire.Config) { c.send(wire.KindConfig, topic.Config, cfg) }

// Ack signs any acknowledgement and sends it.
func (c *Cloud) Ack(a wire.Ack) { c.send(wire.KindAck, topic.Ack, a) }

// Command sends a command.
func (c *Cloud) Command(cmd wire.Command) {
	payload, err := wire.Encode(cmd)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.Publish(topic.Command, payload)
}

// Task sends a task over the newest connection; change may spoil it.
func (c *Cloud) Task(id protocol.UUID, kind wire.TaskKind, args any, change func(*wire.Task)) {
	t := c.task(id, kind)
	change(&t)
	c.sendTask(t, args)
}

// Attest sends a person's word on the food of compartment 1; change may spoil it.
func (c *Cloud) Attest(id protocol.UUID, change func(*wire.Task, *wire.AttestArgs)) {
	t, args := c.task(id, wire.TaskAttest), wire.AttestArgs{Compartment: 1, Why: "milk thrown away"}
	change(&t, &args)
	c.sendTask(t, args)
}

func (c *Cloud) task(id protocol.UUID, kind wire.TaskKind) wire.Task {
	return wire.Task{
		V: wire.Version, Cabinet: c.Address.Cabinet, ID: id, Challenge: c.Birth().Challenge,
		Expires: c.Now().Add(time.Minute).UnixMilli(), Kind: kind, By: "Lin Wei",
	}
}

func (c *Cloud) sendTask(t wire.Task, args any) {
	var err error
	if t.Args, err = json.Marshal(args); err != nil {
		c.tb.Fatal(err)
	}
	sealed, err := wire.Seal(wire.KindTask, c.Signer, t)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.Command(wire.Command{
		V: wire.Version, ID: t.ID, Cabinet: c.Address.Cabinet, Kind: wire.CommandTask,
		Expires: c.Now().Add(time.Minute).UnixMilli(), Task: sealed,
	})
}

// Grant is a sound grant for compartment 1 over the newest connection.
func (c *Cloud) Grant(visit protocol.VisitID) grant.Grant {
	g := grant.Grant{
		Cabinet: c.Address.Cabinet, Compartment: 1, Purpose: protocol.PurposePurchase, Visit: visit,
		Nonce: grant.Token(visit), NotBefore: c.Now().Add(-time.Second), NotAfter: c.Now().Add(30 * time.Second),
		LimitFen: 5000, PriceVersion: 1,
	}
	copy(g.Challenge[:], c.Birth().Challenge)
	return g
}

// Open sends the command to open a door with a grant.
func (c *Cloud) Open(command protocol.UUID, g grant.Grant) {
	c.Command(wire.Command{
		V: wire.Version, ID: command, Cabinet: c.Address.Cabinet, Kind: wire.CommandOpen,
		Expires: c.Now().Add(10 * time.Second).UnixMilli(), Grant: c.Sign(g),
	})
}

// Birth is the newest one; zero before the first.
func (c *Cloud) Birth() wire.Birth {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.births) == 0 {
		return wire.Birth{}
	}
	return c.births[len(c.births)-1]
}

// Births counts them.
func (c *Cloud) Births() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.births)
}

// Deaths are the wills and farewells.
func (c *Cloud) Deaths() []wire.Death {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.deaths)
}

// Have is the number up to which the clerk has everything.
func (c *Cloud) Have() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.have
}

// Received counts events as they came, repeated ones too.
func (c *Cloud) Received() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received
}

// Events are those of some types, in their order; all without a type.
func (c *Cloud) Events(types ...wire.EventType) []wire.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []wire.Event
	for _, e := range c.events {
		if len(types) == 0 || slices.Contains(types, e.Type) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b wire.Event) int { return int(a.Seq) - int(b.Seq) })
	return out
}

// Reply finds the reply to a command.
func (c *Cloud) Reply(command protocol.UUID) (wire.Reply, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.replies {
		if r.ID == command {
			return r, true
		}
	}
	return wire.Reply{}, false
}

// Replies are all of them.
func (c *Cloud) Replies() []wire.Reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.replies)
}

// Lives are what the phone was fed.
func (c *Cloud) Lives() []wire.Live {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lives)
}

// Words is how often the cabinet has told how it stands.
func (c *Cloud) Words() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.telemetry)
}

// Telemetry is the newest; zero before the first.
func (c *Cloud) Telemetry() wire.Telemetry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.telemetry) == 0 {
		return wire.Telemetry{}
	}
	return c.telemetry[len(c.telemetry)-1]
}

// Until waits for something to become true; the test fails when it does not within limit.
func (c *Cloud) Until(what string, limit time.Duration, holds func() bool) {
	c.tb.Helper()
	deadline := time.Now().Add(limit)
	for !holds() {
		if time.Now().After(deadline) {
			c.tb.Fatalf("not within %s: %s", limit, what)
		}
		<-time.After(10 * time.Millisecond)
	}
}
