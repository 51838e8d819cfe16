package cloud

import (
	"context"
	"time"

	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// MaxTotalDays is over how many days totals are told at once.
const MaxTotalDays = 366

// Total is what something came to over some days. Everything in it is a plain sum, so that totals add up whichever way they are cut.
type Total struct {
	Visits    int           // purchases that were begun
	Orders    int           // that were billed
	Gross     protocol.Fen  // of what was billed, with the tax
	Net       protocol.Fen  // without
	Cost      protocol.Fen  // of what was billed
	TakenBack protocol.Fen  // of what was billed: refunds, and debts that were lessened
	Refunded  protocol.Fen  //
	Owed      protocol.Fen  // how much more is owed after it than before
	Waste     protocol.Fen  // written off, at cost
	Shrink    protocol.Fen  // lost less found, at cost
	SoldOut   time.Duration // for how long lanes were empty, all of them together
	Reviewed  time.Duration // that persons had cases open
	Walked    time.Duration // that rounds lasted; of a cabinet, that somebody was at it
	Served    coverage.Sum  // of days that were told; a cabinet by itself has none
	Lost      protocol.Fen  // sales that were expected in gaps
	Blind     time.Duration // of gaps in which nobody knew what would be sold: Lost has nothing of them
}

// Add adds another one up.
func (t Total) Add(o Total) Total {
	return Total{
		t.Visits + o.Visits, t.Orders + o.Orders, t.Gross + o.Gross, t.Net + o.Net, t.Cost + o.Cost, t.TakenBack + o.TakenBack, t.Refunded + o.Refunded,
		t.Owed + o.Owed, t.Waste + o.Waste, t.Shrink + o.Shrink, t.SoldOut + o.SoldOut, t.Reviewed + o.Reviewed, t.Walked + o.Walked,
		t.Served.Plus(o.Served), t.Lost + o.Lost, t.Blind + o.Blind,
	}
}

// Margin is what is left of the turnover.
func (t Total) Margin() protocol.Fen { return t.Net - t.Cost }

// Priced is what was not sold in gaps; false where nobody knows: nothing was told of how it was served, or nothing was learned yet
// when it was.
func (t Total) Priced() (protocol.Fen, bool) {
	blind := t.Blind.Milliseconds()
	return t.Lost, t.Served.Whole() > 0 && (blind == 0 || blind < t.Served.Uncovered)
}

// Differing is what the scales say otherwise than the books, at cost.
type Differing struct {
	Missing protocol.Fen `json:"missing_fen"`
	More    protocol.Fen `json:"more_fen"`
}

// Causes are likely ones, with what differs for them.
type Causes map[reconcile.Cause]Differing

// Add adds others up.
func (c Causes) Add(o Causes) {
	for cause, d := range o {
		c[cause] = Differing{c[cause].Missing + d.Missing, c[cause].More + d.More}
	}
}

// DayTotal is what a day came to of one cabinet of a store. Without a cabinet it is of the store itself: what no cabinet made.
type DayTotal struct {
	Store   StoreID
	Day     ledger.Day
	Cabinet protocol.CabinetID
	Total
	Causes Causes // at the end of the day
}

// TotalBy is what a line of totals is of.
type TotalBy string

// What a line may be of.
const (
	TotalByStore   TotalBy = "store"
	TotalByCabinet TotalBy = "cabinet"
	TotalByDay     TotalBy = "day"
)

// TotalQuery asks for totals.
type TotalQuery struct {
	From, To ledger.Day // both within it
	Store    StoreID    // empty: of the whole chain
	By       TotalBy    //
}

// TotalLine is one line. What it is not of is empty.
type TotalLine struct {
	Store   StoreID
	Cabinet protocol.CabinetID
	Day     ledger.Day
	Total
}

// Totals are what a chain, or one of its stores, came to over some days.
type Totals struct {
	Lines   []TotalLine // by store, cabinet and day
	Sum     Total       // of the lines
	Causes  Causes      // of what differs at the end of the last day
	Made    time.Time   // since when nothing of it was added up again: that of the line that is oldest; zero: there is none
	Pending int         // days of stores that changed since they were added up
}

// Totalling tells what chains come to, from days that were added up before somebody asks.
type Totalling interface {
	// Totals has protocol.CodeMalformed for days that are none, or too many, and CodeNotFound for a store that there is not.
	Totals(ctx context.Context, q TotalQuery) (Totals, error)
}

// DueDay is a store's day that changed since it was added up, and how often.
type DueDay struct {
	Store StoreID
	Day   ledger.Day
	Times int64
}

// TotalTable keeps what days came to. What it keeps can be made anew at any time, from the books.
type TotalTable interface {
	// Due lists at most so many days that are to be added up, the newest first.
	Due(limit int) ([]DueDay, error)
	// Waiting counts those from one day to another, of a store or of all.
	Waiting(store StoreID, from, to ledger.Day) (int, error)
	// Look has a day added up again.
	Look(store StoreID, day ledger.Day) error
	// Save puts what a day came to in the place of what it was before, and ends its being due unless it changed meanwhile.
	Save(due DueDay, totals []DayTotal, made time.Time) error
	// Made is when each store's day was added up last.
	Made(day ledger.Day) (map[StoreID]time.Time, error)
	// Sums adds days up, by store, cabinet and day.
	Sums(q TotalQuery) ([]TotalLine, error)
	// Oldest is when what was added up longest ago was; zero where there is nothing.
	Oldest(store StoreID, from, to ledger.Day) (time.Time, error)
	// Causes adds up what differs at the end of a day, of a store or of all.
	Causes(store StoreID, day ledger.Day) (Causes, error)
}

// DayCount is something that is counted of a cabinet on a day.
type DayCount struct {
	Cabinet protocol.CabinetID
	Count   int64
}

// CaseLooked is a case that persons had open in a span of time.
type CaseLooked struct {
	Visit   protocol.VisitID
	Cabinet protocol.CabinetID
	First   time.Time // when it was first opened in the span
	Spent   time.Duration
	Decided time.Time // zero: nobody has decided it
	By      string    // name of who did; empty where its time was over
	Waived  bool
}

// DayWork is what a store's day took beside money and goods.
type DayWork interface {
	// Visits counts the purchases that were begun in a span of time, while their cabinets stood with the store.
	Visits(store StoreID, from, to time.Time) ([]DayCount, error)
	// Reviewed adds up, in milliseconds, for how long persons had cases of these cabinets open, each time up to most.
	Reviewed(store StoreID, from, to time.Time, most time.Duration) ([]DayCount, error)
	// Looked lists the cases of Reviewed, those that took longest first.
	Looked(store StoreID, from, to time.Time, most time.Duration) ([]CaseLooked, error)
	// Lay lists what the piles of these places came to at the end of a day, those of nothing too.
	Lay(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error)
	// Walked adds up, in milliseconds, how long the rounds of a day lasted that ended: at each cabinet, and without a cabinet as a whole.
	Walked(store StoreID, day ledger.Day) ([]DayCount, error)
}
