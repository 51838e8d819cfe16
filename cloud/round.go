package cloud

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// RoundKind is what a round is walked for.
type RoundKind string

// The kinds of rounds.
const (
	RoundRefill RoundKind = ""      // goods of the store's shelf are put into lanes
	RoundTally  RoundKind = "count" // lanes are counted, and nothing is brought
)

// RoundState is where a round stands; it moves forward only.
type RoundState string

// The states of a round.
const (
	RoundPlanned   RoundState = "planned"
	RoundPicking   RoundState = "picking"   // what it brings is locked
	RoundUnderWay  RoundState = "under_way" // the goods have left the store
	RoundDone      RoundState = "done"
	RoundCancelled RoundState = "cancelled"
)

// Over reports a round at which nothing more is done.
func (s RoundState) Over() bool { return s == RoundDone || s == RoundCancelled }

// StopState is where a stop of a round stands.
type StopState string

// The states of a stop.
const (
	StopAhead   StopState = "ahead"
	StopOpen    StopState = "open" // a door of its cabinet was opened
	StopDone    StopState = "done"
	StopSkipped StopState = "skipped"
)

// Round is one way from a store to its cabinets and back: who brings what, and what became of it.
type Round struct {
	ID        protocol.UUID
	Kind      RoundKind
	Store     StoreID
	Day       ledger.Day    // of the store
	Restocker protocol.UUID // who is to walk it; zero: nobody yet
	Walks     string        // their name
	State     RoundState
	Created   time.Time
	By        string    // the name of who planned it
	Locked    time.Time // when picking began; zero: not yet
	Left      time.Time // when the goods left the store
	Ended     time.Time
	Stops     []RoundStop     // in the order of the walk, as soon as picking has begun
	Lines     []RoundLine     // in the order of the stops, then of platform and article
	Transfers []RoundTransfer // from one of its cabinets to another
	Legs      []RoundLeg      // to other stores of the chain and from there, each store and way after the other
	Rest      []RoundRest     // what the restocker said was left in the van, by article; empty before its end
	Person    protocol.UUID
	Key       string // of the request that planned it
}

// RoundStop is one cabinet of a round.
type RoundStop struct {
	Cabinet protocol.CabinetID
	Minutes int // planned
	State   StopState
	Came    time.Time // when its first door was asked for
	Gone    time.Time
	Settled int    // openings whose weights are in the lines
	Why     string // of a stop that was left out

	Metres int           // of the way from the stop before, the first from the store
	Due    time.Time     // when it is to be reached; zero: nobody has written down where all of them stand
	Late   time.Duration // after the cabinet can be reached

	Draft uint32 // that is set up here; 0: none, or it was withdrawn before anybody came
}

// RoundLine is one article on one platform of a stop. Units are put below zero where they were taken out.
type RoundLine struct {
	Cabinet  protocol.CabinetID
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Planned  int
	Picked   int
	Short    ShortReason    // why fewer were picked than planned
	Counted  *int           // put, as the restocker says, or of a count that lie there; nil: not said
	Weighed  int            // put, as the scales say, in all openings of the stop
	Adjusted int            // units that an answer put beside what was weighed
	Before   int            // by book: when it was planned, then before the first opening; of a count when it was counted
	After    int            // by book, after the last change
	Answer   picking.Answer // to the question at the door; empty: none was given
	Expired  int            // units that are to be taken out, past their date: as it was planned, from the first opening on as it was then
	Removed  int            // that were taken out, as the restocker says
	Reason   ledger.Reason  // why they were; they are written off for it when the stop is over
	Blind    bool           // in an opening of the stop the scales could not say what was put here: what is counted stands
	Lots     []picking.Lot  // that it is to bring, where it was planned of which; as the books had them when the goods left the store
	Said     []picking.Lot  // that were put, as somebody read it off them at the door
	Turn     LaneTurn       // by the draft of its stop
}

// Place says which lane a line is.
func (l RoundLine) Place() picking.Place {
	return picking.Place{Cabinet: l.Cabinet, Platform: l.Platform, SKU: l.SKU}
}

// Booked is how many units went into the lane by the books.
func (l RoundLine) Booked() int { return l.Weighed + l.Adjusted }

// Due is how many units are to be put into the lane, what is taken out of it counted below zero.
func (l RoundLine) Due() int {
	switch l.Turn {
	case TurnOut:
		return -max(l.Before, 0)
	case TurnOff:
		return 0
	}
	return l.Picked - l.Expired
}

// Coming is how many units a round is still to put into a lane.
func (r *Round) Coming(l RoundLine) int {
	stop := r.Stop(l.Cabinet)
	if r.State.Over() || stop == nil || stop.State != StopAhead && stop.State != StopOpen {
		return 0
	}
	units := l.Picked
	if r.State == RoundPlanned || r.State == RoundPicking && units == 0 && l.Short == "" {
		units = l.Planned
	}
	return max(units+r.Carried(l)-max(l.Booked()+l.Removed, 0), 0)
}

