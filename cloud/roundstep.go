package cloud

import (
	"context"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// RoundStepKind is what somebody did on a round.
type RoundStepKind string

// The kinds of steps. Plan and Open are written down by the service alone.
const (
	RoundPlan   RoundStepKind = "plan"
	RoundAssign RoundStepKind = "assign" // to Restocker
	RoundCancel RoundStepKind = "cancel" // before anything has left the store; wants a reason
	RoundStart  RoundStepKind = "start"  // picking: what it brings is locked
	RoundPick   RoundStepKind = "pick"   // Units of SKU lie in the totes, of all stops together; fewer than planned want a reason
	RoundDepart RoundStepKind = "depart" // what was picked leaves the store
	RoundOpen   RoundStepKind = "open"   // a door
	RoundCount  RoundStepKind = "count"  // Units were put into a lane at this stop, in all
	RoundDate   RoundStepKind = "date"   // Dates are until when what was put into a lane may be sold, as it stands on the goods
	RoundAnswer RoundStepKind = "answer" // to the question of a lane
	RoundStray  RoundStepKind = "stray"  // Units that lay where they do not belong are taken along
	RoundClose  RoundStepKind = "close"  // a stop; one that was not opened wants a reason
	RoundHand   RoundStepKind = "hand"   // goods over at Store, Way: Hands of each article, or Why it was left out
	RoundFinish RoundStepKind = "finish" // with what is left in the van
)

// ForManagers reports a step that is not the restocker's to take.
func (k RoundStepKind) ForManagers() bool { return k == RoundAssign || k == RoundCancel }

// RoundStep is who did what on a round, and when. Steps are never changed.
type RoundStep struct {
	ID     protocol.UUID
	Round  protocol.UUID
	At     time.Time
	Person protocol.UUID
	By     string // their name
	Key    string // made by whoever asked; one step for each
	Kind   RoundStepKind
	RoundStepBody
}

// RoundStepBody is what a step says; which of it counts depends on its kind.
type RoundStepBody struct {
	Restocker protocol.UUID       `json:"restocker,omitzero"`
	Cabinet   protocol.CabinetID  `json:"cabinet,omitempty"`
	Platform  protocol.PlatformID `json:"platform,omitempty"`
	SKU       protocol.SKU        `json:"sku,omitempty"`
	Units     int                 `json:"units,omitempty"`
	Removed   int                 `json:"removed,omitempty"` // count: units that were taken out; Units is what was put without them
	Reason    ledger.Reason       `json:"reason,omitempty"`  // why they were
	Short     ShortReason         `json:"short,omitempty"`
	Answer    picking.Answer      `json:"answer,omitempty"`
	Why       string              `json:"why,omitempty"`
	Rest      []RestSaid          `json:"rest,omitempty"`
	Visit     protocol.VisitID    `json:"visit,omitzero"`
	Dates     []picking.Lot       `json:"dates,omitempty"`  // date: none takes back what was said
	Photos    []picking.Place     `json:"photos,omitempty"` // close: lanes of which whoever steps has pictures that have not reached the store yet
	Plan      PlanWord            `json:"plan,omitempty"`   // close: of a stop that sets up a draft
	Store     StoreID             `json:"store,omitempty"`
	Way       LegWay              `json:"way,omitempty"`
	Hands     []HandSaid          `json:"hands,omitempty"`
	Saw       *RoundSaw           `json:"saw,omitempty"` // pick, count, answer: refused where it is no longer so
}

// RoundSaw is what whoever takes a step had before their eyes when they took it, which may be hours ago, in a basement.
type RoundSaw struct {
	Units   *int `json:"units"`             // picked of the article, or counted in the lane; of an answer what was said. nil: nothing yet
	Weighed *int `json:"weighed,omitempty"` // of an answer
}

// RestSaid is what somebody says is left of an article in the van.
type RestSaid struct {
	SKU    protocol.SKU `json:"sku"`
	Back   int          `json:"back"`             // brought back to the store
	Kept   int          `json:"kept"`             // stays in the van
	Differ bool         `json:"differ,omitempty"` // that it differs from the books was seen: the rest is lost, or found
}

// RoundSteps keep the history of rounds.
type RoundSteps interface {
	// Add has CodeConflict where the round has a step of this key.
	Add(s RoundStep) error
	ByKey(round protocol.UUID, key string) (s RoundStep, found bool, err error)
	// Of lists those of a round, the first first.
	Of(round protocol.UUID) ([]RoundStep, error)
}

// RefillVisit asks for a door of a stop of a round. With the same key and request the same visit comes back.
type RefillVisit struct {
	Person      protocol.UUID // of the staff
	By          string        // their name
	Round       protocol.UUID
	Cabinet     protocol.CabinetID
	Number      int                  // that is read off the cabinet; 0: its code was scanned, or nobody looked
	Compartment protocol.Compartment // 0: the cabinet's only or first one
	Key         string
}

// Refilling opens doors for those who fill what is behind them.
type Refilling interface {
	// Refill writes the visit, signs the restocker's own grant for it and sends it once. No money is held, and a compartment
	// that does not sell opens. Errors: CodeNotFound, CodeRoundState where the round is not under way or the stop is over,
	// CodeNotAStop, CodeWrongCabinet where another number was read, CodeUnknownCabinet, CodeCabinetBusy, CodeCabinetAway,
	// CodeDoorNotShut, CodeKeyReused, protocol.CodeOtherCabinet for a door that it has not.
	Refill(ctx context.Context, v RefillVisit) (Visit, error)
}
