package cloud

import (
	"slices"
	"time"

	"allhours/cloud/picking"
	"allhours/protocol"
)

// LegWay is which way the goods of a leg go.
type LegWay string

// The ways there are.
const (
	LegTake  LegWay = "take"  // from the round's own store to another one
	LegFetch LegWay = "fetch" // from another store to the round's own
)

// Valid reports a way that there is.
func (w LegWay) Valid() bool { return w == LegTake || w == LegFetch }

// RoundLeg is one article that a round takes to another store of the chain, or fetches there. On its way it is in the van: what is
// not handed over stays there, and is asked for at the end of the round.
type RoundLeg struct {
	PlannedLeg
	Picked int           // take: of the own store's shelf
	Short  ShortReason   // why fewer were picked than planned
	Lots   []picking.Lot // take: that it is to bring, as of a line
	Handed *int          // units, as they were counted at the other store; nil: not yet, or it was left out
	Reason HandReason    // why that differs from what was due
	Over   time.Time     // when it was handed over, or left out; zero: it is ahead
	Why    string        // it was left out, or in words why it differs
}

// PlannedLeg is how many units of an article a round is to take to another store, or to fetch there.
type PlannedLeg struct {
	Store StoreID // the other one
	Way   LegWay
	SKU   protocol.SKU
	Units int
}

// Due is how many units are to be handed over.
func (l RoundLeg) Due() int {
	if l.Way == LegTake {
		return l.Picked
	}
	return l.Units
}

// InVan is how many units of the leg lie in the van by the books; below nothing where more was handed over than was picked.
func (l RoundLeg) InVan() int {
	handed := 0
	if l.Handed != nil {
		handed = *l.Handed
	}
	if l.Way == LegTake {
		return l.Picked - handed
	}
	return handed
}

// HandReason says why another number was handed over than was due.
type HandReason string

// The reasons there are.
const (
	HandGone       HandReason = "gone" // they are not there
	HandDamaged    HandReason = "damaged"
	HandRefused    HandReason = "refused"    // the other store does not want them, or needs them itself
	HandMiscounted HandReason = "miscounted" // another number was picked than was said, or more are there
	HandOther      HandReason = "other"      // wants words
)

// HandReasons lists them in the order in which they are offered.
func HandReasons() []HandReason {
	return []HandReason{HandGone, HandDamaged, HandRefused, HandMiscounted, HandOther}
}

// RoundHandover is all that a round hands over at one store in one way.
type RoundHandover struct {
	Store StoreID
	Way   LegWay
	Legs  []RoundLeg
}

// Over reports a hand-over at which nothing more is done.
func (h RoundHandover) Over() bool {
	return !slices.ContainsFunc(h.Legs, func(l RoundLeg) bool { return l.Over.IsZero() })
}

// LeftOut reports one that was left out.
func (h RoundHandover) LeftOut() bool {
	return h.Over() && !slices.ContainsFunc(h.Legs, func(l RoundLeg) bool { return l.Handed != nil })
}

// Units is how many are due in all.
func (h RoundHandover) Units() (units int) {
	for _, l := range h.Legs {
		units += l.Due()
	}
	return units
}

// Handovers are those of a round, in the order of its legs.
func (r *Round) Handovers() (all []RoundHandover) {
	for _, l := range r.Legs {
		i := slices.IndexFunc(all, func(h RoundHandover) bool { return h.Store == l.Store && h.Way == l.Way })
		if i < 0 {
			i = len(all)
			all = append(all, RoundHandover{Store: l.Store, Way: l.Way})
		}
		all[i].Legs = append(all[i].Legs, l)
	}
	return all
}

// Handing is the hand-over at a store in one way; false where the round has none.
func (r *Round) Handing(store StoreID, way LegWay) (RoundHandover, bool) {
	for _, h := range r.Handovers() {
		if h.Store == store && h.Way == way {
			return h, true
		}
	}
	return RoundHandover{}, false
}

// HandSaid is how many units of an article were handed over, as they were counted.
type HandSaid struct {
	SKU    protocol.SKU `json:"sku"`
	Units  int          `json:"units"`
	Reason HandReason   `json:"reason,omitempty"` // where another number was due
}
