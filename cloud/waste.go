package cloud

import (
	"context"

	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// MaxWasteDays is how many days are looked at at once.
const MaxWasteDays = 366

// WasteQuery selects what did not come to be sold. A zero field means any.
type WasteQuery struct {
	Store    StoreID
	From, To ledger.Day // both within it
	Cabinet  protocol.CabinetID
	SKU      protocol.SKU
	Category string
	SKUs     []protocol.SKU // the table alone: those of the category
	Limit    int            // entries alone: how many at most; 0: all
}

// Wasted is what became of one article in one place over some days.
type Wasted struct {
	Store   StoreID
	Cabinet Cabinet // the zero cabinet: the store itself, and its van
	Article Article
	There   int // units that lay there before the first day, of the store itself in its shelves and vans
	Brought int // units that came, less what was taken away again; the store's own from its suppliers
	Sold    int
	Off     map[ledger.Reason]int // written off
	Lost    int
	Found   int

	// At what a unit cost at the end of each day, and before the first one.
	ThereCost   protocol.Fen
	BroughtCost protocol.Fen
	OffCost     protocol.Fen
	GapCost     protocol.Fen // lost less found
}

// OffUnits is what was written off for any reason.
func (w Wasted) OffUnits() (units int) {
	for _, n := range w.Off {
		units += n
	}
	return units
}

// HadCost is what was there or came: that of which the rest is a part.
func (w Wasted) HadCost() protocol.Fen { return w.ThereCost + w.BroughtCost }

// WasteEntry is one fact by which goods were written off, lost or found.
type WasteEntry struct {
	ledger.Entry
	Movement *Movement // nil: no person made it
}

// Wastes tell what did not come to be sold. Errors: protocol.CodeMalformed for days that are none or too many, CodeNotFound for a
// store that there is not.
type Wastes interface {
	// Wasted adds up article by article and place by place, by store, article and place.
	Wasted(ctx context.Context, q WasteQuery) ([]Wasted, error)
	// Entries lists what it was made of, the newest first.
	Entries(ctx context.Context, q WasteQuery) ([]WasteEntry, error)
}

// DayPile is a pile of one of several days.
type DayPile struct {
	Day ledger.Day
	reconcile.Pile
}

// WasteTable reads what did not come to be sold.
type WasteTable interface {
	// Piles adds up how goods moved, day by day, from one day to another.
	Piles(store StoreID, from, to ledger.Day) ([]DayPile, error)
	// Entries lists those of a store by which goods were written off, lost or found, the newest first. A zero field of the query
	// means any, but for the store and the days.
	Entries(q WasteQuery) ([]ledger.Entry, error)
}
