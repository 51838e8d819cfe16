package settle

import (
	"cmp"
	"math"
	"slices"
)

const (
	beamWidth = 80   // stories followed at once
	beamDepth = 20.0 // a story so much less likely than the best, in logs, is given up
)

// candidate is a story with one act more, not yet written down.
type candidate struct {
	parent int
	logp   float64
	fit    float64
	style  style
	act    act
}

// decode follows the likeliest stories through all observations; bases are the platforms' levels before the door opened.
// The answer is sorted, best first, and never empty.
func (m *model) decode(bases []pace, all []observation) []story {
	for i := range bases {
		bases[i].goods = m.shelves[i].stock
	}
	beam := []story{{logp: firstStyle().logp(), trust: 1, first: -1, style: firstStyle(), net: make([]int16, len(m.slots)), levels: slices.Clone(bases)}}
	var next []candidate
	var order []int
	for i := range all {
		next = next[:0]
		for k := range beam {
			next = m.candidates(next, k, &beam[k], &all[i])
		}
		order = likeliest(next, order)
		beam = m.write(beam, next, order, i, &all[i])
	}
	return beam
}

// likeliest gives the indices of the candidates that are followed, best first; where two are equal the earlier one wins.
// The memory of order is used again.
func likeliest(next []candidate, order []int) []int {
	order = order[:0]
	best := math.Inf(-1)
	for i := range next {
		best = max(best, next[i].logp)
	}
	for i := range next {
		if next[i].logp >= best-beamDepth {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(next[b].logp, next[a].logp), cmp.Compare(a, b))
	})
	if len(order) == 0 { // weights beyond all numbers: any story will do, it is in doubt anyway
		order = append(order, 0)
	}
	return order[:min(len(order), beamWidth)]
}

// write tells the chosen continuations; the last child of a story takes over its levels, the others copy them.
func (m *model) write(beam []story, next []candidate, chosen []int, i int, o *observation) []story {
	out := make([]story, 0, len(chosen))
	heirs := make([]int, len(beam))
	for _, k := range chosen {
		heirs[next[k].parent]++
	}
	for _, k := range chosen {
		c := &next[k]
		s := beam[c.parent]
		heirs[c.parent]--
		if heirs[c.parent] > 0 {
			s.levels = slices.Clone(s.levels)
		}
		m.apply(&s, c, i, o)
		out = append(out, s)
	}
	return out
}

// apply changes the story by one act.
func (m *model) apply(s *story, c *candidate, i int, o *observation) {
	s.logp, s.fit, s.style = c.logp, c.fit, c.style
	p := &page{before: s.last, observation: i, act: c.act}
	place := &s.levels[o.platform]
	switch c.act.kind {
	case disturb:
		place.hand, s.stirred = true, true
		return
	case nothing:
	case shift:
		s.stirred = true
	default:
		s.last = p
	}
	if c.act.kind == take {
		s.acted = place.at
	}
	*place = pace{level: c.act.state, at: o.to, drift: o.drift, soft: o.soft, goods: place.goods}
	switch c.act.kind {
	case take:
		place.goods.grams -= c.act.combo.grams
		place.goods.variance -= c.act.combo.variance
		m.applyTake(s, c.act)
	case put, stray:
		p.what = m.applyPut(s, c.act, o.platform)
		m.restock(place, p.what, c.act)
	case nothing, fetched:
	default:
		place.goods.grams += c.act.moved.grams
	}
	switch c.act.kind {
	case object:
		s.lying = append(slices.Clip(s.lying), lying{o.platform, grip{slot: -1, qty: 1, level: c.act.moved}})
	case gone, retake:
		p.what = s.lying[c.act.lying].grip
		s.lying = slices.Delete(slices.Clone(s.lying), c.act.lying, c.act.lying+1)
		if c.act.kind == retake {
			s.held = append(slices.Clip(s.held), p.what)
			s.net = slices.Clone(s.net)
			s.net[p.what.slot] -= int16(p.what.qty)
		}
	case changed:
		s.trust *= trustChanged
	case unknown, fetched:
		s.trust *= trustUnknown
	}
}

// restock puts goods that came back to what should lie on the platform: as so many units where they belong, else as what
// the scale saw.
func (m *model) restock(place *pace, back grip, a act) {
	if a.kind == stray {
		place.goods.grams += a.moved.grams
		return
	}
	slot, n := &m.slots[back.slot], float64(back.qty)
	place.goods.grams += n * slot.unit
	place.goods.variance += n * slot.sd * slot.sd
}

// applyTake moves the grip from the platform to the shopper; of several kinds the surplus weight is shared by spread.
func (m *model) applyTake(s *story, a act) {
	s.net, s.held = slices.Clone(s.net), slices.Clip(s.held)
	if a.short > 0 {
		s.trust *= trustShort
	}
	if s.first < 0 {
		s.first = a.combo.parts[0].slot
	}
	surplus := -a.moved.grams - a.combo.grams
	for _, p := range a.combo.used() {
		slot := &m.slots[p.slot]
		spread := float64(p.qty)*slot.sd*slot.sd + 1e-6
		share := spread / (a.combo.variance + 1e-6*float64(a.combo.kinds))
		s.net[p.slot] -= int16(p.qty)
		s.held = append(s.held, grip{p.slot, p.qty, level{
			grams:    float64(p.qty)*slot.unit + share*surplus,
			variance: share*share*a.moved.variance + spread*(1-share),
		}})
	}
}

// applyPut moves goods from the shopper to a platform and returns them.
func (m *model) applyPut(s *story, a act, platform int) grip {
	s.held, s.net = slices.Clone(s.held), slices.Clone(s.net)
	back := s.held[a.held]
	if a.qty == back.qty {
		s.held = slices.Delete(s.held, a.held, a.held+1)
	} else {
		rest := &s.held[a.held]
		rest.qty -= a.qty
		rest.grams -= a.moved.grams
		rest.variance += a.moved.variance
	}
	back.qty, back.level = a.qty, a.moved
	if here := m.slotOn(back.slot, platform); here >= 0 {
		s.net[here] += int16(a.qty)
	} else {
		s.net[back.slot] += int16(a.qty)
	}
	if a.kind == stray {
		s.lying = append(slices.Clip(s.lying), lying{platform, back})
	}
	return back
}
