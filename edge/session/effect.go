package session

import (
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Effect is something to be done. Effects are carried out in their order.
type Effect interface{ effect() }

// Burn asks for the visit's grant to be used up on disk; answered by Burnt.
type Burn struct{ Visit edge.Visit }

// Pulse asks for the latch to be released once; answered by Pulsed.
type Pulse struct{}

// Journal asks for events to be written, all or none.
type Journal struct{ Bodies []wire.Body }

// Reply answers whoever asked for the visit.
type Reply struct {
	Command protocol.UUID    // zero: nobody did by a command
	Visit   protocol.VisitID // that was refused; zero otherwise
	Code    protocol.Code
	Detail  string
	Took    time.Duration // of the pulse; 0 where there was none
}

// Weigh begins to follow the scales of the visit. Recovered: what happened until now was not seen.
type Weigh struct {
	Visit     edge.Visit
	Recovered bool
}

// Moved tells the scales' follower that the door moved.
type Moved struct{ Open bool }

// Show tells the phone where the visit stands.
type Show struct {
	Phase wire.Phase
	Left  time.Duration // until the latch locks again
}

// Decide asks for the visit to be settled and its settlement journalled; answered by Settled.
type Decide struct {
	Visit     edge.Visit
	OpenFor   time.Duration // that the door stood open
	ShutFor   time.Duration // since it was shut
	Recovered bool
}

// Compare asks what the scales show now against what they showed before the visit; answered by Compared.
type Compare struct{ Visit edge.Visit }

// Forget ends the following of the scales: the visit is over.
type Forget struct{}

func (Burn) effect()    {}
func (Pulse) effect()   {}
func (Journal) effect() {}
func (Reply) effect()   {}
func (Weigh) effect()   {}
func (Moved) effect()   {}
func (Show) effect()    {}
func (Decide) effect()  {}
func (Compare) effect() {}
func (Forget) effect()  {}
