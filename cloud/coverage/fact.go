package coverage

import "allhours/protocol"

// Kind is what a fact is about.
type Kind string

// The kinds of facts. Subjects: of Stock "platform/sku", of Scale a platform, of Door, Lock and Sale a compartment, of Sale
// also none for the whole cabinet, of Halt what is halted, each by itself.
const (
	Silence Kind = "silence" // nothing was heard From..At; Code is one of the silences
	End     Kind = "end"     // what was known of the cabinet ends here: its card was replaced, or its events are lost
	Stock   Kind = "stock"   // Value units lie in a lane from At on
	Door    Kind = "door"    // Value 1: stands open, and nobody who was let in is at it as they should; 0: shut
	Lock    Kind = "lock"    // Value 0: opened, 1: failed once, 2: failed again, and is broken since From
	Scale   Kind = "scale"   // Value 1: cannot be trusted
	Sale    Kind = "sale"    // Value 1: stopped, for Code; 0: sells again
	Line    Kind = "line"    // Value 0: lost; 1: there. With the subject Reader Value 1: codes are read before the cabinet; 0: they are not
	Late    Kind = "late"    // what happened from From on was heard at At only: the line was down
	Halt    Kind = "halt"    // Value 1: a person of the chain lets nobody buy there, for Code; 0: again
	Apart   Kind = "apart"   // the cabinet's card is not believed, and nobody is let in, until an End
	Service Kind = "service" // the cloud itself was down From..At
	Barred  Kind = "barred"  // Value 1: the article that is the subject is not sold in the cabinet, whatever lies there; 0: it is
	Opened  Kind = "hours"   // somebody said since when the store was open; only a correction is of that kind
	Payment Kind = "payment" // Value 1: the provider does not answer; 0: it does
)

// Reader is a subject of Line.
const Reader = "reader"

// The codes of silences.
const (
	SilentFirst   = "first"   // before the first event of a journal
	SilentPower   = "power"   // ended by a boot after a stop that was not orderly
	SilentStopped = "stopped" // ended by a boot after an orderly stop
	SilentGap     = "gap"     // a mark is missing within a boot
)

// Mark is how long an agent that runs is silent at most, with a minute to spare, in milliseconds.
const Mark = 16 * 60_000

// Fact is something that was so from a moment on. Times are UTC milliseconds.
type Fact struct {
	Ref     string             // of the event, or of what the cloud did; with kind and subject it names the fact
	Seq     uint64             // of the event in its journal; 0: no event
	Cabinet protocol.CabinetID // empty: of all
	Kind    Kind
	Subject string
	From    int64 // of those that have a beginning of their own
	At      int64
	Value   int
	Code    string
	Made    int64 // when it was known
}

// Span is from a moment to before another one, UTC milliseconds.
type Span struct{ From, To int64 }

// Length is how long it is, in milliseconds.
func (s Span) Length() int64 { return s.To - s.From }

// State is how a store, a category or a cabinet was served.
type State uint8

// The states. Of a cabinet Covered means that it could sell.
const (
	Unknown State = iota
	Open          // the store itself
	Covered
	Uncovered
)

var stateNames = [...]string{"unknown", "open", "covered", "uncovered"}

func (s State) String() string { return stateNames[s] }

// Why is the cause of a gap, or of what is unknown.
type Why string

// The causes.
const (
	NoWord       Why = "no_word"    // nothing is known of that time
	NoPower      Why = "power"      // it was without power, or its agent had crashed
	AgentStopped Why = "stopped"    // its agent was stopped in order
	LineDown     Why = "offline"    // its line was down, and it opens by no code
	DoorOpen     Why = "door"       // stood open
	LockBroken   Why = "lock"       // failed twice in a row
	LockDoubtful Why = "lock_doubt" // failed once; nobody tried again
	ScaleFaulty  Why = "scale"      //
	SaleStopped  Why = "sale"       // a fact's Code tells for what
	CardApart    Why = "card"       // its card is not believed
	Halted       Why = "halted"     // a person of the chain lets nobody buy there; a fact's Code tells why
	CloudDown    Why = "service"    // the cloud could let nobody in
	PaymentDown  Why = "payment"    // no money could be held
	SoldOut      Why = "sold_out"   // a lane is empty
	DateOver     Why = "date_over"  // what lies in a lane is not sold any more
	StockUnknown Why = "no_stock"   // what lies in a lane was never told
	NoLane       Why = "no_lane"    // no cabinet has a place for the category
	NoCabinet    Why = "no_cabinet" // the store has none
)
