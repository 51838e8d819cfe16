// Package coverage answers whether a neighbourhood was served: for each moment of a store's days whether the store itself was
// open, or its cabinets covered it, or not and why, or nobody knows. It holds rules only, reads no clock and no database, and
// never guesses.
//
// # The rules
//
// A store is covered while it is open, or while at least one of its cabinets could sell and each essential category has a
// marked article in stock behind a door that could sell. Whether a door could sell, and whether something lies there, is yes,
// no, or unknown; a category is served where one lane says yes, is not served where all say no, and is unknown else. One
// category that is surely not served is a gap, whatever is unknown of the others.
//
// What is known of a cabinet ends with the last event of its journal that is here. Silences within the journal are unknown
// too, except what a boot proves: an agent that runs marks every quarter of an hour, so that behind the first missing mark it
// did not run. What the cloud did itself, such as being down, is known by itself.
//
// # How it is computed
//
// Facts become changes of numbered slots, in the order of time. A day is swept from the state in which it begins; that state
// is kept for each day. A fact that comes late is put where it belongs, and days are swept again from there on until the state
// is what it was before. The order in which facts come has no say in the result.
package coverage
