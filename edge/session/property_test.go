package session_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// runner answers the effects of the machine as a badly made world may, and watches what must always hold.
type runner struct {
	state   session.State
	now     time.Duration
	visits  byte
	burnt   map[protocol.VisitID]bool
	pulses  map[protocol.VisitID]int
	ends    map[protocol.VisitID]int
	opened  map[protocol.VisitID]bool
	replies map[protocol.UUID]int
	asked   []protocol.UUID
	broken  string
}

func newRunner() *runner {
	return &runner{
		state: session.New(1, session.Limits{}), burnt: map[protocol.VisitID]bool{}, pulses: map[protocol.VisitID]int{},
		ends: map[protocol.VisitID]int{}, opened: map[protocol.VisitID]bool{}, replies: map[protocol.UUID]int{},
	}
}

// act turns two bytes into an input and the time before it.
func (r *runner) act(kind, wait byte) {
	r.now += time.Duration(wait) * 50 * time.Millisecond
	switch kind % 16 {
	case 0, 1:
		r.visits++
		id := protocol.UUID{6: 0x70, 8: 0x80, 15: r.visits}
		r.asked = append(r.asked, id)
		r.put(session.Ask{Command: id, Visit: edge.Visit{ID: id, Compartment: 1}})
	case 2, 3:
		r.burn(kind)
	case 4:
		r.put(session.Pulsed{Result: session.PulseResult(wait % 3)})
	case 5, 6:
		r.sense(session.Door{Open: edge.Yes}, kind)
	case 7, 8:
		r.sense(session.Door{Open: edge.No}, kind)
	case 9:
		r.sense(session.Door{Open: edge.Unknown}, kind)
	case 10:
		r.sense(session.Latch{Locked: edge.Tri(wait % 3)}, kind)
	case 11:
		r.put(session.Calm{})
	case 12:
		r.put(session.Settled{OK: wait%4 != 0})
	case 13:
		r.visits++
		id := protocol.UUID{6: 0x70, 8: 0x80, 15: r.visits}
		if !r.state.Busy() && edge.Tri(wait%3) != edge.Unknown { // Otherwise it is not taken up yet.
			r.burnt[id] = true
		}
		r.put(session.Recover{
			Visit:    edge.Visit{ID: id, Compartment: 1, Opened: wait%2 == 0},
			DoorOpen: edge.Tri(wait % 3), Locked: edge.Tri(wait / 3 % 3), Unchanged: wait%5 == 0,
		})
	case 14:
		r.put(session.Compared{Unchanged: wait%2 == 0})
	default:
		r.put(session.Tick{})
	}
}

func (r *runner) burn(kind byte) {
	code := protocol.CodeOK
	if kind%16 == 3 && kind > 128 {
		code = protocol.CodeUsed
	}
	if r.state.Stage == session.Burning && code == protocol.CodeOK {
		r.burnt[r.state.Visit.ID] = true
	}
	r.put(session.Burnt{Code: code})
}

// sense puts in what a switch said a while ago: it is told when the board's answer has been read.
func (r *runner) sense(in session.Input, kind byte) {
	r.putAt(in, max(r.now-time.Duration(kind/16)*10*time.Millisecond, 0))
}

func (r *runner) put(in session.Input) { r.putAt(in, r.now) }

func (r *runner) putAt(in session.Input, at time.Duration) {
	before := r.state
	next, effects := session.Step(r.state, in, at)
	r.state = next
	for _, e := range effects {
		r.watch(before, e)
	}
	if ok, is := in.(session.Settled); is && ok.OK && before.Stage == session.Deciding {
		r.end(before.Visit.ID)
	}
}

