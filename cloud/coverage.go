package cloud

import (
	"context"
	"maps"
	"time"

	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// CoverageFacts keep what coverage is made of, for ever. Each is named by its ref, kind and subject.
type CoverageFacts interface {
	// Add keeps facts; one that is there already stays as it is.
	Add(facts []coverage.Fact) error
	// Of lists those of a cabinet from a moment on, the oldest first, and the last of each subject from before it; an empty
	// cabinet means those of all.
	Of(cabinet protocol.CabinetID, from time.Time) ([]coverage.Fact, error)
	// After lists at most so many in the order in which they came, with the number of the last.
	After(number int64, limit int) (facts []coverage.Fact, last int64, err error)
	// Newest is the last one of a subject; false where there is none.
	Newest(cabinet protocol.CabinetID, kind coverage.Kind, subject string) (f coverage.Fact, found bool, err error)
	// Heard is up to when each cabinet that stood with a store has told everything.
	Heard(store StoreID, from, to time.Time) (map[protocol.CabinetID]time.Time, error)
}

// CoverageHead is what a cabinet's events said last, as far as facts are made when it changes.
type CoverageHead struct {
	At      int64                                   `json:"at"`                // of the newest fact; none is before it
	Lanes   map[string]bool                         `json:"lanes,omitempty"`   // by platform/sku: something lies there
	Stopped map[protocol.Compartment]protocol.Code  `json:"stopped,omitempty"` // compartments that do not sell
	Quiet   bool                                    `json:"quiet,omitempty"`   // it says that nothing sells, and gave no reason
	Open    map[protocol.Compartment]bool           `json:"open,omitempty"`    // doors that stand open
	Failed  map[protocol.Compartment]CoverageFailed `json:"failed,omitempty"`  // locks
	Scales  map[protocol.PlatformID]bool            `json:"scales,omitempty"`  // that cannot be trusted
}

// CoverageFailed is a lock that failed, how often in a row, and since when.
type CoverageFailed struct {
	Times int   `json:"n"`
	Since int64 `json:"since"`
}

// CoverageHeads keep them.
type CoverageHeads interface {
	Head(cabinet protocol.CabinetID) (CoverageHead, error)
	SaveHead(cabinet protocol.CabinetID, h CoverageHead) error
}

// CoverageRule is what stores are judged by from a moment on.
type CoverageRule struct {
	Store StoreID    // empty: of all
	Kind  RuleKind   //
	Day   ledger.Day // of RuleDay: the one that differs
	From  time.Time  // zero: since ever
	Body  []byte     // JSON
	By    string     // who said it; empty: the master data
	Made  time.Time
}

// RuleKind is what a rule is about.
type RuleKind string

// The kinds of rules.
const (
	RuleHours  RuleKind = "hours"  // []Hours: when the store is open each day
	RuleDay    RuleKind = "day"    // []Hours: of one day, as was said before there were special hours
	RuleMarked RuleKind = "marked" // map[string][]protocol.SKU: of each category the articles that are marked essential
	RuleNeeds  RuleKind = "needs"  // []string: categories that are essential for the store; null: all that have a marked article
	RuleCodes  RuleKind = "codes"  // bool: cabinets without a line open by codes
)

// CoverageRules keep them, for ever.
type CoverageRules interface {
	AddRule(r CoverageRule) error
	// Rules lists those of a store and of all, the oldest first.
	Rules(store StoreID) ([]CoverageRule, error)
}

// CoverageDay is a store's day as it was told.
type CoverageDay struct {
	Store  StoreID
	Day    ledger.Day
	Sum    coverage.Sum
	Lost   protocol.Fen // sales that were expected in its gaps
	Blind  int64        // milliseconds of its gaps in which nobody knew what would be sold
	Pieces []ToldPiece
	Made   time.Time
}

// ToldPiece is a time in which a store was in one state.
type ToldPiece struct {
	coverage.Span
	State coverage.State
}

// CoverageCorrection is what a told day became when something was heard later.
type CoverageCorrection struct {
	Store   StoreID
	Day     ledger.Day
	At      time.Time
	Before  coverage.Sum
	After   coverage.Sum
	From    time.Time // the time that is told otherwise
	To      time.Time
	Ref     string // of the event because of which
	Kind    coverage.Kind
	Cabinet protocol.CabinetID
}

// CoverageDays keep what was told.
type CoverageDays interface {
	// Tell keeps a day that is over; one that was told before is corrected.
	Tell(d CoverageDay) error
	Correct(d CoverageDay, c CoverageCorrection) error
	// Told lists a store's days from one to another, the oldest first.
	Told(store StoreID, from, to ledger.Day) ([]CoverageDay, error)
	// Corrections lists those of a store's days from one to another, the newest first.
	Corrections(store StoreID, from, to ledger.Day, limit int) ([]CoverageCorrection, error)
}

// The marks of coverage.
const (
	MarkRead = "read" // the number of the newest fact by which told days were looked at again
	MarkBeat = "beat" // when the cloud was last known to run, UTC milliseconds
)

// CoverageMarks keep how far the cloud itself is; 0 before there is one.
type CoverageMarks interface {
	Mark(name string) (int64, error)
	SetMark(name string, value int64) error
}

// ServedMost is how many days of a store are told at once, at most.
const ServedMost = 57

// ServedQuery asks for some days of a store.
type ServedQuery struct {
	From ledger.Day // the first; empty: so many that the last one is today
	Days int        // 1 to ServedMost, what is beyond counts as that; days that have not begun are left out
	Care bool       // with the incidents around what was lacking
}

// Served is how a store was served for some days.
type Served struct {
	Store       Store
	Cabinets    []Cabinet // as they are now, in the order of the states of each piece
	Zone        *time.Location
	Days        []coverage.Day // the oldest first; the last may not be over
	Dates       []ledger.Day
	Gaps        []coverage.Gap // the oldest first
	Lost        protocol.Fen
	Essential   []Essential
	Corrections []CoverageCorrection
	Coming      []ComingGap
	Age         DemandAge
	Heard       map[protocol.CabinetID]time.Time
	Now         time.Time
	Names       map[protocol.SKU]Text
	Care        []IncidentStory // around causes of what was lacking or unknown, the oldest first; only where they were asked for
	Today       bool            // the last day is the one that it is
}

// CategorySum adds the days up for a category that was owed.
func (s Served) CategorySum(category string) (sum coverage.Sum) {
	for _, d := range s.Days {
		sum = sum.Plus(d.CategorySums()[category])
	}
	return sum
}

// CabinetSum adds the days up for one of the cabinets, for as long as it stood with the store.
func (s Served) CabinetSum(n int) (sum coverage.Sum) {
	for _, d := range s.Days {
		if sums := d.CabinetSums(); n < len(sums) {
			sum = sum.Plus(sums[n])
		}
	}
	return sum
}

// Essential is a category, and whether the store's neighbourhood is owed it.
type Essential struct {
	Category string
	Owed     bool
	SKUs     []protocol.SKU
}

// ComingGap is a category that is expected to end while the store is closed.
type ComingGap struct {
	coverage.Coming
	Lost  protocol.Fen
	Round *ComingRound // that is planned, or under way, and brings some before; nil: none does
}

// ComingRound is an open round that brings a category to cabinets which can sell it.
type ComingRound struct {
	ID    protocol.UUID
	Day   ledger.Day
	Walks string // name of who walks it; empty: nobody yet
	Units int    // that it is still to bring
}

// ServedHead is a store in one line.
type ServedHead struct {
	Store       Store
	Known       bool // it was computed; else the rest is not known yet
	Now         coverage.State
	Night       coverage.Sum // since the store closed last, or of the last night
	Week        coverage.Sum
	Lost        protocol.Fen // in the week
	LostTonight protocol.Fen
	Tonight     []coverage.Piece      // the last 24 hours
	Gap         *coverage.Gap         // that lasts until now; nil: none does
	Costs       bool                  // what gaps cost is known
	Hour        protocol.Fen          // sales that are expected in the hour that it is, and do not come for the gap
	Names       map[protocol.SKU]Text // of the articles that are lacking
	From, To    time.Time
	Made        time.Time
}

// CoverageEvent is an event that a fact comes from, as the cabinet wrote it, or a fact of the cloud's own.
type CoverageEvent struct {
	Store   Store
	Zone    *time.Location
	Cabinet protocol.CabinetID // empty: the cloud's own
	Seq     uint64
	At      time.Time // when it happened, as far as is known; of the cloud's own when it was written
	Text    string    // JSON
}

// Coverage tells whether neighbourhoods were served.
type Coverage interface {
	// Stores lists stores, the one that lost most first, with how many there are in all.
	Stores(ctx context.Context) ([]ServedHead, error)
	// Store tells of one for some days; CodeNotFound where there is none, protocol.CodeMalformed for a day that is none, or has not
	// begun.
	Store(ctx context.Context, store StoreID, q ServedQuery) (Served, error)
	// Event finds the event of a ref, of a cabinet that stood with the store; CodeNotFound where there is none.
	Event(ctx context.Context, store StoreID, ref string) (CoverageEvent, error)
	// SetNeeds says which categories are essential for a store from now on; nil: all that have a marked article. Errors:
	// CodeNotFound, protocol.CodeMalformed for a category without a marked article.
	SetNeeds(ctx context.Context, store StoreID, categories []string, by string) error
}

// Note puts a value into a map that may not be there yet.
func Note[K comparable, V any](into *map[K]V, key K, value V) {
	if *into == nil {
		*into = make(map[K]V)
	}
	(*into)[key] = value
}

// Clone is a copy that can be changed by itself.
func (h CoverageHead) Clone() CoverageHead {
	h.Lanes, h.Stopped, h.Open = maps.Clone(h.Lanes), maps.Clone(h.Stopped), maps.Clone(h.Open)
	h.Failed, h.Scales = maps.Clone(h.Failed), maps.Clone(h.Scales)
	return h
}
