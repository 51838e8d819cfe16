package cloud

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// Chainwide stands for a store where money is of none: what residents paid ahead, fees without an order, and lines of a
// statement whose operation nobody knows. Its days have no goods. No store may be called so.
const Chainwide StoreID = "chain"

// StoreDay is one day of one store, as it adds up.
type StoreDay struct {
	Store       StoreID                                 `json:"store"`
	Day         ledger.Day                              `json:"day"`
	Over        bool                                    `json:"over"` // the day has ended
	Goods       []reconcile.Goods                       `json:"goods"`
	Differences []reconcile.Difference                  `json:"differences"`
	Money       reconcile.Money                         `json:"money"`
	Stated      bool                                    `json:"stated"` // there is a provider's statement of the whole day
	Paid        reconcile.Paid                          `json:"paid"`
	Matched     int                                     `json:"matched"`   // lines that match
	Awaited     int                                     `json:"awaited"`   // operations that are not stated yet: nobody gave a statement of the whole day
	Pairs       []reconcile.Pair                        `json:"statement"` // the others
	Earned      map[protocol.CabinetID]reconcile.Earned `json:"earned"`
	Articles    map[protocol.SKU]reconcile.Article      `json:"articles"`  // what they cost then, as far as is known
	Open        []OpenItem                              `json:"open"`      // what is not settled yet
	Moves       []CabinetMove                           `json:"moves"`     // cabinets that came or went on the day, with what lay in them
	LateHere    []LateSum                               `json:"late_here"` // booked on this day, belonging to closed ones
	LateFor     []LateSum                               `json:"-"`         // belonging to this day, booked later
	Closed      *ClosedDay                              `json:"-"`         // nil: the day is open
	Next        ledger.Day                              `json:"-"`         // the day to be closed next; empty: any
	Sum         string                                  `json:"-"`         // SHA-256 of all this as JSON, hexadecimal
	PaidNow     reconcile.Paid                          `json:"-"`         // what is stated by now: a statement may come after the day was closed
	Doubts      []DoubtSum                              `json:"-"`         // booked here, or perhaps to be: no clock says on which day
	Whole       []StoreStated                           `json:"-"`         // of the chain's own day: the whole statement, store by store, the chain's own last

	StoreName Text                  `json:"-"`
	Cabinets  []Cabinet             `json:"-"` // that stood with the store on the day, or of which it booked something; as they are now
	Names     map[protocol.SKU]Text `json:"-"`
}

// Total adds the cabinets up.
func (d StoreDay) Total() reconcile.Earned {
	var sum reconcile.Earned
	for _, e := range d.Earned {
		sum = sum.Add(e)
	}
	return sum
}

// Head is the day in one line, as it was added up at a moment.
func (d StoreDay) Head(made time.Time) DayHead {
	missing, more := d.Differs()
	return DayHead{
		Store: d.Store, Day: d.Day, Known: true, Closed: d.Closed, Missing: missing, More: more, Faults: d.Faults(), Open: len(d.Open),
		Stated: d.Stated, Money: d.Money, Paid: d.Paid, Earned: d.Total(), Late: len(d.LateFor), Made: made,
	}
}

// Faults counts the lines of the statement, and the operations, that somebody must look at.
func (d StoreDay) Faults() int {
	n := 0
	for _, p := range d.Pairs {
		if p.State.Fault() {
			n++
		}
	}
	return n
}

// Differs is what all differences come to at cost, each as much as it is.
func (d StoreDay) Differs() (missing, more protocol.Fen) {
	for _, x := range d.Differences {
		if x.Cost < 0 {
			missing -= x.Cost
		} else {
			more += x.Cost
		}
	}
	return missing, more
}

// CabinetMove is a cabinet that was moved from one store to another.
type CabinetMove struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	At      time.Time          `json:"at"`
	From    StoreID            `json:"from,omitempty"` // empty: it is new
	To      StoreID            `json:"to"`
}

// OpenKind is why a day is not settled.
type OpenKind string

// The kinds of open items.
const (
	OpenReview    OpenKind = "review"     // a visit waits for a person
	OpenVisit     OpenKind = "visit"      // has no end yet
	OpenPayment   OpenKind = "payment"    // billed, and the provider has not spoken
	OpenTopUp     OpenKind = "topup"      // residents pay ahead or are paid out, and the provider has not spoken
	OpenEvents    OpenKind = "events"     // a cabinet has not told all of the day
	OpenStatement OpenKind = "statement"  // the provider's is not there
	OpenUnmatched OpenKind = "unmatched"  // lines of it that do not match
	OpenDiffering OpenKind = "difference" // goods that differ
	OpenClock     OpenKind = "clock"      // booked on the day, and nobody knows whether it happened on it
)

