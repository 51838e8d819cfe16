package settle

import (
	"math"
	"slices"

	"allhours/protocol"
)

// Tuning of a refill: goods come from outside, many at a time, and whoever puts them there does it one article after another.
const (
	fillReach  = 3.5 // standard deviations within which a weight is explained
	fillMost   = 99  // units of one article that one change may be
	fillBack   = 3   // units that are taken out while others are put in
	fillZeroSD = 1.0 // grams

	logArticle = -5.0  // one more article of the platform was handled
	logPair    = -4.0  // two articles in one change of weight
	logAcross  = -5.0  // one of them put in and the other taken out
	logUnit    = -0.25 // each unit of one change
	logHidden  = -12.0 // a change that came and went, and is no article
	logMended  = -8.0  // the changes do not add up to the end, by units of one article
	logOnlyEnd = -16.0 // nor like that: only the end is known
	logNoGoods = -60.0 // nor that: what is left is no article
)

// Filled answers a refill: how many units of each article came to lie on each platform, and how many were taken out. Its
// lines are always empty, for nothing is sold; the steps of its one explanation tell what was put. The decision is review
// where a weight is left that no article explains, or a platform cannot be trusted.
func (v *Visit) Filled() Answer { return v.model.filled(v.look()) }

// NetFilled answers a refill that was not seen to its end, from the calm weights before and after, in the layout's order.
func NetFilled(l Layout, before, after []Sample, c Config) Answer {
	m, err := newModel(l, c)
	if err != nil {
		return Answer{Decision: Review, Lines: []Line{}, Rule: RuleVersion, Levels: []Level{}}
	}
	s := m.netSight(before, after)
	s.all = m.netObservations(s, nil)
	return m.filled(s)
}

func (m *model) filled(s sight) Answer {
	a := Answer{Decision: Bill, Lines: []Line{}, Confidence: 1, Rule: RuleVersion, Faults: s.faults}
	why := Explanation{Lines: []Line{}, Steps: []Step{}}
	told := story{net: make([]int16, len(m.slots))}
	for i := range m.shelves {
		if untrusted(s.faults, m.shelves[i].id) {
			continue
		}
		f := m.fill(i, s.bases[i], s.all)
		if f.rest {
			a.Faults = append(a.Faults, Fault{Platform: m.shelves[i].id, Reason: reasonObject})
		}
		a.Confidence *= f.sure
		why.Steps = append(why.Steps, f.steps...)
		for k := m.shelves[i].first; k < m.shelves[i].end; k++ {
			told.net[k] = int16(f.net[k])
		}
	}
	if len(a.Faults) > 0 {
		a.Decision = Review
	}
	why.Probability = a.Confidence
	a.Why, a.Levels = []Explanation{why}, m.levelsOf(&told, s.ends)
	return a
}

func untrusted(faults []Fault, platform protocol.PlatformID) bool {
	return slices.ContainsFunc(faults, func(f Fault) bool { return f.Platform == platform })
}

// fill finds the story of one platform: of the fewest articles, and one more only as long as that tells more.
func (m *model) fill(platform int, base pace, all []observation) filling {
	shelf := &m.shelves[platform]
	tell := func(among []int) filling {
		f := filling{m: m, shelf: shelf, among: among, net: make([]int, len(m.slots)), sure: 1, logp: logArticle * float64(len(among))}
		f.follow(base, all, platform)
		return f
	}
	best := tell(nil)
	for better := true; better; {
		better = false
		for _, among := range shelf.others(best.among) {
			if next := tell(among); next.logp > best.logp {
				best, better = next, true
			}
		}
	}
	return best
}

// others are the sets of slots that have one more, or another in the place of one.
func (s *shelf) others(among []int) (sets [][]int) {
	for k := s.first; k < s.end; k++ {
		if slices.Contains(among, k) {
			continue
		}
		sets = append(sets, append(slices.Clip(among), k))
		for i := range among {
			next := slices.Clone(among)
			next[i] = k
			sets = append(sets, next)
		}
	}
	return sets
}

// filling is one story of a platform in a refill.
type filling struct {
	m     *model
	shelf *shelf
	among []int // slots that are handled in it
	net   []int // units put, by slot
	steps []Step
	rest  bool    // something is left that is no article
	sure  float64 // that it was just this
	logp  float64
}

// units is a change of weight as units of one or two slots; a slot below 0 is none.
type units struct {
	slots [2]int
	n     [2]int
}

// follow tells what each change of the platform's weight was. What the platform weighs in the end has the last word: a hand
// that leaned on it while goods were put there may have made two changes look like others.
func (f *filling) follow(base pace, all []observation, platform int) {
	last, at := base.level, base.at
	for i := range all {
		o := &all[i]
		if o.platform != platform || o.soft {
			continue
		}
		f.take(level{o.entry.grams - last.grams, o.entry.variance + last.variance + wander(o.at-at)}, o.at)
		last, at = o.exit, o.to
	}
	f.end(level{last.grams - base.grams, last.variance + base.variance + wanderSD*wanderSD}, at)
}

