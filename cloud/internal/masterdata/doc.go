// Package masterdata reads what a chain plans - itself, its stores, its assortment, its prices and its cabinets - from JSON and
// from tables. It takes all or nothing, and says of each bad entry where it is and what was expected there; it tells what would
// change before anything does. It refuses to know how desired states are made. It also knows what cabinets sign in with.
package masterdata
