package cloud

import (
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Arrival is what the inbox makes of an event.
type Arrival int

// An event is new, a repetition of one that is there, or another one under the same key.
const (
	ArrivalNew Arrival = iota
	ArrivalRepeat
	ArrivalDiffers
)

// Position is how far the journal of a cabinet is applied.
type Position struct {
	Journal protocol.UUID // zero: none accepted yet
	Applied uint64        // every event up to here is applied or set aside
	Seen    uint64        // newest event in the inbox
	Placed  time.Time     // when the newest applied event happened, as far as is known
	Card                  // which Move leaves as it is
}

// Card is what is known of the card that holds a journal.
type Card struct {
	Boot    uint32        // newest one that a birth told
	Start   protocol.UUID // of the agent, that it told with it; zero: it tells none
	Apart   IncidentKind  // why the card is not believed; empty: it is
	Expects bool          // another journal may take its place
}

// Sender is what is known of a cabinet when it says something.
type Sender struct {
	Enrolled   bool
	Shard      uint8
	Position   Position
	FleetEpoch uint64
}

// Senders are read once for each message.
type Senders interface {
	Find(cabinet protocol.CabinetID) (Sender, error)
}

// Births keep the newest birth of each cabinet.
type Births interface {
	// Save keeps it, and the boot and start that it tells with the journal in force.
	Save(b wire.Birth, at time.Time) error
	// Newest is that of one cabinet, and when it came; false where there is none.
	Newest(cabinet protocol.CabinetID) (b wire.Birth, at time.Time, found bool, err error)
	List() ([]wire.Birth, error)
}

// Inbox keeps every event of the accepted journals, unique by (cabinet, journal, seq).
type Inbox interface {
	Position(cabinet protocol.CabinetID) (Position, error)
	// Put stores events of one journal, and tells of each how it arrived; one that differs from the one under its key is not
	// stored.
	Put(batch []wire.Event, at time.Time) ([]Arrival, error)
	// Next finds one event; false where it is a hole.
	Next(cabinet protocol.CabinetID, journal protocol.UUID, seq uint64) (e wire.Event, found bool, err error)
	// Move saves how far the journal is applied and seen.
	Move(cabinet protocol.CabinetID, p Position) error
	// Holes lists what is missing between p.Applied and p.Seen, at most limit ranges.
	Holes(cabinet protocol.CabinetID, p Position, limit int) ([]wire.Range, error)
}

// AsideKey names an event that was set aside.
type AsideKey struct {
	Cabinet protocol.CabinetID
	Journal protocol.UUID
	Seq     uint64
}

// AsideHow is what became of an event that was set aside.
type AsideHow string

// An event waits until a person has it replayed, or dismisses it.
const (
	AsideWaiting   AsideHow = ""
	AsideReplayed  AsideHow = "replayed"
	AsideDismissed AsideHow = "dismissed"
)

// SetAside is an event that was not applied, with its reason, and what became of it.
type SetAside struct {
	Event  wire.Event
	Reason protocol.Code
	Detail string
	At     time.Time
	How    AsideHow
	By     string    // who ended the case
	Done   time.Time // when; zero while it waits
}

// Quarantine keeps what must not be applied. Of what is in no inbox the events of each cabinet are bounded.
type Quarantine interface {
	Put(s SetAside) error
	// List shows the cases of a cabinet, the oldest first; an empty cabinet means any.
	List(cabinet protocol.CabinetID, limit int) ([]SetAside, error)
	// Find lists what was set aside under a key, that of the inbox first.
	Find(key AsideKey) ([]SetAside, error)
	// Finish ends a case; CodeConflict where it does not wait.
	Finish(s SetAside, how AsideHow, by string, at time.Time) error
	// Aside reports an event that was set aside and not replayed.
	Aside(e wire.Event) (bool, error)
}

// IncidentKind names what somebody should look at.
type IncidentKind string

// The kinds of incidents.
const (
	IncidentUnknownCabinet  IncidentKind = "unknown_cabinet"   // a cabinet that is not enrolled sends
	IncidentOtherJournal    IncidentKind = "other_journal"     // a card that was not claimed, old or cloned
	IncidentClonedCard      IncidentKind = "cloned_card"       // two devices write one journal
	IncidentRestoredCard    IncidentKind = "restored_card"     // a journal that lacks what it has told
	IncidentOtherEvent      IncidentKind = "other_event"       // two events under one key
	IncidentMalformed       IncidentKind = "malformed"         // a message that cannot be read
	IncidentPoison          IncidentKind = "poison"            // an event that could not be applied
	IncidentEventsLost      IncidentKind = "events_lost"       // the cabinet no longer has what the cloud lacks
	IncidentSecondSettling  IncidentKind = "second_settlement" // of one visit, and different
	IncidentLateSettling    IncidentKind = "late_settlement"   // after the visit was aborted
	IncidentUnknownVisit    IncidentKind = "unknown_visit"     // settled by a cabinet, never begun here
	IncidentServiceByClaim  IncidentKind = "service_by_claim"  // a technician opened it by the cabinet's own key
	IncidentCounters        IncidentKind = "counters"          // growth differs from the sum of events
	IncidentKeyOpening      IncidentKind = "key_opening"       // by key or by force
	IncidentLeftOpen        IncidentKind = "left_open"
	IncidentLock            IncidentKind = "lock_failed" // twice in a row
	IncidentScale           IncidentKind = "scale_fault"
	IncidentRefillDiffers   IncidentKind = "refill_differs" // a restocker counted otherwise than it weighed
	IncidentExpires         IncidentKind = "expires"        // goods whose date comes near
	IncidentExpired         IncidentKind = "expired"        // goods whose date is over, to be taken out
	IncidentMoved           IncidentKind = "moved_shut"     // a weight changed behind a shut door
	IncidentUnitWeight      IncidentKind = "unit_weight"    // an article no longer weighs what the master data say
	IncidentConfig          IncidentKind = "config_refused" // a desired state that the cabinet cannot carry out
	IncidentStopped         IncidentKind = "sale_stopped"
	IncidentTemperature     IncidentKind = "temperature"      // food that is sold no more until a person attests
	IncidentPaymentMismatch IncidentKind = "payment_mismatch" // the provider refuses what the book says
	IncidentRefundRefused   IncidentKind = "refund_refused"   // the provider does not give back what was ruled
	IncidentHoldLost        IncidentKind = "hold_lost"        // of a visit that the books forgot, and no provider has it
	IncidentAheadLost       IncidentKind = "ahead_lost"       // money that was paid ahead, and cannot be booked in books that were restored
	IncidentPayLost         IncidentKind = "pay_lost"         // what was paid of a debt that books which were restored do not have
	IncidentDebtsRest       IncidentKind = "debts_rest"       // and wait for a person to look, before any is charged by itself
	IncidentAway            IncidentKind = "away"             // no word from a cabinet for long
	IncidentNoSale          IncidentKind = "no_sale"          // nothing was sold where the forecast expected sales
)

// IncidentKinds are all that there are.
func IncidentKinds() []IncidentKind {
	return []IncidentKind{
		IncidentUnknownCabinet, IncidentOtherJournal, IncidentClonedCard, IncidentRestoredCard, IncidentOtherEvent, IncidentMalformed,
		IncidentPoison, IncidentEventsLost, IncidentSecondSettling, IncidentLateSettling, IncidentUnknownVisit, IncidentServiceByClaim,
		IncidentCounters, IncidentKeyOpening, IncidentLeftOpen, IncidentLock, IncidentScale, IncidentRefillDiffers, IncidentExpires,
		IncidentExpired, IncidentMoved, IncidentUnitWeight, IncidentConfig, IncidentStopped, IncidentTemperature,
		IncidentPaymentMismatch, IncidentRefundRefused, IncidentHoldLost, IncidentAheadLost, IncidentPayLost, IncidentDebtsRest, IncidentAway, IncidentNoSale,
	}
}

// OfVisit reports a kind whose subject is a visit.
func (k IncidentKind) OfVisit() bool {
	switch k {
	case IncidentSecondSettling, IncidentLateSettling, IncidentUnknownVisit, IncidentServiceByClaim, IncidentPaymentMismatch,
		IncidentRefundRefused, IncidentHoldLost:
		return true
	}
	return false
}

// Incident is something that somebody should look at. While it is open, the same one again only counts up.
type Incident struct {
	Cabinet protocol.CabinetID
	Kind    IncidentKind
	Subject string // what of the cabinet: a visit, a platform, a journal
	Detail  string
	Count   int
	First   time.Time
	Last    time.Time
	Closed  time.Time // zero while open

	Number    int       // by which people call it; the store gives it
	Opened    time.Time // when it was noticed here; to open: zero means Last
	Taken     time.Time // when somebody acknowledged it, or it was assigned; zero: never
	Whom      string    // name of the staff that it is assigned to; empty: nobody
	Escalated time.Time // zero: never
	Cause     IncidentCause
}

// Incidents are kept for ever; closing one makes room for the next of its kind.
type Incidents interface {
	// Open writes one down that was seen at Last, and began at First (zero: Last). While it is open, it only counts up; where it
	// ended within IncidentRejoin it is open again.
	Open(i Incident) error
	// Close ends one by itself: a rule saw that it is over. Where none is open it does nothing.
	Close(cabinet protocol.CabinetID, kind IncidentKind, subject string, at time.Time) error
	// Around lists those of a cabinet that were seen from one moment to another, or that are about a subject.
	Around(cabinet protocol.CabinetID, from, to time.Time, subject string) ([]Incident, error)
	// Unclosed lists the open ones, the longest waiting first; an empty cabinet means any.
	Unclosed(cabinet protocol.CabinetID) ([]Incident, error)
	// OpenByKind is how many of each kind are open; kinds of which none is are left out.
	OpenByKind() (map[IncidentKind]int, error)
}

// Meters are the last figures that a cabinet journalled about itself.
type Meters interface {
	SaveLevels(cabinet protocol.CabinetID, levels []settle.Level, at time.Time) error
	Levels(cabinet protocol.CabinetID) ([]settle.Level, error)
	SaveCounters(cabinet protocol.CabinetID, c Tally) error
	// Counters is false before the first.
	Counters(cabinet protocol.CabinetID) (c Tally, found bool, err error)
}

// Calibration is how a platform was calibrated, and when.
type Calibration struct {
	wire.CalibratedBody
	At time.Time
}

// Calibrations keep the newest calibration of each platform in each way that there is: empty, by a weight, by an article.
type Calibrations interface {
	Save(cabinet protocol.CabinetID, c Calibration) error
	Of(cabinet protocol.CabinetID) ([]Calibration, error)
}

// Tally is the lifetime counters of a cabinet beside what its events added up to since.
type Tally struct {
	Reported wire.Counters // as last reported
	Events   wire.Counters // growth by the events applied since then
}
