package settle

import (
	"math"
	"slices"
)

// putBack adds the stories in which the shopper put down what he held.
func (t *telling) putBack(next []candidate) []candidate {
	others, first := math.Log(float64(max(1, len(t.m.shelves)-1))), len(next)
	for i, h := range t.s.held {
		prior := logPut + logSame
		kind := put
		if t.m.slotOn(h.slot, t.o.platform) < 0 {
			prior, kind = logPut+logOther-others, stray
			if t.swaps(h) {
				prior = max(prior, logSwap)
			}
		}
		prior -= math.Log(float64(len(t.s.held)))
		if !t.o.soft {
			unit := h.grams / float64(h.qty)
			odd := prior + logChanged
			if kind == stray {
				odd += logChangedElsewhere
			}
			next = t.candidate(next, act{kind: changed, held: i}, odd+logChangedBy(t.seen.grams-unit, unit), t.seen)
		}
		for qty := 1; qty <= h.qty; qty++ {
			next = t.putPart(next, act{kind: kind, held: i, qty: qty}, h, prior)
		}
	}
	return t.merged(next, first)
}

// merged makes one story of those, from the first on, that differ only in which of several like grips is meant: they would
// crowd out the others.
func (t *telling) merged(next []candidate, first int) []candidate {
	kept := next[:first]
	for _, c := range next[first:] {
		like := slices.IndexFunc(kept[first:], func(k candidate) bool {
			return k.act.kind == c.act.kind && k.act.qty == c.act.qty && t.s.held[k.act.held].slot == t.s.held[c.act.held].slot &&
				t.s.held[k.act.held].qty == t.s.held[c.act.held].qty
		})
		if like < 0 {
			kept = append(kept, c)
			continue
		}
		k := &kept[first+like]
		both, fit := logAdd(k.logp, c.logp), logAdd(k.fit, c.fit)
		if c.logp > k.logp {
			*k = c
		}
		k.logp, k.fit = both, fit
	}
	return kept
}

// swaps reports whether the shopper, putting a grip where it does not belong, may want it to be taken for what he holds of
// there.
func (t *telling) swaps(h grip) bool {
	unit := h.grams / float64(h.qty)
	for _, other := range t.s.held {
		if t.m.slots[other.slot].platform == t.o.platform && math.Abs(other.grams/float64(other.qty)-unit) < swapSpan {
			return true
		}
	}
	return false
}

// putPart adds the story in which qty units of a grip are put down; the scale knows the weight of the whole.
func (t *telling) putPart(next []candidate, a act, h grip, prior float64) []candidate {
	part := float64(a.qty) / float64(h.qty)
	sd := t.m.slots[h.slot].sd
	expected := level{grams: part * h.grams, variance: part*part*h.variance + float64(a.qty)*(1-part)*sd*sd}
	if t.m.slots[h.slot].platform != t.o.platform { // two scales, two span errors; some are worse than most
		gain := spanSD * expected.grams
		expected.variance += 3 * gain * gain
	}
	off, variance := t.seen.grams-expected.grams, t.seen.variance+expected.variance
	if off*off > reachSD*reachSD*variance {
		return next
	}
	if a.qty < h.qty {
		prior -= 1.5
	}
	return t.candidate(next, a, prior+t.o.honest()+logNormal(off, variance), expected)
}

// slotOn is the slot of the same article on the platform, or -1 where it does not belong there.
func (m *model) slotOn(slot, platform int) int {
	if m.slots[slot].platform == platform {
		return slot
	}
	for k := m.shelves[platform].first; k < m.shelves[platform].end; k++ {
		if m.slots[k].sku == m.slots[slot].sku {
			return k
		}
	}
	return -1
}
