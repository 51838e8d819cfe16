package demand

import (
	"math"
	"math/rand/v2"
)

// peaks are the hours of the day at which people buy, each with its width in hours.
var peaks = [6]struct{ at, width float64 }{
	{7.8, 0.9}, {12.3, 1.1}, {15.7, 1.4}, {18.9, 1.3}, {21.7, 1.3}, {25.0, 2.2},
}

// habit is when the goods of a category are bought and by how many at once.
type habit struct {
	category string
	share    float64             // of the first article of the category, against those of others
	weights  [len(peaks)]float64 // breakfast, noon, afternoon, evening, late evening, night
	warmth   float64             // 1: follows the heat as cold drinks do; less than 0: the cold
	sizes    [3]float64          // shares of the shoppers who want one, two and three
}

// habits of the categories; the last is that of all others.
var habits = []habit{
	{"water", 3.0, [...]float64{1.6, 2.2, 2.0, 2.6, 1.8, 1.3}, 1.0, [...]float64{0.80, 0.16, 0.04}},
	{"soft-drink", 2.4, [...]float64{0.6, 2.2, 2.2, 2.4, 2.2, 1.6}, 1.0, [...]float64{0.80, 0.17, 0.03}},
	{"tea", 2.0, [...]float64{0.8, 2.2, 2.2, 2.0, 1.6, 1.2}, 0.8, [...]float64{0.86, 0.12, 0.02}},
	{"coffee", 1.6, [...]float64{3.4, 1.8, 1.8, 0.7, 0.6, 0.9}, 0.2, [...]float64{0.93, 0.06, 0.01}},
	{"sports", 1.2, [...]float64{0.8, 1.4, 1.8, 2.6, 1.8, 1.2}, 0.8, [...]float64{0.90, 0.08, 0.02}},
	{"juice", 1.1, [...]float64{1.6, 1.8, 1.8, 1.8, 1.3, 0.7}, 0.6, [...]float64{0.90, 0.08, 0.02}},
	{"dairy", 2.2, [...]float64{3.2, 1.0, 1.0, 2.2, 1.6, 0.7}, 0.1, [...]float64{0.80, 0.15, 0.05}},
	{"bakery", 1.8, [...]float64{4.2, 1.2, 1.4, 1.6, 1.2, 0.7}, -0.1, [...]float64{0.86, 0.12, 0.02}},
	{"fresh-meal", 2.0, [...]float64{2.4, 3.6, 0.8, 2.6, 1.0, 0.8}, -0.1, [...]float64{0.92, 0.07, 0.01}},
	{"instant", 1.6, [...]float64{0.6, 2.0, 0.9, 1.6, 2.2, 2.8}, -0.5, [...]float64{0.80, 0.16, 0.04}},
	{"snack", 1.5, [...]float64{0.5, 1.3, 2.0, 2.2, 2.8, 2.0}, 0, [...]float64{0.80, 0.16, 0.04}},
	{"confectionery", 1.0, [...]float64{0.8, 1.4, 2.0, 1.8, 1.6, 1.1}, -0.1, [...]float64{0.84, 0.13, 0.03}},
	{"fresh", 1.0, [...]float64{1.4, 1.0, 1.0, 3.2, 1.4, 0.4}, 0.1, [...]float64{0.84, 0.13, 0.03}},
	{"pantry", 0.7, [...]float64{0.7, 1.0, 0.8, 3.0, 1.4, 0.7}, 0, [...]float64{0.93, 0.06, 0.01}},
	{"household", 0.5, [...]float64{0.7, 0.8, 0.9, 2.0, 2.2, 1.6}, 0, [...]float64{0.96, 0.03, 0.01}},
	{"", 1.0, [...]float64{1.2, 1.6, 1.4, 2.2, 1.8, 1.2}, 0, [...]float64{0.86, 0.12, 0.02}},
}

func habitOf(category string) habit {
	for _, h := range habits {
		if h.category == category {
			return h
		}
	}
	return habits[len(habits)-1]
}

// The sorts of days on which people live differently.
const (
	working = iota
	friday  // its evening is a free one
	off
)

// makeHours draws what each hour has of a day, for a category in one cabinet: the days sum to 1 where people work as much as
// they are at home.
func (d *Demand) makeHours(rng *rand.Rand, h habit, work float64) *[3][24]float64 {
	var hours [3][24]float64
	own := [len(peaks)]float64{}
	for n := range own {
		own[n] = h.weights[n] * spread(rng, 0.2)
	}
	own[4] *= (1 + d.traits.night) / 2
	own[5] *= d.traits.night
	offices, homes := [...]float64{2.4, 3.0, 1.4, 0.7, 0.35, 0.2}, [...]float64{0.9, 0.75, 0.85, 1.1, 1.2, 1.3}
	for sort := range hours {
		w, shift := own, 0.0
		for n := range w {
			w[n] *= work*offices[n] + (1-work)*homes[n]
		}
		switch sort {
		case friday:
			w[4], w[5] = w[4]*1.15, w[5]*1.25
		case off: // People rise later, and buy more around noon and in the afternoon.
			w[0], w[1], w[2], shift = w[0]*0.7, w[1]*1.1, w[2]*1.3, 0.9
		}
		hours[sort] = curve(d.traits.peaks, w, shift)
		d.weigh(&hours[sort], sort, work)
	}
	return &hours
}

// curve lays the peaks around the clock on a thin base; its hours sum to 1.
func curve(at, weights [len(peaks)]float64, shift float64) (hours [24]float64) {
	sum := 0.0
	for h := range hours {
		hours[h] = 0.12
		for n, p := range peaks {
			centre := at[n]
			if n == 0 {
				centre += shift
			}
			away := math.Mod(float64(h)+0.5-centre+36, 24) - 12
			hours[h] += weights[n] / p.width * math.Exp(-away*away/(2*p.width*p.width))
		}
		sum += hours[h]
	}
	for h := range hours {
		hours[h] /= sum
	}
	return hours
}

// weigh sets how much is bought on a sort of day in all.
func (d *Demand) weigh(hours *[24]float64, sort int, work float64) {
	factor := 1.0
	switch sort {
	case friday:
		factor = 1.06
	case off:
		factor = (1-work)*d.traits.weekend + work*0.35
	}
	for h := range hours {
		hours[h] *= factor
	}
}
