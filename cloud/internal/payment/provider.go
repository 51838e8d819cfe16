// Package payment moves money: an outbox of operations towards payment providers, driven until each outcome is known, and
// the book entries that each outcome makes. It refuses to decide what a visit costs.
package payment

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// Provider reserves and takes money at one merchant's account. A request's number is our idempotency key: the same request
// again gives the same outcome and moves money once. An error means that the outcome is unknown: it will be queried, and
// never tried as a new charge.
type Provider interface {
	Holder
	Charger
	// Account is the same for ever: operations name it.
	Account() Account
	Reporter
}

// Reporter says what it did, and has under way.
type Reporter interface {
	// Query tells what became of a request; its word is StateNever where it did not arrive.
	Query(ctx context.Context, r Request) (Word, error)
	// Since lists the money that was taken and given back from a moment on, or may still be. Real providers have it in their
	// bills, the person and the kind in the field that is the merchant's own.
	Since(ctx context.Context, from time.Time) ([]Done, error)
}

// Holder reserves money and takes of it what a visit cost.
type Holder interface {
	// Authorise reserves the amount of a person's money.
	Authorise(ctx context.Context, r Request) (Word, error)
	// Complete takes the amount, which is at most what was reserved, once, and frees the rest. The lines say what for.
	Complete(ctx context.Context, r Request) (Word, error)
	// Cancel frees what was reserved.
	Cancel(ctx context.Context, r Request) (Word, error)
}

// Charger takes money at once, and gives back.
type Charger interface {
	// Charge takes the amount of a person's money, without a hold: a debt, or a top-up.
	Charge(ctx context.Context, r Request) (Word, error)
	// Refund gives back the amount of what the order took. There may be several, which come to at most what was taken.
	Refund(ctx context.Context, r Request) (Word, error)
}

// Listener is a provider that calls back.
type Listener interface {
	// Parse reads a call and checks its signature; ErrForged where that is not the provider's.
	Parse(header map[string][]string, body []byte) (Word, error)
	// Reply is what the provider wants to hear: nil where its call was taken, else why it should call again, or not have called.
	Reply(err error) cloud.CallbackReply
}

// ErrForged is a call that the provider did not make.
var ErrForged = errors.New("payment: not signed by the provider")

// Account is where a provider books: its name on our side, and the merchant that it knows us by.
type Account struct {
	Name     string
	Merchant string
}

// Request is one operation as a provider is asked for it.
type Request struct {
	Kind   cloud.OpKind
	Number string // of this operation
	Order  string // of the hold or the charge that it belongs to; for these, their own number
	On     string // of the operation that it is done to; empty for a hold and a charge
	Person protocol.UUID
	Amount protocol.Fen // 0 for a cancel
	Lines  []Line       // of a complete and a charge: they come to the amount
}

// State is what a provider says of an operation.
type State int

// The states of a word. Money has moved in one of them.
const (
	StatePending State = iota // taken, and not done: it waits, as for the person to pay
	StateDone
	StateRefused // it never will be done
	StateNever   // it did not arrive
)

// Word is what a provider says of one operation, in an answer or in a call. All of it is compared with what was asked for.
type Word struct {
	Merchant string
	Order    string
	Number   string
	Kind     cloud.OpKind
	State    State
	Amount   protocol.Fen // as done, or to be done; 0 for a cancel
}

// Done is what a provider did by itself to tell: a word, and what else it was asked with.
type Done struct {
	Word
	On     string
	Person protocol.UUID
	At     time.Time
}

// Number writes an id as order numbers are written: 32 characters of 0-9 and a-f.
func Number(id protocol.UUID) string {
	if id.IsZero() {
		return ""
	}
	return hex.EncodeToString(id[:])
}

// ParseNumber reads what Number wrote.
func ParseNumber(number string) (id protocol.UUID, ok bool) {
	if len(number) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(number))
	return id, err == nil && Number(id) == number
}
