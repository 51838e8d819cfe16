package broker

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"allhours/protocol"
	"allhours/protocol/topic"
)

// sent is a batch of a cabinet on its way; it is sent again until it is acknowledged.
type sent struct {
	paho.Message
	from    topic.Address
	payload []byte
	acked   chan struct{}
	once    sync.Once
}

func (s *sent) Topic() string   { return s.from.Of(topic.Event) }
func (s *sent) Payload() []byte { return s.payload }
func (s *sent) Qos() byte       { return 1 }
func (s *sent) Ack()            { s.once.Do(func() { close(s.acked) }) }

func (s *sent) isAcked() bool {
	select {
	case <-s.acked:
		return true
	default:
		return false
	}
}

// TestABlockedDatabaseSlowsTheReadingAndLosesNothing lets no work come to an end, as while a database does not answer, and
// hundreds of cabinets send far more than memory may hold. What was read and waits is bounded, in bytes and in goroutines;
// the connection may even be lost meanwhile; and when the work goes on, all of it is done that was not acknowledged before.
func TestABlockedDatabaseSlowsTheReadingAndLosesNothing(t *testing.T) {
	const batches, size = 2000, 60 << 10 // 120 MB, over seven times what may wait
	synctest.Test(t, func(t *testing.T) {
		unblocked := make(chan struct{})
		c := NewClient(Remote{}, func(ctx context.Context, _ topic.Address, _ topic.Channel, _ []byte) {
			select {
			case <-unblocked:
			case <-ctx.Done():
			}
		}, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { c.intake.run(ctx) })
		var all []*sent
		for n := range batches {
			from := topic.Address{Shard: uint8(n % 64), Cabinet: protocol.CabinetID(fmt.Sprintf("xs-%03d", n%300))}
			all = append(all, &sent{from: from, payload: make([]byte, size), acked: make(chan struct{})})
		}
		// read is what the library does with a connection: one message after the other, as long as it lives.
		read := func(conn *connection) {
			for _, m := range all {
				if !m.isAcked() {
					c.receive(conn, m)
				}
			}
		}
		before := runtime.NumGoroutine()
		first := alive(ctx)
		running.Go(func() { read(first) })
		time.Sleep(time.Hour)
		synctest.Wait()
		held, more := int(c.intake.received.Load()-1)*size, runtime.NumGoroutine()-before
		t.Logf("%d of %d MB were read and wait, with %d goroutines more", held>>20, batches*size>>20, more)
		if held > mostWaiting+size || held < mostWaiting/2 || more > mostWaiting/size+1 {
			t.Errorf("%d bytes wait, with %d goroutines more: want %d at most, and one for each message and the connection", held, more, mostWaiting)
		}
		first.end() // Nobody waits for a broker that is gone.
		synctest.Wait()
		close(unblocked)
		synctest.Wait()
		for range 2 {
			running.Go(func() { read(alive(ctx)) })
			synctest.Wait()
		}
		for i, m := range all {
			if !m.isAcked() {
				t.Fatalf("batch %d of %s was never acknowledged", i, m.from.Cabinet)
			}
		}
		if !c.intake.room.TryAcquire(mostWaiting) {
			t.Error("some of the room is gone for ever")
		}
		stop()
		running.Wait()
	})
}

// alive is a connection that lasts as long as ctx.
func alive(ctx context.Context) *connection {
	c := &connection{}
	c.alive, c.end = context.WithCancel(ctx)
	return c
}

// TestNoCabinetWaitsForAnotherOnesMessage lets one message take for ever, and hundreds of cabinets send beside it.
func TestNoCabinetWaitsForAnotherOnesMessage(t *testing.T) {
	const cabinets = 900 // whose messages all have room
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Int64
		i := newIntake(func(ctx context.Context, from topic.Address, _ topic.Channel, _ []byte) {
			if from.Cabinet == "xs-000" {
				<-ctx.Done()
				return
			}
			done.Add(1)
		})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { i.run(ctx) })
		for n := range cabinets {
			from := topic.Address{Shard: 3, Cabinet: protocol.CabinetID(fmt.Sprintf("xs-%03d", n))}
			if !i.put(ctx, time.Minute, from.Of(topic.Event), []byte("x"), nil) {
				t.Errorf("no room for %s", from.Cabinet)
			}
		}
		synctest.Wait()
		if got := done.Load(); got != cabinets-1 {
			t.Errorf("%d of %d cabinets were heard beside a slow one", got, cabinets-1)
		}
		if len(i.queues) != 1 {
			t.Errorf("%d queues are left, one is in use", len(i.queues))
		}
		stop()
		running.Wait()
	})
}
