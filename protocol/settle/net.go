package settle

// netVariance is the uncertainty of a calm weight of which only one reading is known, in grams squared.
const netVariance = 1.0

// netTogether is the most units that a change of one platform may be and still be billed after a power gap.
const netTogether = 2

// Net decides from two calm states only, after a power gap: before and after hold one calm weight per platform, in the
// layout's order. It bills only where the net weights leave one simple explanation.
func Net(l Layout, before, after []Sample, c Config) Answer {
	m, err := newModel(l, c)
	if err != nil {
		return Answer{Decision: Review, Lines: []Line{}, Rule: RuleVersion, Levels: []Level{}}
	}
	seen := sight{bases: make([]pace, len(m.shelves)), ends: make([]float64, len(m.shelves))}
	for place, i := range m.places {
		if place >= len(before) || place >= len(after) || !before[place].OK || !after[place].OK {
			seen.faults = append(seen.faults, Fault{Platform: m.shelves[i].id, Reason: reasonGap})
			continue
		}
		variance := netVariance + m.shelves[i].division*m.shelves[i].division/12
		now := level{after[place].Weight.Grams(), variance}
		seen.ends[i] = now.grams
		seen.bases[i] = pace{level: level{before[place].Weight.Grams(), variance}}
		seen.all = append(seen.all, observation{platform: i, entry: now, exit: now, bogus: 1e-6})
	}
	sortObservations(seen.all)
	beam := m.decode(seen.bases, seen.all)
	a := m.answer(seen, beam)
	if a.Decision == Bill && !simple(&beam[0]) {
		a.Decision = Review
	}
	return a
}

// simple reports whether a story takes few units at a time and nothing else: what happened between two states is not
// seen, and several moves may add up to one weight.
func simple(s *story) bool {
	for _, p := range s.pages() {
		if p.act.kind != take || p.act.combo.kinds > 1 || p.act.combo.parts[0].qty > netTogether {
			return false
		}
	}
	return true
}
