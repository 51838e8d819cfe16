package demand

import "math"

// Quantile is the number of units that is not exceeded with probability p in the hours from one up to another, for one who
// knows every rate: shoppers come as a Poisson process, and each wants one, two or three.
func (d *Demand) Quantile(cabinet, article, from, to int, p float64) int {
	return d.articles[article].quantile(d.shoppers(cabinet, article, from, to), p)
}

// quantile follows Panjer's recursion for compound Poisson numbers.
func (a *article) quantile(shoppers, p float64) int {
	chances := []float64{math.Exp(-shoppers)}
	for sum := chances[0]; sum < p && len(chances) < 4000; {
		x, chance := len(chances), 0.0
		for n, share := range a.sizes {
			if units := n + 1; units <= x {
				chance += shoppers * float64(units) * share / float64(x) * chances[x-units]
			}
		}
		chances = append(chances, chance)
		sum += chance
	}
	return len(chances) - 1
}