func (r *runner) watch(before session.State, e session.Effect) {
	switch e := e.(type) {
	case session.Pulse:
		id := r.state.Visit.ID
		r.pulses[id]++
		r.must(r.burnt[id], "a pulse before its grant was burnt")
		r.must(r.pulses[id] == 1, "two pulses for one grant")
		r.must(before.DoorOpen == edge.No, "a pulse behind a door that is not shut")
	case session.Reply:
		r.replies[e.Command]++
		r.must(r.replies[e.Command] == 1, "two replies to one command")
	case session.Decide:
		r.must(r.state.DoorOpen == edge.No, "a decision behind an open door")
		r.must(r.ends[e.Visit.ID] == 0, "a decision after the end")
		r.must(e.OpenFor >= 0 && e.ShutFor >= 0, "a decision about less than no time")
	case session.Journal:
		for _, b := range e.Bodies {
			r.event(b)
		}
	case session.Burn:
		r.must(r.ends[e.Visit.ID] == 0, "burning an ended visit")
	}
}

func (r *runner) event(b wire.Body) {
	switch b := b.(type) {
	case wire.AbortedBody:
		r.must(!r.opened[b.Visit], "an abort of a visit whose door was opened")
		r.end(b.Visit)
	case wire.DoorBody:
		r.must(b.OpenMS >= 0, "a door that stood open for less than no time")
	case wire.OpenedBody:
		r.must(!r.opened[b.Visit], "two first openings")
		r.must(r.burnt[b.Visit], "an opening of a visit that is not burnt")
		r.opened[b.Visit] = true
	}
}

func (r *runner) end(id protocol.VisitID) {
	r.ends[id]++
	r.must(r.ends[id] == 1, "two outcomes")
	r.must(r.burnt[id], "an outcome of a visit that is not burnt")
}

func (r *runner) must(holds bool, what string) {
	if !holds && r.broken == "" {
		r.broken = fmt.Sprintf("%s, at %s in stage %s", what, r.now, r.state.Stage)
	}
}

// finish lets the world behave: every visit must then come to its one end, and every command to its one reply.
func (r *runner) finish() {
	for range 20 {
		switch r.state.Stage {
		case session.Burning:
			r.burnt[r.state.Visit.ID] = true
			r.put(session.Burnt{Code: protocol.CodeOK})
		case session.Pulsing:
			r.put(session.Pulsed{Result: session.PulseDone})
		case session.Relocking:
			r.put(session.Door{Open: edge.No})
			r.put(session.Compared{Unchanged: true})
		case session.Open:
			r.put(session.Door{Open: edge.No})
		case session.Counting:
			r.put(session.Calm{})
		case session.Deciding:
			r.put(session.Settled{OK: true})
		}
		r.now += 20 * time.Second
		r.put(session.Tick{})
	}
	r.must(r.state.Stage == session.Idle, "a visit without an end")
	for id := range r.burnt {
		r.must(r.ends[id] == 1, "a burnt grant without an outcome")
	}
}

func FuzzWhateverHappensAVisitHasOneOutcome(f *testing.F) {
	f.Add([]byte{7, 0, 0, 1, 2, 1, 4, 0, 5, 9, 7, 40, 11, 12, 12, 1})
	f.Add([]byte{7, 0, 10, 2, 0, 1, 2, 1, 4, 0, 15, 200, 15, 200})
	f.Add([]byte{13, 4, 7, 1, 11, 1, 12, 4, 15, 30, 12, 1})
	f.Add([]byte{7, 0, 0, 1, 5, 0, 2, 0, 4, 1, 7, 3, 11, 0, 5, 0, 12, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		if broken := play(script); broken != "" {
			t.Fatal(broken)
		}
	})
}

// play runs a script and says what it broke.
func play(script []byte) string {
	r := newRunner()
	for i := 0; i+1 < len(script) && i < 400; i += 2 {
		r.act(script[i], script[i+1])
	}
	r.finish()
	return r.broken
}

func TestRandomStoriesKeepTheirPromises(t *testing.T) {
	for seed := range uint64(5000) {
		chance := rand.New(rand.NewPCG(seed, 1))
		script := make([]byte, 2*chance.IntN(200))
		for i := range script {
			script[i] = byte(chance.UintN(256))
		}
		if broken := play(script); broken != "" {
			t.Fatalf("seed %d: %s", seed, broken)
		}
	}
}
