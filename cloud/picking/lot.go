package picking

import (
	"cmp"
	"slices"

	"allhours/cloud/ledger"
)

// Lot is units of one article that may be sold until the same day.
type Lot struct {
	Units int        `json:"units"`
	Until ledger.Day `json:"until"` // the last day on which it is sold; empty: not known
}

// FirstExpired orders lots as they leave: the earliest date first, those of no known date last. Lots of one date become one,
// and empty ones are left out.
func FirstExpired(lots []Lot) []Lot {
	sorted := slices.DeleteFunc(slices.Clone(lots), func(l Lot) bool { return l.Units <= 0 })
	slices.SortStableFunc(sorted, func(a, b Lot) int {
		if (a.Until == "") != (b.Until == "") {
			return cmp.Compare(b.Until, a.Until)
		}
		return cmp.Compare(a.Until, b.Until)
	})
	out := sorted[:0]
	for _, l := range sorted {
		if n := len(out); n > 0 && out[n-1].Until == l.Until {
			out[n-1].Units += l.Units
			continue
		}
		out = append(out, l)
	}
	return out
}

// Take splits lots into so many units, the first to expire first, and what is left. Fewer are taken where there are fewer.
func Take(lots []Lot, units int) (taken, left []Lot) {
	for _, l := range FirstExpired(lots) {
		n := min(max(units, 0), l.Units)
		units -= n
		if n > 0 {
			taken = append(taken, Lot{n, l.Until})
		}
		if n < l.Units {
			left = append(left, Lot{l.Units - n, l.Until})
		}
	}
	return taken, left
}

// Count is the units of all lots.
func Count(lots []Lot) int {
	sum := 0
	for _, l := range lots {
		sum += l.Units
	}
	return sum
}

// Lying is which lots lie in a lane that has so many units by book, assuming that what expires first left first. Units that no
// lot names have no known date; a book that is smaller than its lots has sold from the first.
func Lying(lots []Lot, book int) []Lot {
	book = max(book, 0)
	known := Count(FirstExpired(lots))
	if known > book {
		_, left := Take(lots, known-book)
		return left
	}
	return FirstExpired(append(slices.Clone(lots), Lot{Units: book - known}))
}
