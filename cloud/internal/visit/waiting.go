package visit

import (
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// waitingBook keeps the visits whose command was sent and whose cabinet has not said whether it burnt the grant.
type waitingBook struct {
	mu     sync.Mutex
	visits map[protocol.VisitID]waiting
}

type waiting struct {
	id          protocol.VisitID
	cabinet     protocol.CabinetID
	compartment protocol.Compartment
	purpose     protocol.Purpose
	command     protocol.UUID
	challenge   grant.Token
	boot        uint32 // of the cabinet that the command was sent to, or a later one; 0: not known
	pressed     time.Time
	sent        time.Time
	notAfter    time.Time
	refused     protocol.Code // that command went over a connection of the past, and the cabinet says so; empty: no word
	doubted     bool          // nobody answered in time, and the payment says so
	ends        time.Time     // of the grant that may be shown; zero: there is none
	ended       bool          // it was over when it was last looked at
}

// silent reports a command that nobody answered in time.
func (w waiting) silent(now time.Time) bool {
	return !w.doubted && !w.sent.IsZero() && w.sent.Before(now.Add(-commandLife-replyGrace))
}

// over reports a grant that could be shown until a moment ago.
func (w waiting) over(now time.Time) bool { return !w.ended && !w.ends.IsZero() && now.After(w.ends) }

func newWaitingBook() *waitingBook {
	return &waitingBook{visits: make(map[protocol.VisitID]waiting)}
}

// add takes a visit up, or what became of it; boot is the cabinet's.
func (b *waitingBook) add(v cloud.VisitRecord, boot uint32, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := waiting{
		id: v.ID, cabinet: v.Cabinet, compartment: v.Compartment, purpose: v.Purpose, command: v.Command, challenge: v.Challenge,
		boot: boot, pressed: v.Pressed(), sent: v.Sent, notAfter: v.NotAfter, doubted: v.Payment == cloud.PaymentUnknown, ends: v.PassEnds,
	}
	w.ended = w.doubted && w.over(now)
	if before, known := b.visits[v.ID]; known && before.command == w.command {
		w.boot, w.refused = before.boot, before.refused
	}
	b.visits[v.ID] = w
}

// refuse notes that the cabinet did not take a command for one of the connection that it has.
func (b *waitingBook) refuse(id protocol.VisitID, code protocol.Code) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w, known := b.visits[id]; known {
		w.refused = code
		b.visits[id] = w
	}
}

func (b *waitingBook) remove(id protocol.VisitID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.visits, id)
}

// pick lists the visits that fit.
func (b *waitingBook) pick(fits func(waiting) bool) []waiting {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []waiting
	for _, w := range b.visits {
		if fits(w) {
			found = append(found, w)
		}
	}
	return found
}

// doubt notes what was looked at.
func (b *waitingBook) doubt(v cloud.VisitRecord, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w, known := b.visits[v.ID]; known {
		w.doubted, w.ends = true, v.PassEnds
		w.ended = w.over(now)
		b.visits[v.ID] = w
	}
}

func (b *waitingBook) isDoubted(id protocol.VisitID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.visits[id].doubted
}

// unused reports whether the cabinet's word proves that the grant was never burnt and never can be: it was given long
// enough after the grant's end, or over a connection with another challenge after the command's end, and everything that
// the cabinet had written by then is applied. What a later boot says needs no such time: whoever could have obeyed is dead; but
// until the command's end another may be sent. For a grant that may be shown an event must say so, which the cabinet will
// remember whatever becomes of its clock.
func (w waiting) unused(heard presence.Heard, at cloud.Position, now time.Time) bool {
	if !w.ends.IsZero() {
		return heard.Written.After(w.ends.Add(proofGrace)) && heard.Journal == at.Journal
	}
	end := w.notAfter
	if heard.Challenge != w.challenge {
		end = w.pressed.Add(commandLife)
	}
	proven := heard.At.After(end.Add(proofGrace)) || w.boot != 0 && heard.Boot > w.boot && now.After(end)
	return proven && heard.Journal == at.Journal && heard.Last <= at.Applied
}

// openingBook keeps the visits that a Begin of this process is still at work on.
type openingBook struct {
	mu     sync.Mutex
	visits map[protocol.VisitID]bool
}

func newOpeningBook() *openingBook { return &openingBook{visits: make(map[protocol.VisitID]bool)} }

func (b *openingBook) add(id protocol.VisitID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.visits[id] = true
}

func (b *openingBook) remove(id protocol.VisitID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.visits, id)
}

func (b *openingBook) has(id protocol.VisitID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.visits[id]
}
