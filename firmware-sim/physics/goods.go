package physics

import (
	"slices"
	"strings"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// Unit is one physical thing: its own weight, whatever its kind weighs on average.
type Unit struct {
	SKU   protocol.SKU `json:"sku"`
	Grams float64      `json:"g"`
}

// Lot is a number of units of one article to begin with.
type Lot struct {
	SKU   protocol.SKU
	UnitG float64 // mean weight of a unit in grams
	SDG   float64 // standard deviation from unit to unit
	Qty   int
}

// draw makes the lot's units, each with a weight of its own. A unit never strays by more than four standard deviations:
// what does is sorted out at the factory.
func (l Lot) draw(c *chance) []Unit {
	units := make([]Unit, l.Qty)
	for i := range units {
		units[i] = Unit{SKU: l.SKU, Grams: l.UnitG + l.SDG*max(-4, min(4, c.gauss()))}
	}
	return units
}

// Count sums units up by article, sorted by article; never nil.
func Count(units []Unit) []settle.Line {
	lines := []settle.Line{}
	for _, u := range units {
		i, found := slices.BinarySearchFunc(lines, u.SKU, func(l settle.Line, sku protocol.SKU) int {
			return strings.Compare(string(l.SKU), string(sku))
		})
		if !found {
			lines = slices.Insert(lines, i, settle.Line{SKU: u.SKU})
		}
		lines[i].Qty++
	}
	return lines
}

func grams(units []Unit) float64 {
	sum := 0.0
	for _, u := range units {
		sum += u.Grams
	}
	return sum
}

// pick removes qty units of an article, any of them, and returns both heaps. It fails without touching either when there
// are not so many.
func pick(from []Unit, sku protocol.SKU, qty int, c *chance) (rest, picked []Unit, ok bool) {
	var places []int
	for i, u := range from {
		if u.SKU == sku {
			places = append(places, i)
		}
	}
	if qty < 1 || len(places) < qty {
		return from, nil, false
	}
	for i := range qty { // the first qty of a shuffle
		j := i + int(c.uniform()*float64(len(places)-i))
		places[i], places[j] = places[j], places[i]
	}
	chosen := places[:qty]
	slices.Sort(chosen)
	rest = make([]Unit, 0, len(from)-qty)
	for i, u := range from {
		if _, found := slices.BinarySearch(chosen, i); found {
			picked = append(picked, u)
		} else {
			rest = append(rest, u)
		}
	}
	return rest, picked, true
}
