package session

import (
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Stage is where the door stands in a visit.
type Stage uint8

// The stages of a visit.
const (
	Idle      Stage = iota // no visit
	Burning                // the grant is being used up
	Pulsing                // the lock command is on its way
	Released               // the latch is free, or may be: waiting for the pull
	Relocking              // nobody pulled in time: the latch is read back before the visit ends
	Open                   // the door of the visit is open
	Counting               // it is shut: waiting for calm scales
	Deciding               // the settlement is being written
)

var stageNames = [...]string{"idle", "burning", "pulsing", "released", "relocking", "open", "counting", "deciding"}

func (s Stage) String() string { return stageNames[s] }

// Limits are the times of a door; a zero means the default.
type Limits struct {
	Pull     time.Duration // that a released latch waits for somebody to pull; default 10 s
	Relock   time.Duration // that the latch then has to lock by itself; default 3 s
	OpenWarn time.Duration // that a door may stand open before it is reported; default 60 s
}

func (l Limits) withDefaults() Limits {
	if l.Pull <= 0 {
		l.Pull = 10 * time.Second
	}
	if l.Relock <= 0 {
		l.Relock = 3 * time.Second
	}
	if l.OpenWarn <= 0 {
		l.OpenWarn = 60 * time.Second
	}
	return l
}

// State is what is known of one door and its visit.
type State struct {
	Compartment protocol.Compartment
	Limits      Limits
	Stage       Stage
	Visit       edge.Visit // in any stage but Idle
	DoorOpen    edge.Tri   // as it was known last; Unknown only before the first reading
	Locked      edge.Tri

	silent    bool // the door cannot be read now
	command   protocol.UUID
	replied   bool
	recovered bool
	changed   bool          // recovered: the weights are not what they were
	freed     bool          // the latch was seen free since the pulse
	blind     bool          // the door could not be read for some time since the pulse
	compared  bool          // what the scales say of that time was asked for
	until     time.Duration // Released, Relocking: when the stage ends
	openedAt  time.Duration // when the door was opened, in or out of a visit
	warned    bool          // that it stands open
	openFor   time.Duration // of the visit's earlier openings
	shutAt    time.Duration // Counting
	retryAt   time.Duration // Deciding: when a failed settlement is tried again
}

// New is a door of which nothing is known yet.
func New(c protocol.Compartment, l Limits) State {
	return State{Compartment: c, Limits: l.withDefaults()}
}

// Busy reports whether a visit is under way.
func (s State) Busy() bool { return s.Stage != Idle }

// Refusal says why the door takes no visit now; protocol.CodeOK when it does.
func (s State) Refusal() protocol.Code {
	switch {
	case s.Busy():
		return protocol.CodeBusy
	case s.DoorOpen == edge.Yes:
		return protocol.CodeDoorOpen
	case s.silent || s.DoorOpen == edge.Unknown || s.Locked == edge.No:
		return protocol.CodeLockFailed
	}
	return protocol.CodeOK
}

// Door is what is known of the door now, as telemetry says it.
func (s State) Door() wire.Door {
	switch {
	case s.silent || s.DoorOpen == edge.Unknown:
		return wire.DoorStateUnknown
	case s.DoorOpen == edge.Yes:
		return wire.DoorStateOpen
	}
	return wire.DoorStateShut
}

// Phase is what the phone is shown of the stage; empty where there is nothing to show.
func (s State) Phase() wire.Phase {
	switch s.Stage {
	case Pulsing, Released, Relocking:
		return wire.PhaseOpening
	case Open:
		return wire.PhaseOpen
	case Counting, Deciding:
		return wire.PhaseCounting
	}
	return ""
}

// idle forgets the visit and keeps the door.
func (s State) idle() State {
	return State{
		Compartment: s.Compartment, Limits: s.Limits, DoorOpen: s.DoorOpen, Locked: s.Locked, silent: s.silent,
		openedAt: s.openedAt, warned: s.warned,
	}
}
