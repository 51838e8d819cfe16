package forecast

import "allhours/protocol"

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
