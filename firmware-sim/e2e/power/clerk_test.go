package power

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"log/slog"
	"sync"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// clerk is the cloud of one cabinet, as far as the cabinet can tell: a broker, and an inbox that acknowledges. It outlives
// the agent.
type clerk struct {
	broker  *mochi.Server
	address topic.Address
	signer  grant.Signer
	url     string

	mu       sync.Mutex
	holding  bool // of acknowledgements
	births   []wire.Birth
	events   map[uint64]wire.Event
	have     uint64
	replies  map[protocol.UUID]wire.Reply
	selling  bool
	problems []string
	news     chan struct{} // closed and made anew whenever something came
}

// everyone may connect and say and hear everything.
type everyone struct{ mochi.HookBase }

func (*everyone) Provides(b byte) bool {
	return b == mochi.OnConnectAuthenticate || b == mochi.OnACLCheck
}

func (*everyone) OnConnectAuthenticate(*mochi.Client, packets.Packet) bool { return true }

func (*everyone) OnACLCheck(*mochi.Client, string, bool) bool { return true }

func newClerk() (*clerk, error) {
	c := &clerk{
		broker:  mochi.New(&mochi.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)}),
		address: topic.Address{Shard: 3, Cabinet: cabinetID},
		signer:  grant.Signer{KeyID: 1, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))},
		events:  map[uint64]wire.Event{}, replies: map[protocol.UUID]wire.Reply{}, news: make(chan struct{}),
	}
	port := listeners.NewTCP(listeners.Config{ID: "tcp", Address: "127.0.0.1:0"})
	if err := c.broker.AddHook(new(everyone), nil); err != nil {
		return nil, fmt.Errorf("start a broker: %w", err)
	}
	if err := c.broker.AddListener(port); err != nil {
		return nil, fmt.Errorf("start a broker: %w", err)
	}
	if err := c.broker.Subscribe(topic.AllUpFilter(), 1, c.take); err != nil {
		return nil, fmt.Errorf("start a broker: %w", err)
	}
	c.url = "tcp://" + port.Address()
	return c, c.broker.Serve()
}

func (c *clerk) publicKey() string {
	public, _ := c.signer.Key.Public().(ed25519.PublicKey)
	return base64.StdEncoding.EncodeToString(public)
}

// take is the inbox.
func (c *clerk) take(_ *mochi.Client, _ packets.Subscription, p packets.Packet) {
	_, channel, err := topic.Parse(p.TopicName)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		close(c.news)
		c.news = make(chan struct{})
	}()
	switch {
	case err != nil:
	case channel == topic.Birth:
		var b wire.Birth
		err = wire.Decode(p.Payload, &b)
		c.births = append(c.births, b)
		c.birthFits(b)
		c.ack()
	case channel == topic.Event:
		err = c.inbox(p.Payload)
	case channel == topic.Reply:
		var r wire.Reply
		err = wire.Decode(p.Payload, &r)
		c.replies[r.ID] = r
	case channel == topic.Telemetry:
		var t wire.Telemetry
		err = wire.Decode(p.Payload, &t)
		c.selling = len(t.Compartments) == 1 && t.Compartments[0].Selling && t.Compartments[0].Door == wire.DoorStateShut
	}
	if err != nil {
		c.problems = append(c.problems, fmt.Sprintf("%s: %v", p.TopicName, err))
	}
}

// birthFits notes a cabinet that has less than it once said, or is another one.
func (c *clerk) birthFits(b wire.Birth) {
	if first := c.births[0]; b.Journal != first.Journal {
		c.problems = append(c.problems, fmt.Sprintf("the journal is %s and was %s", b.Journal, first.Journal))
	}
	if b.Last < c.have {
		c.problems = append(c.problems, fmt.Sprintf("the journal ends at %d, and %d were acknowledged", b.Last, c.have))
	}
	c.selling = false
}

func (c *clerk) inbox(payload []byte) error {
	batch, err := wire.DecodeBatch(payload, c.address.Cabinet)
	if err != nil {
		return err
	}
	for _, e := range batch {
		if old, known := c.events[e.Seq]; known && old.Hash() != e.Hash() {
			c.problems = append(c.problems, fmt.Sprintf("event %d came again with another content", e.Seq))
		}
		c.events[e.Seq] = e
	}
	for c.events[c.have+1].Seq != 0 {
		c.have++
	}
	c.ack()
	return nil
}

// ack says what the inbox has; the lock is held.
func (c *clerk) ack() {
	if c.holding || len(c.births) == 0 {
		return
	}
	birth := c.births[len(c.births)-1]
	c.send(wire.KindAck, topic.Ack, wire.Ack{
		V: wire.Version, Cabinet: c.address.Cabinet, FleetEpoch: 1, Journal: birth.Journal, HaveUpTo: c.have,
		Challenge: birth.Challenge, At: time.Now().UnixMilli(),
	})
}

// hold keeps acknowledgements back, or lets them go.
func (c *clerk) hold(holding bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = holding
	c.ack()
}

// send publishes beside the caller, who may hold the broker.
func (c *clerk) send(kind wire.Kind, channel topic.Channel, message any) {
	payload, err := wire.Seal(kind, c.signer, message)
	if err != nil {
		c.problems = append(c.problems, err.Error())
		return
	}
	go func() { _ = c.broker.Publish(c.address.Of(channel), payload, false, 0) }()
}

// grant is one for the cabinet's door over the newest connection.
func (c *clerk) grant(visit protocol.VisitID) grant.Grant {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	g := grant.Grant{
		Cabinet: c.address.Cabinet, Compartment: 1, Purpose: protocol.PurposePurchase, Visit: visit, Nonce: grant.Token(visit),
		NotBefore: now.Add(-time.Second), NotAfter: now.Add(50 * time.Second), LimitFen: 5000, PriceVersion: 1,
	}
	copy(g.Challenge[:], c.births[len(c.births)-1].Challenge)
	return g
}

// open sends a grant as a command.
func (c *clerk) open(command protocol.UUID, g grant.Grant) error {
	raw, err := c.signer.Sign(g)
	if err != nil {
		return err
	}
	payload, err := wire.Encode(wire.Command{
		V: wire.Version, ID: command, Cabinet: c.address.Cabinet, Kind: wire.CommandOpen,
		Expires: time.Now().Add(time.Minute).UnixMilli(), Grant: grant.Text(raw),
	})
	if err != nil {
		return err
	}
	return c.broker.Publish(c.address.Of(topic.Command), payload, false, 0)
}

// until waits for something that the clerk knows; it is asked with the lock held. Ended also ends the waiting.
func (c *clerk) until(ctx context.Context, ended <-chan struct{}, holds func() bool) error {
	for {
		c.mu.Lock()
		so, news := holds(), c.news
		c.mu.Unlock()
		if so {
			return nil
		}
		select {
		case <-news:
		case <-ended:
			return errEnded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// reply is the one to a command.
func (c *clerk) reply(command protocol.UUID) wire.Reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.replies[command]
}

// count asks the clerk something with the lock held.
func (c *clerk) count(what func() int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return what()
}

// of lists the events of some types, in their order; the lock is held.
func (c *clerk) of(types ...wire.EventType) (found []wire.Event) {
	for seq := uint64(1); seq <= c.have; seq++ {
		for _, t := range types {
			if c.events[seq].Type == t {
				found = append(found, c.events[seq])
			}
		}
	}
	return found
}
