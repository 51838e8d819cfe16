package forecast

import (
	"math"
	"sort"
)

// Beyond stands for a time after the end of an outlook.
const Beyond = math.MaxInt32

// Outlook is what is expected to be wanted of an article in a cabinet, from an hour on, whether or not it is there.
type Outlook struct {
	From Hour

	sum []float64 // expected units until the end of each hour
	spread
}

// spread is how far demand strays from what is expected. The variance of a sum m over d days, 1 or more, is
// batch * m + (lasting + daily / d + wander * (d-1)) * m².
type spread struct {
	batch   float64 // units that somebody takes at once, in the mean of the units: 1 or more
	lasting float64 // relative variance of what is not known of the level
	daily   float64 // relative variance of what each day brings of its own
}

// Hours is how far the outlook reaches.
func (o Outlook) Hours() int { return len(o.sum) }

// Hour is the expected demand of one hour, counted from the first, in units.
func (o Outlook) Hour(n int) float64 {
	if n == 0 {
		return o.sum[0]
	}
	return o.sum[n] - o.sum[n-1]
}

// Expected is the demand expected within the first hours, in units.
func (o Outlook) Expected(hours int) float64 {
	if hours <= 0 || len(o.sum) == 0 {
		return 0
	}
	return o.sum[min(hours, len(o.sum))-1]
}

// Quantile is the number of units that the demand of the first hours does not exceed with probability p.
func (o Outlook) Quantile(p float64, hours int) int { return o.within(hours).quantile(p) }

// SoldOut is the probability that a stock is wanted, to the last unit, within the first hours.
func (o Outlook) SoldOut(stock, hours int) float64 { return 1 - o.within(hours).below(stock) }

// Lost is the number of units expected to be asked for in vain within the first hours, where nothing is refilled.
func (o Outlook) Lost(stock, hours int) float64 { return o.within(hours).beyond(stock) }

// Range is when a stock ends: in so many hours, counted from the outlook's first. Beyond is after the outlook's end.
type Range struct {
	Early  int // it ends before this with a probability of 10 %
	Likely int // 50 %
	Late   int // 90 %
}

// Empty is when a stock ends. A stock of none has ended.
func (o Outlook) Empty(stock int) Range {
	return Range{o.ends(stock, 0.1), o.ends(stock, 0.5), o.ends(stock, 0.9)}
}

func (o Outlook) ends(stock int, p float64) int {
	if stock <= 0 {
		return 0
	}
	n := sort.Search(len(o.sum), func(n int) bool { return o.SoldOut(stock, n+1) >= p })
	if n == len(o.sum) {
		return Beyond
	}
	return n + 1
}

func (o Outlook) within(hours int) count {
	m := o.Expected(hours)
	days := math.Max(float64(min(hours, len(o.sum)))/24, 1)
	return count{m, o.batch*m + (o.lasting+o.daily/days+wander*(days-1))*m*m}
}

// wander is the relative variance that levels gain with each day for which nothing is heard of them.
const wander = 0.004
