package settle

import "math"

// Between two calm stretches a scale shows a hand that leans on the platform or lifts it while it grips, and the ringing
// of the platform. Where two grips follow each other within that time, a level between them may show for a moment only:
// the same readings are then explained by one grip with its hand, or by two. Both are weighed, see pair.go.

// Tuning of what happens between two calm stretches, measured on single grips.
const (
	ringShare   = 0.13  // of a step that rings at first, root mean square,
	ringMS      = 170.0 // dying away in so many milliseconds
	roughSD     = 3.0   // grams by which a push is no smooth hump,
	roughShare  = 0.07  // and so much of its strength
	handShare   = 0.6   // of the grips have a push that is felt
	sameLevels  = 5.0   // times the noise by which two levels may differ where goods did not move
	wholePush   = 1.3   // a hand that moves nothing is felt so much longer: also before it is strongest
	mostBetween = 12    // readings between two calm stretches that are studied,
	minBetween  = 2     // and the fewest that tell anything
)

// handTimes are how long a push is felt after the goods moved, in milliseconds; the first stands for none.
var handTimes = [...]float64{0, 150, 230, 320, 440, 580, 740}

// handPhases are the shares of a push that are over when the goods move: it is felt at nearly its full force at once.
var handPhases = [...]float64{0.15, 0.3, 0.45}

// handOnsets are where between two readings the goods may have moved, as a share.
var handOnsets = [...]float64{0.2, 0.5, 0.8}

// hands are pushes and lifts by their strength: the variance of the peak in grams squared, and the log-share of such
// hands. Most are ordinary, some are rough.
var hands = [...]struct{ variance, prior float64 }{{190 * 190, -0.083}, {1300 * 1300, -2.526}}

// transient is the readings between two calm stretches.
type transient struct {
	at    [mostBetween]float64 // milliseconds since the last reading of the level before
	off   [mostBetween]float64 // grams off the level that follows
	n     int
	noise float64 // grams
	step  float64 // grams from the level before to the level that follows
	end   float64 // when the level that follows begins, milliseconds as in at
}

// newTransient takes the readings between two levels; false where they are too few or too many to tell anything.
func newTransient(between []reading, before, after *observation, noise float64) (t transient, ok bool) {
	since := before.to
	for len(between) > 0 && math.Abs(between[0].grams-before.exit.grams) <= 4.5*noise {
		since, between = between[0].at, between[1:] // nothing moved yet
	}
	if len(between) < minBetween || len(between) > mostBetween {
		return t, false
	}
	t = transient{n: len(between), noise: noise, step: after.entry.grams - before.exit.grams, end: float64(after.at - since)}
	for i, r := range between {
		t.at[i], t.off[i] = float64(r.at-since), r.grams-after.entry.grams
	}
	return t, true
}

// variance is how far a reading may be off, so many milliseconds after a step of the given size, under a push.
func (t *transient) variance(after, step, push float64) float64 {
	ring := ringShare * step * math.Exp(-max(0, after)/ringMS)
	rough := roughSD + roughShare*math.Abs(push)
	return t.noise*t.noise + rough*rough + ring*ring
}

// hump is the shape of a push of which the phase is over when it is first felt, and which then lasts for a while.
func hump(since, lasts, phase float64) float64 {
	if since <= 0 || since >= lasts {
		return 0
	}
	return math.Sin(math.Pi * (phase + (1-phase)*since/lasts))
}

// handPrior is the log-probability of the i-th of so many lengths of a push.
func handPrior(i, lengths int) float64 {
	if i == 0 {
		return math.Log(1 - handShare)
	}
	return math.Log(handShare / float64(lengths-1))
}

// single is the log-likelihood of the readings as one grip, or as a hand alone where the weight is the same as before.
func (t *transient) single() float64 {
	total, tries := math.Inf(-1), 0
	same, stretch := math.Abs(t.step) < sameLevels*t.noise, 1.0
	if same {
		stretch = wholePush
	}
	for _, share := range handOnsets {
		for _, phase := range handPhases {
			if same {
				phase = 0
			}
			tries++
			for i, lasts := range handTimes {
				total = logAdd(total, handPrior(i, len(handTimes))+t.grip(share*t.at[0], stretch*lasts, phase))
			}
		}
	}
	return total - math.Log(float64(tries))
}

// grip is the log-likelihood of one grip at the moment from with a push that lasts so long, over all strengths of it.
func (t *transient) grip(from, lasts, phase float64) float64 {
	var known, pull, fit float64
	for i := range t.n {
		v := t.variance(t.at[i]-from, t.step, t.off[i])
		h := hump(t.at[i]-from, lasts, phase)
		known += h * h / v
		pull += h * t.off[i] / v
		fit -= 0.5 * (t.off[i]*t.off[i]/v + math.Log(2*math.Pi*v))
	}
	total := math.Inf(-1)
	for _, hand := range hands {
		gain := 0.5*pull*pull/(known+1/hand.variance) - 0.5*math.Log(1+known*hand.variance)
		total = logAdd(total, hand.prior+gain)
	}
	return fit + total
}
