package settle

import (
	"math"
	"sort"
)

// reachSD is how many standard deviations off an explanation is still looked at.
const reachSD = 5.5

// telling holds what the candidates of one story for one observation have in common.
type telling struct {
	m      *model
	parent int
	s      *story
	o      *observation
	seen   level // change of weight since the platform was last calm
	before level // weight then
	more   surplus
}

// candidates adds to next every way to continue the story with the observation.
func (m *model) candidates(next []candidate, parent int, s *story, o *observation) []candidate {
	place := &s.levels[o.platform]
	gap := max(0, o.at-place.at)
	drifted := place.drift.after(gap)
	before := level{place.grams + drifted.grams, place.variance + drifted.variance}
	t := telling{m: m, parent: parent, s: s, o: o, before: before, seen: level{
		grams:    o.entry.grams - before.grams,
		variance: o.entry.variance + before.variance + wander(gap),
	}}
	if off := math.Abs(t.seen.grams); !o.soft && off < m.minUnit/3 && off < 2.5*math.Sqrt(t.seen.variance) {
		return t.nothing(next)
	}
	next = t.still(next)
	if t.seen.grams < 0 {
		t.more = surplusOf(place, m.shelves[o.platform].division)
		next = t.taken(next)
		next = t.takenUp(next)
		next = t.fetched(next)
	} else {
		next = t.putBack(next)
		if !o.soft {
			next = t.candidate(next, act{kind: object}, logObject-math.Log(objectSpan), t.seen)
		}
	}
	switch {
	case o.dark:
		next = t.candidate(next, act{kind: unknown}, logUnseen-math.Log(objectSpan), t.seen)
	case !o.soft:
		next = t.candidate(next, act{kind: unknown}, logUnknown-math.Log(objectSpan), t.seen)
	}
	return next
}

// still adds the stories in which no goods moved.
func (t *telling) still(next []candidate) []candidate {
	if t.o.soft {
		return t.add(next, act{kind: disturb}, 0)
	}
	next = t.nothing(next)
	honest := math.Log(1 - t.o.bogus)
	if off := math.Abs(t.seen.grams); off < 4*shiftSD && !t.s.levels[t.o.platform].soft {
		fit := logNormal(t.seen.grams, t.seen.variance+shiftSD*shiftSD)
		next = t.candidate(next, act{kind: shift}, logShift+honest+fit, t.seen)
	}
	if lightest := t.m.shelves[t.o.platform].lightest; t.seen.grams < 0 && t.seen.grams > -lightest/2 {
		next = t.candidate(next, act{kind: shift}, logJump+honest-math.Log(lightest/2), t.seen)
	}
	return t.add(next, act{kind: disturb}, math.Log(t.o.bogus)+logHand(t.seen.grams))
}

// nothing adds the story in which the platform is as it was.
func (t *telling) nothing(next []candidate) []candidate {
	fit := logNormal(t.seen.grams, t.seen.variance)
	return t.candidate(next, act{kind: nothing}, logNothing+t.o.honest()+fit, level{})
}

// candidate adds one act whose change of weight is expected as given, with its prior and its fit in gain.
func (t *telling) candidate(next []candidate, a act, gain float64, expected level) []candidate {
	a.moved = level{t.seen.grams, t.seen.variance}
	a.state = t.o.exit
	if t.o.soft {
		a.moved, a.state = t.filtered(expected)
	}
	return t.add(next, a, gain)
}

// add continues the story with the act; what was taken tells of the shopper's style.
func (t *telling) add(next []candidate, a act, gain float64) []candidate {
	c := candidate{parent: t.parent, fit: t.s.fit + gain, style: t.s.style, act: a}
	if a.kind == take {
		if t.s.first >= 0 && !t.o.dark {
			c.style = c.style.follow(tempoOf(t.left() - t.s.acted))
		}
		for i, p := range a.combo.used() {
			if i > 0 && !t.o.dark {
				c.style = c.style.follow(atOnce)
			}
			c.style = c.style.take(p.qty, t.stocks(p.slot))
		}
		c.logp = c.fit + c.style.logp()
	} else {
		c.logp = c.fit + t.s.logp - t.s.fit
	}
	return append(next, c)
}

