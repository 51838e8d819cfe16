package cloud

import (
	"context"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// ReplayBasis is what a visit is run again from.
type ReplayBasis string

// What there may be of a visit.
const (
	ReplayRecording ReplayBasis = "recording" // every reading of the scales
	ReplayJournal   ReplayBasis = "journal"   // the weights before and after, and the steps that were written down
	ReplayNothing   ReplayBasis = "nothing"   // it cannot be run again
)

// VisitReplay is a visit that is run again by the rules of today, beside what was booked of it then. It changes nothing.
type VisitReplay struct {
	Visit  Visit
	Basis  ReplayBasis
	Lacks  string // what is missing, of ReplayNothing: settlement, plan or stock
	Events []ReplayEvent
	Then   settle.Answer // as the cabinet settled it
	Now    settle.Answer // as the rules of today do
	Booked Bill          // what stands: the order, as a person decided it where one did
	Priced Bill          // what the lines of Now cost by the prices of then
	Moved  []ReplayMoved // goods that the books moved for it
	Zero   time.Time     // that the steps of the answers count from; zero: not known
	Apart  []ReplayApart // in what they differ; empty: in nothing
}

// ReplayEvent is one event of the visit as its cabinet wrote it down.
type ReplayEvent struct {
	Ref  string // opens to the event itself
	Seq  uint64
	At   time.Time // zero: its clock was not right
	Type wire.EventType
	Body wire.Body
}

// ReplayMoved is goods that left a platform, by the books, and by the answer of today.
type ReplayMoved struct {
	SKU    protocol.SKU
	Name   Text
	Then   int // billed by the cabinet
	Booked int // charged, or decided
	Now    int
}

// ReplayApart names a difference.
type ReplayApart string

// In what they may differ.
const (
	ApartRule     ReplayApart = "rule"     // there is a newer one
	ApartDecision ReplayApart = "decision" // one would have charged, the other asked a person
	ApartLines    ReplayApart = "lines"    // other goods, or another number of them
	ApartTotal    ReplayApart = "total"    // another sum
	ApartPerson   ReplayApart = "person"   // a person decided otherwise than the cabinet's best guess
)

// Replays runs visits again.
type Replays interface {
	// Replay has CodeUnknownVisit where there is no such visit.
	Replay(ctx context.Context, visit protocol.VisitID) (VisitReplay, error)
}
