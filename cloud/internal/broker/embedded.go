package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Limits of the embedded broker.
const (
	maxPacket   = wire.MaxPayload + 1<<10 // bytes; a payload and its topic
	maxPending  = 256                     // messages waiting for one slow client; more are dropped
	maxInflight = 64                      // QoS 1 messages that one client has not acknowledged; it is sent none
	maxReceive  = 16                      // QoS 1 messages of one client under way; a cabinet sends one at a time
	maxClients  = 16_000                  // connections at once; a process may have 20,000 files open
	// sysInterval in seconds: nobody reads the broker's own topics.
	sysInterval = 3600
)

// cabinetListener is where cabinets come in.
const cabinetListener = "cabinets"

// helloTimeout is how long a connection may say nothing before it has signed in; the library itself waits for ever.
const helloTimeout = 10 * time.Second

// Logins checks a cabinet's password and tells where the cabinet belongs.
type Logins interface {
	// CheckLogin gives the cabinet's address; any error refuses the connection.
	CheckLogin(ctx context.Context, cabinet protocol.CabinetID, password []byte) (topic.Address, error)
}

// Embedded is the broker inside the cloud's process. It stores nothing, and what cabinets send it hands over in the order in
// which it comes, without a connection of the cloud's own.
type Embedded struct {
	server *mqtt.Server
	hook   *gate
	shut   context.CancelFunc
	served atomic.Bool
	closed atomic.Bool
}

// New makes a broker that hands every message of a cabinet to handle; nobody can connect before Serve, and nothing is handled
// before Run.
func New(logins Logins, handle Handler, log *slog.Logger) (*Embedded, error) {
	b := &Embedded{hook: &gate{logins: logins, intake: newIntake(handle), log: log}}
	b.hook.open, b.shut = context.WithCancel(context.Background())
	b.server = mqtt.New(&mqtt.Options{
		Capabilities:           capabilities(),
		InlineClient:           true,
		Logger:                 slog.New(quiet{log.Handler()}),
		SysTopicResendInterval: sysInterval,
	})
	if err := b.server.AddHook(b.hook, nil); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	return b, nil
}

// Serve lets cabinets in over a listener, which the broker owns from then on; nil lets in nobody. Where cabinets may come from
// elsewhere than this machine, the listener must speak TLS: that is the caller's to see to.
func (b *Embedded) Serve(l net.Listener) error {
	if l != nil {
		if err := b.server.AddListener(listeners.NewNet(cabinetListener, impatient{l})); err != nil {
			return fmt.Errorf("broker: %w", err)
		}
	}
	if err := b.server.Serve(); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	b.served.Store(true)
	return nil
}

// Run handles what cabinets send until ctx ends, and finishes what is under way.
func (b *Embedded) Run(ctx context.Context) { b.hook.intake.run(ctx) }

// Connected reports whether messages can be sent and received now.
func (b *Embedded) Connected() bool { return b.served.Load() && !b.closed.Load() }

// Counts tells how many messages came, and how many of them had a topic that nobody knows.
func (b *Embedded) Counts() (received, unread int64) {
	return b.hook.intake.received.Load(), b.hook.intake.unread.Load()
}

// Publish sends one message at QoS 0. An error says that it was surely not sent; without one it was sent, or may have been.
func (b *Embedded) Publish(_ context.Context, to topic.Address, ch topic.Channel, payload []byte) error {
	if !b.Connected() {
		return ErrOffline
	}
	if err := b.server.Publish(to.Of(ch), payload, false, 0); err != nil {
		return fmt.Errorf("broker: publish: %w", err)
	}
	return nil
}

func capabilities() *mqtt.Capabilities {
	c := mqtt.NewDefaultServerCapabilities()
	c.MaximumClients = maxClients
	c.MaximumPacketSize = maxPacket
	c.MaximumClientWritesPending = maxPending
	c.MaximumInflight = maxInflight
	c.ReceiveMaximum = maxReceive
	c.MaximumQos = 1
	c.RetainAvailable = 0
	c.SharedSubAvailable = 0
	c.MinimumProtocolVersion = 4 // MQTT 3.1.1
	c.MaximumSessionExpiryInterval = 0
	return c
}

// Stats are counted since the start; Clients is how many are connected now.
type Stats struct {
	Clients, Dropped, Waited, Refused, Forbidden int64
}

// Stats reads the counts.
func (b *Embedded) Stats() Stats {
	return Stats{
		Clients:   atomic.LoadInt64(&b.server.Info.ClientsConnected),
		Dropped:   atomic.LoadInt64(&b.server.Info.MessagesDropped) + b.hook.dropped.Load(),
		Waited:    b.hook.intake.waited.Load(),
		Refused:   b.hook.refused.Load(),
		Forbidden: b.hook.forbidden.Load(),
	}
}

// Close ends every connection and returns when the last has gone. It does so itself: the library looks for a listener's
// clients with its lock of all clients taken twice, and stands still for ever where one leaves in between.
func (b *Embedded) Close() error {
	if b.closed.Swap(true) {
		return errors.New("broker: closed already")
	}
	b.shut() // Whoever waits for room waits no longer.
	b.server.Listeners.Close(cabinetListener, b.closeClients)
	b.server.Listeners.Delete(cabinetListener)
	return b.server.Close()
}

func (b *Embedded) closeClients(listener string) {
	for _, c := range b.server.Clients.GetAll() {
		if c.Net.Listener == listener && !c.Closed() {
			_ = b.server.DisconnectClient(c, packets.ErrServerShuttingDown) // That code is what it returns.
		}
	}
}

// impatient gives each connection a deadline for its first packet; from the next one on the library sets its own.
type impatient struct{ net.Listener }

// Accept implements net.Listener.
func (l impatient) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(helloTimeout)); err != nil { // The peer has gone already: reading will tell.
		return c, nil //nolint:nilerr // One bad connection must not end the listener.
	}
	return c, nil
}
