// Package audit recomputes the books from what they are made of, and names each place where they say something else. It
// refuses to mend, to keep more of the books in memory than a page of each stream, and to read a clock.
package audit

import (
	"iter"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Check names a rule that the books are held to.
type Check string

// The rules, in the order in which they are looked at.
const (
	CheckEntry     Check = "entry"     // an entry balances in each unit, and has postings
	CheckRef       Check = "ref"       // what an entry was made from exists
	CheckBalance   Check = "balance"   // a balance is the sum of its postings
	CheckDay       Check = "day"       // what a pile changed on a day, and closed with, is the sum of its postings
	CheckOutcome   Check = "outcome"   // a visit has exactly one outcome once it has ended, and one that fits its order
	CheckTotal     Check = "total"     // the lines of a bill come to its total
	CheckHold      Check = "hold"      // what is held for a visit is what the provider holds
	CheckDue       Check = "due"       // what is due of a visit is what it was billed and nobody has taken, owed or waived yet
	CheckPayment   Check = "payment"   // the payment of a visit is where its operations brought it
	CheckOperation Check = "operation" // each outcome of the provider is booked, once
	CheckAmount    Check = "amount"    // the entry of an operation moves its amount, between the accounts that are meant
	CheckPrepaid   Check = "prepaid"   // what a person paid ahead and may use is what their operations leave of it
	CheckReserved  Check = "reserved"  // what is kept apart of it is what their holds keep
	CheckCash      Check = "cash"      // what lies in the tills is what balances were filled with there, less what they handed out
	CheckProvider  Check = "provider"  // what the provider has is what it took, less what it gave back
	CheckDebt      Check = "debt"      // what a person owes is the rest of their owed visits
	CheckUndecided Check = "undecided" // goods that nobody decided about are of a visit in review
	CheckFact      Check = "fact"      // what somebody decided, ruled, moved, counted or stated is booked as it was
	CheckClosed    Check = "closed"    // a day that is closed is as it was signed, and as its entries say
	CheckInbox     Check = "inbox"     // the events of a journal are all there, as they were written, and applied up to the first hole
	CheckEffect    Check = "effect"    // each settlement moved what it says, once
	CheckCounters  Check = "counters"  // a cabinet's lifetime counters grow by its events
	CheckTrail     Check = "trail"     // what the staff did is all there, as it was written
	CheckStock     Check = "stock"     // shown, and no fault of the books: what lies there by the cabinet's account
)

// Difference is a place where the books do not say what they are made of.
type Difference struct {
	Check    Check        `json:"check"`
	Where    string       `json:"where"`
	Expected string       `json:"expected"`
	Found    string       `json:"found"`
	Refs     []ledger.Ref `json:"refs,omitempty"`    // the events, operations and decisions that it is made of
	Entries  []Entry      `json:"entries,omitempty"` // of an account: those that nothing explains, or else some that touched it
	Shown    bool         `json:"shown,omitempty"`   // it may well be so: somebody should look, but the books are sound
}

// Entry is one that touched an account.
type Entry struct {
	ID    protocol.UUID    `json:"id"`
	Kind  string           `json:"kind"` // of the operation that it was made from, or else of the fact
	Ref   ledger.Ref       `json:"ref"`
	Visit protocol.VisitID `json:"visit,omitzero"`
	Fen   int64            `json:"fen"` // as it changed the account
}

// Looked is how much was looked at.
type Looked struct {
	Entries     int `json:"entries"`
	Postings    int `json:"postings"`
	Accounts    int `json:"accounts"`
	Visits      int `json:"visits"`
	Operations  int `json:"operations"`
	Journals    int `json:"journals"`
	Events      int `json:"events"`
	Deeds       int `json:"deeds"`
	Differences int `json:"differences"`
	Shown       int `json:"shown"` // beside the differences

	Sealed string `json:"sealed,omitempty"` // the seal of the last deed: with it noted elsewhere, an end that is cut off shows
}

// Stream is rows in the order of their key, read as they are asked for.
type Stream[T any] = iter.Seq2[T, error]

// Books are one snapshot of everything that is looked at. Other streams may be read, and questions asked, while one is.
type Books struct {
	Entries   Stream[ledger.Entry]   // by id, without their postings
	Lines     Stream[Line]           // by entry
	Sums      Stream[ledger.Posting] // what the postings of each account and unit come to, by both
	Balances  Stream[ledger.Posting] // what is kept of each, by both
	Days      Stream[Day]            // by pile, unit and day; nothing may be asked and no other stream read meanwhile
	Visits    Stream[cloud.VisitRecord]
	Orders    Stream[cloud.Order]
	Decisions Stream[cloud.Decision]
	Ops       Stream[Op]             // by visit
	TopUps    Stream[Op]             // of balances, and payouts, which are of no visit
	Rulings   Stream[cloud.Ruling]   // on objections, by visit and in the order in which they were given
	Movements Stream[cloud.Movement] // by id, without their postings
	Openings  Stream[wire.Config]    // by cabinet: the first state of each, which tells what lay in it
	Closed    Stream[cloud.ClosedDay]
	Fees      Stream[cloud.StatedFees] // of the statements that were taken in whole, by file, day and store
	Debts     Stream[Amount]           // by visit: what is kept as owed of it
	Moved     Stream[Moved]            // by person; nothing may be asked and no other stream read meanwhile
	Journals  Stream[Journal]
	Events    Stream[Event] // by cabinet, journal and seq
	Aside     Stream[Key]   // events that were set aside and have no effect, in the same order
	Levels    Stream[Level] // by cabinet and platform
	Trail     Stream[cloud.Deed]

	// Seal is what the seal of a deed must be, by the seal of the one before it; nil: nobody here has the key.
	Seal func(before string, d cloud.Deed) string

	// Of reads the balances whose accounts begin with a prefix, by account and unit.
	Of func(prefix ledger.Account) Stream[ledger.Posting]
	Ask
}

// Ask answers single questions about the same snapshot.
type Ask interface {
	// Known reports whether what a ref names is there, and may have made an entry.
	Known(ref ledger.Ref) (bool, error)
	// Deeds is how many deeds of the staff there must be.
	Deeds() (int64, error)
	// Refs lists some of the entries that touched an account, the oldest first.
	Refs(a ledger.Account) ([]ledger.Ref, error)
	// Behind names some of the entries that moved the money of an account: those without an operation that explains them, where
	// there are any, the oldest first.
	Behind(a ledger.Account) ([]Entry, error)
	// Posted is the postings of the entry of a ref; none where there is no such entry.
	Posted(ref ledger.Ref) ([]ledger.Posting, error)
	// Answer is what the cabinet told of a visit that has an order.
	Answer(visit protocol.VisitID) (settle.Answer, error)
	// Booked is what an account had of a unit when the entries before an id were made.
	Booked(before protocol.UUID, a ledger.Account, unit ledger.Unit) (int64, error)
	// Piles adds up what the entries of a day posted.
	Piles(store cloud.StoreID, day ledger.Day) ([]reconcile.Pile, error)
	// Seller is the store whose turnover the bill of a visit went into.
	Seller(visit protocol.VisitID) (store cloud.StoreID, found bool, err error)
	// Order is that of a visit.
	Order(visit protocol.VisitID) (o cloud.Order, found bool, err error)
	CabinetAsk
}

// CabinetAsk answers questions about one cabinet.
type CabinetAsk interface {
	Visit(id protocol.VisitID) (v cloud.VisitRecord, found bool, err error)
	// Config is a desired state of a cabinet.
	Config(cabinet protocol.CabinetID, version uint64) (c wire.Config, found bool, err error)
	// Tally is what is kept of a cabinet's counters.
	Tally(cabinet protocol.CabinetID) (t cloud.Tally, found bool, err error)
	// Lost reports whether events of a journal are known to be lost for ever.
	Lost(cabinet protocol.CabinetID, journal protocol.UUID) (bool, error)
}

// Line is a posting with its entry.
type Line struct {
	Entry protocol.UUID
	ledger.Posting
	Pile ledger.Account
}

// Day is what a pile's postings of a day come to, and what is kept of it.
type Day struct {
	Pile            ledger.Account
	Unit            ledger.Unit
	Day             ledger.Day
	Posted          int64
	Change, Closing int64
	Kept            bool // there is a row of it
}

// Op is an operation of the payment provider, whether it has an entry, and what that moved.
type Op struct {
	cloud.PaymentOp
	Booked   bool
	Postings []ledger.Posting
}

// Amount is a sum of money of one visit.
type Amount struct {
	Visit protocol.VisitID
	Fen   int64
}

// Journal is a journal that is or was in force.
type Journal struct {
	Cabinet protocol.CabinetID
	Journal protocol.UUID
	Applied uint64
	Seen    uint64 // 0 where it is retired
	InForce bool
}

// Key names an event, and its content.
type Key struct {
	Cabinet protocol.CabinetID
	Journal protocol.UUID
	Seq     uint64
	Hash    string
}

// Event is an event as it is kept.
type Event struct {
	Key
	Event  wire.Event
	Booked bool // there is an entry of it
}

// Level is what lies on a platform by the cabinet's account.
type Level struct {
	Cabinet protocol.CabinetID
	At      time.Time
	settle.Level
}

// Run looks at everything and tells of each difference. An error is one of the store, or of told.
func Run(books Books, told func(Difference) error) (Looked, error) {
	a := &auditor{books: books, told: told}
	for _, look := range []func() error{a.entries, a.balances, a.days, a.visits, a.topUps, a.purses, a.movements, a.openings, a.fees, a.closed, a.journals, a.stock, a.trail} {
		if err := look(); err != nil {
			return a.looked, err
		}
	}
	return a.looked, nil
}

type auditor struct {
	books  Books
	told   func(Difference) error
	looked Looked
}

// tell counts a difference and tells of it.
func (a *auditor) tell(d Difference) error {
	if d.Shown {
		a.looked.Shown++
	} else {
		a.looked.Differences++
	}
	return a.told(d)
}
