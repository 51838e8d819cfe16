package coverage

import "allhours/protocol"

// Plan is what a store is judged by.
type Plan struct {
	Days     []int64 // where its days begin, and the last one ends: a day has 23, 24 or 25 hours
	Open     []Span  // when the store itself is open, in order and apart
	Needs    []Need  // what its neighbourhood is owed, in order
	Codes    []Codes // whether a cabinet without a line may be opened by a code, in order
	Cabinets []Cabinet
}

// Need is which categories are essential from a moment on, until the next.
type Need struct {
	From       int64
	Categories []Category
}

// Category is essential, and served by each of its marked articles.
type Category struct {
	Name string
	SKUs []protocol.SKU
}

// Codes is whether codes open cabinets from a moment on.
type Codes struct {
	From    int64
	Allowed bool
}

// Cabinet is one that stood with the store for some time.
type Cabinet struct {
	ID    protocol.CabinetID
	Stays []Span                                       // with the store; To 0: it stands there
	Doors map[protocol.PlatformID]protocol.Compartment // behind which each platform lies; a platform of none lies behind the first
}

// Day is one day of a store, tiled without a hole.
type Day struct {
	Span         // as far as it has passed
	Ends   int64 // when it is over
	Pieces []Piece
}

// Piece is a time in which nothing changed.
type Piece struct {
	Span
	State      State
	Categories []Served
	Cabinets   []Stood // as the plan orders them
	Causes     []Cause // of a gap, or of what is unknown
}

// Served is how one category was served.
type Served struct {
	Category string
	State    State
}

// Stood is a cabinet: whether it stood with the store, and could sell.
type Stood struct {
	Here  bool
	State State
}

// Cause is why a time is a gap, or unknown.
type Cause struct {
	Why         Why
	Cabinet     protocol.CabinetID   // empty: of the whole store
	Compartment protocol.Compartment // 0: the whole cabinet
	Category    string               // of what was sold out
	Platform    protocol.PlatformID
	SKU         protocol.SKU
	Code        string // of a stop
	Ref         string // of the event that tells; empty: none does
	Since       int64
	Made        int64 // when that was known here; 0: it is not
}
