package session

import (
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func (s State) door(open edge.Tri, now time.Duration) (State, []Effect) {
	before := s.DoorOpen
	// A board that fell silent says nothing of a door: a visit goes on with what was known last, and a new one is refused
	// until the door is known again.
	s.silent = open == edge.Unknown
	s.blind = s.blind || s.silent && (s.Stage == Pulsing || s.Stage == Released || s.Stage == Relocking)
	if s.silent || open == before {
		return s, nil
	}
	s.DoorOpen = open
	if open == edge.Yes {
		return s.opens(now)
	}
	return s.shuts(before, now)
}

func (s State) opens(now time.Duration) (State, []Effect) {
	switch s.Stage {
	case Idle, Burning:
		s.openedAt, s.warned = now, false
		return s, []Effect{Journal{[]wire.Body{s.doorBody(wire.DoorOpened, 0)}}}
	case Pulsing, Released, Relocking:
		return s.opened(now)
	}
	// Counting or Deciding: opened again before the visit was settled, so it goes on.
	s.Stage, s.openedAt, s.warned = Open, now, false
	return s, []Effect{Journal{[]wire.Body{s.doorBody(wire.DoorOpened, 0)}}, Moved{Open: true}, Show{Phase: wire.PhaseOpen}}
}

// opened is the first opening of a visit.
func (s State) opened(now time.Duration) (State, []Effect) {
	s.Stage, s.Visit.Opened, s.openedAt, s.warned = Open, true, now, false
	bodies := []wire.Body{wire.OpenedBody{Visit: s.Visit.ID}, s.doorBody(wire.DoorOpened, 0)}
	return s, []Effect{Journal{bodies}, Moved{Open: true}, Show{Phase: wire.PhaseOpen}}
}

func (s State) shuts(before edge.Tri, now time.Duration) (State, []Effect) {
	if s.Stage == Open {
		stood := s.stood(now)
		s.Stage, s.openFor, s.shutAt = Counting, s.openFor+stood, now
		return s, []Effect{
			Journal{[]wire.Body{s.doorBody(wire.DoorShut, stood)}}, Moved{Open: false}, Show{Phase: wire.PhaseCounting},
		}
	}
	if before != edge.Yes { // Known for the first time since boot, or since the board was silent.
		return s, nil
	}
	return s, []Effect{Journal{[]wire.Body{s.doorBody(wire.DoorShut, s.stood(now))}}}
}

// stood is for how long the door has been open. A switch is heard a moment after it moved, and a boot may have taken the visit up in
// between: then it is no time, and not less.
func (s State) stood(now time.Duration) time.Duration { return max(now-s.openedAt, 0) }

// doorBody names the visit from the moment that its grant is burnt.
func (s State) doorBody(t wire.EventType, stood time.Duration) wire.DoorBody {
	body := wire.DoorBody{EventType: t, Compartment: s.Compartment, OpenMS: stood.Milliseconds()}
	if s.Busy() && s.Stage != Burning {
		body.Visit = &s.Visit.ID
	}
	return body
}

// tick ends what has lasted too long.
func (s State) tick(now time.Duration) (State, []Effect) {
	switch s.Stage {
	case Released:
		return s.release(now)
	case Relocking:
		return s.relock(now)
	case Deciding:
		if s.retryAt != 0 && now >= s.retryAt {
			s.retryAt = 0
			return s, []Effect{s.decide(now)}
		}
	case Idle, Open:
		if s.DoorOpen == edge.Yes && !s.warned && s.stood(now) >= s.Limits.OpenWarn {
			s.warned = true
			return s, []Effect{Journal{[]wire.Body{s.doorBody(wire.DoorLeftOpen, s.stood(now))}}}
		}
	}
	return s, nil
}

func (s State) release(now time.Duration) (State, []Effect) {
	if now < s.until {
		return s, nil
	}
	s.Stage, s.until = Relocking, now+s.Limits.Relock
	return s.relock(now)
}

// relock ends a visit whose door nobody pulled once the latch is known to hold, so that nobody opens it for free. A latch
// that cannot be read, or that stays free, gets its time; after it the visit ends all the same, and the latch's state
// refuses the next one.
func (s State) relock(now time.Duration) (State, []Effect) {
	if s.Locked != edge.Yes && now < s.until {
		return s, nil
	}
	if s.blind {
		return s.lookBack()
	}
	if s.recovered {
		return s.unpulled(now, protocol.CodePulseUnknown)
	}
	var failed []Effect
	if s.Locked == edge.No {
		failed = []Effect{Journal{[]wire.Body{s.lockBody(wire.LockFailed, protocol.CodeLockFailed, "the latch does not lock again")}}}
	}
	code, detail := protocol.CodeNotPulled, ""
	if s.Locked == edge.Yes && !s.freed {
		code, detail = protocol.CodeLockFailed, "the latch did not move"
	}
	s, end := s.abort(code, detail)
	return s, append(failed, end...)
}

// lookBack asks the scales whether there was an opening that nobody could see, once the door can be read again.
func (s State) lookBack() (State, []Effect) {
	if s.silent || s.compared {
		return s, nil
	}
	s.compared = true
	return s, []Effect{Compare{Visit: s.Visit}}
}

func (s State) looked(unchanged bool, now time.Duration) (State, []Effect) {
	if s.Stage != Relocking || !s.compared {
		return s, nil
	}
	code := protocol.CodeNotPulled
	if s.recovered {
		code = protocol.CodePulseUnknown
	}
	s.recovered, s.changed = true, !unchanged
	weigh := Weigh{Visit: s.Visit, Recovered: true}
	s, effects := s.unpulled(now, code)
	if s.Busy() {
		effects = append([]Effect{weigh}, effects...)
	}
	return s, effects
}

// unpulled ends a visit whose door stayed shut as far as anybody saw, though not all of it was seen: unless goods are
// missing, nothing happened.
func (s State) unpulled(now time.Duration, code protocol.Code) (State, []Effect) {
	if !s.changed {
		return s.abort(code, "")
	}
	s.Stage, s.shutAt = Counting, now
	return s, []Effect{Moved{Open: false}, Show{Phase: wire.PhaseCounting}}
}
