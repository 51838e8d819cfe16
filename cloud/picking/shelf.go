package picking

import (
	"math"
	"slices"

	"allhours/protocol"
)

// Stock is what a store can give of its articles, with their dates. An article that it does not name there is enough of, and fresh.
type Stock map[protocol.SKU][]Lot

// Wish is units of one article that are to go to one place.
type Wish struct {
	Units int
	Lots  []Lot // that were meant for them
}

// Send says which lots of a shelf each of those who ask is sent: those that were meant for them as far as they are still there, then
// what expires first. What no lot covers has no known date.
func Send(shelf []Lot, asks []Wish) (sent [][]Lot, left []Lot) {
	left, sent = FirstExpired(shelf), make([][]Lot, len(asks))
	for i, a := range asks {
		meant, _ := Take(a.Lots, a.Units)
		for _, lot := range meant {
			if at := slices.IndexFunc(left, func(l Lot) bool { return l.Until == lot.Until }); at >= 0 {
				units := min(lot.Units, left[at].Units)
				left[at].Units -= units
				sent[i] = append(sent[i], Lot{units, lot.Until})
			}
		}
	}
	for i, a := range asks {
		var more []Lot
		more, left = Take(left, a.Units-Count(sent[i]))
		sent[i] = FirstExpired(append(sent[i], more...))
		if n := a.Units - Count(sent[i]); n > 0 {
			sent[i] = FirstExpired(append(sent[i], Lot{Units: n}))
		}
	}
	return sent, left
}

// Allocate leaves out what the store does not have, and what would not be sold before the date of the lots that it has.
func Allocate(needs []*Need, stock Stock, when When, p Policy) {
	asking := map[protocol.SKU][]*Need{}
	var order []protocol.SKU
	for _, n := range needs {
		if _, limited := stock[n.SKU]; !limited || n.Bring == 0 {
			continue
		}
		if asking[n.SKU] == nil {
			order = append(order, n.SKU)
		}
		asking[n.SKU] = append(asking[n.SKU], n)
	}
	for _, sku := range order {
		deal(asking[sku], FirstExpired(stock[sku]), when, p)
	}
}

// deal shares the lots of one article out, the first to expire first: of each so many as are sold in time where they go. What is
// left of a lot stays in the store, where it is sold by day, and does not keep a fresher one from being sent.
func deal(needs []*Need, lots []Lot, when When, p Policy) {
	wished, all := make([]int, len(needs)), 0
	for i, n := range needs {
		wished[i] = n.Bring
		all += n.Bring
	}
	if all <= Count(lots) && !slices.ContainsFunc(lots, func(l Lot) bool { return l.Until != "" }) {
		return
	}
	for _, n := range needs {
		n.Bring, n.Lots = 0, nil
	}
	for k := range lots {
		hand(needs, &lots[k], when, p, func(i int) int { return min(wished[i], needs[i].keepsOf(lots[k], when, p)) })
	}
	for k := len(lots) - 1; k >= 0; k-- { // The least of what is essential, as fresh as there is.
		hand(needs, &lots[k], when, p, func(i int) int { return min(wished[i], needs[i].least(p)) })
	}
	for i, n := range needs {
		n.dealt(wished[i], lots, when)
	}
}

// hand gives units of one lot to needs up to their limits.
func hand(needs []*Need, lot *Lot, when When, p Policy, limit func(int) int) {
	limits, before := make([]int, len(needs)), make([]int, len(needs))
	for i, n := range needs {
		limits[i], before[i] = limit(i), n.Bring
	}
	share(needs, limits, int64(lot.Units), func(*Need) int64 { return 1 }, when, p)
	for i, n := range needs {
		if units := n.Bring - before[i]; units > 0 {
			n.Lots = FirstExpired(append(n.Lots, Lot{units, lot.Until}))
			lot.Units -= units
		}
	}
}

// keepsOf is how many units in all a lane may be brought with this lot as the last of them: what lies there is sold first.
func (n *Need) keepsOf(lot Lot, when When, p Policy) int {
	hours := when.Visit + n.lane.Life
	switch {
	case lot.Until != "":
		hours = when.until(lot.Until)
	case n.lane.Life <= 0:
		return math.MaxInt
	}
	return max(n.lane.sells(n.lane.risk(p), hours)-n.kept, 0)
}

// least is how many units a lane of an essential article is brought though they may not be sold in time.
func (n *Need) least(p Policy) int {
	if !n.lane.Essential {
		return 0
	}
	return max(p.Least-n.kept, 0)
}

// dealt says why a lane gets less than it wished: what is left would spoil there, or nothing is left.
func (n *Need) dealt(wished int, left []Lot, when When) {
	if n.Bring == wished {
		return
	}
	why := Reason{Code: Store, Units: n.Bring}
	for _, lot := range left { // The freshest of them counts.
		if lot.Units > 0 {
			why = Reason{Code: Spoils, Units: n.Bring, Hours: when.Visit + n.lane.Life}
			if lot.Until != "" {
				why.Hours = when.until(lot.Until)
			}
		}
	}
	n.because(why)
	n.Lost = n.saved(when)
}
