package cloud

import (
	"time"

	"allhours/protocol"
)

// ActionKind is what a member of the staff did that concerns a resident's money.
type ActionKind string

// The kinds of actions.
const (
	ActionReview ActionKind = "review" // decided what a visit cost
	ActionAsk    ActionKind = "ask"    // objected in a resident's stead
	ActionRefuse ActionKind = "refuse" // an objection
	ActionRefund ActionKind = "refund"
	ActionWaive  ActionKind = "waive" // a debt, or a part of it, or a review
	ActionRetry  ActionKind = "retry" // asked the provider again for what it refused
	ActionNote   ActionKind = "note"
)

// Action is who did what, when and why. It stands.
type Action struct {
	ID      protocol.UUID
	At      time.Time
	By      string
	Role    protocol.Role
	Kind    ActionKind
	Visit   protocol.VisitID
	Dispute protocol.UUID // zero: it is about none
	Amount  protocol.Fen  // that it moves, or lets go; 0 where it moves none
	Why     string
}

// Actions is the one list of what the staff did with residents' money.
type Actions interface {
	Add(a Action) error
	// Of lists those of a visit, the oldest first.
	Of(visit protocol.VisitID) ([]Action, error)
}
