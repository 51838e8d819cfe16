package forecast

import (
	"math"

	"allhours/protocol"
)

// Article is what is known of an article before the first one is sold.
type Article struct {
	SKU       protocol.SKU
	Category  string
	Price     protocol.Fen
	Essential bool
}

// Cabinet is a cabinet and the store that it stands around.
type Cabinet struct {
	ID    protocol.CabinetID
	Store string
}

// Chain is what is sold, and where.
type Chain struct {
	Articles []Article
	Cabinets []Cabinet
}

// Sales is what a cabinet sold of an article on one day, hour by hour.
type Sales struct {
	Cabinet protocol.CabinetID
	SKU     protocol.SKU
	Sold    [24]int
	// Able is the share of the hour, 0 to 1, in which the article could be bought: the cabinet was selling and had some. What
	// is told of an hour of which no share was able is not looked at: it is no observation, and never means that nobody came.
	Able [24]float64
}

// Deal adds units of which only a part of the day is known, from one hour up to another: to each hour what it usually has of
// the part, in whole units. It is for sales that come from elsewhere without their hours.
func (s *Sales) Deal(units, from, to int) {
	whole := 0.0
	for h := from; h < to; h++ {
		whole += usual[h]
	}
	dealt, share := 0, 0.0
	for h := from; h < to; h++ {
		share += usual[h]
		until := int(math.Round(float64(units) * share / whole))
		s.Sold[h] += until - dealt
		dealt = until
	}
}
