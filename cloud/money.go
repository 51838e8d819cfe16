package cloud

import (
	"context"
	"time"

	"allhours/protocol"
)

// Limits of a prepaid balance.
const (
	MinTopUp   protocol.Fen = 100     // one top-up
	MaxTopUp   protocol.Fen = 500_00  // one top-up
	MaxPrepaid protocol.Fen = 1000_00 // a balance, with what is reserved of it
)

// Debt is what a person still owes of one visit.
type Debt struct {
	Visit  protocol.VisitID
	Person protocol.UUID
	Amount protocol.Fen
	Since  time.Time
	Tries  int       // how often it was charged by itself
	Next   time.Time // when it is charged by itself again; zero: no more
	Rests  DebtRest  // why it is not, until a person has looked at it; empty: it does not rest
}

// DebtRest is why a debt is not charged by itself.
type DebtRest string

// The reasons why debts rest.
const (
	RestRestored     DebtRest = "restored"     // the books were restored: it may have been paid or forgiven since the backup
	RestContradicted DebtRest = "contradicted" // the provider says of what it refused, or of another amount, that it was taken
)

// RestingTable is what is not charged by itself until a person has looked at it.
type RestingTable interface {
	// Rest lays the debt of a visit to rest, or wakes it where there is no reason; without a debt it does nothing.
	Rest(visit protocol.VisitID, why DebtRest) error
	// WakeAll wakes those that rest for one reason, and tells how many.
	WakeAll(why DebtRest) (int, error)
	// List lists the oldest first.
	List(limit int) ([]RestingDebt, error)
	// Count counts those that rest for a reason; for none, all of them.
	Count(why DebtRest) (int, error)
}

// RestingDebt is a debt that rests, and where it was made.
type RestingDebt struct {
	Debt
	Cabinet protocol.CabinetID
}

// Resting is what rests, for a person to look at.
type Resting struct {
	Debts []RestingDebt // the oldest first
	All   int           // how many there are
	Asked bool          // false: books that were restored do not know yet what the provider took since, and nothing may be charged
}

// DebtDesk is where staff look at debts that rest.
type DebtDesk interface {
	Resting(ctx context.Context, limit int) (Resting, error)
	// Resume lets a debt be charged by itself again. It has CodeConflict where the provider was not asked yet, where the debt does not
	// rest, and where a part of it was paid: what is left of it can only be waived.
	Resume(ctx context.Context, visit protocol.VisitID) error
	// ResumeAll does it with those that rest since the books were restored, and tells how many. It has CodeConflict where the provider
	// was not asked yet.
	ResumeAll(ctx context.Context) (int, error)
}

// DebtTable keeps what is owed of each visit; the ledger has what a person owes in all.
type DebtTable interface {
	// Add has CodeConflict where the visit has a debt.
	Add(d Debt) error
	// Of lists what a person owes, the oldest first.
	Of(person protocol.UUID) ([]Debt, error)
	// Due lists debts that are to be charged by themselves, the oldest first.
	Due(at time.Time, limit int) ([]Debt, error)
	// Open lists what anybody owes behind a debt, those first that are charged by themselves no more, and of both the oldest first; a
	// zero visit is the beginning.
	Open(after protocol.VisitID, limit int) ([]Debt, error)
	// Total is how many debts there are, and what they come to.
	Total() (n int, sum protocol.Fen, err error)
	// Lessen has CodeConflict where less is owed.
	Lessen(visit protocol.VisitID, by protocol.Fen) error
	// Plan sets when a debt is charged by itself again.
	Plan(visit protocol.VisitID, tries int, next time.Time) error
}

// Purse is what a resident has with the chain, and owes it.
type Purse struct {
	Balance  protocol.Fen // prepaid, and free to be used
	Back     protocol.Fen // of the balance, what can go back the way that it came; a till hands the rest out
	Reserved protocol.Fen // prepaid, and held for visits under way
	Owed     protocol.Fen
	Debts    []Debt      // the oldest first
	UnderWay []PaymentOp // payments, top-ups and payouts whose outcome is not known yet
	Latest   []PaymentOp // payments, top-ups, payouts and waivers, the newest first
}

// Paying reports a visit whose debt is being charged right now.
func (p Purse) Paying(visit protocol.VisitID) bool {
	for _, op := range p.UnderWay {
		if op.Kind == OpPay && op.Visit == visit {
			return true
		}
	}
	return false
}

// TopUp fills a person's balance. With the same key and amount it is done once.
type TopUp struct {
	Person protocol.UUID
	Amount protocol.Fen
	Key    string
	By     string // a member of the staff who took cash; empty: the resident pays by the provider
	Note   string // wanted where By is
}

// PayDebts charges all that a person owes, visit by visit. With the same key it is done once.
type PayDebts struct {
	Person protocol.UUID
	Key    string
}

// WaiveDebt forgives what is owed of a visit.
type WaiveDebt struct {
	Visit protocol.VisitID
	By    string
	Role  protocol.Role // of whoever waives
	Note  string
}

// Money is what residents and staff may do with balances and debts.
type Money interface {
	Purse(ctx context.Context, person protocol.UUID) (Purse, error)
	// TopUp has protocol.CodeMalformed for an amount that is not allowed, CodeNotFound for a resident who was forgotten, CodeKeyReused, CodePaymentRefused, and
	// CodePaymentUnknown where the outcome will be known later.
	TopUp(ctx context.Context, t TopUp) (Purse, error)
	// PayDebts has the same errors; CodeConflict where nothing is owed. A debt that is being charged is not charged again.
	PayDebts(ctx context.Context, p PayDebts) (Purse, error)
	// PayOut has the errors of TopUp; CodeConflict where less can be paid out, or can go back that way; CodeDebt
	// where something is owed.
	PayOut(ctx context.Context, p PayOut) (Purse, error)
	// Waive has CodeUnknownVisit, protocol.CodeMalformed without a note, CodeConflict where nothing is owed or the debt is
	// being charged, and CodeOverLimit where support may not forgive so much.
	Waive(ctx context.Context, w WaiveDebt) error
}

// CallbackReply is how a provider wants its call to be answered.
type CallbackReply struct {
	Status int
	Type   string
	Body   []byte
}

// Callbacks take what payment providers call back.
type Callbacks interface {
	// Callback has CodeNotFound for a provider that is not known; any other outcome is told in the provider's own way.
	Callback(ctx context.Context, provider string, header map[string][]string, body []byte) (CallbackReply, error)
}

// Sellers know which store a visit's money belongs to, wherever its cabinet stands since.
type Sellers interface {
	// Of finds the store whose turnover the bill of a visit went into, else the one that the visit was first booked to.
	Of(visit protocol.VisitID) (store StoreID, found bool, err error)
}
