package cloud

import (
	"context"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// FoundMost is how many visits are found at once.
const FoundMost = 50

// FindVisits is what a caller knows of a visit; at least one of them is given.
type FindVisits struct {
	Person  protocol.UUID
	Cabinet protocol.CabinetID
	From    time.Time
	To      time.Time
	Number  string           // of the receipt
	Before  protocol.VisitID // only those that began before this one; zero: the newest
}

// FoundVisit is a visit with its resident as the staff may see them.
type FoundVisit struct {
	Visit
	Masked string // the last digits of the phone; empty: not known
}

// VisitEvent is one thing that a cabinet journalled of a visit.
type VisitEvent struct {
	At   time.Time
	Type wire.EventType
	Code protocol.Code // of an abort
}

// VisitStory is everything that is known of a visit.
type VisitStory struct {
	Visit     VisitRecord
	Masked    string
	Events    []VisitEvent
	Order     *Order // nil: it was not settled
	Decision  *Decision
	Ops       []PaymentOp
	Disputes  []Dispute
	Actions   []Action
	Messages  []OutMessage // to its resident
	Incidents []Incident   // of its cabinet, while it lasted or about it
	Owed      protocol.Fen
	Left      protocol.Fen // what may still be given back
}

// OpenDebt is a debt with whose it is, as the staff may see them, and where it was made.
type OpenDebt struct {
	Debt
	Cabinet protocol.CabinetID
	Masked  string // the last digits of the phone; empty: not known
}

// DebtsMost is how many debts are listed at once.
const DebtsMost = 50

// DebtList is a part of the open debts.
type DebtList struct {
	Debts []OpenDebt
	More  bool // there are more behind them
	Count int  // of all
	Sum   protocol.Fen
}

// Debtors tells the staff what is owed, whoever owes it.
type Debtors interface {
	// Debts lists what is owed behind the debt of a visit, DebtsMost at most; those first that are charged by themselves no more, and of
	// both the oldest first. A zero visit is the beginning.
	Debts(ctx context.Context, after protocol.VisitID) (DebtList, error)
}

// SupportRefund is how a member of the staff gives money of a visit back by themselves.
type SupportRefund struct {
	Visit  protocol.VisitID
	By     string
	Role   protocol.Role
	Key    string
	Lines  []RulingLine // none: the whole bill; the goods stay sold
	Reason string
}

// Support is what a member of the staff may do for a resident who calls.
type Support interface {
	// Find lists visits, the newest first, FoundMost at most; more tells that there are earlier ones.
	Find(ctx context.Context, f FindVisits) (found []FoundVisit, more bool, err error)
	// Story has CodeUnknownVisit where there is none.
	Story(ctx context.Context, visit protocol.VisitID) (VisitStory, error)
	// Refund gives back what the role may; above its limit it stays an objection that waits for a manager. The errors are
	// those of Disputes; without a key it has protocol.CodeMalformed, and CodeManagerRuled where support would change what a
	// manager or an owner has ruled on.
	Refund(ctx context.Context, r SupportRefund) (Dispute, error)
	// Retry asks the provider again for what it has refused of a ruling; CodeConflict where there is nothing to ask for.
	Retry(ctx context.Context, dispute protocol.UUID, by Principal, why string) (Dispute, error)
	// Note writes a line beside a visit.
	Note(ctx context.Context, visit protocol.VisitID, by Principal, text string) error
}
