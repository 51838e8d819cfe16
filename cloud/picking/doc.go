// Package picking is the pure rules by which a store's cabinets are kept full: what each lane needs and why, which cabinets
// the next round visits, in what order they are walked to, what is picked from the store's shelf, whether what was put into a
// lane is what the scales say, and what becomes of goods whose date comes near.
//
// It refuses to store, to read a clock and to foresee: what will be wanted comes in as a Demand, times as whole hours from
// now, days as days. Every number carries its reasons as codes with figures, for pages to say in their own language. Equal
// questions have equal answers.
package picking