// stocks is how much likelier, in logs, one who stocks up takes from this slot than others do: he comes back to the article
// that he took first, others take any from anywhere.
func (t *telling) stocks(slot int) float64 {
	switch {
	case t.s.first < 0:
		return 0
	case t.m.slots[slot].sku != t.m.slots[t.s.first].sku:
		return otherArticle
	}
	shelf := &t.m.shelves[t.o.platform]
	return math.Log(float64((shelf.end - shelf.first) * len(t.m.shelves)))
}

// filtered weighs a level that was seen for a moment only against what the act should have moved.
func (t *telling) filtered(expected level) (moved, state level) {
	prior := level{t.before.grams + expected.grams, t.before.variance + expected.variance}
	trust := prior.variance / (prior.variance + t.o.entry.variance)
	state = level{
		grams:    prior.grams + trust*(t.o.entry.grams-prior.grams),
		variance: (1 - trust) * prior.variance,
	}
	return level{state.grams - t.before.grams, state.variance + t.before.variance}, state
}

// taken adds the stories in which goods were taken.
func (t *telling) taken(next []candidate) []candidate {
	combos := t.m.shelves[t.o.platform].combos
	weight := -t.seen.grams
	reach := reachSD*(math.Sqrt(t.seen.variance)+(t.m.shelves[t.o.platform].spread+spanSD)*1.5*weight) + math.Abs(t.more.grams)
	honest, mixed := t.o.honest(), mixedPrior(t.o.at-t.left())
	from := sort.Search(len(combos), func(k int) bool { return combos[k].grams >= weight-reach })
	for k := from; k < len(combos) && combos[k].grams <= weight+reach; k++ {
		c := &combos[k]
		short, possible := t.short(c)
		if !possible || t.o.soft && (c.kinds > 1 || short > 0) {
			continue
		}
		unit := t.more.expect(c.grams, c.variance)
		off, variance := weight-unit.grams, t.seen.variance+unit.variance
		if off*off > reachSD*reachSD*variance {
			continue
		}
		prior := logTake + honest + c.choice + shortPrior(short, t.more.trust)
		if c.kinds > 1 {
			prior += mixed
		}
		next = t.candidate(next, act{kind: take, combo: c, short: short}, prior+logNormal(off, variance), level{-unit.grams, unit.variance})
	}
	return next
}

// left is when the platform was last seen calm: what was taken left it after that.
func (t *telling) left() int64 { return t.s.levels[t.o.platform].at }

// short is how many units more would be taken than the book has on the platform, and whether the book may be so wrong.
func (t *telling) short(c *combo) (units int, possible bool) {
	for _, p := range c.used() {
		left := t.m.slots[p.slot].book + int(t.s.net[p.slot])
		if p.qty-left > mostShort {
			return 0, false
		}
		units += max(0, p.qty-max(0, left))
	}
	return units, true
}

// takenUp adds the stories in which something left the platform that did not belong there.
func (t *telling) takenUp(next []candidate) []candidate {
	for i, l := range t.s.lying {
		if l.platform != t.o.platform {
			continue
		}
		a := act{kind: gone, lying: i}
		if l.slot >= 0 {
			a.kind = retake
		}
		fit := logNormal(t.seen.grams+l.grams, t.seen.variance+l.variance)
		next = t.candidate(next, a, logGone+t.o.honest()+fit, level{-l.grams, l.variance})
	}
	return next
}

// fetched adds the story in which something left that the book never knew of: the platform then weighs what it should.
func (t *telling) fetched(next []candidate) []candidate {
	if t.o.soft || t.more.trust > 0.5 || t.more.grams < 0 {
		return next
	}
	off, variance := t.seen.grams+t.more.grams, t.seen.variance+t.more.variance
	if off*off > reachSD*reachSD*variance {
		return next
	}
	return t.candidate(next, act{kind: fetched}, logFetched+t.o.honest()+logNormal(off, variance), t.seen)
}
