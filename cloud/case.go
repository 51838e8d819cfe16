package cloud

import (
	"context"
	"math"
	"slices"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// QueuedCase is an undecided review as the queue lists it.
type QueuedCase struct {
	Visit   protocol.VisitID
	Cabinet protocol.CabinetID
	Why     protocol.Code
	Guess   protocol.Fen // what the best guess comes to, as far as it is priced
	Began   time.Time
	Asked   time.Time // since when it waits
	Task    protocol.UUID
	Taken   protocol.Fen // by the provider, before the books were restored: no time waives it; 0: nothing
}

// VisitorVisits is how many of a resident's newest visits are looked at to tell what is known of them.
const VisitorVisits = 500

// Visitor is what is known of whose case it is; nothing of it says who that is.
type Visitor struct {
	Visits   int // that this resident began; VisitorVisits of them are looked at at most
	Reviewed int // that a person had to look at
	Waived   int
	Last     []Visit // the newest, without the one of the case
}

// CaseStock is one article on one platform: what the books had before the visit, what each explanation leaves, what the
// books say now, and what the platform weighed when it was last heard of.
type CaseStock struct {
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Name     Text
	Before   int
	After    []int // of each explanation, in their order
	Book     int
	Weight   protocol.Milligrams
	Weighed  bool
	Moved    bool // some explanation moves it
}

// RecordingState is where the recording of a case is.
type RecordingState string

// The states of a recording.
const (
	RecordingHere    RecordingState = "here"
	RecordingWaiting RecordingState = "waiting" // the cabinet was asked
	RecordingNone    RecordingState = "none"    // the cabinet has none, or did not answer
	RecordingUnasked RecordingState = "unasked" // too much waits for its cabinet
)

// Case is a review with everything that helps to decide it.
type Case struct {
	Review
	Asked     time.Time
	Decision  *Decision // nil while it is open
	Visitor   Visitor
	Stock     []CaseStock
	Recording RecordingState
	Away      bool         // the cabinet cannot be asked now
	Taken     protocol.Fen // by the provider, before the books were restored: a decision comes to that at least; 0: nothing
	Before    protocol.VisitID
	After     protocol.VisitID // its neighbours in the queue; zero: none
	Place     int              // in the queue, from 1; 0: it is not in it, or far behind
	Open      int              // cases that wait
}

// ReviewFigures are how the queue fares.
type ReviewFigures struct {
	At      time.Time // when they were counted
	Open    int
	Oldest  time.Duration // how long the longest waiting open case waits; 0: none does
	Decided int           // in the last seven days, by persons or by time
	Median  time.Duration // that these waited
	P90     time.Duration
	Visits  int           // begun in the last seven days
	Spent   time.Duration // that persons had cases open in the last seven days
}

// PerThousand is the review minutes of 1,000 visits; false where there was none.
func (f ReviewFigures) PerThousand() (float64, bool) {
	if f.Visits == 0 {
		return 0, false
	}
	return f.Spent.Minutes() * 1000 / float64(f.Visits), true
}

// CaseOpening is a look of a person at a case.
type CaseOpening struct {
	Visit  protocol.VisitID
	By     string
	Opened time.Time
	Seen   time.Time // when it was last looked at
}

// CasesWaiting are undecided reviews in one figure.
type CasesWaiting struct {
	Cases int
	Guess protocol.Fen // what they come to by their best guesses
	Since time.Time    // zero: there is none
}

// CaseTable finds what waits for a person.
type CaseTable interface {
	// Queue lists undecided reviews of cabinets that stand with some stores, the longest waiting first.
	Queue(of Bound, limit int) ([]QueuedCase, error)
	Waiting(of Bound) (CasesWaiting, error)
	// Visitor counts a resident's visits; Last is left empty.
	Visitor(person protocol.UUID) (Visitor, error)
	// Ask notes that a cabinet was asked for the recording of a case; once.
	Ask(visit protocol.VisitID, task protocol.UUID, at time.Time) error
	// Asked finds the task that was asked; zero where none was.
	Asked(visit protocol.VisitID) (protocol.UUID, error)
}

// MaxLook is for how long one look at a case counts at most.
const MaxLook = 10 * time.Minute

// CaseTimes keeps how long cases wait and how long persons look at them.
type CaseTimes interface {
	// Look keeps an opening, or how much longer it lasts.
	Look(o CaseOpening) error
	// Spent adds up the openings since a moment, each up to most.
	Spent(since time.Time, most time.Duration) (time.Duration, error)
	// Waits lists how long the cases waited that were decided since a moment.
	Waits(since time.Time) ([]time.Duration, error)
	// Late lists undecided reviews that wait since a moment or longer, the longest waiting first, without those of which the provider took
	// something before the books were restored.
	Late(asked time.Time, limit int) ([]QueuedCase, error)
	// Visits counts the visits begun since a moment.
	Visits(since time.Time) (int, error)
}

// Cases is the queue of what persons have to decide; Visits.Decide takes the decisions.
type Cases interface {
	// Queue lists the longest waiting cases of some stores, and how many of them wait in all.
	Queue(ctx context.Context, of Bound, limit int) (cases []QueuedCase, all int, err error)
	// Case has its neighbours in the queue of some stores. It has CodeUnknownVisit where there is no such visit, CodeNotFound where it
	// never was a case.
	Case(ctx context.Context, visit protocol.VisitID, of Bound) (Case, error)
	// Look notes that a person has a case before them since opened.
	Look(ctx context.Context, visit protocol.VisitID, by string, opened time.Time) error
	// Looked lists the cases of a store's cabinets that persons had open in a span of time, those that took longest first.
	Looked(ctx context.Context, store StoreID, from, to time.Time) ([]CaseLooked, error)
	// Figures are at most a minute old.
	Figures(ctx context.Context) (ReviewFigures, error)
	// Curves are the weights of a case's recording, of so many columns at most; CodeNotFound where it is not here.
	Curves(ctx context.Context, visit protocol.VisitID, columns int) (Curves, error)
}

// Curves are how the platforms of one visit weighed over time.
type Curves struct {
	Start     int64 // milliseconds since the visit's zero of the first column
	Step      float64
	Columns   int
	Platforms []Curve
	Doors     []DoorMark
}

// Curve is the weight of one platform: the least and the most of each column, in grams; NaN where nothing was read.
type Curve struct {
	Platform protocol.PlatformID
	Low      []float64
	High     []float64
	Moved    bool // it changed by more than noise does
	Book     []settle.Line
}

// Note takes one reading into a column.
func (c *Curve) Note(column int, grams float64) {
	if !(c.Low[column] <= grams) { // Also where nothing was read yet.
		c.Low[column] = grams
	}
	if !(c.High[column] >= grams) {
		c.High[column] = grams
	}
}

// Ends are the first and the last calm weights, in grams; false where nothing was read.
func (c *Curve) Ends() (first, last float64, known bool) {
	var all []float64
	for i := range c.Low {
		if !math.IsNaN(c.Low[i]) {
			all = append(all, (c.Low[i]+c.High[i])/2)
		}
	}
	if len(all) == 0 {
		return 0, 0, false
	}
	some := max(1, len(all)/20)
	return middle(all[:some]), middle(all[len(all)-some:]), true
}

func middle(some []float64) float64 { return slices.Sorted(slices.Values(some))[len(some)/2] }

// DoorMark is a change of the door, in milliseconds since the visit's zero.
type DoorMark struct {
	At   int64
	Open bool
}
