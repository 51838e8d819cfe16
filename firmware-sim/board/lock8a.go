package board

import (
	"time"

	"allhours/protocol/fieldbus/lock8a"
)

// Lock8A is a board of the family that opens with 8A: 24 locks with one contact each. It pushes a contact's change.
type Lock8A struct {
	pulser
	number      byte
	shortedOpen bool // the locks' contacts are shorted when open
	pushes      bool
	told        uint32 // contacts that were pushed last
}

// Lock8ASpec is how a board is set.
type Lock8ASpec struct {
	Number      byte
	ShortedOpen bool // the locks' contacts are shorted when open, and not when locked
	Pushes      bool // tells changes unasked
	Pulse       time.Duration
}

// pushEvery is how often a board that tells changes looks for them.
const pushEvery = 50 * time.Millisecond

// NewLock8A makes a board that was just powered.
func NewLock8A(spec Lock8ASpec, wiring LockWiring) *Lock8A {
	return &Lock8A{
		pulser: newPulser(lock8a.Locks, spec.Pulse, wiring), number: spec.Number,
		shortedOpen: spec.ShortedOpen, pushes: spec.Pushes,
	}
}

// contacts is what the board measures: 1 for shorted.
func (l *Lock8A) contacts(at time.Time) uint32 {
	contacts := uint32(l.closed(at))
	if l.shortedOpen {
		contacts = ^contacts & (1<<lock8a.Locks - 1)
	}
	return contacts
}

// Answer serves what was heard between two silences; the last request is answered. The answer to an order is what the
// contact says at that moment, which is often the order itself, because a bolt needs longer.
func (l *Lock8A) Answer(heard []byte, at time.Time) (sent []byte) {
	l.Advance(at)
	for _, req := range scan(heard, lock8a.ParseRequest) {
		switch {
		case req.Board != l.number:
		case req.Kind != lock8a.Open:
			sent = req.AppendReply(nil, l.contacts(at))
		case req.Lock == 0:
			l.fireAll(at)
		case l.fire(int(req.Lock)-1, at):
			sent = req.AppendReply(nil, l.contacts(at))
		}
	}
	return sent
}

// Speak pushes the first change since the last look.
func (l *Lock8A) Speak(at time.Time) ([]byte, time.Duration) {
	if !l.pushes {
		return nil, -1
	}
	l.Advance(at)
	now := l.contacts(at)
	for ch := range lock8a.Locks {
		if bit := uint32(1) << ch; (now^l.told)&bit != 0 {
			l.told ^= bit
			return lock8a.AppendPush(nil, l.number, byte(ch+1), now&bit != 0), pushEvery
		}
	}
	return nil, pushEvery
}
