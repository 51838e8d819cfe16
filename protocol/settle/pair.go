package settle

import "math"

// Tuning of two grips that run into each other.
const (
	pairPhase    = 0.35   // of a push is over when the goods move
	pairMS       = 1200.0 // two grips of one platform that are not seen apart are at most so far from each other
	levelVague   = 40.0   // grams of uncertainty above which a level between tells nothing
	pairLeast    = -6.0   // log-likelihood below which a level between is not worth to be thought of
	pairMost     = 4.0    // what the shape of a push can tell at most,
	pairShare    = 0.7    // and how much of what it seems to tell: no hand is like the other
	pairDiscount = 1.0
)

// pair is two grips with a level between them.
type pair struct {
	end   int     // readings before this one show the level
	level level   // off the level that follows
	odds  float64 // log-likelihood of two grips against one, over a flat level
}

// pair finds the two grips that the readings likeliest show; false where they tell of none.
func (t *transient) pair() (pair, bool) {
	best := pair{odds: math.Inf(-1)}
	for k := 1; k <= t.n; k++ {
		p := t.pairAt(k)
		if p.level.variance < levelVague*levelVague && p.odds > best.odds {
			best = p
		}
	}
	best.odds = min(pairMost, pairShare*(best.odds-t.single())-pairDiscount)
	return best, best.odds > pairLeast
}

// pairAt weighs two grips of which the second comes after k readings.
func (t *transient) pairAt(k int) pair {
	next := t.end
	if k < t.n {
		next = t.at[k]
	}
	from, second := t.at[0]/2, (t.at[k-1]+next)/2
	best, top := pair{end: k, odds: math.Inf(-1)}, math.Inf(-1)
	for i, one := range handTimes {
		for j, two := range handTimes {
			l, odds := t.fit(k, from, second, one, two)
			odds += handPrior(i) + handPrior(j)
			best.odds = logAdd(best.odds, odds)
			if odds > top {
				best.level, top = l, odds
			}
		}
	}
	best.odds += math.Log((next - t.at[k-1]) / pairMS)
	return best
}

// fit weighs two grips, at the moments from and second, with pushes that last for one and two: a linear model of the level
// between them and the strength of either push.
func (t *transient) fit(k int, from, second, one, two float64) (level, float64) {
	var n normal
	guess := t.off[k-1]
	for i := range t.n {
		x := [unknowns]float64{0, hump(t.at[i]-from, one, pairPhase), hump(t.at[i]-second, two, pairPhase)}
		if i < k {
			x[0] = 1
			n.add(x, t.off[i], t.variance(t.at[i]-from, t.step+guess, t.off[i]-guess))
		} else {
			n.add(x, t.off[i], t.variance(t.at[i]-second, guess, t.off[i]))
		}
	}
	best, top, total := level{}, math.Inf(-1), math.Inf(-1)
	for _, first := range hands {
		for _, then := range hands {
			l, gain := n.solve(first.variance, then.variance)
			gain += first.prior + then.prior
			total = logAdd(total, gain)
			if gain > top {
				best, top = l, gain
			}
			if two == 0 { // without a push its strength is nothing to be weighed
				break
			}
		}
		if one == 0 {
			break
		}
	}
	return best, n.fit + total
}

// unknowns of the model: the level, and the strength of either push.
const unknowns = 3

// normal is the normal equations of the model, lower half only, and the log-likelihood with all unknowns zero.
type normal struct {
	a   [unknowns][unknowns]float64
	b   [unknowns]float64
	fit float64
}

func (n *normal) add(x [unknowns]float64, off, variance float64) {
	for r := range x {
		n.b[r] += x[r] * off / variance
		for c := range r + 1 {
			n.a[r][c] += x[r] * x[c] / variance
		}
	}
	n.fit -= 0.5 * (off*off/variance + math.Log(2*math.Pi*variance))
}

// solve eliminates the pushes, whose strengths have the given variances, and gives the level and what the fit gains.
func (n normal) solve(one, two float64) (level, float64) {
	a, b := &n.a, &n.b
	gain := -0.5 * math.Log(one*two)
	a[1][1] += 1 / one
	a[2][2] += 1 / two
	for r := unknowns - 1; r > 0; r-- {
		gain += 0.5*b[r]*b[r]/a[r][r] - 0.5*math.Log(a[r][r])
		for c := range r {
			share := a[r][c] / a[r][r]
			b[c] -= share * b[r]
			for d := range c + 1 {
				a[c][d] -= share * a[r][d]
			}
		}
	}
	gain += 0.5*b[0]*b[0]/a[0][0] + 0.5*math.Log(2*math.Pi/a[0][0])
	return level{b[0] / a[0][0], 1 / a[0][0]}, gain
}
