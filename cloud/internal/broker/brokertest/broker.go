// Package brokertest is a broker as a chain may keep one beside the service, for tests: in memory, with a login for the service
// and those of the cabinets, each kept to its own topics.
package brokertest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// Service is the login of the service; only the password that the broker was made with fits.
const Service = "service"

// Broker is one that runs.
type Broker struct {
	server *mqtt.Server
	door   *Pipes
}

// Start serves the service, which dials, and cabinets over a listener, which the broker owns from then on; nil is nobody.
func Start(password string, cabinets net.Listener, admit func(user, password string) bool) (*Broker, error) {
	b := &Broker{door: NewPipes(), server: mqtt.New(&mqtt.Options{
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), SysTopicResendInterval: 3600,
	})}
	if err := b.server.AddHook(&rules{password: password, admit: admit}, nil); err != nil {
		return nil, fmt.Errorf("test broker: %w", err)
	}
	for name, l := range map[string]net.Listener{"service": b.door, "cabinets": cabinets} {
		if l == nil {
			continue
		}
		if err := b.server.AddListener(listeners.NewNet(name, l)); err != nil {
			return nil, fmt.Errorf("test broker: %w", err)
		}
	}
	return b, b.server.Serve()
}

// Dial is how the service reaches it.
func (b *Broker) Dial(ctx context.Context) (net.Conn, error) { return b.door.Dial(ctx) }

// Close ends every connection, one by one: the library would lock its clients twice for each.
func (b *Broker) Close() error {
	for _, name := range []string{"service", "cabinets"} {
		b.server.Listeners.Close(name, func(listener string) {
			for _, c := range b.server.Clients.GetAll() {
				if c.Net.Listener == listener && !c.Closed() {
					_ = b.server.DisconnectClient(c, packets.ErrServerShuttingDown) // That code is what it returns.
				}
			}
		})
		b.server.Listeners.Delete(name)
	}
	return b.server.Close()
}

type rules struct {
	mqtt.HookBase
	password string
	admit    func(user, password string) bool
}

func (*rules) ID() string { return "rules" }

func (*rules) Provides(b byte) bool { return b == mqtt.OnConnectAuthenticate || b == mqtt.OnACLCheck }

func (r *rules) OnConnectAuthenticate(_ *mqtt.Client, pk packets.Packet) bool {
	user, password := string(pk.Connect.Username), string(pk.Connect.Password)
	if user == Service {
		return password == r.password
	}
	return r.admit(user, password)
}

func (r *rules) OnACLCheck(cl *mqtt.Client, name string, _ bool) bool {
	user := string(cl.Properties.Username)
	return user == Service || strings.Contains(name, "/"+user+"/")
}
