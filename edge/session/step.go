package session

import (
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// settleAgain is how long a settlement that could not be written waits for the next attempt.
const settleAgain = time.Second

// Step gives the state after an input at now, the time since boot, and what is to be done. An input that does not fit
// the stage changes nothing.
func Step(s State, in Input, now time.Duration) (State, []Effect) {
	switch in := in.(type) {
	case Ask:
		return s.ask(in)
	case Burnt:
		return s.burnt(in)
	case Pulsed:
		return s.pulsed(in, now)
	case Door:
		return s.door(in.Open, now)
	case Latch:
		return s.latch(in.Locked, now)
	case Calm:
		return s.calm(now)
	case Settled:
		return s.settled(in.OK, now)
	case Recover:
		return s.recover(in, now)
	case Compared:
		return s.looked(in.Unchanged, now)
	case Tick:
		return s.tick(now)
	}
	return s, nil
}

func (s State) ask(in Ask) (State, []Effect) {
	if code := s.Refusal(); code != protocol.CodeOK {
		return s, []Effect{Reply{Command: in.Command, Visit: in.Visit.ID, Code: code}}
	}
	s.Stage, s.Visit, s.command = Burning, in.Visit, in.Command
	return s, []Effect{Burn{in.Visit}}
}

func (s State) burnt(in Burnt) (State, []Effect) {
	if s.Stage != Burning {
		return s, nil
	}
	if in.Code != protocol.CodeOK {
		refused := Reply{Command: s.command, Visit: s.Visit.ID, Code: in.Code}
		return s.idle(), []Effect{refused}
	}
	if s.DoorOpen == edge.Yes { // Opened by a key while the grant was written: its one opening is this one.
		s.Stage, s.Visit.Opened = Open, true
		s, reply := s.reply(protocol.CodeOK, "the door was open already", 0)
		opened := Journal{[]wire.Body{wire.OpenedBody{Visit: s.Visit.ID}}}
		return s, append([]Effect{Weigh{Visit: s.Visit}, opened, Moved{Open: true}, Show{Phase: wire.PhaseOpen}}, reply...)
	}
	s.Stage, s.freed, s.blind = Pulsing, false, s.silent
	return s, []Effect{Pulse{}, Weigh{Visit: s.Visit}}
}

func (s State) pulsed(in Pulsed, now time.Duration) (State, []Effect) {
	if s.Stage == Idle || s.Stage == Burning {
		return s, nil
	}
	var pulsed []Effect
	if in.Result == PulseDone {
		pulsed = []Effect{Journal{[]wire.Body{s.lockBody(wire.LockPulsed, "", "")}}}
	}
	if s.Stage != Pulsing { // The door was pulled before the board's answer arrived.
		s, reply := s.reply(protocol.CodeOK, in.Detail, in.Took)
		return s, append(reply, pulsed...)
	}
	if in.Result == PulseFailed {
		s, reply := s.reply(protocol.CodeLockFailed, in.Detail, in.Took)
		s, end := s.abort(protocol.CodeLockFailed, in.Detail)
		return s, append(end, reply...)
	}
	s.Stage, s.until = Released, now+s.Limits.Pull
	s, reply := s.reply(protocol.CodeOK, in.Detail, in.Took)
	return s, append(append(reply, pulsed...), Show{Phase: wire.PhaseOpening, Left: s.Limits.Pull})
}

// reply closes the command once.
func (s State) reply(code protocol.Code, detail string, took time.Duration) (State, []Effect) {
	if s.replied || s.command.IsZero() {
		return s, nil
	}
	s.replied = true
	return s, []Effect{Reply{Command: s.command, Code: code, Detail: detail, Took: took}}
}

// abort ends a visit whose door was never opened; a failed lock is an event of its own.
func (s State) abort(code protocol.Code, detail string) (State, []Effect) {
	bodies := []wire.Body{wire.AbortedBody{Visit: s.Visit.ID, Code: code}}
	if code == protocol.CodeLockFailed {
		bodies = append([]wire.Body{s.lockBody(wire.LockFailed, code, detail)}, bodies...)
	}
	return s.idle(), []Effect{Journal{bodies}, Forget{}}
}

func (s State) lockBody(t wire.EventType, code protocol.Code, detail string) wire.LockBody {
	body := wire.LockBody{EventType: t, Compartment: s.Compartment, Code: code, Detail: detail}
	if s.Busy() {
		body.Visit = &s.Visit.ID
	}
	return body
}

func (s State) latch(locked edge.Tri, now time.Duration) (State, []Effect) {
	s.Locked = locked
	if locked == edge.No && s.Busy() {
		s.freed = true
	}
	return s.tick(now)
}

func (s State) calm(now time.Duration) (State, []Effect) {
	if s.Stage != Counting {
		return s, nil
	}
	s.Stage, s.retryAt = Deciding, 0
	return s, []Effect{s.decide(now)}
}

func (s State) decide(now time.Duration) Effect {
	return Decide{Visit: s.Visit, OpenFor: s.openFor, ShutFor: now - s.shutAt, Recovered: s.recovered}
}

func (s State) settled(ok bool, now time.Duration) (State, []Effect) {
	switch {
	case s.Stage != Deciding:
		return s, nil
	case !ok:
		s.retryAt = now + settleAgain
		return s, nil
	}
	return s.idle(), []Effect{Forget{}}
}

// recover continues a visit after a boot, once the door is known. Whether its lock was pulsed is not known, so the latch
// may still be free.
func (s State) recover(in Recover, now time.Duration) (State, []Effect) {
	if s.Busy() || in.DoorOpen == edge.Unknown {
		return s, nil
	}
	s.DoorOpen, s.Locked = in.DoorOpen, in.Locked
	s.Visit, s.recovered, s.changed = in.Visit, true, !in.Unchanged
	weigh := Weigh{Visit: in.Visit, Recovered: true}
	switch {
	case s.DoorOpen == edge.Yes && s.Visit.Opened:
		s.Stage, s.openedAt = Open, now
		return s, []Effect{weigh, Moved{Open: true}, Show{Phase: wire.PhaseOpen}}
	case s.DoorOpen == edge.Yes:
		s, effects := s.opened(now)
		return s, append([]Effect{weigh}, effects...)
	case s.Visit.Opened:
		s.Stage, s.shutAt = Counting, now
		return s, []Effect{weigh, Moved{Open: false}, Show{Phase: wire.PhaseCounting}}
	}
	s.Stage, s.until = Released, now+s.Limits.Pull
	return s, []Effect{weigh, Show{Phase: wire.PhaseOpening, Left: s.Limits.Pull}}
}
