package cloud

import (
	"context"
	"time"

	"allhours/protocol"
)

// RolloutKind is what a roll-out changes.
type RolloutKind string

// The kinds of roll-outs.
const (
	RolloutPlan   RolloutKind = "plan"   // the planogram of a cabinet, in others that have its platforms
	RolloutSwap   RolloutKind = "swap"   // an article by another one, wherever it has its place
	RolloutPrices RolloutKind = "prices" // of articles, from a time on, in the whole chain
	RolloutBack   RolloutKind = "back"   // takes another one back
)

// RolloutKinds are those that a person begins.
func RolloutKinds() []RolloutKind { return []RolloutKind{RolloutPlan, RolloutSwap, RolloutPrices} }

// RolloutWhat is what a roll-out does; which of it counts depends on its kind.
type RolloutWhat struct {
	Model    protocol.CabinetID            `json:"model,omitempty"` // plan: the cabinet that the others shall be like
	From     protocol.SKU                  `json:"from,omitempty"`  // swap
	To       protocol.SKU                  `json:"to,omitempty"`
	Prices   map[protocol.SKU]protocol.Fen `json:"prices,omitempty"`
	Before   map[protocol.SKU]protocol.Fen `json:"before,omitempty"` // prices: as they were, which is the way back
	At       time.Time                     `json:"at,omitzero"`      // prices: when they hold
	Change   uint32                        `json:"change,omitempty"` // of prices, which it made
	Stores   []StoreID                     `json:"stores,omitempty"` // the cabinets that were chosen
	Cabinets []protocol.CabinetID          `json:"cabinets,omitempty"`
}

// Rollout is one change of many cabinets. Of planograms it is a draft for each of them.
type Rollout struct {
	Number      uint32 // in the order of their making, from 1
	Kind        RolloutKind
	What        RolloutWhat
	Why         string
	Made        time.Time
	By          string // the name of a member of the staff
	Back        uint32 // the roll-out that it takes back; 0: none
	Withdrawn   time.Time
	WithdrawnBy string
}

// RolloutTable keeps roll-outs, for ever.
type RolloutTable interface {
	// Add keeps one and gives it its number.
	Add(r Rollout) (number uint32, err error)
	// Find has CodeNotFound where there is none.
	Find(number uint32) (Rollout, error)
	// List lists those that change cabinets of some stores, the newest first. Prices are of all stores.
	List(of Bound, limit int) ([]Rollout, error)
	// Withdraw has CodeConflict where it was withdrawn before, or never made.
	Withdraw(number uint32, at time.Time, by string) error
}

// AskRollout asks for a roll-out in the cabinets of stores, and in those that are named; of prices in all.
type AskRollout struct {
	Kind RolloutKind
	What RolloutWhat
	Why  string
	By   string
	Of   Bound `json:"-"` // the stores that whoever asks is limited to; who sends a request does not say it
}

// RolloutReason is why a cabinet cannot be changed, or need not be.
type RolloutReason string

// The reasons there are. All but Same keep the whole roll-out from being applied.
const (
	RolloutSame     RolloutReason = "same"    // it is so already, or has nothing that changes
	RolloutWaits    RolloutReason = "waits"   // another draft waits there
	RolloutOther    RolloutReason = "other"   // it has not the platforms of the model
	RolloutDoubled  RolloutReason = "doubled" // the new article has a place on the same platform already
	RolloutTooHeavy RolloutReason = "heavy"   // a platform cannot carry what it would bear
	RolloutRetired  RolloutReason = "retired" // an article is retired and has no place there yet
	RolloutAge      RolloutReason = "age"     // an article is for people of an age, which nobody looks at
)

// RolloutCabinet is what a roll-out means for one cabinet.
type RolloutCabinet struct {
	Cabinet Cabinet
	Why     RolloutReason // empty: it is changed
	Plan    []DraftPlatform
	Turns   []RolloutTurn
	Home    int          // units that lie there by the books and are to be brought home
	Cost    protocol.Fen // of these
	Reviews int          // of 1,000 visits that would go to review because goods weigh alike
}

// Bars reports a cabinet for the sake of which nothing is applied.
func (c RolloutCabinet) Bars() bool { return c.Why != "" && c.Why != RolloutSame }

// RolloutTurn is one article that comes to a platform or leaves it.
type RolloutTurn struct {
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Turn     LaneTurn
	Units    int          // out: that lie there; in: that a refill fills up to
	Was, Is  protocol.Fen // of prices
}

// RolloutPreview is what a roll-out would do, cabinet by cabinet.
type RolloutPreview struct {
	Revision uint64 // of the master data that it was compared with
	Cabinets []RolloutCabinet
	Names    map[protocol.SKU]Article
}

// Changed is how many cabinets change.
func (p RolloutPreview) Changed() (n int) {
	for _, c := range p.Cabinets {
		if c.Why == "" {
			n++
		}
	}
	return n
}

// Barred is how many cabinets keep it from being applied.
func (p RolloutPreview) Barred() (n int) {
	for _, c := range p.Cabinets {
		if c.Bars() {
			n++
		}
	}
	return n
}

// RolloutView is a roll-out and how far it is.
type RolloutView struct {
	Rollout
	Drafts     []Draft // of planograms, by cabinet; none in a list
	Prices     *PriceChange
	DraftCount     // of the reader's cabinets; of prices, those that show them yet and those that do not
	Others     int // cabinets of stores that are not the reader's, which it changes as well
	Names      map[protocol.SKU]Article
}

// Rollouts change many cabinets at once, and take that back.
type Rollouts interface {
	// PreviewRollout says what would change. Errors: protocol.CodeMalformed, CodeUnknownCabinet, CodeUnknownArticle, CodeNotFound,
	// CodeOtherStores where it is about anything that is not of the stores of whoever asks: prices never are of some stores alone.
	PreviewRollout(ctx context.Context, a AskRollout) (RolloutPreview, error)
	// ApplyRollout makes the drafts of all cabinets that change, or the change of prices: all or nothing. Where the master data
	// are at another revision it does nothing and has CodeChanged; where a cabinet bars it, CodeRolloutBarred.
	ApplyRollout(ctx context.Context, a AskRollout, revision uint64) (Rollout, error)
	// Rollouts tells of those that change cabinets of some stores, as far as they do.
	Rollouts(ctx context.Context, of Bound, limit int) ([]RolloutView, error)
	// Rollout has CodeOtherStores for one that changes none of their cabinets.
	Rollout(ctx context.Context, of Bound, number uint32) (RolloutView, error)
	// WithdrawRollout ends what has not taken effect: CodeDraftAtDoor where a restocker is setting up one of the drafts,
	// CodeConflict where nothing is left to be withdrawn, CodeOtherStores where it is about stores that are not who's.
	WithdrawRollout(ctx context.Context, number uint32, who Principal) error
	// BackRollout takes back what has taken effect: for planograms as new drafts of how it was, for prices as a new change.
	// CodeOtherStores where it is about stores that are not who's.
	BackRollout(ctx context.Context, number uint32, who Principal) (Rollout, error)
}