// OpenItem is what is not settled yet.
type OpenItem struct {
	Kind    OpenKind           `json:"kind"`
	Cabinet protocol.CabinetID `json:"cabinet,omitempty"`
	Visit   string             `json:"visit,omitempty"`
	At      time.Time          `json:"at,omitzero"`
	Count   int                `json:"count"`
}

// LateSum is what was booked on one day though it belonged to another one that was closed.
type LateSum struct {
	Belonged ledger.Day               `json:"belonged"`
	Booked   ledger.Day               `json:"booked"`
	Money    reconcile.Money          `json:"money"`
	Flows    map[reconcile.Flow]int64 `json:"flows"` // units, as the shelves changed by them
}

// DoubtSum is what was booked of one cabinet on a day though nobody knows whether it happened on that one: its clock was wrong, or it
// had none.
type DoubtSum struct {
	Cabinet protocol.CabinetID       `json:"cabinet"`
	Booked  ledger.Day               `json:"booked"`
	First   ledger.Day               `json:"first"` // that it may have happened on
	Last    ledger.Day               `json:"last"`
	Money   reconcile.Money          `json:"money"`
	Flows   map[reconcile.Flow]int64 `json:"flows"` // units, as the shelves changed by them
}

// DayDoubt is an entry of which no clock says on which of several days it happened.
type DayDoubt struct {
	Ref         ledger.Ref
	Store       StoreID
	Cabinet     protocol.CabinetID
	First, Last ledger.Day
}

// DoubtPile is a pile of such entries.
type DoubtPile struct {
	First, Last, Booked ledger.Day
	reconcile.Pile
}

// DayDoubts keep them.
type DayDoubts interface {
	Add(d DayDoubt) error
	// Of adds up what was booked on a day, or may have happened on it.
	Of(store StoreID, day ledger.Day) ([]DoubtPile, error)
}

// ClosedDay is a store's day that somebody signed. It stands.
type ClosedDay struct {
	Store   StoreID       `json:"store"`
	Day     ledger.Day    `json:"day"`
	By      string        `json:"by"`
	Role    protocol.Role `json:"role"`
	At      time.Time     `json:"at"`
	Note    string        `json:"note"`
	Open    int           `json:"open"` // items that it was closed over
	Figures []byte        `json:"-"`    // the day as it was, as JSON, gzipped
	Sum     string        `json:"sum"`  // SHA-256 of the JSON, hexadecimal
}

// mostFigures bounds the figures of a day when they are read, in bytes.
const mostFigures = 64 << 20

// Signed is what was signed, as JSON of a StoreDay; an error where the figures are not that.
func (c ClosedDay) Signed() ([]byte, error) {
	zip, err := gzip.NewReader(bytes.NewReader(c.Figures))
	if err != nil {
		return nil, fmt.Errorf("figures of %s: %w", c.Day, err)
	}
	raw, err := io.ReadAll(io.LimitReader(zip, mostFigures))
	if err != nil {
		return nil, fmt.Errorf("figures of %s: %w", c.Day, err)
	}
	if hash := sha256.Sum256(raw); hex.EncodeToString(hash[:]) != c.Sum {
		return nil, fmt.Errorf("figures of %s are not those that %s signed", c.Day, c.By)
	}
	return raw, nil
}

// CloseDay asks for a day to be closed.
type CloseDay struct {
	Store StoreID
	Day   ledger.Day
	By    string
	Role  protocol.Role
	Note  string // needed where something is open
	Sum   string // of the figures that the person saw; empty: whatever they are now
}

// DayHead is a store's day in one line.
type DayHead struct {
	Store   StoreID
	Day     ledger.Day
	Known   bool // it was added up; else the rest is not known yet
	Closed  *ClosedDay
	Missing protocol.Fen // at cost
	More    protocol.Fen
	Faults  int
	Open    int
	Stated  bool
	Money   reconcile.Money
	Paid    reconcile.Paid
	Earned  reconcile.Earned
	Late    int // entries that came after the close
	Made    time.Time
}

