package broker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mqtt "github.com/mochi-mqtt/server/v2"

	"allhours/cloud/internal/broker/brokertest"
	"allhours/protocol"
	"allhours/protocol/topic"
)

var (
	one = topic.Address{Shard: 3, Cabinet: "xs-01"}
	two = topic.Address{Shard: 3, Cabinet: "xs-02"}
)

// passwords are the cabinets' own names, spelt backwards.
type passwords struct{}

func (passwords) CheckLogin(_ context.Context, id protocol.CabinetID, password []byte) (topic.Address, error) {
	for _, a := range []topic.Address{one, two} {
		if a.Cabinet == id && string(password) == secretOf(a) {
			return a, nil
		}
	}
	return topic.Address{}, errors.New("no")
}

func secretOf(a topic.Address) string {
	b := []byte(a.Cabinet)
	slices.Reverse(b)
	return string(b)
}

// arrivals keeps what the cloud's client hands over.
type arrivals struct {
	mu  sync.Mutex
	got []string
}

func (a *arrivals) handle(_ context.Context, from topic.Address, ch topic.Channel, payload []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.got = append(a.got, string(from.Cabinet)+" "+string(ch)+" "+string(payload))
}

func (a *arrivals) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.got)
}

// rig is a broker in memory whose cabinets come over pipes.
type rig struct {
	t       *testing.T
	broker  *Embedded
	door    *brokertest.Pipes
	arrived *arrivals
	handle  Handler
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, door: brokertest.NewPipes(), arrived: &arrivals{}}
	var err error
	if r.broker, err = New(passwords{}, func(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) {
		r.handle(ctx, from, ch, payload)
	}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := r.broker.Serve(r.door); err != nil {
		t.Fatal(err)
	}
	r.handle = r.arrived.handle
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.broker.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ended
		if err := r.broker.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second) // of the bubble's clock: paho's goroutines look at theirs
		synctest.Wait()
	})
	synctest.Wait()
	if !r.broker.Connected() {
		t.Fatal("the broker is not open")
	}
	return r
}

// connect gives a cabinet's connection, or why there is none.
func (r *rig) connect(user, password string, change func(*paho.ClientOptions)) (paho.Client, error) {
	o := paho.NewClientOptions()
	o.Servers = []*url.URL{{Scheme: "tcp", Host: "memory"}}
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return r.door.Dial(r.t.Context()) })
	o.SetClientID(user).SetUsername(user).SetPassword(password).SetAutoReconnect(false).SetProtocolVersion(4).SetKeepAlive(time.Minute)
	if change != nil {
		change(o)
	}
	c := paho.NewClient(o)
	token := c.Connect()
	token.Wait()
	if token.Error() == nil {
		r.t.Cleanup(func() { c.Disconnect(0) })
	}
	return c, token.Error()
}

func (r *rig) cabinet(a topic.Address) paho.Client {
	c, err := r.connect(string(a.Cabinet), secretOf(a), nil)
	if err != nil {
		r.t.Fatalf("cabinet %s: %v", a.Cabinet, err)
	}
	return c
}

func TestMessagesTravelBothWaysInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.cabinet(one)
		var down []string
		c.Subscribe(one.DownFilter(), 1, func(_ paho.Client, m paho.Message) { down = append(down, m.Topic()+" "+string(m.Payload())) }).Wait()
		for _, text := range []string{"a", "b", "c"} {
			c.Publish(one.Of(topic.Event), 1, false, text).Wait()
		}
		if err := r.broker.Publish(t.Context(), one, topic.Ack, []byte("yes")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		want := []string{"xs-01 event a", "xs-01 event b", "xs-01 event c"}
		if got := r.arrived.all(); !slices.Equal(got, want) {
			t.Errorf("the cloud got %q, want %q", got, want)
		}
		if !slices.Equal(down, []string{"ah/1/3/xs-01/down/ack yes"}) {
			t.Errorf("the cabinet got %q", down)
		}
	})
}

