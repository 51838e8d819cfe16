package settle

import "math"

// Tuning of what the absolute weight of a platform tells.
const (
	zeroSD    = 2.0    // grams by which a scale's zero is off,
	zeroSteps = 3.0    // and so many of its divisions
	spanSD    = 0.0013 // a scale is off by so much of the weight, always the same
	farOff    = 6.0    // half the squared standard deviations at which the book is as likely wrong as right
)

// surplus is how much more lies on a platform than its units should weigh on the whole, in grams, and the variance that
// this has. The units that are taken are among those that make it, and the scale's span error makes it too.
type surplus struct {
	grams, variance float64
	load            float64 // weight on the platform
	trust           float64 // probability that it is made by spread and not by a wrong book
}

// surplusOf compares the level with what should lie there.
func surplusOf(p *pace, division float64) surplus {
	zero, span := zeroSD+zeroSteps*division, spanSD*p.grams
	s := surplus{grams: p.grams - p.goods.grams, load: p.grams}
	s.variance = p.goods.variance + p.variance + zero*zero + span*span
	s.trust = 1 / (1 + math.Exp(min(s.grams*s.grams/s.variance/2-farOff, 50)))
	return s
}

// expect is what the scale should show for units of the given weight and variance that leave the platform.
func (s *surplus) expect(grams, variance float64) level {
	span := spanSD * spanSD * grams
	common := s.trust * (variance + span*s.load)
	share := common / s.variance
	return level{
		grams:    grams + share*s.grams,
		variance: max(variance+span*grams-share*common, 0.1*variance),
	}
}