// Out is how many units are to be taken out of the lane.
func (l RoundLine) Out() int {
	if l.Turn == TurnOut {
		return max(l.Before, 0)
	}
	return l.Expired
}

// RoundRest is what was left of one article at the end of a round.
type RoundRest struct {
	SKU      protocol.SKU
	Expected int  // by the books: picked and not put anywhere
	Back     int  // brought back to the store
	Kept     int  // left in the van
	Answered bool // a person has said that the difference is lost, or found
}

// Differs is how many units are lacking; below zero too many are there.
func (r RoundRest) Differs() int { return r.Expected - r.Back - r.Kept }

// ShortReason says why fewer units were picked than planned.
type ShortReason string

// The reasons there are.
const (
	ShortGone    ShortReason = "gone"    // the shelf has no more
	ShortExpired ShortReason = "expired" // what is there is past its date, or nearly
	ShortDamaged ShortReason = "damaged"
	ShortRoom    ShortReason = "room" // it does not fit the tote
	ShortOther   ShortReason = "other"
)

// ShortReasons lists them in the order in which they are offered.
func ShortReasons() []ShortReason {
	return []ShortReason{ShortGone, ShortExpired, ShortDamaged, ShortRoom, ShortOther}
}

// Stop finds the stop of a cabinet; nil where it is none of the round.
func (r *Round) Stop(cabinet protocol.CabinetID) *RoundStop {
	i := slices.IndexFunc(r.Stops, func(s RoundStop) bool { return s.Cabinet == cabinet })
	if i < 0 {
		return nil
	}
	return &r.Stops[i]
}

// Line finds the line of a lane; nil where there is none.
func (r *Round) Line(at picking.Place) *RoundLine {
	i := slices.IndexFunc(r.Lines, func(l RoundLine) bool { return l.Place() == at })
	if i < 0 {
		return nil
	}
	return &r.Lines[i]
}

// LineAt finds the line of a lane, or makes one for what nobody had planned.
func (r *Round) LineAt(at picking.Place) *RoundLine {
	if line := r.Line(at); line != nil {
		return line
	}
	after := slices.IndexFunc(r.Lines, func(l RoundLine) bool { return l.Cabinet == at.Cabinet && l.Place().Compare(at) > 0 })
	if after < 0 {
		after = len(r.Lines)
	}
	r.Lines = slices.Insert(r.Lines, after, RoundLine{Cabinet: at.Cabinet, Platform: at.Platform, SKU: at.SKU})
	return &r.Lines[after]
}

// LinesOf are the lines of one stop.
func (r *Round) LinesOf(cabinet protocol.CabinetID) (lines []RoundLine) {
	for _, l := range r.Lines {
		if l.Cabinet == cabinet {
			lines = append(lines, l)
		}
	}
	return lines
}

// Findings compare what was counted, weighed and booked at a stop, lane by lane in the order of its lines.
func (r *Round) Findings(cabinet protocol.CabinetID) []picking.Finding {
	if r.Kind == RoundTally {
		var tallies []picking.Tally
		for _, l := range r.LinesOf(cabinet) {
			tallies = append(tallies, picking.Tally{Place: l.Place(), Counted: l.Counted, Book: l.Before, Answer: l.Answer})
		}
		return picking.Tallied(tallies)
	}
	stop, filled := r.Stop(cabinet), []picking.Filled{}
	for _, l := range r.LinesOf(cabinet) {
		f := picking.Filled{Place: l.Place(), Planned: l.Due() + r.Carried(l), Counted: l.Counted, Book: l.Before, Blind: l.Blind}
		if stop != nil && stop.Settled > 0 && !l.Blind {
			f.Weighed = picking.Exactly(l.Booked())
		}
		filled = append(filled, f)
	}
	return picking.Compare(filled)
}

// Asked is how many questions of a stop wait for an answer.
func (r *Round) Asked(cabinet protocol.CabinetID) (n int) {
	for _, f := range r.Findings(cabinet) {
		if f.Verdict == picking.Ask {
			n++
		}
	}
	return n
}

// InVan is how many units of each article are on the way by the books, sorted by article; what comes to none is left out
// unless some of it was picked.
func (r *Round) InVan() []RoundRest {
	var rest []RoundRest
	add := func(sku protocol.SKU, units int) {
		i, known := slices.BinarySearchFunc(rest, sku, func(x RoundRest, sku protocol.SKU) int { return cmp.Compare(x.SKU, sku) })
		if !known {
			rest = slices.Insert(rest, i, RoundRest{SKU: sku})
		}
		rest[i].Expected += units
	}
	for _, l := range r.Lines {
		if l.Picked == 0 && l.Booked() == 0 {
			continue
		}
		wasted := 0
		if stop := r.Stop(l.Cabinet); stop != nil && stop.State == StopDone && l.Reason != "" {
			wasted = l.Removed
		}
		add(l.SKU, l.Picked-l.Booked()-wasted)
	}
	for _, l := range r.Legs {
		if l.Picked != 0 || l.Handed != nil {
			add(l.SKU, l.InVan())
		}
	}
	return rest
}

