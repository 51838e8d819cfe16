package settle

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"allhours/protocol"
)

// explained is all stories with the same bill.
type explained struct {
	best *story
	mass float64
}

// answer weighs the stories against each other and says what the cabinet says.
func (m *model) answer(events []event, beam []story, faults []Fault, ends []float64) Answer {
	ranked := m.rank(beam)
	best := ranked[0]
	a := Answer{
		Lines: m.linesOf(best.best), Confidence: best.mass, Rule: RuleVersion, Decision: Review,
		Faults: append(faults, m.leftBehind(best.best)...), Levels: m.levelsOf(best.best, ends),
	}
	if best.best.doubt {
		a.Confidence = min(a.Confidence, 0.5)
	}
	if len(a.Faults) == 0 && !best.best.doubt && a.Confidence >= m.confidence {
		a.Decision = Bill
	}
	for _, e := range ranked[:min(2, len(ranked))] {
		a.Why = append(a.Why, Explanation{Lines: m.linesOf(e.best), Probability: e.mass, Steps: m.stepsOf(e.best, events)})
	}
	return a
}

// rank groups the stories by their bill, likeliest first.
func (m *model) rank(beam []story) []explained {
	index := map[string]int{}
	var out []explained
	var total float64
	for i := range beam {
		mass := math.Exp(beam[i].logp - beam[0].logp)
		total += mass
		key := lineKey(m.linesOf(&beam[i]))
		if k, known := index[key]; known {
			out[k].mass += mass
			continue
		}
		index[key] = len(out)
		out = append(out, explained{best: &beam[i], mass: mass})
	}
	for i := range out {
		out[i].mass /= total
	}
	slices.SortStableFunc(out, func(a, b explained) int { return cmp.Compare(b.mass, a.mass) })
	return out
}

func lineKey(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(string(l.SKU) + "*" + strconv.Itoa(l.Qty) + ",")
	}
	return b.String()
}

// linesOf sums what a story says was taken; sorted by article, never nil.
func (m *model) linesOf(s *story) []Line {
	lines := []Line{}
	for i, n := range s.net {
		if n >= 0 {
			continue
		}
		sku := m.slots[i].sku
		k, known := slices.BinarySearchFunc(lines, sku, func(l Line, sku protocol.SKU) int { return cmp.Compare(l.SKU, sku) })
		if !known {
			lines = slices.Insert(lines, k, Line{SKU: sku})
		}
		lines[k].Qty -= int(n)
	}
	return lines
}

// leftBehind names the platforms on which a story leaves a foreign object.
func (m *model) leftBehind(s *story) []Fault {
	var out []Fault
	for _, o := range s.objects {
		out = append(out, Fault{Platform: m.shelves[o.platform].id, Reason: "object"})
	}
	return out
}

// levelsOf says what lies on each platform at the end.
func (m *model) levelsOf(s *story, ends []float64) []Level {
	out := make([]Level, 0, len(m.shelves))
	for i := range m.shelves {
		l := Level{Platform: m.shelves[i].id, Weight: protocol.FromGrams(ends[i]), Units: []Line{}}
		for k := m.shelves[i].first; k < m.shelves[i].end; k++ {
			l.Units = append(l.Units, Line{SKU: m.slots[k].sku, Qty: m.slots[k].book + int(s.net[k])})
		}
		out = append(out, l)
	}
	return out
}

// stepsOf retells a story step by step.
func (m *model) stepsOf(s *story, events []event) []Step {
	steps := make([]Step, 0, len(s.acts))
	for _, a := range s.acts {
		e := events[a.event]
		step := Step{At: e.at, Platform: m.shelves[e.platform].id, Delta: protocol.FromGrams(e.grams)}
		if a.combo == nil {
			steps = append(steps, step)
			continue
		}
		for _, p := range a.combo.used() {
			part := step
			part.SKU, part.Qty = m.slots[p.slot].sku, p.qty
			if a.kind == take {
				part.Qty = -p.qty
			}
			steps = append(steps, part)
		}
	}
	return steps
}
