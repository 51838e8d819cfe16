package planogram

import (
	"math"

	"allhours/protocol/settle"
)

// farSeparation is how many standard deviations apart two grips are never confused.
const farSeparation = 5.0

// confusion is what becomes of two grips that weigh nearly the same.
type confusion struct {
	separation float64 // the gap in standard deviations of the difference of two changes
	reviewed   float64 // share of all grips of the cabinet that would go to review because of the two alone
	wrong      float64 // and share that would be billed as the other one
}

// plus adds up what is not the separation.
func (c confusion) plus(d confusion) confusion {
	return confusion{reviewed: c.reviewed + d.reviewed, wrong: c.wrong + d.wrong}
}

// trouble is how many of a thousand visits end in a review or a wrong bill.
func (c confusion) trouble() float64 { return perThousand(c.reviewed + c.wrong) }

// confuse looks at two grips alone, the lighter one first, in closed form. For a change of x grams the log of the odds of
// a against b is a straight line in x; where it is nearer to even than the engine's limit for a bill, a person is asked.
func confuse(a, b *grip) confusion {
	gap, variance := b.grams-a.grams, (a.variance+b.variance)/2
	sd := math.Sqrt(variance)
	// Below this gap the scale says nothing, and only what is taken more often decides.
	gap = max(gap, 1e-6*sd)
	limit := math.Log(settle.DefaultBillConfidence / (1 - settle.DefaultBillConfidence))
	middle, half := (gap/2+math.Log(a.share/b.share)*variance/gap)/sd, limit*sd/gap
	from, to, away := middle-half, middle+half, gap/sd
	overA, overB := above(to), above(to-away)
	return confusion{
		separation: away / math.Sqrt2,
		reviewed:   a.share*(above(from)-overA) + b.share*(above(from-away)-overB),
		wrong:      a.share*overA + b.share*(1-above(from-away)),
	}
}

// above is the probability that a standard normal is more than z.
func above(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// wrongly is how often one of two equally likely grips would be taken for the other from the weight alone, 0 to 0.5.
func (c confusion) wrongly() float64 { return math.Erfc(c.separation/2) / 2 }

// What the weights of each grip are summed over: so many points of its distribution, spread evenly over so many standard
// deviations to each side.
const (
	nodes     = 96
	nodeReach = 4.5
)

// confused is the share of all grips of the cabinet that this platform sends to review, because their weight leaves no grip
// likely enough to be billed, and the share that is billed as another one; all grips of the platform are weighed against
// each other. The grips are sorted by weight.
func confused(grips []grip) (all confusion) {
	var widest float64
	for i := range grips {
		widest = max(widest, math.Sqrt(grips[i].variance))
	}
	from := 0
	for i := range grips {
		g := &grips[i]
		reach := nodeReach * (math.Sqrt(g.variance) + widest)
		for grips[from].grams < g.grams-2*nodeReach*widest {
			from++
		}
		to := i
		for to+1 < len(grips) && grips[to+1].grams <= g.grams+reach {
			to++
		}
		if from < to {
			all = all.plus(confusedIn(grips[from:to+1], i-from))
		}
	}
	return all
}

// confusedIn sums what becomes of one of some grips that weigh near each other.
func confusedIn(near []grip, which int) (c confusion) {
	g := &near[which]
	sd := math.Sqrt(g.variance)
	var whole float64
	for k := range nodes {
		z := nodeReach * (2*(float64(k)+0.5)/nodes - 1)
		weight := math.Exp(-z * z / 2)
		whole += weight
		switch best, sure := likeliest(near, g.grams+z*sd); {
		case !sure:
			c.reviewed += weight
		case best != which:
			c.wrong += weight
		}
	}
	c.reviewed *= g.share / whole
	c.wrong *= g.share / whole
	return c
}

// likeliest finds the grip that a change of so many grams is taken for, and whether that is likely enough for a bill.
func likeliest(near []grip, grams float64) (which int, sure bool) {
	var best, all float64
	for i := range near {
		off := grams - near[i].grams
		p := near[i].share * math.Exp(-off*off/near[i].variance/2) / math.Sqrt(near[i].variance)
		if p > best {
			best, which = p, i
		}
		all += p
	}
	return which, best >= settle.DefaultBillConfidence*all
}

// perThousand makes of a share of grips how many of a thousand visits hold at least one of them.
func perThousand(share float64) float64 {
	return 1000 * (1 - math.Pow(1-min(1, max(0, share)), takesPerVisit))
}
