package picking

import (
	"cmp"
	"slices"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Shelf is where an article lies in the store, and what of it.
type Shelf struct {
	SKU   protocol.SKU
	Aisle string
	Turn  int   // the how-manieth of its aisle it is; 0: not said
	Case  int   // units in one case; 0 and 1: it is picked singly
	Lots  []Lot // that lie there; what no lot covers is picked without a known date
}

// Tote is what one cabinet is to be brought, or another store, one tote for each.
type Tote struct {
	Cabinet protocol.CabinetID
	Store   string // instead of a cabinet
	Units   map[protocol.SKU]int
	Lots    map[protocol.SKU][]Lot // that are meant for it
}

// Pick is one article of a pick list.
type Pick struct {
	Aisle   string       `json:"aisle"`
	Turn    int          `json:"turn"` // along the aisle; 0: not said
	SKU     protocol.SKU `json:"sku"`
	Units   int          `json:"units"`
	Cases   int          `json:"cases"` // whole ones
	Singles int          `json:"singles"`
	Lots    []Lot        `json:"lots"`  // the first to expire first
	Totes   []Share      `json:"totes"` // in the order of the walk
}

// Share is what goes into one tote.
type Share struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Store   string             `json:"store,omitempty"` // instead of a cabinet
	Units   int                `json:"units"`
	Lots    []Lot              `json:"lots"`
}

// List is what is picked from the store's shelf, by aisle, turn and article; within an aisle those without a turn come last. Each tote
// gets the lots that were meant for it; else the first to expire are picked first, and go to the first totes. Lots whose last day is
// before the day of the visit stay where they are. Articles of which no shelf is known come last.
func List(totes []Tote, shelves []Shelf, visit ledger.Day) []Pick {
	known := make(map[protocol.SKU]Shelf, len(shelves))
	for _, s := range shelves {
		known[s.SKU] = s
	}
	picks, asks := map[protocol.SKU]*Pick{}, map[protocol.SKU][]Wish{}
	for _, t := range totes {
		for sku, units := range t.Units {
			if units <= 0 {
				continue
			}
			if picks[sku] == nil {
				picks[sku] = &Pick{Aisle: known[sku].Aisle, Turn: known[sku].Turn, SKU: sku}
			}
			picks[sku].Totes = append(picks[sku].Totes, Share{Cabinet: t.Cabinet, Store: t.Store, Units: units})
			asks[sku] = append(asks[sku], Wish{units, t.Lots[sku]})
		}
	}
	all := make([]Pick, 0, len(picks))
	for sku, p := range picks {
		p.send(known[sku], asks[sku], visit)
		p.Cases, p.Singles = 0, p.Units
		if size := known[sku].Case; size > 1 {
			p.Cases, p.Singles = p.Units/size, p.Units%size
		}
		all = append(all, *p)
	}
	slices.SortFunc(all, Pick.Compare)
	return all
}

// Compare orders picks as one walks along the aisles.
func (p Pick) Compare(o Pick) int {
	if c := byAisle(p.Aisle, "", o.Aisle, ""); c != 0 {
		return c
	}
	if (p.Turn == 0) != (o.Turn == 0) {
		return cmp.Compare(o.Turn, p.Turn)
	}
	return cmp.Or(cmp.Compare(p.Turn, o.Turn), byAisle("", p.SKU, "", o.SKU))
}

// send says which lots go into the totes.
func (p *Pick) send(shelf Shelf, asks []Wish, visit ledger.Day) {
	sent, _ := Send(Sellable(shelf.Lots, visit), asks)
	for i := range p.Totes {
		p.Totes[i].Lots = sent[i]
		p.Units += p.Totes[i].Units
		p.Lots = FirstExpired(append(p.Lots, sent[i]...))
	}
}

// Sellable are the lots that may still be sold on the day of a visit.
func Sellable(lots []Lot, visit ledger.Day) []Lot {
	return slices.DeleteFunc(slices.Clone(lots), func(l Lot) bool { return l.Until != "" && l.Until < visit })
}

// Spoilt are the lots that may not be sold any more on a day.
func Spoilt(lots []Lot, day ledger.Day) []Lot {
	return slices.DeleteFunc(slices.Clone(lots), func(l Lot) bool { return l.Until == "" || l.Until >= day })
}

// byAisle orders by aisle and article, those without an aisle last.
func byAisle(aisle string, sku protocol.SKU, other string, otherSKU protocol.SKU) int {
	if (aisle == "") != (other == "") {
		return cmp.Compare(other, aisle)
	}
	return cmp.Or(natural(aisle, other), natural(string(sku), string(otherSKU)), cmp.Compare(sku, otherSKU))
}

// natural compares texts with their numbers as numbers: aisle 9 comes before aisle 10.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			left, right := trim(a[:x]), trim(b[:y])
			if c := cmp.Or(cmp.Compare(len(left), len(right)), cmp.Compare(left, right)); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if c := cmp.Compare(a[0], b[0]); c != 0 {
			return c
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func trim(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}
