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
	pairDiscount = 1.0    // less, in logs, because of the many moments at which a second grip may have come
)

// pairTimes are how long a push of one of two grips is felt after the goods moved, in milliseconds; the first stands for
// none. They are fewer than for one grip, because each is tried with each.
var pairTimes = [...]float64{0, 180, 340, 600}

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

// pairAt weighs two grips of which the second comes after k readings: a linear model of the level between them and the
// strength of either push.
func (t *transient) pairAt(k int) pair {
	next := t.end
	if k < t.n {
		next = t.at[k]
	}
	w := t.weighed(k, t.at[0]/2, (t.at[k-1]+next)/2)
	best, top := pair{end: k, odds: math.Inf(-1)}, math.Inf(-1)
	for i := range pairTimes {
		for j := range pairTimes {
			l, odds := w.fit(i, j)
			odds += handPrior(i, len(pairTimes)) + handPrior(j, len(pairTimes))
			best.odds = logAdd(best.odds, odds)
			if odds > top {
				best.level, top = l, odds
			}
		}
	}
	best.odds += math.Log((next - t.at[k-1]) / pairMS)
	return best
}

// weighed is the readings of two grips at given moments, each with its weight and with what a push of each length would
// add to it.
type weighed struct {
	n        int
	level    [mostBetween]float64 // 1 where the reading shows the level between, else 0
	off      [mostBetween]float64
	weight   [mostBetween]float64
	one, two [mostBetween][len(pairTimes)]float64
	fits     float64 // log-likelihood without level and pushes
}

func (t *transient) weighed(k int, from, second float64) (w weighed) {
	w.n, w.off = t.n, t.off
	guess := t.off[k-1]
	for i := range t.n {
		var v float64
		if i < k {
			w.level[i] = 1
			v = t.variance(t.at[i]-from, t.step+guess, t.off[i]-guess)
		} else {
			v = t.variance(t.at[i]-second, guess, t.off[i])
		}
		w.weight[i] = 1 / v
		w.fits -= 0.5 * (t.off[i]*t.off[i]/v + math.Log(2*math.Pi*v))
		for j, lasts := range pairTimes {
			w.one[i][j] = hump(t.at[i]-from, lasts, pairPhase)
			w.two[i][j] = hump(t.at[i]-second, lasts, pairPhase)
		}
	}
	return w
}

// fit gives the level and the log-likelihood with pushes of the lengths one and two in pairTimes, over all their strengths.
func (w *weighed) fit(one, two int) (level, float64) {
	var n normal
	for i := range w.n {
		n.add([unknowns]float64{w.level[i], w.one[i][one], w.two[i][two]}, w.off[i], w.weight[i])
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
	return best, w.fits + total
}

// unknowns of the model: the level, and the strength of either push.
const unknowns = 3

// normal is the normal equations of the model, lower half only.
type normal struct {
	a [unknowns][unknowns]float64
	b [unknowns]float64
}

func (n *normal) add(x [unknowns]float64, off, weight float64) {
	for r := range x {
		n.b[r] += x[r] * off * weight
		for c := range r + 1 {
			n.a[r][c] += x[r] * x[c] * weight
		}
	}
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