func TestACabinetCanUseNoTopicButItsOwn(t *testing.T) {
	for _, filter := range []string{two.DownFilter(), two.Of(topic.Config), "#", "ah/1/+/+/up/+", "ah/1/3/+/down/+", "$SYS/#", one.Of(topic.Event)} {
		t.Run("subscribe to "+filter, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				token := r.cabinet(one).Subscribe(filter, 0, nil).(*paho.SubscribeToken)
				token.Wait()
				if got := token.Result()[filter]; got != 0x80 {
					t.Fatalf("the broker answered %#x, want 0x80", got)
				}
			})
		})
	}
	for _, name := range []string{two.Of(topic.Event), two.Of(topic.Death), one.Of(topic.Command), two.Of(topic.Command), "anything"} {
		for _, qos := range []byte{0, 1} {
			t.Run("publish to "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t)
					heard := make(chan string, 4)
					other := r.cabinet(two)
					other.Subscribe(two.DownFilter(), 0, func(_ paho.Client, m paho.Message) { heard <- m.Topic() }).Wait()
					r.cabinet(one).Publish(name, qos, false, "forged")
					synctest.Wait()
					if got := r.arrived.all(); len(got) != 0 || len(heard) != 0 {
						t.Fatalf("it arrived: cloud %q, other cabinet %d", got, len(heard))
					}
					if r.broker.Stats().Forbidden == 0 {
						t.Fatal("not counted as forbidden")
					}
				})
			})
		}
	}
}

func TestConnectionsThatAreRefused(t *testing.T) {
	good := secretOf(one)
	cases := []struct {
		name, user, password string
		change               func(*paho.ClientOptions)
	}{
		{"a wrong password", "xs-01", "wrong", nil},
		{"another cabinet's password", "xs-01", secretOf(two), nil},
		{"no password", "xs-01", "", nil},
		{"an unknown cabinet", "xs-99", "99-sx", nil},
		{"the service's own name", SelfUser, "x", nil},
		{"a client id of another cabinet, which would throw that one out", "xs-01", good, func(o *paho.ClientOptions) { o.SetClientID("xs-02") }},
		{"a client id that another cabinet's begins with", "xs-01", good, func(o *paho.ClientOptions) { o.SetClientID("xs-010") }},
		{"a will on another cabinet's topic", "xs-01", good, func(o *paho.ClientOptions) { o.SetWill(two.Of(topic.Death), "dead", 0, false) }},
		{"a retained will", "xs-01", good, func(o *paho.ClientOptions) { o.SetWill(one.Of(topic.Death), "dead", 0, true) }},
		{"a session that outlives the connection", "xs-01", good, func(o *paho.ClientOptions) { o.SetCleanSession(false) }},
		{"no keep-alive", "xs-01", good, func(o *paho.ClientOptions) { o.SetKeepAlive(0) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				client, err := r.connect(c.user, c.password, c.change)
				time.Sleep(time.Second)
				if err == nil && client.IsConnectionOpen() {
					t.Fatal("it was let in")
				}
				if got := r.broker.Stats(); got.Clients != 0 {
					t.Fatalf("%d clients are connected", got.Clients)
				}
			})
		})
	}
}

func TestTheWillOfALostCabinetReachesTheCloud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		var conn net.Conn
		_, err := r.connect("xs-01", secretOf(one), func(o *paho.ClientOptions) {
			o.SetWill(one.Of(topic.Death), "gone", 0, false)
			o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (c net.Conn, err error) {
				conn, err = r.door.Dial(t.Context())
				return conn, err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		synctest.Wait()
		if got := r.arrived.all(); !slices.Equal(got, []string{"xs-01 death gone"}) {
			t.Fatalf("the cloud got %q", got)
		}
	})
}

func TestAPacketBeyondTheLimitEndsItsConnectionOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := r.cabinet(one)
		c.Publish(one.Of(topic.Event), 0, false, make([]byte, maxPacket+1))
		time.Sleep(time.Second)
		synctest.Wait()
		if c.IsConnected() || len(r.arrived.all()) != 0 {
			t.Fatal("a packet beyond the limit was taken")
		}
		r.cabinet(two).Publish(two.Of(topic.Live), 0, false, "well")
		synctest.Wait()
		if got := r.arrived.all(); !slices.Equal(got, []string{"xs-02 live well"}) {
			t.Fatalf("the others: %q", got)
		}
	})
}

func TestAConnectionThatSaysNothingIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		silent, err := r.door.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		begun := time.Now()
		if _, err := silent.Read(make([]byte, 1)); err == nil {
			t.Fatal("the broker spoke first")
		}
		if took := time.Since(begun); took != helloTimeout {
			t.Fatalf("it was closed after %s, want %s", took, helloTimeout)
		}
		c := r.cabinet(one) // One that has signed in stays as long as its keep-alive says.
		time.Sleep(5 * helloTimeout)
		if !c.IsConnectionOpen() {
			t.Fatal("a cabinet was closed as well")
		}
	})
}

func TestTheCloudComesBackAfterTheBrokerDied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, _ := other(t)
		var mu sync.Mutex
		current := first
		dial := func(ctx context.Context) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			return current.Dial(ctx)
		}
		arrived := &arrivals{}
		var lost atomic.Int64
		remote := Remote{Dial: dial, User: brokertest.Service, Password: "secret", Lost: func() { lost.Add(1) }}
		client := NewClient(remote, arrived.handle, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); client.Run(ctx) }()
		synctest.Wait()
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := client.Publish(ctx, one, topic.Ack, nil); !errors.Is(err, ErrOffline) {
			t.Fatalf("publish without a broker: %v, want ErrOffline", err)
		}
		if lost.Load() != 1 {
			t.Fatalf("the loss was told %d times", lost.Load())
		}
		time.Sleep(time.Minute)

		second, door := other(t)
		mu.Lock()
		current = second
		mu.Unlock()
		time.Sleep(backoffMax)
		synctest.Wait()
		r := &rig{t: t, door: door}
		c := r.cabinet(one)
		heard := make(chan string, 1)
		c.Subscribe(one.DownFilter(), 0, func(_ paho.Client, m paho.Message) { heard <- string(m.Payload()) }).Wait()
		c.Publish(one.Of(topic.Birth), 0, false, "hello")
		synctest.Wait()
		if got := arrived.all(); !slices.Equal(got, []string{"xs-01 birth hello"}) {
			t.Errorf("after the broker came back: %q", got)
		}
		if err := client.Publish(ctx, one, topic.Ack, []byte("yes")); err != nil {
			t.Error(err)
		}
		if got := <-heard; got != "yes" {
			t.Errorf("the cabinet got %q", got)
		}
		cancel()
		<-ended
		if err := second.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second)
	})
}

// other is a broker beside the service, and where its cabinets come in.
func other(t *testing.T) (*brokertest.Broker, *brokertest.Pipes) {
	t.Helper()
	door := brokertest.NewPipes()
	b, err := brokertest.Start("secret", door, func(user, password string) bool {
		_, err := passwords{}.CheckLogin(t.Context(), protocol.CabinetID(user), []byte(password))
		return err == nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, door
}

func TestASlowCabinetsWorkDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		release := make(chan struct{})
		quick := r.arrived.handle
		r.handle = func(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) {
			if from == one {
				<-release
			}
			quick(ctx, from, ch, payload)
		}
		r.cabinet(one).Publish(one.Of(topic.Event), 0, false, "slow")
		r.cabinet(two).Publish(two.Of(topic.Event), 0, false, "quick")
		synctest.Wait()
		if got := r.arrived.all(); !slices.Equal(got, []string{"xs-02 event quick"}) {
			t.Errorf("got %q before the slow one was done", got)
		}
		close(release)
		synctest.Wait()
		if got := r.arrived.all(); len(got) != 2 {
			t.Errorf("got %q in the end", got)
		}
	})
}

