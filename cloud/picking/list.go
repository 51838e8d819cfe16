package picking

import "allhours/protocol"

// Shelf is where an article lies in the store, and what of it.
type Shelf struct {
	SKU   protocol.SKU
	Aisle string
	Case  int   // units in one case; 0 and 1: it is picked singly
	Lots  []Lot // that may be picked; what no lot covers is picked without a known date
}

// Pick is one article of a pick list.
type Pick struct {
	Aisle   string       `json:"aisle"`
	SKU     protocol.SKU `json:"sku"`
	Units   int          `json:"units"`
	Cases   int          `json:"cases"` // whole ones
	Singles int          `json:"singles"`
	Lots    []Lot        `json:"lots"`  // the first to expire first
	Totes   []Share      `json:"totes"` // in the order of the walk
}

// Share is what goes into the tote of one cabinet.
type Share struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Units   int                `json:"units"`
	Lots    []Lot              `json:"lots"`
}

// Change is what became different of a tote after a list was locked.
type Change struct {
	Aisle   string             `json:"aisle"`
	SKU     protocol.SKU       `json:"sku"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Was     int                `json:"was"`
	Is      int                `json:"is"`
}
