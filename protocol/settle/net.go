package settle

import "math"

// netVariance is the uncertainty of a calm weight of which only one reading is known, in grams squared.
const netVariance = 1.0

// Net decides from two calm states only, after a power gap: before and after hold one calm weight per platform, in the
// layout's order. It bills only where the net weights leave one explanation.
func Net(l Layout, before, after []Sample, c Config) Answer {
	m, err := newModel(l, c)
	if err != nil {
		return Answer{Decision: Review, Lines: []Line{}, Rule: RuleVersion, Levels: []Level{}}
	}
	var events []event
	var faults []Fault
	ends := make([]float64, len(m.shelves))
	for i := range m.shelves {
		if i >= len(before) || i >= len(after) || !before[i].OK || !after[i].OK {
			faults = append(faults, Fault{Platform: m.shelves[i].id, Reason: reasonGap})
			continue
		}
		ends[i] = after[i].Weight.Grams()
		change := (after[i].Weight - before[i].Weight).Grams()
		if math.Abs(change) > min(4, m.minUnit/3) {
			events = append(events, event{platform: i, grams: change, variance: netVariance + m.shelves[i].division*m.shelves[i].division/6})
		}
	}
	return m.answer(events, m.decode(events), faults, ends)
}