// TestAFleetThatComesBackAtOnceLosesNothing sends more at once than may wait for a worker.
func TestAFleetThatComesBackAtOnceLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		const storm = 4 * queueDepth // of one cabinet
		var handled atomic.Int64
		r.handle = func(context.Context, topic.Address, topic.Channel, []byte) {
			time.Sleep(time.Millisecond) // of the bubble's clock: a commit
			handled.Add(1)
		}
		c := r.cabinet(one)
		for range storm {
			c.Publish(one.Of(topic.Live), 0, false, "x")
		}
		time.Sleep(storm * 2 * time.Millisecond)
		synctest.Wait()
		if stats := r.broker.Stats(); handled.Load() != storm || stats.Dropped != 0 || stats.Waited == 0 {
			t.Errorf("%d of %d were handled, %d dropped, %d waited", handled.Load(), storm, stats.Dropped, stats.Waited)
		}
	})
}

func TestAMessageThatFindsNoRoomIsDroppedAndItsConnectionGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		release := make(chan struct{})
		quick := r.arrived.handle
		r.handle = func(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) {
			<-release
			quick(ctx, from, ch, payload)
		}
		c := r.cabinet(one)
		for range queueDepth + 2 { // One is under way, and one finds no room.
			c.Publish(one.Of(topic.Live), 0, false, "x")
		}
		time.Sleep(patience - time.Second)
		before := r.broker.Stats().Dropped
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if after := r.broker.Stats().Dropped; before != 0 || after != 1 {
			t.Errorf("%d were dropped within the patience, %d after it: want 0 and 1", before, after)
		}
		close(release)
		c.Publish(one.Of(topic.Live), 0, false, "after it")
		synctest.Wait()
		if got := r.arrived.all(); len(got) != queueDepth+2 || got[queueDepth+1] != "xs-01 live after it" {
			t.Errorf("%d arrived, the last %q", len(got), got[len(got)-1])
		}
	})
}

func TestBackoffStaysWithinItsBoundsAndSpreads(t *testing.T) {
	seen := map[time.Duration]bool{}
	for failures := 1; failures < 100; failures++ {
		d := backoff(failures)
		if d <= 0 || d > backoffMax+time.Millisecond {
			t.Fatalf("after %d failures: %s", failures, d)
		}
		seen[d] = true
	}
	if len(seen) < 50 {
		t.Fatalf("only %d different waits of 99", len(seen))
	}
}

func TestACloudWhoseSubscriptionIsRefusedSaysSoAndIsNotConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beside, door := other(t)
		var said bytes.Buffer
		remote := Remote{Dial: door.Dial, User: string(one.Cabinet), Password: secretOf(one)} // A cabinet may not listen to all.
		client := NewClient(remote, (&arrivals{}).handle, slog.New(slog.NewTextHandler(&said, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); client.Run(ctx) }()
		time.Sleep(backoffMax)
		connected := client.Connected()
		cancel()
		<-ended
		if err := beside.Close(); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second)
		if connected || !strings.Contains(said.String(), "the broker refused it") {
			t.Fatalf("connected: %v; it said:\n%s", connected, said.String())
		}
	})
}

// TestClosingLeavesNoClientsToTheLibrary holds the broker to closing its listeners itself: the library would lock its
// clients twice for each that is left, and stand still where another client leaves in between.
func TestClosingLeavesNoClientsToTheLibrary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := New(passwords{}, (&arrivals{}).handle, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{t: t, broker: b, door: brokertest.NewPipes()}
		if err := b.Serve(r.door); err != nil {
			t.Fatal(err)
		}
		c := r.cabinet(one)
		left := -1
		if err := b.server.AddHook(&watchStop{stopped: func() { left = b.server.Listeners.Len() }}, nil); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if left != 0 {
			t.Errorf("%d listeners were left to the library", left)
		}
		if c.IsConnectionOpen() || b.Stats().Clients != 0 {
			t.Errorf("%d clients are still there", b.Stats().Clients)
		}
		time.Sleep(5 * time.Second)
	})
}

// watchStop is told when the library has closed what it knows.
type watchStop struct {
	mqtt.HookBase
	stopped func()
}

func (*watchStop) ID() string           { return "watch" }
func (*watchStop) Provides(b byte) bool { return b == mqtt.OnStopped }
func (w *watchStop) OnStopped()         { w.stopped() }
