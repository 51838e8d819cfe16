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
	lines []Line
	best  *story
	mass  float64
	right float64 // probability that the lines are right
	sure  float64 // the part of mass that leaves nothing unexplained
}

// answer weighs the stories against each other and says what the cabinet says.
func (m *model) answer(seen sight, beam []story) Answer {
	ranked := rank(m, beam)
	best := ranked[0]
	a := Answer{
		Lines: best.lines, Confidence: best.right, Rule: RuleVersion, Decision: Review,
		Strays: m.straysOf(best.best), Levels: m.levelsOf(best.best, seen.ends),
		Faults: append(slices.Clip(seen.faults), m.leftBehind(best.best)...),
	}
	if len(a.Faults) == 0 && best.sure >= m.confidence {
		a.Decision = Bill
	}
	told := tellings(beam)
	for _, e := range ranked[:min(2, len(ranked))] {
		a.Why = append(a.Why, Explanation{Lines: e.lines, Probability: e.mass, Steps: m.stepsOf(e.best, seen.all, told)})
	}
	return a
}

// rank groups the stories by their bill, likeliest first.
func rank(m *model, beam []story) []explained {
	index := map[string]int{}
	var out []explained
	var total float64
	for i := range beam {
		mass := math.Exp(beam[i].logp - beam[0].logp)
		total += mass
		lines := m.linesOf(&beam[i])
		key := lineKey(lines)
		k, known := index[key]
		if !known {
			k = len(out)
			index[key] = k
			out = append(out, explained{lines: lines, best: &beam[i]})
		}
		out[k].mass += mass
		trust := beam[i].worth()
		out[k].right += mass * trust
		if trust == 1 {
			out[k].sure += mass
		}
	}
	for i := range out {
		out[i].mass /= total
		out[i].sure /= total
		out[i].right /= total
	}
	slices.SortStableFunc(out, func(a, b explained) int { return cmp.Compare(b.mass, a.mass) })
	return out
}

// worth is the probability that the story's bill is right if the story is.
func (s *story) worth() float64 {
	if slices.ContainsFunc(s.levels, func(p pace) bool { return p.hand }) {
		return s.trust * trustUnknown
	}
	return s.trust
}

func lineKey(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(string(l.SKU))
		b.WriteByte('*')
		b.WriteString(strconv.Itoa(l.Qty))
		b.WriteByte(',')
	}
	return b.String()
}

// linesOf sums what a story says was taken; sorted by article, never nil.
func (m *model) linesOf(s *story) []Line {
	lines := []Line{}
	for i, n := range s.net {
		if n == 0 {
			continue
		}
		sku := m.slots[i].sku
		k, known := slices.BinarySearchFunc(lines, sku, func(l Line, sku protocol.SKU) int { return cmp.Compare(l.SKU, sku) })
		if !known {
			lines = slices.Insert(lines, k, Line{SKU: sku})
		}
		lines[k].Qty -= int(n)
	}
	return slices.DeleteFunc(lines, func(l Line) bool { return l.Qty <= 0 })
}

// straysOf lists the goods that a story leaves where they do not belong.
func (m *model) straysOf(s *story) []Stray {
	var out []Stray
	for _, l := range s.lying {
		if l.slot >= 0 {
			out = append(out, Stray{Platform: m.shelves[l.platform].id, SKU: m.slots[l.slot].sku, Qty: l.qty})
		}
	}
	return out
}

// leftBehind names the platforms on which a story leaves a foreign object.
func (m *model) leftBehind(s *story) []Fault {
	var out []Fault
	for _, l := range s.lying {
		if l.slot < 0 {
			out = append(out, Fault{Platform: m.shelves[l.platform].id, Reason: reasonObject})
		}
	}
	return out
}

// levelsOf says what lies on each platform at the end. What was put back elsewhere is missing where it belongs.
func (m *model) levelsOf(s *story, ends []float64) []Level {
	out := make([]Level, 0, len(m.shelves))
	away := make([]int, len(m.slots))
	for _, l := range s.lying {
		if l.slot >= 0 {
			away[l.slot] += l.qty
		}
	}
	for _, i := range m.places {
		l := Level{Platform: m.shelves[i].id, Weight: protocol.FromGrams(ends[i]), Units: []Line{}}
		for k := m.shelves[i].first; k < m.shelves[i].end; k++ {
			l.Units = append(l.Units, Line{SKU: m.slots[k].sku, Qty: max(0, m.slots[k].book+int(s.net[k])-away[k])})
		}
		out = append(out, l)
	}
	return out
}
