package reconcile

import (
	"cmp"
	"slices"
	"time"

	"allhours/protocol"
)

// Cause is what a difference between book and scales most likely comes from.
type Cause string

// The causes, in the order in which they are thought of: what would explain it without anybody having done wrong first.
const (
	CauseLate      Cause = "late"        // events of the cabinet are not here yet, or were booked late
	CauseSensor    Cause = "sensor"      // a scale was faulty, or has said nothing for long
	CauseWeight    Cause = "unit_weight" // the article no longer weighs what the master data say
	CauseMisplaced Cause = "misplaced"   // as much of it lies elsewhere in the cabinet
	CauseTheft     Cause = "theft"       // it is missing after an opening that nobody paid for
	CauseBefore    Cause = "before"      // the day began with it
	CauseUnknown   Cause = "unknown"
)

// EvidenceKind is what an evidence is.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceVisit    EvidenceKind = "visit"
	EvidenceIncident EvidenceKind = "incident"
	EvidenceEvents   EvidenceKind = "events" // that are missing or came late
	EvidenceScales   EvidenceKind = "scales" // the last word of the scales is old
	EvidenceStray    EvidenceKind = "stray"
)

// Evidence is what a cause was judged by, to be looked at.
type Evidence struct {
	Kind    EvidenceKind       `json:"kind"`
	Cabinet protocol.CabinetID `json:"cabinet,omitempty"`
	ID      string             `json:"id,omitempty"`   // of the visit, or the platform or article of an incident
	Word    string             `json:"word,omitempty"` // kind of incident, state of the visit
	At      time.Time          `json:"at,omitzero"`
	Count   int64              `json:"count,omitempty"` // events, or units
}

// Facts are what is known of a cabinet over a day beside its goods.
type Facts struct {
	Missing  []Evidence                         // events that are not applied yet, or were booked late
	Faults   map[protocol.PlatformID][]Evidence // of scales
	Places   map[protocol.SKU][]protocol.PlatformID
	Openings []Evidence // visits that went to review, were aborted in doubt; keys; weights that moved behind a shut door
	Weights  map[protocol.SKU][]Evidence
}

// staleAfter is how long before the end of the day the scales may have spoken last; they do each hour.
const staleAfter = 3 * time.Hour

// Difference is a line whose scales and book do not agree.
type Difference struct {
	Goods    Goods        `json:"goods"`
	Cause    Cause        `json:"cause"`
	Evidence []Evidence   `json:"evidence"`
	Cost     protocol.Fen `json:"cost_fen"` // of what is missing, or too much, at cost; negative: missing
}

// Differences finds the lines that do not agree and judges each, the most expensive first. Until is the end of the day, or
// now where it is not over.
func Differences(lines []Goods, facts map[protocol.CabinetID]Facts, cost map[protocol.SKU]protocol.Fen, until time.Time) []Difference {
	heavy := proportional(lines)
	all := []Difference{}
	for _, g := range lines {
		if g.Diff() == 0 {
			continue
		}
		d := Difference{Goods: g, Cost: cost[g.SKU] * protocol.Fen(g.Diff())}
		d.Cause, d.Evidence = judge(g, facts[g.Cabinet], heavy[g.SKU], until)
		all = append(all, d)
	}
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(abs(b.Cost), abs(a.Cost)), cmp.Compare(abs(b.Goods.Diff()), abs(a.Goods.Diff())), cmp.Compare(a.Goods.SKU, b.Goods.SKU))
	})
	return all
}

func judge(g Goods, f Facts, heavy bool, until time.Time) (Cause, []Evidence) {
	if len(f.Missing) > 0 {
		return CauseLate, f.Missing
	}
	for _, p := range f.Places[g.SKU] {
		if faults := f.Faults[p]; len(faults) > 0 {
			return CauseSensor, faults
		}
	}
	if until.Sub(g.Scales.At) > staleAfter {
		return CauseSensor, []Evidence{{Kind: EvidenceScales, Cabinet: g.Cabinet, At: g.Scales.At}}
	}
	if told := f.Weights[g.SKU]; len(told) > 0 || heavy {
		return CauseWeight, told
	}
	if g.Elsewhere != 0 && g.Diff() < 0 {
		return CauseMisplaced, []Evidence{{Kind: EvidenceStray, Cabinet: g.Cabinet, ID: string(g.SKU), Count: g.Elsewhere}}
	}
	if g.New() == 0 {
		return CauseBefore, nil
	}
	if g.New() < 0 && len(f.Openings) > 0 {
		return CauseTheft, f.Openings
	}
	return CauseUnknown, nil
}

// Of how many cabinets, and of how many sold units each, a wrong weight is told from chance.
const (
	heavyCabinets = 3
	heavySold     = 5
)

// proportional finds articles that differ in the same direction wherever enough of them was sold: a thief has no chain.
func proportional(lines []Goods) map[protocol.SKU]bool {
	type tally struct{ more, less, even int }
	seen := make(map[protocol.SKU]*tally)
	for _, g := range lines {
		if g.Scales == nil || -g.Total(Sold) < heavySold {
			continue
		}
		if seen[g.SKU] == nil {
			seen[g.SKU] = &tally{}
		}
		switch diff := g.Diff(); {
		case diff > 0:
			seen[g.SKU].more++
		case diff < 0:
			seen[g.SKU].less++
		default:
			seen[g.SKU].even++
		}
	}
	found := make(map[protocol.SKU]bool)
	for sku, t := range seen {
		most, others := max(t.more, t.less), min(t.more, t.less)+t.even
		found[sku] = most >= heavyCabinets && others == 0
	}
	return found
}

func abs[N ~int64](n N) N { return max(n, -n) }