// StoreDays adds up the days of stores and the chain's own, which is named Chainwide, and closes them. Errors: CodeNotFound for a store or a day that is none.
type StoreDays interface {
	// Today is the day that it is now, by the chain's clocks.
	Today(ctx context.Context) (ledger.Day, error)
	// Heads lists days of these stores, without any of every store and after them of the chain itself, from the newest back; what
	// is not added up yet will be soon.
	Heads(ctx context.Context, last ledger.Day, days int, of ...StoreID) ([]DayHead, error)
	// Day adds one up; where it is closed, it is as it was signed.
	Day(ctx context.Context, store StoreID, day ledger.Day) (StoreDay, error)
	// Pairs lists a day's whole statement beside its operations, faults first.
	Pairs(ctx context.Context, store StoreID, day ledger.Day) ([]reconcile.Pair, error)
	// Entries lists what was booked on a day.
	Entries(ctx context.Context, store StoreID, day ledger.Day) ([]ledger.Entry, error)
	// Close signs a day. Errors: protocol.CodeMalformed for a note that is too long, CodeNoteNeeded, CodeDayNotOver,
	// CodeDayClosed, CodeDayBefore, CodeFiguresMoved.
	Close(ctx context.Context, c CloseDay) (ClosedDay, error)
}

// DayTable reads what a store's days are made of.
type DayTable interface {
	// Piles adds up what the entries of a day posted.
	Piles(store StoreID, day ledger.Day) ([]reconcile.Pile, error)
	// Late adds up what was booked late, for a day or on it: for each pair of days.
	Late(store StoreID, day ledger.Day) ([]LatePile, error)
	Entries(store StoreID, day ledger.Day) ([]ledger.Entry, error)
	// Sales adds up what was billed on a day, of each article in each cabinet.
	Sales(store StoreID, day ledger.Day) ([]reconcile.Sale, error)
	// GivenBack lists what refunds gave back on a day, operation by operation.
	GivenBack(store StoreID, day ledger.Day) ([]reconcile.GivenBack, error)
	// Booked lists the operations of a day that moved money.
	Booked(store StoreID, day ledger.Day) ([]reconcile.Booked, error)
	// BookedAs finds the operation that a statement's line names; false where none was done.
	BookedAs(kind reconcile.MoneyKind, op string) (b reconcile.Booked, found bool, err error)
}

// LatePile is a pile of entries that were booked on another day than they belonged to.
type LatePile struct {
	Belonged, Booked ledger.Day
	reconcile.Pile
}

// ClosedDays keep what was signed, for ever.
type ClosedDays interface {
	// Add has CodeDayClosed where the day, or a later one of the store, is closed.
	Add(c ClosedDay) error
	// Last is up to where a store is closed; empty: nowhere.
	Last(store StoreID) (ledger.Day, error)
	Find(store StoreID, day ledger.Day) (c ClosedDay, found bool, err error)
	// List is those of every store from a day to another, without their figures.
	List(from, to ledger.Day) ([]ClosedDay, error)
}

// DayLevel is what a platform's scale said last on a day.
type DayLevel struct {
	Cabinet  protocol.CabinetID
	Platform protocol.PlatformID
	At       time.Time
	Counts   map[protocol.SKU]reconcile.Level // by weight; At in them is not set
}

// DayLevels keep what the scales said last on each day.
type DayLevels interface {
	Save(day ledger.Day, l DayLevel) error
	Of(cabinet protocol.CabinetID, day ledger.Day) ([]DayLevel, error)
	// After lists what a store's entries of a day that happened after a moment posted to what lies in cabinets.
	After(store StoreID, day ledger.Day, at time.Time) ([]Moved, error)
}

// Moved is goods that came onto a platform or left it.
type Moved struct {
	At time.Time
	ledger.Posting
}

// DayFacts tell what else happened around cabinets in a span of time, while they stood with a store.
type DayFacts interface {
	// Cabinets are those that stood with a store for some of the time.
	Cabinets(store StoreID, from, to time.Time) ([]Cabinet, error)
	// Heard is up to when each of them has told everything.
	Heard(store StoreID, from, to time.Time) (map[protocol.CabinetID]time.Time, error)
	Incidents(store StoreID, from, to time.Time) ([]Incident, error)
	// Doubtful lists purchases that went to review, or whose pulse is not known.
	Doubtful(store StoreID, from, to time.Time) ([]VisitRecord, error)
	// Unsettled lists what began before a moment and is not settled: without an end, in review, or not paid yet.
	Unsettled(store StoreID, before time.Time) ([]VisitRecord, error)
	// TopUps counts what residents began to pay ahead, or to be paid out, before a moment and is not settled.
	TopUps(before time.Time) (int, error)
}
