package broker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"

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
	maxInflight = 16_384                  // QoS 1 messages that one client has not acknowledged; more than the lanes hold
	maxReceive  = 16                      // QoS 1 messages of one client under way; a cabinet sends one at a time
	maxClients  = 16_000                  // connections at once; a process may have 20,000 files open
	// sysInterval in seconds: nobody reads the broker's own topics.
	sysInterval = 3600
)

// SelfUser is how the cloud itself signs in. It cannot be a cabinet's id, which has no underscore.
const SelfUser = "_fleetd"

// ownListener is where the cloud's own client comes in, and nobody else; cabinetListener is for all others.
const (
	ownListener     = "own"
	cabinetListener = "cabinets"
)

// Logins checks a cabinet's password and tells where the cabinet belongs.
type Logins interface {
	// CheckLogin gives the cabinet's address; any error refuses the connection.
	CheckLogin(ctx context.Context, cabinet protocol.CabinetID, password []byte) (topic.Address, error)
}

// Embedded is the broker inside the cloud's process. It stores nothing.
type Embedded struct {
	server   *mqtt.Server
	hook     *gate
	own      *pipeListener
	password string
	closed   atomic.Bool
}

// New makes a broker; nobody can connect before Serve.
func New(logins Logins, log *slog.Logger) (*Embedded, error) {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return nil, fmt.Errorf("broker: password of its own client: %w", err)
	}
	b := &Embedded{own: newPipeListener(), password: hex.EncodeToString(secret[:])}
	b.hook = &gate{logins: logins, selfPassword: []byte(b.password), log: log}
	b.server = mqtt.New(&mqtt.Options{
		Capabilities:           capabilities(),
		Logger:                 slog.New(quiet{log.Handler()}),
		SysTopicResendInterval: sysInterval,
	})
	if err := b.server.AddHook(b.hook, nil); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	return b, nil
}

// Serve lets clients in: the cloud's own, and cabinets over a listener, which the broker owns from then on; nil lets in
// no cabinet. Where cabinets may come from elsewhere than this machine, the listener must speak TLS: that is the caller's
// to see to.
func (b *Embedded) Serve(l net.Listener) error {
	doors := []listeners.Listener{listeners.NewNet(ownListener, b.own)}
	if l != nil {
		doors = append(doors, listeners.NewNet(cabinetListener, impatient{l}))
	}
	for _, door := range doors {
		if err := b.server.AddListener(door); err != nil {
			return fmt.Errorf("broker: %w", err)
		}
	}
	if err := b.server.Serve(); err != nil {
		return fmt.Errorf("broker: %w", err)
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

// Remote is how the cloud's own client reaches this broker; the password in it is good until this broker ends.
func (b *Embedded) Remote() Remote {
	return Remote{Dial: b.own.dial, User: SelfUser, Password: b.password, Received: b.hook.flow.give}
}

// Stats are counted since the start; Clients is how many are connected now, the cloud's own among them.
type Stats struct {
	Clients, Dropped, Waited, Refused, Forbidden int64
}

// Stats reads the counts.
func (b *Embedded) Stats() Stats {
	return Stats{
		Clients:   atomic.LoadInt64(&b.server.Info.ClientsConnected),
		Dropped:   atomic.LoadInt64(&b.server.Info.MessagesDropped),
		Waited:    b.hook.flow.waited.Load(),
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
	for _, id := range []string{ownListener, cabinetListener} {
		b.server.Listeners.Close(id, b.closeClients)
		b.server.Listeners.Delete(id)
	}
	return b.server.Close()
}

func (b *Embedded) closeClients(listener string) {
	for _, c := range b.server.Clients.GetAll() {
		if c.Net.Listener == listener && !c.Closed() {
			_ = b.server.DisconnectClient(c, packets.ErrServerShuttingDown) // That code is what it returns.
		}
	}
}
