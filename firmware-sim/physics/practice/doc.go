// Package practice makes practice visits for the settlement engine: a cabinet, its goods, people with hands, a door that
// slams and scales with their faults, and beside each visit what was really taken.
//
// It is pure and deterministic: family, layout and seed give the same visit, however often it is made. Even seeds are for
// tuning an engine; odd seeds are held out and are for judging it only.
//
// The numbers in measure.go were measured on recorded practice visits; what those lack (swaps, partly eaten packages,
// power gaps, hands that lean like goods) has families of its own. It refuses to know how a visit is settled.
package practice
