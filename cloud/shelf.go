package cloud

import "allhours/protocol"

// ShelfPlace is where an article lies on the shelves of a store.
type ShelfPlace struct {
	Store StoreID
	SKU   protocol.SKU
	Aisle string // empty: it lies in none any more
	Turn  int    // the how-manieth of its aisle it is, for whoever walks along it; 0: not said
}

// Shelves are where articles lie in the stores.
type Shelves interface {
	// Put adds or changes places, and forgets those without an aisle.
	Put(places []ShelfPlace) error
	// Of lists those of a store by article; an empty store means all, by store.
	Of(store StoreID) ([]ShelfPlace, error)
}
