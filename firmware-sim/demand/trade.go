package demand

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// Hour is what became of one hour's shoppers.
type Hour struct {
	Asked int     // units wanted
	Sold  int     // units that were there and could be bought
	Able  float64 // share of the hour in which the article could be bought
}

// Trade lets the shoppers of the hours from one up to another meet a stock that nobody refills, and tells of each hour, and
// what is left. Who finds fewer than they want takes what there is.
func (d *Demand) Trade(cabinet, article, from, to, stock int) (hours []Hour, left int) {
	d.eachHour(cabinet, article, from, to, func(hour int, shoppers float64) {
		var h Hour
		if down := d.Offline(cabinet, hour); down || stock == 0 {
			for _, a := range d.arrivals(cabinet, article, hour, shoppers) {
				h.Asked += a.Units
			}
		} else {
			h, stock = serve(d.arrivals(cabinet, article, hour, shoppers), stock)
		}
		hours = append(hours, h)
	})
	return hours, stock
}

// serve lets the shoppers of an hour take from a stock.
func serve(come []Arrival, stock int) (h Hour, left int) {
	h.Able = 1
	for _, a := range come {
		sold := min(a.Units, stock)
		h.Asked, h.Sold, stock = h.Asked+a.Units, h.Sold+sold, stock-sold
		if sold > 0 && stock == 0 {
			h.Able = a.After.Seconds() / time.Hour.Seconds()
		}
	}
	return h, stock
}

// Offline reports whether a cabinet does not sell in an hour: it has no power, no line for long, or is too warm.
func (d *Demand) Offline(cabinet, hour int) bool { return d.cabinets[cabinet].offline[hour] }

// Carried are the articles that a planner who knows what is popular puts into a cabinet: all categories are there, and of
// each rather what sells.
func (d *Demand) Carried(cabinet, articles int) []int {
	rng := rand.New(rand.NewPCG(d.seed, uint64(cabinet)))
	type drawn struct {
		article int
		key     float64
	}
	var all []drawn
	for n := range d.articles {
		all = append(all, drawn{n, rng.ExpFloat64() / (0.3 + d.articles[n].popularity)})
	}
	slices.SortFunc(all, func(a, b drawn) int { return cmp.Compare(a.key, b.key) })
	var chosen []int
	for _, a := range all[:min(articles, len(all))] {
		chosen = append(chosen, a.article)
	}
	slices.Sort(chosen)
	return chosen
}
