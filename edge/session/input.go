package session

import (
	"time"

	"allhours/edge"
	"allhours/protocol"
)

// Input is something that happened.
type Input interface{ input() }

// Ask wants the door opened for a visit whose grant is valid and not known to be used.
type Ask struct {
	Command protocol.UUID // to reply to; zero for a grant that was shown
	Visit   edge.Visit
}

// Burnt says how burning went: protocol.CodeOK when it is on disk.
type Burnt struct{ Code protocol.Code }

// PulseResult is what became of a pulse.
type PulseResult uint8

// The results of a pulse.
const (
	PulseDone    PulseResult = iota
	PulseFailed              // the latch was not released
	PulseUnknown             // it may have been
)

// Pulsed says how the pulse went.
type Pulsed struct {
	Result PulseResult
	Detail string
	Took   time.Duration // from the command's arrival to the lock command written
}

// Door is where the door is, debounced, each time that it changes and once after boot.
type Door struct{ Open edge.Tri }

// Latch is what the lock's own switch says, each time that it changes and once after boot.
type Latch struct{ Locked edge.Tri }

// Calm says that the scales are calm after the door was shut.
type Calm struct{}

// Settled says that the settlement is on disk; it failed where OK is false and is tried again.
type Settled struct{ OK bool }

// Tick lets time pass; at least every 100 ms.
type Tick struct{}

// Recover continues a visit that a boot found without an end, once the door can be read; it comes before any Door.
type Recover struct {
	Visit     edge.Visit
	DoorOpen  edge.Tri
	Locked    edge.Tri
	Unchanged bool // every platform weighs what it did before the visit
}

// Compared says whether every platform weighs what it did before the visit.
type Compared struct{ Unchanged bool }

func (Ask) input()      {}
func (Burnt) input()    {}
func (Pulsed) input()   {}
func (Door) input()     {}
func (Latch) input()    {}
func (Calm) input()     {}
func (Settled) input()  {}
func (Tick) input()     {}
func (Recover) input()  {}
func (Compared) input() {}
