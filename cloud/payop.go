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
)

// OpState is how far an operation is.
type OpState string

// An operation is asked for, then under way until the provider's word is known.
const (
	OpPending   OpState = "pending"
	OpSent      OpState = "sent"    // asked, or about to be: its outcome must be queried before anything else
	OpUnknown   OpState = "unknown" // asked, and the answer was lost
	OpDone      OpState = "done"
	OpRefused   OpState = "refused"
	OpCancelled OpState = "cancelled" // withdrawn before it was ever asked
)

// Final reports a state that never changes.
func (s OpState) Final() bool { return s == OpDone || s == OpRefused || s == OpCancelled }

// PaymentOp is one operation in the outbox. Its id is the provider's idempotency key for ever.
type PaymentOp struct {
	ID       protocol.UUID
	Visit    protocol.VisitID
	Person   protocol.UUID
	Kind     OpKind
	Amount   protocol.Fen
	On       protocol.UUID // the hold that is captured or released, the capture that is refunded
	State    OpState
	Attempts int
	Next     time.Time // when it is due
	Created  time.Time
}

// PaymentOps is the outbox towards the payment provider.
type PaymentOps interface {
	Add(op PaymentOp) error
	// Find has CodeNotFound where there is none.
	Find(id protocol.UUID) (PaymentOp, error)
	Of(visit protocol.VisitID) ([]PaymentOp, error)
	// Due lists operations without a final state, the oldest first.
	Due(at time.Time, limit int) ([]PaymentOp, error)
	// Move changes the state; CodeConflict where it is final already.
	Move(id protocol.UUID, to OpState, attempts int, next time.Time) error
}

// LedgerTable is the append-only book.
type LedgerTable interface {
	// Post has CodeConflict where the entry's ref is booked already, and refuses an entry that does not balance.
	Post(e ledger.Entry) error
	Balance(a ledger.Account, unit ledger.Unit) (int64, error)
	// Entries lists what touched an account, the oldest first.
	Entries(a ledger.Account) ([]ledger.Entry, error)
	// Balances lists the accounts whose name begins with prefix and that are not zero.
	Balances(prefix ledger.Account) ([]ledger.Posting, error)
	// Changes lists what the piles whose name begins with prefix changed on a day; of one pile and unit there is one.
	Changes(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error)
	// Closing lists what these piles came to at the end of a day, those of nothing left out.
	Closing(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error)
}
