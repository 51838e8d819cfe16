package cloud

import (
	"context"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// FindVisits is what a caller knows of a visit; at least one of them is given.
type FindVisits struct {
	Person  protocol.UUID
	Cabinet protocol.CabinetID
	From    time.Time
	To      time.Time
	Number  string // of the receipt
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
	// Find lists visits, the newest first.
	Find(ctx context.Context, f FindVisits) ([]FoundVisit, error)
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
