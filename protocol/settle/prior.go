package settle

import "math"

// What shoppers do, as log-probabilities before the scale is asked. They are rough on purpose: the weights decide.
const (
	logNothing          = -0.1 // between two calm stretches nothing was taken
	logTake             = -1.1 // goods were taken, all grips together
	logPut              = -2.5 // something that the shopper holds was put back,
	logSame             = -0.3 // where it came from,
	logOther            = -1.4 // or on another platform, all of them together
	logSwap             = -4.8 // what is put down is to be taken for what he holds of the platform and weighs like it
	logObject           = -7.4 // a foreign object was put down
	logGone             = -0.2 // and taken away again
	logShift            = -8.0 // the scale moved a little, nothing else
	logChanged          = -5.0 // of what is put down: not quite what was taken, but swapped, or emptied in part
	logChangedElsewhere = -2.0 // and that on another platform
	logUnknown          = -14.0
	logUnseen           = -3.0   // while nobody looked several moves added up to the weight
	logJump             = -9.0   // it moved by less than half of the lightest article there and stayed so
	shiftSD             = 2.5    // grams
	objectSpan          = 3000.0 // grams over which the weight of a foreign object is spread
	handSpan            = 60.0   // grams of a resting hand, mean of both directions,
	roughSpan           = 600.0  // of a rough one,
	roughHands          = 0.08   // and so many are rough
	swapSpan            = 15.0   // grams by which a swapped article differs, mean of both directions
	logShort            = -4.5   // a unit was taken that the book does not have: an earlier bill may have been wrong
	logShorter          = -1.5   // and one more
	wrongShare          = 0.3    // a book that the scale contradicts lacks units of just this article
	logFetched          = -2.0   // something that the book does not know was taken away from where it lay
	mostShort           = 2      // so many of an article at most
	wanderSD            = 0.2    // grams by which a scale wanders between two stretches
	wanderPerMS         = 0.1e-3
)

// shortPrior is how likely so many units were taken that the book does not have, for a book that agrees with the scale
// as far as trust says.
func shortPrior(units int, trust float64) float64 {
	if units == 0 {
		return 0
	}
	return math.Log(trust*math.Exp(logShort)+(1-trust)*wrongShare) + float64(units-1)*logShorter
}

// mixedPrior is how likely two grips of one platform fell together, for two calm stretches that are so many milliseconds
// apart: it takes time.
func mixedPrior(gap int64) float64 {
	return -2.2 * (1 - max(0, min(1, float64(gap-400)/600)))
}

// What a story is worth whose bill leaves something unexplained: the probability that the bill is right all the same.
const (
	trustChanged = 0.95 // something came back that is not what was taken: that stays taken
	trustShort   = 0.9  // more was taken than the book has
	trustUnknown = 0.5  // a weight that nothing explains, or a hand that never left
)

func logNormal(x, variance float64) float64 {
	return -0.5*x*x/variance - 0.5*math.Log(2*math.Pi*variance)
}

// logHand is the density of a weight that is off by x because a hand rests on the platform or lifts it; few do it hard.
func logHand(x float64) float64 {
	x = math.Abs(x)
	return logAdd(math.Log((1-roughHands)/(2*handSpan))-x/handSpan, math.Log(roughHands/(2*roughSpan))-x/roughSpan)
}

// wander is the variance that so many milliseconds without a calm level add.
func wander(ms int64) float64 {
	w := wanderPerMS * float64(max(0, ms))
	return wanderSD*wanderSD + w*w
}

// logChangedBy is the density of a weight put back that is off by x from what was taken: somewhat in both directions, or
// anything less.
func logChangedBy(x, taken float64) float64 {
	density := 0.5 * math.Exp(-math.Abs(x)/swapSpan) / (2 * swapSpan)
	if x < 0 && x > -taken {
		density += 0.5 / taken
	}
	return math.Log(density + 1e-9)
}