// RoundQuery selects rounds, the newest first; a zero field means any.
type RoundQuery struct {
	Store     StoreID
	Day       ledger.Day
	At        StoreID       // to which or from which they bring goods of another store
	Restocker protocol.UUID // theirs, and those of nobody
	Open      bool          // those that are not over
	Limit     int           // 0: all
}

// RoundTable keeps rounds as they stand.
type RoundTable interface {
	// Add has CodeConflict where the person's key is taken.
	Add(r Round) error
	// Find has CodeNotFound where there is none.
	Find(id protocol.UUID) (Round, error)
	ByKey(person protocol.UUID, key string) (r Round, found bool, err error)
	List(q RoundQuery) ([]Round, error)
	// Save replaces what has changed of a round: all but its id, its store, its day and who planned it.
	Save(r Round) error
}

// RoundVisits know which openings belong to which round.
type RoundVisits interface {
	Add(round protocol.UUID, visit protocol.VisitID) error
	Of(visit protocol.VisitID) (round protocol.UUID, found bool, err error)
	// List has those of a round, the first first.
	List(round protocol.UUID) ([]protocol.VisitID, error)
}

// Crew are those who may be sent on a round.
type Crew interface {
	Restockers() ([]Principal, error)
	// Staff are all but those who only read.
	Staff() ([]Principal, error)
	// Worked reports who is, or was, of the staff.
	Worked(id protocol.UUID) (bool, error)
}

// Rounds plans rounds and takes them from the store's shelf into the cabinets' lanes.
type Rounds interface {
	// Plan writes a round down. With the same key and request the same round comes back. Errors: protocol.CodeMalformed,
	// CodeNotFound, CodeUnknownCabinet, CodeUnknownArticle, CodeKeyReused, CodeNotAStop for a cabinet of another store.
	Plan(ctx context.Context, p PlanRound) (Round, error)
	// Round finds one with its history; CodeNotFound where there is none.
	Round(ctx context.Context, id protocol.UUID) (RoundView, error)
	// List lists rounds, the newest first.
	List(ctx context.Context, q RoundQuery) ([]Round, error)
	// Step moves a round on and books what it moves. The same step under the same key changes nothing. Errors:
	// protocol.CodeMalformed, CodeNotFound, CodeNotAStop, CodeRoundState, CodeAnswerNeeded, CodeKeyReused, CodeCabinetBusy,
	// CodeCabinetAway.
	Step(ctx context.Context, s RoundStep) (RoundView, error)
}

// RoundCrew tells who may be sent on a round.
type RoundCrew interface {
	Restockers(ctx context.Context) ([]Principal, error)
}

// RoundView is a round with what pages show beside it.
type RoundView struct {
	Round
	Steps    []RoundStep                        // the first first
	Visits   []Visit                            // its openings, the first first
	Names    map[protocol.SKU]Article           // of its lines and legs
	Stores   map[StoreID]Store                  // its own, and those of its legs
	Photos   []RoundPhoto                       // of what was thrown away, the newest first
	Picks    []picking.Pick                     // in the order in which they are walked to in the store
	Alike    map[protocol.SKU][]AlikeArticle    // articles of its lines that are easily taken for others
	Cabinets map[protocol.CabinetID]CabinetView // of its stops
	Drafts   map[protocol.CabinetID]Draft       // that are set up at its stops
	Scales   map[picking.Place]reconcile.Level  // of a count: what the scales said last of its lanes, today or yesterday
	Shown    bool                               // what is thrown away must be photographed before a stop is left
}

// AlikeArticle is one that another is easily taken for.
type AlikeArticle struct {
	Article
	Named   bool // their names differ in little
	Weighed bool // they lie in one cabinet, whose scale does not tell one unit from the other
}

// PlanRound asks for a round.
type PlanRound struct {
	Person    protocol.UUID // of the staff
	By        string        // their name
	Key       string
	Kind      RoundKind
	Store     StoreID
	Restocker protocol.UUID        // zero: nobody yet
	Cabinets  []protocol.CabinetID // in the order of the walk, where nobody has said where all of them stand
	Lines     []PlannedLine        // nil: what the lanes lack
	Transfers []RoundTransfer      // between these cabinets
	Legs      []PlannedLeg         // to other stores and from there
	Lanes     []picking.Place      // of a count: those that are counted; nil: all of the cabinets
}

// PlannedLine is how many units a lane is to be brought.
type PlannedLine struct {
	picking.Place
	Units int
}

// Valid reports a reason that there is.
func (r ShortReason) Valid() bool { return slices.Contains(ShortReasons(), r) }
