package forecast

import "math"

// noise learns from past errors how far a day's sales stray from what was expected. With an expectation m the squared error
// is held to be batch * m + own * m², beside what the model knows that it does not know.
type noise struct {
	Days    float64 `json:"days"`
	Mean    float64 `json:"mean"`
	Square  float64 `json:"square"`
	Miss    float64 `json:"miss"`    // squared errors, and
	MissPer float64 `json:"missper"` // the same by each expectation
}

// What is held of noise before it was seen, and how much that counts for.
const (
	noiseDays  = 200  // days of an article in a cabinet
	noiseBatch = 1.15 // units a shopper takes
	noiseOwn   = 0.05
	noiseKeep  = 0.98 // of each day's
)

func (n *noise) fade() {
	n.Days *= noiseKeep
	n.Mean *= noiseKeep
	n.Square *= noiseKeep
	n.Miss *= noiseKeep
	n.MissPer *= noiseKeep
}

// see takes in a day on which the article could be bought all the time. doubt is the relative variance that was known.
func (n *noise) see(sold, mean, doubt float64) {
	square := (sold-mean)*(sold-mean) - doubt*mean*mean
	n.Days++
	n.Mean += mean
	n.Square += mean * mean
	n.Miss += square
	n.MissPer += square / mean
}

// fit solves the two moments for batch and own by least squares, each error weighed by what it is expected to be.
func (n *noise) fit() (batch, own float64) {
	const m = 1.0 // what the days of the prior expect
	const prior = noiseBatch + noiseOwn*m
	days, mean, square := n.Days+noiseDays, n.Mean+noiseDays*m, n.Square+noiseDays*m*m*2
	missPer := n.MissPer + noiseDays*(noiseBatch+noiseOwn*m)
	miss := n.Miss + noiseDays*(noiseBatch*m+noiseOwn*m*m*2)
	if d := days*square - mean*mean; d > 1e-9*days*square {
		batch = (missPer*square - miss*mean) / d
		own = (days*miss - mean*missPer) / d
	} else {
		batch = prior
	}
	switch { // Where one of the two comes out impossible, the other explains the whole.
	case batch < 1:
		batch, own = 1, math.Max((miss-mean)/square, 0)
	case own < 0:
		batch, own = math.Max(miss/mean, 1), 0
	}
	return batch, own
}
