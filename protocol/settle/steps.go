package settle

import (
	"math"

	"allhours/protocol"
)

// what names a kind of act that is told.
func (k kind) what() What {
	switch k {
	case take:
		return Taken
	case put:
		return Back
	case stray:
		return Misplaced
	case retake:
		return StrayTaken
	case changed:
		return Altered
	case object:
		return Object
	case gone, fetched:
		return ObjectGone
	}
	return Strange
}

// told is what a story says of one observation.
type told struct {
	observation int
	kind        kind
	combo       *combo
	slot, qty   int
}

func (p *page) told() told {
	return told{observation: p.observation, kind: p.act.kind, combo: p.act.combo, slot: p.what.slot, qty: p.what.qty}
}

// tellings is the probability of each single thing that any of the stories says.
func tellings(beam []story) map[told]float64 {
	all := map[told]float64{}
	var total float64
	for i := range beam {
		mass := math.Exp(beam[i].logp - beam[0].logp)
		total += mass
		for p := beam[i].last; p != nil; p = p.before {
			all[p.told()] += mass
		}
	}
	for t := range all {
		all[t] /= total
	}
	return all
}

// stepsOf retells a story step by step, each with its probability as far as it is known.
func (m *model) stepsOf(s *story, all []observation, known map[told]float64) []Step {
	steps := []Step{}
	for _, p := range s.pages() {
		o := &all[p.observation]
		step := Step{
			At: o.at, Platform: m.shelves[o.platform].id, Delta: protocol.FromGrams(p.act.moved.grams),
			What: p.act.kind.what(), Probability: min(1, known[p.told()]),
		}
		if p.act.kind == take {
			for _, part := range p.act.combo.used() {
				step.SKU, step.Qty = m.slots[part.slot].sku, -part.qty
				steps = append(steps, step)
			}
			continue
		}
		if p.what.qty > 0 && p.what.slot >= 0 {
			step.SKU, step.Qty = m.slots[p.what.slot].sku, p.what.qty
		}
		if p.act.kind == retake {
			step.Qty = -step.Qty
		}
		steps = append(steps, step)
	}
	return steps
}
