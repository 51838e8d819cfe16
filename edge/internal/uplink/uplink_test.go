package uplink_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/fakecloud"
	"allhours/edge/internal/uplink"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

var journalID = protocol.UUID{0: 9, 6: 0x70, 8: 0x80}

// outbox is a journal in memory.
type outbox struct {
	mu      sync.Mutex
	last    uint64
	upTo    uint64
	epoch   uint64
	full    bool
	patient map[uint64]bool // by number: nobody waits for it
	changed chan struct{}
}

func (o *outbox) write(n uint64) {
	o.mu.Lock()
	o.last += n
	o.mu.Unlock()
	o.tell()
}

// evidence writes an event that nobody waits for.
func (o *outbox) evidence() {
	o.mu.Lock()
	o.last++
	o.patient[o.last] = true
	o.mu.Unlock()
	o.tell()
}

func (o *outbox) tell() {
	select {
	case o.changed <- struct{}{}:
	default:
	}
}

// fill makes a disk that takes no mark.
func (o *outbox) fill(full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.full = full
}

func (o *outbox) Bounds() (first, last uint64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return min(o.last, 1), o.last, nil
}

func (o *outbox) Batch(from, to uint64) ([]wire.Event, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var batch []wire.Event
	for seq := from; seq <= min(to, from+wire.MaxBatchEvents-1); seq++ {
		e := wire.Event{V: wire.Version, Cabinet: "xs-01", Journal: journalID, Seq: seq, Boot: 1, Type: wire.DoorShut, Body: json.RawMessage(`{}`)}
		if o.patient[seq] {
			e.Type = wire.VisitStep
		}
		batch = append(batch, e)
	}
	return batch, nil
}

func (o *outbox) Acked() (upTo, fleetEpoch uint64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.upTo, o.epoch, nil
}

func (o *outbox) Ack(upTo, fleetEpoch uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full {
		return errors.New("no room")
	}
	o.upTo, o.epoch = upTo, fleetEpoch
	return nil
}

func (o *outbox) Changed() <-chan struct{} { return o.changed }

// handler counts what it is told.
type handler struct {
	mu       sync.Mutex
	commands []wire.Command
	configs  []wire.Config
	births   int
}

func (h *handler) Command(c wire.Command, _ time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commands = append(h.commands, c)
}

func (h *handler) Config(c wire.Config) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.configs = append(h.configs, c)
}

func (h *handler) Connected() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.births++
}

func (h *handler) told() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.births
}

func (h *handler) Applied() wire.ConfigVersion { return wire.ConfigVersion{} }

func (h *handler) heard() (commands, configs int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.commands), len(h.configs)
}

// link is an uplink and the cloud at its other end.
type link struct {
	*testing.T
	cloud   *fakecloud.Cloud
	outbox  *outbox
	handler *handler
	clock   *edge.Clock
	uplink  *uplink.Uplink
}

func connected(t *testing.T) *link {
	t.Helper()
	l := start(t)
	l.cloud.Until("connected", time.Minute, func() bool { return !l.uplink.Challenge().IsZero() && l.cloud.Births() > 0 })
	return l
}

func start(t *testing.T) *link {
	t.Helper()
	address := topic.Address{Shard: 3, Cabinet: "xs-01"}
	l := &link{
		T: t, cloud: fakecloud.Start(t, address), handler: &handler{}, clock: edge.NewClock(),
		outbox: &outbox{changed: make(chan struct{}, 1), patient: make(map[uint64]bool)},
	}
	public, _ := l.cloud.Signer.Key.Public().(ed25519.PublicKey)
	var err error
	l.uplink, err = uplink.New(uplink.Options{
		Address: address, User: "xs-01", Keys: grant.Keys{1: public}, Journal: journalID, Boot: 1, Clock: l.clock,
		Outbox: l.outbox, Handler: l.handler, Dial: l.cloud.Dial, Entropy: rand.NewChaCha8([32]byte{4}),
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.uplink.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return l
}

func (l *link) mark() uint64 {
	upTo, _, _ := l.outbox.Acked()
	return upTo
}

func wait(d time.Duration) { <-time.After(d) }

func TestABacklogDrainsInBatchesAndOnlyTheCloudMovesTheMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		l.cloud.Mute(true)
		l.outbox.write(1000)
		wait(time.Second)
		if l.cloud.Received() != wire.MaxBatchEvents || l.mark() != 0 {
			t.Errorf("%d events sent and mark %d before the cloud said a word: want one batch and 0", l.cloud.Received(), l.mark())
		}
		l.cloud.Mute(false)
		l.cloud.Until("drained", time.Minute, func() bool { return l.mark() == 1000 })
		if n := l.cloud.Received(); n > 1000+wire.MaxBatchEvents {
			t.Errorf("%d events sent for 1000", n)
		}
	})
}

