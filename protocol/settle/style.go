package settle

import "math"

// A shopper's style is how many units he takes at once. It is not known beforehand: each story weighs the styles by what
// was taken so far.
const (
	careful = iota // mostly one, sometimes two
	eager          // two as often as one
	stocker        // comes for one article and takes as many as a hand can hold, again and again
	styles
)

// mostUnits bounds how many units of one article one grip may hold.
const mostUnits = 6

// pull is, for each style, the log-weight that it has in a story.
type pull [styles]float64

func firstPull() pull { return pull{-0.5, -1.2, -2.3} }

// unitsPrior is the log-probability that a style takes so many units at once.
func unitsPrior(style, units int) float64 {
	table := [styles][mostUnits + 1]float64{
		careful: {0, -0.23, -1.6, -5.5, -8, -10, -12},
		eager:   {0, -0.8, -0.65, -3.5, -6, -8, -10},
		stocker: {0, -1.1, -1.1, -1.2, -4, -6, -8},
	}
	return table[style][min(units, mostUnits)]
}

// otherArticle is how unlikely a stocker takes a second article, as a log-probability.
const otherArticle = -3.0

// after gives the pull once so many units were taken, of the article that came first or of another.
func (p pull) after(units int, other bool) pull {
	for style := range p {
		p[style] += unitsPrior(style, units)
	}
	if other {
		p[stocker] += otherArticle
	}
	return p
}

// sum is the log of all styles' weight together.
func (p pull) sum() float64 {
	most := max(p[careful], p[eager], p[stocker])
	total := 0.0
	for _, x := range p {
		total += math.Exp(x - most)
	}
	return most + math.Log(total)
}
