package cloud

import (
	"time"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// OpKind is what the payment provider is asked for.
type OpKind string

// The kinds of operations.
const (
	OpHold    OpKind = "hold"
	OpCapture OpKind = "capture"
	OpRelease OpKind = "release"
	OpRefund  OpKind = "refund"
	OpPay     OpKind = "pay"    // what is owed of a visit
	OpTopUp   OpKind = "topup"  // of a prepaid balance; of no visit
	OpPayout  OpKind = "payout" // of what is left of a prepaid balance; of no visit
	OpWaive   OpKind = "waive"  // forgives what is owed of a visit: nobody is asked, and it is done at once
)

// Providers that are the books themselves: what they are asked for is done, or refused, in the transaction that asks.
const (
	ProviderPrepaid = "prepaid" // a person's own balance
	ProviderCash    = "cash"    // paid, or handed out, at the store's till
	ProviderNone    = "none"    // no money moves
)

// OpState is how far an operation is.
type OpState string

// An operation is asked for, then under way until the provider's word is known.
const (
	OpPending   OpState = "pending"
	OpSent      OpState = "sent"    // asked, or about to be: its outcome must be queried before anything else
	OpUnknown   OpState = "unknown" // asked, and the answer was lost, or is that the person has not paid yet
	OpDone      OpState = "done"
	OpRefused   OpState = "refused"
	OpCancelled OpState = "cancelled" // withdrawn before it was ever asked
)

// Final reports a state that never changes.
func (s OpState) Final() bool { return s == OpDone || s == OpRefused || s == OpCancelled }

// PaymentOp is one operation in the outbox. Its id is the provider's idempotency key for ever.
type PaymentOp struct {
	ID       protocol.UUID
	Visit    protocol.VisitID // zero for a top-up and a payout
	Person   protocol.UUID
	Kind     OpKind
	Amount   protocol.Fen
	On       protocol.UUID // the hold that is captured or released, the capture or payment that is refunded, the top-up that is paid out
	Provider string        // who is asked; that of the hold, for all that follows it
	State    OpState
	Attempts int
	Next     time.Time // when it is due
	Created  time.Time
	Key      string // the Idempotency-Key of the request that it was made for; empty: none
	By       string // a member of the staff who asked for it; empty: the resident, or a rule
	Note     string // why, in that member's words
}

// PaymentOps is the outbox towards the payment provider.
type PaymentOps interface {
	// Add has CodeConflict where the schema does not allow it: a second payment of a debt beside one under way.
	Add(op PaymentOp) error
	// Find has CodeNotFound where there is none.
	Find(id protocol.UUID) (PaymentOp, error)
	Of(visit protocol.VisitID) ([]PaymentOp, error)
	// Due lists operations without a final state, the oldest first.
	Due(at time.Time, limit int) ([]PaymentOp, error)
	// Move changes the state; CodeConflict where it is final already.
	Move(id protocol.UUID, to OpState, attempts int, next time.Time) error
}

// RestoredTable tells of books that were restored, whose provider may know more than they.
type RestoredTable interface {
	// Since is when the newest operation was made that the restored books have; ask is false where the provider was asked already, or
	// nothing was restored.
	Since() (since time.Time, ask bool, err error)
	Asked() error
	// At is when the books were restored the last time; ever is false where they never were.
	At() (at time.Time, ever bool, err error)
}

// PersonalOps finds operations by whose money they move.
type PersonalOps interface {
	// ByKey lists what one request of a person asked for, the oldest first.
	ByKey(person protocol.UUID, key string) ([]PaymentOp, error)
	// Latest lists payments of debts, top-ups, payouts and waivers, the newest first.
	Latest(person protocol.UUID, limit int) ([]PaymentOp, error)
	// UnderWay lists payments of debts, top-ups and payouts without a final state, the oldest first.
	UnderWay(person protocol.UUID) ([]PaymentOp, error)
	// PaidAhead lists the top-ups by a provider of which something may still go back, the newest first.
	PaidAhead(person protocol.UUID, provider string, limit int) ([]PaidAhead, error)
}

// LedgerTable is the append-only book.
type LedgerTable interface {
	// Post has CodeConflict where the entry's ref is booked already, and refuses an entry that does not balance.
	Post(e ledger.Entry) error
	Balance(a ledger.Account, unit ledger.Unit) (int64, error)
	// Held is what lies in a cabinet of a unit, where it belongs or not, by the entries before an id; zero: by all.
	Held(cabinet protocol.CabinetID, unit ledger.Unit, before protocol.UUID) (int64, error)
	// Entries lists what touched an account, the oldest first.
	Entries(a ledger.Account) ([]ledger.Entry, error)
	// Latest lists the newest of those that changed so many of a unit, the newest first.
	Latest(a ledger.Account, unit ledger.Unit, limit int) ([]ledger.Entry, error)
	// Posted is the postings of the entry of a ref; none where there is none.
	Posted(ref ledger.Ref) ([]ledger.Posting, error)
	// Balances lists the accounts whose name begins with prefix and that are not zero.
	Balances(prefix ledger.Account) ([]ledger.Posting, error)
	// Changes lists what the piles whose name begins with prefix changed on a day; of one pile and unit there is one.
	Changes(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error)
	// Closing lists what these piles came to at the end of a day, those of nothing left out.
	Closing(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error)
}
