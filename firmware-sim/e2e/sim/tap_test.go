package sim

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

// noise is how badly the serial line treats the boards' replies: shares of all of them.
type noise struct {
	lose, damage, late, stale float64
}

// pulse is one release of the lock, as the lock board saw it.
type pulse struct {
	at    time.Time
	visit protocol.VisitID // that was burnt without an end on the cabinet's disk just then; zero: none was
}

// tap sits between a line and the boards: it damages replies, and counts what the lock was told.
type tap struct {
	cabinet *cabinet.Cabinet
	burnt   func() protocol.VisitID // reads the agent's disk

	mu     sync.Mutex
	chance *rand.Rand
	noise  noise
	pulses []pulse
	before []byte    // the reply before
	late   time.Time // until then a reply was held back
}

func (t *tap) turn(n noise) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.noise = n
}

// seen lists the pulses so far.
func (t *tap) seen() []pulse {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]pulse(nil), t.pulses...)
}

// Answer implements line.Boards.
func (t *tap) Answer(heard []byte, at time.Time) []byte {
	before := orders(t.cabinet, at)
	reply := t.cabinet.Answer(heard, at)
	t.mu.Lock()
	for range orders(t.cabinet, at) - before {
		t.pulses = append(t.pulses, pulse{at: at, visit: t.burnt()})
	}
	reply, late := t.mistreat(reply)
	if late > 0 {
		t.late = time.Now().Add(late)
	}
	t.mu.Unlock()
	if late > 0 {
		time.Sleep(late) // The line sends what comes too late all the same.
	}
	return reply
}

// settles is how long a line needs, after a reply that came too late, until nobody takes one answer for another's.
const settles = time.Second

// calm reports a line on which nothing is late any more.
func (t *tap) calm() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.noise == noise{} && time.Since(t.late) > settles
}

// orders counts what the lock boards have obeyed, to whatever lock.
func orders(c *cabinet.Cabinet, at time.Time) int {
	n := 0
	for _, l := range c.Locks(at) {
		n += l.Orders
	}
	return n
}

// mistreat does to a reply what the noise wants; t.mu is held.
func (t *tap) mistreat(reply []byte) (sent []byte, late time.Duration) {
	if len(reply) == 0 {
		return nil, 0
	}
	stale := t.before
	t.before = bytes.Clone(reply)
	n, fate := t.noise, t.chance.Float64()
	switch {
	case fate < n.lose:
		return nil, 0
	case fate < n.lose+n.damage:
		reply[t.chance.IntN(len(reply))] ^= 1 << t.chance.IntN(8)
	case fate < n.lose+n.damage+n.late:
		late = between(t.chance, 50*time.Millisecond, 500*time.Millisecond)
	case fate < n.lose+n.damage+n.late+n.stale && stale != nil:
		return stale, 0
	}
	return reply, late
}
