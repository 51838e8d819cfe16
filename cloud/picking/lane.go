package picking

import (
	"cmp"

	"allhours/protocol"
)

// Demand is what will be wanted of one article in one cabinet, in units, from now on. Times are whole hours from now.
type Demand interface {
	// Hours is how far it reaches; what is asked beyond it is answered for it.
	Hours() int
	// Expected is the mean of what is wanted within the hours.
	Expected(hours int) float64
	// Quantile is what is wanted within the hours at most, with probability p.
	Quantile(p float64, hours int) int
	// Lost is what is expected to be wanted in vain within the hours where so many are there and none are brought.
	Lost(stock, hours int) float64
	// SoldOut is the probability that as many as are there, or more, are wanted within the hours.
	SoldOut(stock, hours int) float64
}

// Place is where an article lies.
type Place struct {
	Cabinet  protocol.CabinetID  `json:"cabinet"`
	Platform protocol.PlatformID `json:"platform"`
	SKU      protocol.SKU        `json:"sku"`
}

// Compare orders places by cabinet, platform and article.
func (p Place) Compare(o Place) int {
	return cmp.Or(cmp.Compare(p.Cabinet, o.Cabinet), cmp.Compare(p.Platform, o.Platform), cmp.Compare(p.SKU, o.SKU))
}

// Lane is one article on one platform, and what is to be known of it for a refill.
type Lane struct {
	SKU       protocol.SKU
	Category  string
	Essential bool
	Leaving   bool // nothing more of it is brought: it has left the assortment, or this place
	Book      int  // units that lie there by book; fewer than none are none
	HasPar    bool // somebody has said up to how many it is filled
	Par       int
	Holds     int // units that its room holds; 0: the scale alone limits it
	Case      int // units that come in one case; 0 and 1: they come singly
	Life      int // hours that what is brought keeps from its visit on; 0: it does not spoil
	Unit      protocol.Milligrams
	Price     protocol.Fen // of one unit, without tax
	Cost      protocol.Fen
	Service   float64 // how surely it shall last, 0 to 1; 0: as the policy says
	Lots      []Lot   // of what lies there; what no lot names has no known date
	Demand    Demand
}

func (l *Lane) margin() protocol.Fen { return max(l.Price-l.Cost, 0) }

// Platform is one scale with its lanes.
type Platform struct {
	ID       protocol.PlatformID
	Capacity protocol.Milligrams // that the scale bears; 0: not known
	Lanes    []Lane
}

// Cabinet is a cabinet that a round may visit.
type Cabinet struct {
	ID        protocol.CabinetID
	Platforms []Platform
	Minutes   int  // that a stop there costs, the way to it included
	Totes     int  // that its goods fill; 0: one
	Must      bool // somebody has said that it is visited
	Shut      bool // nobody can reach it when the round is
}
