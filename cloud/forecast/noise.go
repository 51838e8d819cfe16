package forecast

import (
	"maps"
	"math"
	"slices"
)

// noise learns from past errors how far a day's sales stray from what was expected of it. Where m was expected, the mean of
// the squared error is held to be batch * m + own * m², beside what the model knows that it does not know.
//
// This holds also for a day that ends early because the stock does, with what was expected until then: when to stop depends
// on nothing that comes after. Leaving such days out would leave out the busiest.
type noise struct {
	Mean      float64 `json:"mean"`   // sums over days: what was expected,
	Square    float64 `json:"square"` // its square,
	Miss      float64 `json:"miss"`   // and the squared error;
	MeanPer   float64 `json:"meanper"`
	SquarePer float64 `json:"squareper"` // the same, each by what the whole day was expected to bring
	MissPer   float64 `json:"missper"`

	seen bool // something, on the day that is being learned
}

// What is held of noise before it was seen, and how much that counts for.
const (
	noiseBatch = 1.25 // units a shopper takes, in the mean of the units
	noiseOwn   = 0.03
	noiseDays  = 100  // days of an article in a cabinet, of slow ones and of fast ones each
	noiseSlow  = 0.5  // units a day
	noiseFast  = 4.0  // units a day
	noiseLeast = 0.05 // units; days that are expected to bring less count as this
	noiseKeep  = 0.98 // of each day's
)

// settle forgets a little, once for each day on which something was seen.
func (n *noise) settle() {
	if !n.seen {
		return
	}
	n.seen = false
	for _, sum := range []*float64{&n.Mean, &n.Square, &n.Miss, &n.MeanPer, &n.SquarePer, &n.MissPer} {
		*sum *= noiseKeep
	}
}

// see takes in one day: what was sold, what was expected until the stock ended and of the whole day, and the relative
// variance that the expectation was known to have.
func (n *noise) see(sold, expected, whole, doubt float64) {
	n.seen = true
	n.add(1, (sold-expected)*(sold-expected)-doubt*expected*expected, expected, whole)
}

func (n *noise) add(days, miss, expected, whole float64) {
	per := days / math.Max(whole, noiseLeast)
	n.Mean += days * expected
	n.Square += days * expected * expected
	n.Miss += days * miss
	n.MeanPer += per * expected
	n.SquarePer += per * expected * expected
	n.MissPer += per * miss
}

// own is what days bring of their own, from the errors of all categories: those of one are too few to tell it from batch.
func own(all map[string]*categoryState) float64 {
	var s noise
	for _, m := range []float64{noiseSlow, noiseFast} {
		s.add(noiseDays, noiseBatch*m+noiseOwn*m*m, m, m)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		n := all[name].Noise
		s.Mean, s.Square, s.Miss = s.Mean+n.Mean, s.Square+n.Square, s.Miss+n.Miss
		s.MeanPer, s.SquarePer, s.MissPer = s.MeanPer+n.MeanPer, s.SquarePer+n.SquarePer, s.MissPer+n.MissPer
	}
	return math.Max((s.MeanPer*s.Miss-s.Mean*s.MissPer)/(s.MeanPer*s.Square-s.SquarePer*s.Mean), 0)
}

// batch is how many units a shopper takes, where days bring this of their own.
func (n *noise) batch(own float64) float64 {
	return math.Max((noiseDays*noiseBatch+n.MissPer-own*n.SquarePer)/(noiseDays+n.MeanPer), 1)
}
