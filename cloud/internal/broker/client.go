package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"allhours/protocol/topic"
)

const (
	connectTimeout = 10 * time.Second
	writeTimeout   = 10 * time.Second
	keepAlive      = 60 * time.Second
	pingTimeout    = 10 * time.Second
	backoffBase    = 250 * time.Millisecond
	backoffMax     = 2 * time.Second // one client troubles no broker, and every cabinet waits for it
)

// ErrOffline is returned by Publish while there is no connection to the broker.
var ErrOffline = errors.New("broker: not connected")

// SelfUser is how the cloud itself signs in, where the broker's address names nobody. It cannot be a cabinet's id, which has
// no underscore.
const SelfUser = "_fleetd"

// Remote says how a broker is reached.
type Remote struct {
	Dial           func(ctx context.Context) (net.Conn, error)
	User, Password string
	Lost           func() // told of each connection that has ended, before another is tried; may be nil
}

// Client is the cloud's one client of a broker that is not inside its own process. It reconnects for as long as it runs.
type Client struct {
	remote    Remote
	log       *slog.Logger
	intake    *intake
	connected atomic.Pointer[connection]
}

// connection is one paho client, never used again once it is lost.
type connection struct {
	paho  paho.Client
	alive context.Context // ends with the connection
	end   context.CancelFunc
}

// NewClient makes a client that hands every message of a cabinet to handle.
func NewClient(r Remote, handle Handler, log *slog.Logger) *Client {
	return &Client{remote: r, log: log, intake: newIntake(handle)}
}

// Run connects, subscribes and reconnects until ctx ends, then lets the workers finish what they hold.
func (c *Client) Run(ctx context.Context) {
	var workers sync.WaitGroup
	workers.Go(func() { c.intake.run(ctx) })
	for failures := 0; ctx.Err() == nil; {
		conn, err := c.connect(ctx)
		if err != nil {
			failures++
			c.log.Warn("no connection to the broker", "error", err, "failures", failures)
			wait(ctx, backoff(failures))
			continue
		}
		failures = 0
		c.connected.Store(conn)
		c.log.Info("connected to the broker")
		select {
		case <-ctx.Done():
		case <-conn.alive.Done():
			c.log.Warn("connection to the broker lost")
		}
		c.connected.Store(nil)
		if c.remote.Lost != nil {
			c.remote.Lost()
		}
		conn.end()
		conn.paho.Disconnect(0)
	}
	workers.Wait()
}

// Connected reports whether messages can be sent and received now.
func (c *Client) Connected() bool { return c.connected.Load() != nil }

// Counts tells how many messages came, and how many of them had a topic that nobody knows.
func (c *Client) Counts() (received, unread int64) {
	return c.intake.received.Load(), c.intake.unread.Load()
}

// Publish sends one message at QoS 0. An error says that it was surely not sent; without one it was sent, or may have been.
func (c *Client) Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error {
	conn := c.connected.Load()
	if conn == nil {
		return ErrOffline
	}
	token := conn.paho.Publish(to.Of(ch), 0, false, payload)
	select {
	case <-token.Done():
		if errors.Is(token.Error(), paho.ErrNotConnected) {
			return ErrOffline
		}
	case <-conn.alive.Done():
	case <-ctx.Done():
	}
	return nil
}

func (c *Client) connect(ctx context.Context) (*connection, error) {
	conn := &connection{}
	conn.alive, conn.end = context.WithCancel(ctx)
	conn.paho = paho.NewClient(c.options(ctx, conn))
	if err := await(ctx, conn.paho.Connect()); err != nil {
		conn.end()
		return nil, fmt.Errorf("connect: %w", err)
	}
	// The broker forgets subscriptions with the connection, and a refused one looks like success but for its result.
	filter := topic.AllUpFilter()
	token := conn.paho.Subscribe(filter, 1, nil)
	err := await(ctx, token)
	if subscribed, ok := token.(*paho.SubscribeToken); ok && err == nil && subscribed.Result()[filter] > 2 {
		err = errors.New("the broker refused it")
	}
	if err != nil {
		conn.end()
		conn.paho.Disconnect(0)
		return nil, fmt.Errorf("subscribe to %s: %w", filter, err)
	}
	return conn, nil
}

func (c *Client) options(ctx context.Context, conn *connection) *paho.ClientOptions {
	o := paho.NewClientOptions()
	o.Servers = []*url.URL{{Scheme: "tcp", Host: "broker"}} // Only a name: the connection below is what counts.
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) {
		dialing, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		return c.remote.Dial(dialing)
	})
	o.SetClientID(c.remote.User).SetUsername(c.remote.User).SetPassword(c.remote.Password)
	o.SetProtocolVersion(4).SetCleanSession(true).SetStore(paho.NewMemoryStore())
	o.SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(connectTimeout)
	o.SetKeepAlive(keepAlive).SetPingTimeout(pingTimeout).SetWriteTimeout(writeTimeout)
	o.SetAutoAckDisabled(true).SetOrderMatters(true)
	o.SetConnectionLostHandler(func(paho.Client, error) { conn.end() })
	o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { c.receive(conn, m) })
	return o
}

// receive hands a message on. It blocks while the workers are far behind: then nothing more is read from the broker, whose
// connections to the cabinets fill up in their turn.
func (c *Client) receive(conn *connection, m paho.Message) {
	var done func()
	if m.Qos() > 0 {
		done = m.Ack // after the commit
	}
	c.intake.put(conn.alive, 0, m.Topic(), m.Payload(), done)
}

func await(ctx context.Context, t paho.Token) error {
	timeout := time.NewTimer(connectTimeout + time.Second)
	defer timeout.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-timeout.C:
		return errors.New("no answer")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backoff is exponential with full jitter.
func backoff(failures int) time.Duration {
	top := min(backoffBase<<min(failures, 10), backoffMax)
	return time.Duration(rand.Int64N(int64(top))) + time.Millisecond
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
