package settle

import (
	"cmp"
	"slices"
)

// netVariance is the uncertainty of a calm weight of which only one reading is known, in grams squared.
const netVariance = 1.0

// netTogether is the most units that one change of a platform may be and still be billed after a power gap.
const netTogether = 2

// How likely a step that was written down in the visit, and never looked at again, shows a hand, and how likely the last
// weight does.
const (
	netBogus    = 0.06
	netBogusEnd = 1e-6
)

// netPace is how far, in milliseconds, the steps are set apart: each boot counts its times from a zero of its own, so that
// only their order is known.
const netPace = 2000

// Net decides what was not seen to its end, because the power failed: before and after hold one calm weight per platform,
// in the layout's order, and seen is what was written down of the visit, in order. It bills only where all of them leave
// one simple explanation, and no scale shows what it does not explain.
func Net(l Layout, before, after []Sample, seen []Step, c Config) Answer {
	m, err := newModel(l, c)
	if err != nil {
		return Answer{Decision: Review, Lines: []Line{}, Rule: RuleVersion, Levels: []Level{}}
	}
	s := m.netSight(before, after)
	s.all = m.netObservations(s, seen)
	beam := m.decode(s.bases, s.all)
	a := m.answer(s, beam)
	if a.Decision == Bill && !simple(&beam[0]) {
		a.Decision = Review
	}
	return a
}

// netSight takes the weights before and after; a platform that lacks one of them has a gap.
func (m *model) netSight(before, after []Sample) sight {
	s := sight{bases: make([]pace, len(m.shelves)), ends: make([]float64, len(m.shelves))}
	for place, i := range m.places {
		if place >= len(before) || place >= len(after) || !before[place].OK || !after[place].OK {
			s.faults = append(s.faults, Fault{Platform: m.shelves[i].id, Reason: reasonGap})
			continue
		}
		s.bases[i] = pace{level: m.netLevel(i, before[place].Weight.Grams())}
		s.ends[i] = after[place].Weight.Grams()
	}
	return s
}

func (m *model) netLevel(shelf int, grams float64) level {
	division := m.shelves[shelf].division
	return level{grams, netVariance + division*division/12}
}

// netObservations turns the steps that were seen into the levels that they left, and adds what the platforms weigh in the
// end. A grip of several articles is several steps of one change.
func (m *model) netObservations(s sight, seen []Step) []observation {
	var all []observation
	now := make([]float64, len(m.shelves))
	for i := range s.bases {
		now[i] = s.bases[i].grams
	}
	for n, step := range seen {
		i := slices.IndexFunc(m.shelves, func(s shelf) bool { return s.id == step.Platform })
		if i < 0 || n > 0 && seen[n-1].At == step.At && seen[n-1].Platform == step.Platform {
			continue
		}
		now[i] += step.Delta.Grams()
		all = append(all, m.netObservation(i, n+1, now[i], netBogus))
	}
	return append(all, m.netEnds(s, now, len(seen)+1)...)
}

// netEnds is what the platforms weigh in the end. What lost most since it was seen comes first: what it lost may lie on
// those that gained.
func (m *model) netEnds(s sight, now []float64, n int) []observation {
	var all []observation
	for i := range m.shelves {
		if !slices.ContainsFunc(s.faults, func(f Fault) bool { return f.Platform == m.shelves[i].id }) {
			o := m.netObservation(i, n, s.ends[i], netBogusEnd)
			o.dark = true
			all = append(all, o)
		}
	}
	gain := func(o observation) float64 { return o.entry.grams - now[o.platform] }
	slices.SortStableFunc(all, func(a, b observation) int { return cmp.Compare(gain(a), gain(b)) })
	return all
}

// netObservation is a level that a platform had as the n-th that is known.
func (m *model) netObservation(shelf, n int, grams, bogus float64) observation {
	l, at := m.netLevel(shelf, grams), int64(n)*netPace
	return observation{at: at, to: at, platform: shelf, entry: l, exit: l, bogus: bogus}
}

// simple reports whether a story takes few units at a time, at most puts them back where they were, and believes in
// nothing else that moved a scale: what happened between two states is not seen, and several moves may add up to one weight.
// What weighs less than an article may be a good of another platform in the place of some that are gone.
func simple(s *story) bool {
	for _, p := range s.pages() {
		switch {
		case p.act.kind == put:
		case p.act.kind != take || p.act.combo.kinds > 1 || p.act.combo.parts[0].qty > netTogether:
			return false
		}
	}
	return !s.stirred
}