// take tells one change, if it is worth it.
func (f *filling) take(change level, at int64) {
	if math.Abs(change.grams) < f.shelf.lightest/2 {
		return
	}
	change.variance += f.scale(change.grams)
	if u, found := f.likeliest(change, true); found {
		f.put(u, change.grams, at)
		return
	}
	f.logp += logHidden
}

// end holds what was told against the change from the beginning to the end, and mends it.
func (f *filling) end(change level, at int64) {
	rest := change
	rest.variance += f.scale(change.grams)
	for k := f.shelf.first; k < f.shelf.end; k++ {
		rest.grams -= float64(f.net[k]) * f.m.slots[k].unit
		rest.variance += f.spread(k, f.net[k])
	}
	if rest.grams*rest.grams <= fillReach*fillReach*rest.variance || math.Abs(rest.grams) < f.shelf.lightest/2 {
		return
	}
	if u, found := f.likeliest(rest, false); found {
		f.logp += logMended
		f.put(u, rest.grams, at)
		return
	}
	f.logp += logOnlyEnd
	clear(f.net)
	f.steps = nil
	change.variance += f.scale(change.grams)
	if u, found := f.likeliest(change, true); found {
		f.put(u, change.grams, at)
		return
	}
	f.logp += logNoGoods
	f.rest = true
	f.steps = []Step{{At: at, Platform: f.shelf.id, Delta: protocol.FromGrams(change.grams), What: Object}}
}

// put keeps what a change was taken for, and tells it.
func (f *filling) put(u likely, grams float64, at int64) {
	f.sure *= u.sure
	f.logp += u.logp
	for i, slot := range u.slots {
		if slot < 0 || u.n[i] == 0 {
			continue
		}
		f.net[slot] += u.n[i]
		what := Back
		if u.n[i] < 0 {
			what = Taken
		}
		f.steps = append(f.steps, Step{
			At: at, Platform: f.shelf.id, Delta: protocol.FromGrams(grams), SKU: f.m.slots[slot].sku, Qty: u.n[i], What: what, Probability: u.sure,
		})
	}
}

// spread is the variance of so many units of a slot.
func (f *filling) spread(slot, n int) float64 {
	sd := f.m.slots[slot].sd
	return math.Abs(float64(n)) * sd * sd
}

// scale is the variance of what the scale itself is off by, for a change of weight.
func (f *filling) scale(grams float64) float64 {
	span := spanSD * grams
	return span*span + fillZeroSD*fillZeroSD + f.shelf.division*f.shelf.division/12
}

// likely is what a change is likeliest taken for, and how sure that is among all that it may be.
type likely struct {
	units
	logp, sure float64
}

// add takes one more way to explain a change into account.
func (l *likely) add(u units, logp float64) {
	if logp > l.logp {
		l.sure *= math.Exp(l.logp - logp)
		l.units, l.logp = u, logp
	}
	l.sure += math.Exp(logp - l.logp)
}

// likeliest finds the units of one of the articles, or of two where pairs are asked for, that a change of weight may be.
func (f *filling) likeliest(change level, pairs bool) (likely, bool) {
	best := likely{logp: math.Inf(-1)}
	for i, k := range f.among {
		unit := f.m.slots[k].unit
		f.consider(&best, units{[2]int{k, -1}, [2]int{int(math.Round(change.grams / unit))}}, change)
		if !pairs {
			continue
		}
		from, to := -fillBack, int(math.Abs(change.grams)/unit)+fillBack
		if change.grams < 0 {
			from, to = -to, fillBack
		}
		for _, j := range f.among[i+1:] {
			for n := max(from, -fillMost); n <= min(to, fillMost); n++ {
				more := int(math.Round((change.grams - float64(n)*unit) / f.m.slots[j].unit))
				f.consider(&best, units{[2]int{k, j}, [2]int{n, more}}, change)
			}
		}
	}
	best.sure = 1 / max(best.sure, 1)
	return best, !math.IsInf(best.logp, -1)
}

// consider adds the units to what a change may be, where they are as heavy and can be there.
func (f *filling) consider(best *likely, u units, change level) {
	off, variance, logp := change.grams, change.variance, 0.0
	for i, slot := range u.slots {
		n := u.n[i]
		if slot < 0 {
			continue
		}
		if n == 0 || n > fillMost || n < -fillMost || f.m.slots[slot].book+f.net[slot]+n < -mostShort {
			return
		}
		off -= float64(n) * f.m.slots[slot].unit
		variance += f.spread(slot, n)
		logp += logUnit * math.Abs(float64(n))
	}
	if off*off > fillReach*fillReach*variance {
		return
	}
	if u.slots[1] >= 0 {
		logp += logPair
		if u.n[0]*u.n[1] < 0 {
			logp += logAcross
		}
	}
	best.add(u, logp+logNormal(off, variance))
}
