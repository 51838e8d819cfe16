package cloud

import (
	"context"
	"slices"
	"time"

	"allhours/protocol"
)

// Draft is the next planogram of a cabinet. It is not in force until a restocker has set it up at the open door; until then
// everybody buys and is billed by the one that is.
type Draft struct {
	Number  uint32 // in the order of their making, from 1
	Cabinet protocol.CabinetID
	Plan    []DraftPlatform // what will lie on the platforms that it names; the others stay as they are
	Why     string          // in the words of who made it
	Made    time.Time
	By      string // the name of a member of the staff; empty: the administrator's tool
	Rollout uint32 // that it is part of; 0: of none
	End     DraftEnd
}

// DraftPlatform is what a planogram puts on one platform.
type DraftPlatform struct {
	ID   protocol.PlatformID  `json:"id"`
	SKUs []protocol.SKU       `json:"skus"`
	Par  map[protocol.SKU]int `json:"par,omitempty"`
	Room map[protocol.SKU]int `json:"room,omitempty"`
}

// DraftEnd is what became of a draft; it happens once.
type DraftEnd struct {
	At     time.Time // zero: it waits
	Taken  bool      // it took effect; else it was withdrawn
	By     string
	Round  protocol.UUID   // of the restocker who set it up
	Before []DraftPlatform // what lay on its platforms until then
}

// Waits reports a draft that is neither in force nor withdrawn.
func (d Draft) Waits() bool { return d.End.At.IsZero() }

// PlanOf is what a cabinet's planogram puts on those of its platforms that other says something else of.
func PlanOf(c Cabinet, other []Platform) (plan []DraftPlatform) {
	for _, p := range c.Platforms {
		i := slices.IndexFunc(other, func(q Platform) bool { return q.ID == p.ID })
		if i >= 0 && !SameGoods(p, other[i]) {
			plan = append(plan, DraftPlatform{ID: p.ID, SKUs: p.SKUs, Par: p.Par, Room: p.Room})
		}
	}
	return plan
}

// SameGoods reports platforms that bear the same articles in the same order, up to the same levels.
func SameGoods(a, b Platform) bool {
	if !slices.Equal(a.SKUs, b.SKUs) {
		return false
	}
	return !slices.ContainsFunc(a.SKUs, func(sku protocol.SKU) bool { return a.Par[sku] != b.Par[sku] || a.Room[sku] != b.Room[sku] })
}

// Over is a cabinet as it is when the draft has taken effect.
func (d Draft) Over(c Cabinet) Cabinet {
	c.Platforms = slices.Clone(c.Platforms)
	for i := range c.Platforms {
		p := &c.Platforms[i]
		if n := d.on(p.ID); n != nil {
			p.SKUs, p.Par, p.Room = n.SKUs, n.Par, n.Room
		}
	}
	return c
}

// on is what the draft puts on a platform; nil where it says nothing of it.
func (d Draft) on(id protocol.PlatformID) *DraftPlatform {
	i := slices.IndexFunc(d.Plan, func(p DraftPlatform) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &d.Plan[i]
}

// Coming are the articles that the draft puts on a platform where they have no place yet.
func (d Draft) Coming(p Platform) (skus []protocol.SKU) {
	if n := d.on(p.ID); n != nil {
		skus = lacking(n.SKUs, p.SKUs)
	}
	return skus
}

// Leaving are the articles whose place on a platform the draft takes away.
func (d Draft) Leaving(p Platform) (skus []protocol.SKU) {
	if n := d.on(p.ID); n != nil {
		skus = lacking(p.SKUs, n.SKUs)
	}
	return skus
}

// Put are the articles that the draft puts on a platform of which some lie there already: a refill has brought them, and they are sold
// before the draft takes effect.
func (d Draft) Put(p Platform, lies func(protocol.SKU) bool) []protocol.SKU {
	return slices.DeleteFunc(d.Coming(p), func(sku protocol.SKU) bool { return !lies(sku) })
}

// lacking are those of some articles that others do not have.
func lacking(some, others []protocol.SKU) (skus []protocol.SKU) {
	for _, sku := range some {
		if !slices.Contains(others, sku) {
			skus = append(skus, sku)
		}
	}
	return skus
}

// DraftQuery selects drafts, the newest first; a zero field means any.
type DraftQuery struct {
	Cabinet protocol.CabinetID
	Rollout uint32
	Of      Bound // the stores with which the cabinets stand
	Waiting bool  // in the order of their cabinets
	Limit   int   // 0: all
}

// DraftCount is how far many drafts are.
type DraftCount struct {
	Waiting int
	Taken   int
	Ended   int // withdrawn before
}

// All is how many there are.
func (c DraftCount) All() int { return c.Waiting + c.Taken + c.Ended }

// DraftTable keeps drafts, for ever.
type DraftTable interface {
	// Add keeps a draft and gives it its number; CodeDraftWaits where the cabinet has one that waits.
	Add(d Draft) (number uint32, err error)
	// Find has CodeNotFound where there is none.
	Find(number uint32) (Draft, error)
	List(q DraftQuery) ([]Draft, error)
	// Count is how many drafts of a roll-out, in the cabinets of some stores, wait, took effect, and were withdrawn.
	Count(of Bound, rollout uint32) (DraftCount, error)
	// End has CodeConflict where the draft has an end already, or was never made.
	End(number uint32, e DraftEnd) error
}

// WaitingDrafts are those that wait, by their cabinets.
func (tx Tx) WaitingDrafts() (map[protocol.CabinetID]Draft, error) {
	list, err := tx.Drafts.List(DraftQuery{Waiting: true})
	all := make(map[protocol.CabinetID]Draft, len(list))
	for _, d := range list {
		all[d.Cabinet] = d
	}
	return all, err
}

// WaitingDraft is the one of a cabinet that waits; the zero draft, which changes nothing, where none does.
func (tx Tx) WaitingDraft(cabinet protocol.CabinetID) (Draft, error) {
	list, err := tx.Drafts.List(DraftQuery{Cabinet: cabinet, Waiting: true})
	if err != nil || len(list) == 0 {
		return Draft{}, err
	}
	return list[0], nil
}

// Drafts are the planograms that wait for a restocker. They are made as planograms are taken in: see Intake.Draft.
type Drafts interface {
	// Drafts lists them.
	Drafts(ctx context.Context, q DraftQuery) ([]Draft, error)
	// WithdrawDraft ends one that has not taken effect: CodeDraftAtDoor while a restocker is at the open door with it,
	// CodeConflict where it has an end already, CodeNotFound where there is none.
	WithdrawDraft(ctx context.Context, number uint32, by string) error
}

// PlanWord is what a restocker says of a draft when they leave the cabinet.
type PlanWord string

// The words there are.
const (
	PlanSet  PlanWord = "set"  // it is set up, and takes effect
	PlanLeft PlanWord = "left" // it is not, and waits for the next round
)

// LaneTurn is how the lane of a line turns by the draft that its stop sets up.
type LaneTurn string

// The ways a lane turns.
const (
	TurnNone LaneTurn = ""
	TurnIn   LaneTurn = "in"  // the article comes to lie here
	TurnOut  LaneTurn = "out" // what lies here is taken along
	TurnOff  LaneTurn = "off" // it was to come, and the draft was withdrawn
)
