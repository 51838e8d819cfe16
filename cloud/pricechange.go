package cloud

import (
	"time"

	"allhours/protocol"
)

// PriceChange is some prices that hold from a time on; an article that it does not name keeps its price. When the time has
// come it makes a version of the price list, which is what visits are priced by.
type PriceChange struct {
	Number  uint32 // in the order of their entering, from 1
	From    time.Time
	Entered time.Time
	By      string // the name of a member of the staff; empty: the administrator's tool
	Prices  map[protocol.SKU]protocol.Fen
	End     PriceEnd
}

// PriceEnd is what became of a price change; it happens once.
type PriceEnd struct {
	At      time.Time // zero: it is still to come
	Version uint32    // that it made, or that said the same already; 0: it was withdrawn before it held
	By      string    // who withdrew it
}

// Coming reports a change that does not hold yet and may be withdrawn.
func (c PriceChange) Coming() bool { return c.End.At.IsZero() }

// PriceChanges are the changes of prices that were entered, for ever. Where two hold from the same time, the later entered
// one comes after the other, and its price is the one that stands.
type PriceChanges interface {
	// Add keeps a change and gives it its number.
	Add(c PriceChange) (number uint32, err error)
	// Coming lists those that have no end, in the order in which they will hold.
	Coming() ([]PriceChange, error)
	// Latest lists changes with an end, the newest entered first.
	Latest(limit int) ([]PriceChange, error)
	// End has CodeConflict where the change has an end already, or was never entered.
	End(number uint32, e PriceEnd) error
}

// CostChange is what an article cost the chain from a time on.
type CostChange struct {
	SKU  protocol.SKU
	From time.Time // zero: from the beginning
	Cost protocol.Fen
	By   string
}

// Costs are what articles cost, for ever.
type Costs interface {
	Add(c CostChange) error
	// At is what each article cost at a time; what is older than an article's first cost is taken at that.
	At(at time.Time) (map[protocol.SKU]protocol.Fen, error)
	// Of lists an article's costs, the oldest first.
	Of(sku protocol.SKU) ([]CostChange, error)
}
