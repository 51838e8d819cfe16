// Package masterdata reads what a chain plans - itself, its stores, its assortment and its cabinets - from JSON, and the
// papers that a cabinet is enrolled with. It takes all or nothing, and says of each bad entry where it is and what was
// expected there.
package masterdata
