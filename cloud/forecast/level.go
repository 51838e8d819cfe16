package forecast

import (
	"encoding/json"
	"math"
)

// level is a factor that multiplies demand, known from counts: units that were sold, and units that were expected where the
// factor is 1. Both are forgotten at the same pace, so the factor may wander. With a gamma prior of mean 1 and weight k, in
// expected units, the factor's posterior is gamma with shape k + sold and rate k + expected.
type level struct {
	sold, expected float64
	newly, hoped   float64 // what the day that is being learned adds
	changed        float64 // by which factor that day has changed the factor
}

// learning is how a level learns.
type learning struct {
	weight float64 // expected units that outweigh the prior
	keep   float64 // share that is kept each time something is seen
}

// lasts gives a level whose memory fades to a half in so many observations.
func lasts(weight, half float64) learning { return learning{weight, math.Exp2(-1 / half)} }

func (l *level) see(sold, expected float64) {
	l.newly += sold
	l.hoped += expected
}

// settle takes in what was seen, once, and tells by what that changed the factor. A level of which nothing was seen forgets
// nothing.
func (l *level) settle(how learning) (change float64) {
	if l.hoped > 0 {
		was := l.factor(how)
		l.sold, l.expected = l.sold*how.keep+l.newly, l.expected*how.keep+l.hoped
		l.newly, l.hoped = 0, 0
		l.changed = l.factor(how) / was
	}
	return l.changed
}

// factor is the posterior mean.
func (l *level) factor(how learning) float64 {
	return (how.weight + l.sold) / (how.weight + l.expected)
}

// doubt is the factor's relative variance.
func (l *level) doubt(how learning) float64 { return 1 / (how.weight + l.sold) }

// MarshalJSON writes the pair of sold and expected.
func (l level) MarshalJSON() ([]byte, error) { return json.Marshal([2]float64{l.sold, l.expected}) }

// UnmarshalJSON reads it.
func (l *level) UnmarshalJSON(text []byte) error {
	var pair [2]float64
	if err := json.Unmarshal(text, &pair); err != nil {
		return err
	}
	*l = level{sold: pair[0], expected: pair[1]}
	return nil
}
