package uplink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"allhours/protocol"
	"allhours/protocol/topic"
)

// inbound is a message as it arrived.
type inbound struct {
	channel topic.Channel
	payload []byte
	at      time.Time
}

// transport is one connection to a broker; it is never used again once it is lost.
type transport struct {
	client  mqtt.Client
	inbound chan inbound
	lost    chan error
}

// connect opens a connection whose will is sent when it breaks, and subscribes.
func (u *Uplink) connect(ctx context.Context, conn protocol.UUID, will []byte) (*transport, error) {
	t := &transport{inbound: make(chan inbound, inboundHeld), lost: make(chan error, 1)}
	t.client = mqtt.NewClient(u.clientOptions(ctx, conn, will, t))
	if err := waitFor(t.client.Connect(), connectWithin); err != nil {
		t.client.Disconnect(0)
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := t.subscribe(u.opt.Address.DownFilter()); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// clientOptions give each connection a client id of its own. Under one id a broker ends the older of two connections, and some
// take the subscriptions of the newer one away with it: an agent that was started again at once was heard and heard nothing.
func (u *Uplink) clientOptions(ctx context.Context, conn protocol.UUID, will []byte, t *transport) *mqtt.ClientOptions {
	a := u.opt.Address
	return mqtt.NewClientOptions().
		AddBroker("tcp://broker"). // Only a name: the connection comes from Dial.
		SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return u.opt.Dial(ctx) }).
		SetClientID(clientID(a.Cabinet, conn)).SetUsername(u.opt.User).SetPassword(u.opt.Password).
		SetProtocolVersion(4).SetCleanSession(true).SetStore(mqtt.NewMemoryStore()).
		SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(connectWithin).
		SetWriteTimeout(writeWithin).SetKeepAlive(keepAlive).SetPingTimeout(writeWithin).
		SetBinaryWill(a.Of(topic.Death), will, 0, false).
		SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { t.take(a, m) }).
		SetConnectionLostHandler(func(_ mqtt.Client, err error) { t.lost <- errors.Join(errLost, err) })
}

// clientID is at most 23 characters, which every broker takes: the cabinet's, a stroke and six.
func clientID(cabinet protocol.CabinetID, conn protocol.UUID) string {
	text := conn.String()
	return string(cabinet) + "/" + text[len(text)-6:]
}

// take hands a message over without waiting: the library stands still while it is in a handler.
func (t *transport) take(own topic.Address, m mqtt.Message) {
	at := time.Now()
	address, channel, err := topic.Parse(m.Topic())
	if err != nil || address != own {
		return
	}
	select {
	case t.inbound <- inbound{channel, m.Payload(), at}:
	default: // More than can be handled: an ack or a desired state comes again, a command expires.
	}
}

// subscribe looks at what the broker granted: the library reports a refusal as success.
func (t *transport) subscribe(filter string) error {
	token := t.client.Subscribe(filter, 1, nil)
	if err := waitFor(token, connectWithin); err != nil {
		return fmt.Errorf("subscribe %s: %w", filter, err)
	}
	sub, ok := token.(*mqtt.SubscribeToken)
	if !ok {
		return fmt.Errorf("subscribe %s: token is a %T", filter, token)
	}
	if granted := sub.Result()[filter]; granted > 1 {
		return fmt.Errorf("subscribe %s: refused by the broker with %#x", filter, granted)
	}
	return nil
}

func waitFor(t mqtt.Token, d time.Duration) error {
	if !t.WaitTimeout(d) {
		return fmt.Errorf("no answer within %s", d)
	}
	return t.Error()
}

// publish hands a payload to the library. That it was sent is all that can be known here, and not even that is believed.
func (t *transport) publish(name string, qos byte, payload []byte) error {
	token := t.client.Publish(name, qos, false, payload)
	select {
	case <-token.Done():
		return token.Error()
	default:
		return nil
	}
}

func (t *transport) close() { t.client.Disconnect(250) }