// A message of one event costs the line and the cloud as much as one of a dozen.
func TestWhatNobodyWaitsForGoesWithWhatFollowsOrSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		sent := func(when string, want int) {
			t.Helper()
			if n := l.cloud.Received(); n != want {
				t.Errorf("%s: %d events were sent, want %d", when, n, want)
			}
		}
		l.outbox.evidence()
		wait(3 * time.Second)
		l.outbox.evidence()
		wait(3 * time.Second)
		sent("six seconds after evidence", 0)
		l.outbox.write(1)
		wait(100 * time.Millisecond)
		sent("at once after what somebody waits for", 3)
		l.outbox.evidence()
		wait(29 * time.Second)
		sent("29 seconds after evidence alone", 3)
		wait(2 * time.Second)
		sent("31 seconds after evidence alone", 4)
	})
}

func TestManyEventsThatNobodyWaitsForDoNotWaitForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		for range wire.MaxBatchEvents + 1 {
			l.outbox.evidence()
		}
		wait(100 * time.Millisecond)
		if n := l.cloud.Received(); n < wire.MaxBatchEvents {
			t.Errorf("%d events were sent at once: want a whole batch of %d", n, wire.MaxBatchEvents)
		}
	})
}

func TestAnUnansweredBatchIsSentAgainAndTheBirthToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		births, told := l.cloud.Births(), l.handler.told()
		l.cloud.Mute(true)
		l.outbox.write(3)
		wait(70 * time.Second)
		if n := l.cloud.Received() / 3; n < 3 || n > 5 {
			t.Errorf("sent %d times in 70 s: want 3 to 5", n)
		}
		if l.cloud.Births() == births {
			t.Error("a cloud that may have forgotten the connection was not told again who is there")
		}
		if born, told := l.cloud.Births()-births, l.handler.told()-told; told != born {
			t.Errorf("%d births, and %d times the agent was asked how the cabinet stands: such a cloud has forgotten that too", born, told)
		}
	})
}

func TestAConnectionOverWhichNothingIsHeardIsGivenUpForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		l.cloud.Mute(true)
		l.outbox.write(3)
		conns := map[protocol.UUID]time.Duration{}
		began := time.Now()
		for time.Since(began) < 3*time.Hour {
			wait(time.Second)
			if conn := l.cloud.Birth().Conn; conns[conn] == 0 {
				conns[conn] = time.Since(began)
			}
		}
		second := time.Duration(0)
		for _, at := range conns {
			if at > time.Second && (second == 0 || at < second) {
				second = at
			}
		}
		if second < 2*time.Minute || second > 3*time.Minute {
			t.Errorf("another connection after %s: want one after two minutes", second)
		}
		if len(conns) < 5 || len(conns) > 12 { // A cloud that is away for long is not stormed.
			t.Errorf("%d connections in three hours", len(conns))
		}
		l.cloud.Mute(false)
		l.cloud.Until("drained", time.Hour, func() bool { return l.mark() == 3 })
	})
}

func TestAMarkThatTheDiskDoesNotTakeCostsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		births := l.cloud.Births()
		l.outbox.fill(true)
		l.outbox.write(500)
		wait(time.Minute)
		if l.cloud.Births() != births || l.cloud.Have() != 500 || l.mark() != 0 {
			t.Errorf("%d births after %d, the cloud has %d, mark %d", l.cloud.Births(), births, l.cloud.Have(), l.mark())
		}
		l.outbox.fill(false)
		l.outbox.write(1)
		l.cloud.Until("the mark is written", time.Minute, func() bool { return l.mark() == 501 })
	})
}

func TestANewConnectionThatNobodyAnswersIsGivenUpSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t)
		l.cloud.Mute(true)
		l.cloud.Cut(false)
		l.cloud.Until("born", time.Minute, func() bool { return l.cloud.Births() > 0 })
		first := l.cloud.Birth().Conn
		wait(25 * time.Second)
		if l.cloud.Birth().Conn != first {
			t.Error("given up before the cloud had time to answer")
		}
		wait(20 * time.Second)
		if l.cloud.Birth().Conn == first {
			t.Error("nobody answers, and it is not given up")
		}
	})
}

func TestALostConnectionIsMadeAgainWithANewChallenge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		l.cloud.Until("the time is known", time.Minute, func() bool { _, known := l.clock.Cloud(); return known })
		first := l.cloud.Birth()
		l.cloud.Cut(true)
		wait(time.Minute)
		if !l.uplink.Challenge().IsZero() {
			t.Error("a challenge without a connection")
		}
		if _, known := l.clock.Cloud(); !known {
			t.Error("the time is forgotten before the next connection")
		}
		l.outbox.write(5)
		l.cloud.Cut(false)
		l.cloud.Until("drained over the new connection", time.Minute, func() bool { return l.mark() == 5 })
		second := l.cloud.Birth()
		if second.Conn == first.Conn || string(second.Challenge) == string(first.Challenge) {
			t.Error("the new connection carries the old one's names")
		}
		if n := len(l.cloud.Deaths()); n != 1 || l.cloud.Deaths()[0].Conn != first.Conn {
			t.Errorf("deaths %+v: want the will of the first connection", l.cloud.Deaths())
		}
	})
}

func TestARestoredCloudGetsAgainWhatItLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		l.outbox.write(50)
		l.cloud.Until("acknowledged", time.Minute, func() bool { return l.mark() == 50 })
		l.cloud.Forget(20)
		l.cloud.Cut(false)
		l.cloud.Until("sent again", time.Minute, func() bool { return l.cloud.Have() == 50 && l.mark() == 50 })
	})
}

func TestARefusedSubscriptionIsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := start(t)
		l.cloud.RefuseSubscriptions(true)
		l.cloud.Cut(false)
		wait(time.Minute)
		if n := l.cloud.Births(); n != 0 {
			t.Errorf("%d births of a cabinet that hears nothing", n)
		}
		l.cloud.RefuseSubscriptions(false)
		l.cloud.Until("connected", 2*time.Minute, func() bool { return l.cloud.Births() > 0 })
	})
}

func TestAForgedOrStrangeAckMovesNothing(t *testing.T) {
	cases := []struct {
		name   string
		change func(*wire.Ack)
		forge  bool
	}{
		{"signed by somebody else", func(*wire.Ack) {}, true},
		{"for another cabinet", func(a *wire.Ack) { a.Cabinet = "xs-02" }, false},
		{"for another journal", func(a *wire.Ack) { a.Journal[0]++ }, false},
		{"of another connection", func(a *wire.Ack) { a.Challenge[0]++ }, false},
		{"beyond the end of the journal", func(a *wire.Ack) { a.HaveUpTo = 99 }, false},
		{"of another version", func(a *wire.Ack) { a.V = 2 }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := connected(t)
				l.cloud.Mute(true)
				l.outbox.write(5)
				wait(time.Second)
				b := l.cloud.Birth()
				a := wire.Ack{
					V: wire.Version, Cabinet: "xs-01", FleetEpoch: 1, Journal: b.Journal, HaveUpTo: 5, Challenge: b.Challenge,
					At: time.Now().Add(1000 * time.Hour).UnixMilli(),
				}
				sound := a
				sound.Challenge = append([]byte{}, a.Challenge...)
				c.change(&a)
				signer := l.cloud.Signer
				if c.forge {
					signer.Key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
				}
				payload, err := wire.Seal(wire.KindAck, signer, a)
				if err != nil {
					t.Fatal(err)
				}
				l.cloud.Publish(topic.Ack, payload)
				wait(time.Second)
				if now, _ := l.clock.Cloud(); l.mark() != 0 || time.Until(now) > time.Minute {
					t.Errorf("mark %d, the cloud's time %s: it was believed", l.mark(), now)
				}
				l.cloud.Ack(sound)
				l.cloud.Until("a sound one is believed", time.Minute, func() bool { return l.mark() == 5 })
			})
		})
	}
}

func TestOnlyASignedDesiredStateForThisCabinetIsHandedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		sound := wire.Config{V: wire.Version, Cabinet: "xs-01"}
		other, newer := sound, sound
		other.Cabinet, newer.V = "xs-02", 2
		l.cloud.Configure(other)
		l.cloud.Configure(newer)
		forger := grant.Signer{KeyID: 1, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
		payload, err := wire.Seal(wire.KindConfig, forger, sound)
		if err != nil {
			t.Fatal(err)
		}
		l.cloud.Publish(topic.Config, payload)
		ack, err := wire.Seal(wire.KindAck, l.cloud.Signer, sound) // An ack's signature is none for a desired state.
		if err != nil {
			t.Fatal(err)
		}
		l.cloud.Publish(topic.Config, ack)
		l.cloud.Publish(topic.Config, []byte("{"))
		wait(time.Second)
		if _, n := l.handler.heard(); n != 0 {
			t.Errorf("%d desired states handed on: want none", n)
		}
		l.cloud.Configure(sound)
		l.cloud.Until("the sound one is handed on", time.Minute, func() bool { _, n := l.handler.heard(); return n == 1 })
	})
}

func TestTheCloudsTimeCannotBeHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		l.cloud.Until("the time is known", time.Minute, func() bool { _, known := l.clock.Cloud(); return known })
		b := l.cloud.Birth()
		old := wire.Ack{
			V: wire.Version, Cabinet: "xs-01", FleetEpoch: 1, Journal: b.Journal, Challenge: b.Challenge, At: time.Now().UnixMilli(),
		}
		wait(40 * time.Second)
		l.cloud.Ack(old) // Kept by somebody for 40 s.
		wait(time.Second)
		if now, _ := l.clock.Cloud(); time.Since(now) > time.Second {
			t.Errorf("the cabinet believes that it is %s earlier", time.Since(now))
		}
	})
}

func TestASilentCloudIsAskedAgainEveryFewMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := connected(t)
		wait(10 * time.Second)
		births := l.cloud.Births()
		wait(11 * time.Minute)
		if n := l.cloud.Births() - births; n < 2 || n > 3 {
			t.Errorf("%d births in 11 minutes of silence: want 2 or 3", n)
		}
	})
}
