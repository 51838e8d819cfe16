// Package reconcile is the pure rules by which a store's day is made to add up: goods from the stock that opened it to the
// stock that closed it, by book, by scales and by count; money from what was billed to what the payment provider says it
// paid; what each difference most likely comes from; what was earned. It refuses to store, to price and to read a clock.
package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"allhours/protocol"
)

// Way is how goods came onto the shelves of a cabinet, or left them.
type Way string

// The ways of goods. Each is counted as the stock on the shelves changed by it: what leaves is negative.
const (
	Counted    Way = "counted"     // the opening count of a new cabinet
	Refilled   Way = "refilled"    // brought, or taken out again, in a refill
	Moved      Way = "moved"       // to or from another cabinet, a store or a van
	Sold       Way = "sold"        //
	WrittenOff Way = "written_off" // with its reason
	Misplaced  Way = "misplaced"   // onto a platform where they do not belong, and back
	Undecided  Way = "undecided"   // left in a visit that a person must decide
	Lost       Way = "lost"
	Found      Way = "found"
	Other      Way = "other" // an account that no rule here knows
)

// Ways lists them in the order in which they are shown.
func Ways() []Way {
	return []Way{Counted, Refilled, Moved, Sold, WrittenOff, Misplaced, Undecided, Lost, Found, Other}
}

// Flow is a way, with the reason where goods were written off.
type Flow struct {
	Way    Way
	Reason string
}

// MarshalText writes the flow as one word: written_off:expired.
func (f Flow) MarshalText() ([]byte, error) {
	if f.Reason == "" {
		return []byte(f.Way), nil
	}
	return []byte(string(f.Way) + ":" + f.Reason), nil
}

// UnmarshalText reads what MarshalText wrote.
func (f *Flow) UnmarshalText(text []byte) error {
	way, reason, _ := strings.Cut(string(text), ":")
	f.Way, f.Reason = Way(way), reason
	return nil
}

// Level is what the scales say of one article in a cabinet at the end of a day.
type Level struct {
	Qty  int64     `json:"qty"`
	Low  int64     `json:"low"` // the bounds within which it lies with 95 %
	High int64     `json:"high"`
	At   time.Time `json:"at,omitzero"` // when they were read; what was booked after it is counted in
}

// Goods is one article in one cabinet over one day, in units.
type Goods struct {
	Cabinet   protocol.CabinetID `json:"cabinet,omitempty"` // empty: of several
	SKU       protocol.SKU       `json:"sku"`
	Opening   int64              `json:"opening"`
	Flows     map[Flow]int64     `json:"flows"`
	Closing   int64              `json:"closing"`
	Scales    *Level             `json:"scales"`    // nil: no platform of it could be trusted
	Count     *int64             `json:"count"`     // by the stock-take of the day; nil: there was none
	Before    int64              `json:"before"`    // the difference that the day began with
	Elsewhere int64              `json:"elsewhere"` // of the same article on platforms where it does not belong
}

// Total is what went one way, whatever the reason.
func (g Goods) Total(w Way) int64 {
	var sum int64
	for f, units := range g.Flows {
		if f.Way == w {
			sum += units
		}
	}
	return sum
}

// Check reports a line that does not add up: the book itself would be wrong.
func (g Goods) Check() error {
	sum := g.Opening
	for _, units := range g.Flows {
		sum += units
	}
	if sum != g.Closing {
		return fmt.Errorf("reconcile: %s of %s: %d by its movements, %d by book", g.SKU, g.Cabinet, sum, g.Closing)
	}
	return nil
}

// Diff is what lies there beyond the book; negative: something is missing. Within the bounds of the scales there is none.
func (g Goods) Diff() int64 {
	if g.Scales == nil || g.Closing >= g.Scales.Low && g.Closing <= g.Scales.High {
		return 0
	}
	return g.Scales.Qty - g.Closing
}

// New is the part of the difference that the day itself brought.
func (g Goods) New() int64 {
	if g.Scales == nil {
		return 0
	}
	return g.Diff() - g.Before
}

// ByArticle adds the lines of several cabinets up, one line for each article, sorted. Scales count only where those of
// every cabinet do: a sum of some would look like a loss.
func ByArticle(lines []Goods) []Goods {
	sums := make(map[protocol.SKU]*Goods)
	for _, l := range lines {
		sum, seen := sums[l.SKU]
		if !seen {
			sum = &Goods{SKU: l.SKU, Flows: make(map[Flow]int64), Scales: &Level{}}
			sums[l.SKU] = sum
		}
		sum.add(l)
	}
	all := make([]Goods, 0, len(sums))
	for _, sku := range slices.Sorted(maps.Keys(sums)) {
		all = append(all, *sums[sku])
	}
	return all
}

func (g *Goods) add(l Goods) {
	g.Opening, g.Closing, g.Before, g.Elsewhere = g.Opening+l.Opening, g.Closing+l.Closing, g.Before+l.Before, g.Elsewhere+l.Elsewhere
	for f, units := range l.Flows {
		g.Flows[f] += units
	}
	if l.Count != nil {
		counted := *l.Count
		if g.Count != nil {
			counted += *g.Count
		}
		g.Count = &counted
	}
	if l.Scales == nil || g.Scales == nil {
		g.Scales = nil
		return
	}
	g.Scales.Qty, g.Scales.Low, g.Scales.High = g.Scales.Qty+l.Scales.Qty, g.Scales.Low+l.Scales.Low, g.Scales.High+l.Scales.High
	if g.Scales.At.IsZero() || l.Scales.At.Before(g.Scales.At) {
		g.Scales.At = l.Scales.At
	}
}

// Sort puts lines in the order of article and cabinet.
func Sort(lines []Goods) {
	slices.SortFunc(lines, func(a, b Goods) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Cabinet, b.Cabinet))
	})
}
