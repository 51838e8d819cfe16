package settle

import "math"

// How a shopper takes is not known beforehand: each story weighs the habits by what was taken so far.

// Habits of units.
const (
	few   = iota // mostly one unit, sometimes two
	twos         // mostly two
	stock        // comes for one article and takes as many as a hand can hold, again and again
	unitHabits
)

// Habits of tempo.
const (
	calmly    = iota // one grip after the other
	hurriedly        // grips run into each other; perhaps two people
	tempoHabits
)

// mostUnits bounds how many units of one article one grip may hold.
const mostUnits = 6

// Tempo is how soon one grip follows another.
const (
	atOnce = iota // both fell between the same two calm stretches
	quick         // within quickMS
	brisk         // within briskMS
	slow
	tempos
)

const (
	quickMS = 900
	briskMS = 1500
)

// style is the log-weight that each habit has in a story.
type style struct {
	units [unitHabits]float64
	tempo [tempoHabits]float64
}

// firstStyle is the weight of each habit before anything was taken.
func firstStyle() style {
	return style{units: [unitHabits]float64{-0.35, -1.6, -2.3}, tempo: [tempoHabits]float64{-0.4, -1.0}}
}

// unitsPrior is the log-probability that a habit takes so many units at once.
func unitsPrior(habit, units int) float64 {
	table := [unitHabits][mostUnits + 1]float64{
		few:   {0, -0.23, -1.8, -6.2, -8, -10, -12},
		twos:  {0, -0.95, -0.3, -4.8, -6, -8, -10},
		stock: {0, -1.1, -1.1, -1.2, -4, -6, -8},
	}
	return table[habit][min(units, mostUnits)]
}

// tempoPrior is the log-probability of a habit's tempo.
func tempoPrior(habit, tempo int) float64 {
	table := [tempoHabits][tempos]float64{
		calmly:    {-6.5, -4.0, -2.0, -0.2},
		hurriedly: {-2.4, -0.4, -0.8, -1.5},
	}
	return table[habit][tempo]
}

// otherArticle is how unlikely one who stocks up takes a second article, as a log-probability.
const otherArticle = -3.0

// take weighs the habits once so many units of an article were taken; stocks is how much likelier, in logs, one who
// stocks up takes just this article than others do.
func (s style) take(n int, stocks float64) style {
	for habit := range s.units {
		s.units[habit] += unitsPrior(habit, n)
	}
	s.units[stock] += stocks
	return s
}

// follow weighs the habits once a grip followed another so soon.
func (s style) follow(tempo int) style {
	for habit := range s.tempo {
		s.tempo[habit] += tempoPrior(habit, tempo)
	}
	return s
}

// tempoOf sorts a pause between two grips, in milliseconds.
func tempoOf(pause int64) int {
	switch {
	case pause < quickMS:
		return quick
	case pause < briskMS:
		return brisk
	}
	return slow
}

// logp is the log-probability of what was taken, whatever the habits are.
func (s style) logp() float64 { return logSum(s.units[:]) + logSum(s.tempo[:]) }

// logSum is the log of the sum of what the logs stand for.
func logSum(logs []float64) float64 {
	most := logs[0]
	for _, x := range logs[1:] {
		most = max(most, x)
	}
	total := 0.0
	for _, x := range logs {
		total += math.Exp(x - most)
	}
	return most + math.Log(total)
}

// logAdd is the log of the sum of what two logs stand for.
func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}
