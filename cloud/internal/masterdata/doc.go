// Package masterdata reads what a chain plans - itself, its stores, its assortment and its cabinets - from JSON. It takes all
// or nothing, and says of each bad entry where it is and what was expected there. It also knows what cabinets sign in with.
package masterdata
