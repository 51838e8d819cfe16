package coverage

import (
	"cmp"
	"slices"
	"strings"

	"allhours/protocol"
)

// day is one day as it is told.
func (s *Store) day(n int) Day {
	d := Day{Span: Span{s.plan.Days[n], min(s.plan.Days[n+1], s.until)}, Ends: s.plan.Days[n+1], Pieces: make([]Piece, 0, len(s.days[n].pieces))}
	for i := range s.days[n].pieces {
		d.Pieces = append(d.Pieces, s.piece(&s.days[n].pieces[i]))
	}
	return d
}

func (s *Store) piece(p *piece) Piece {
	told := Piece{Span: Span{p.from, p.to}, State: State(p.vec[0]), Cabinets: make([]Stood, len(s.cabs))}
	if p.need >= 0 {
		for i, c := range s.plan.Needs[p.need].Categories {
			told.Categories = append(told.Categories, Served{c.Name, State(p.vec[1+i])})
		}
	}
	for n := range s.cabs {
		if v := p.vec[1+len(told.Categories)+n]; v != elsewhere {
			told.Cabinets[n] = Stood{true, State(v)}
		}
	}
	for _, c := range p.causes {
		told.Causes = append(told.Causes, s.cause(c, p.need))
	}
	slices.SortFunc(told.Causes, compareCauses)
	return told
}

func (s *Store) cause(c cause, need int16) Cause {
	told := Cause{Why: c.why}
	if c.cab >= 0 {
		told.Cabinet = s.cabs[c.cab].id
		if c.door >= 0 {
			told.Compartment = s.cabs[c.cab].doors[c.door].number
		}
	}
	if c.cat >= 0 {
		told.Category = s.plan.Needs[need].Categories[c.cat].Name
	}
	if c.fact == none {
		return told
	}
	f := &s.facts[c.fact]
	told.Code, told.Ref, told.Since, told.Made = f.Code, f.Ref, f.At, f.Made
	if f.From != 0 {
		told.Since = f.From
	}
	switch f.Kind {
	case Scale:
		told.Platform = protocol.PlatformID(f.Subject)
	case Barred:
		told.SKU = protocol.SKU(f.Subject)
	case Stock:
		platform, sku, _ := strings.Cut(f.Subject, "/")
		told.Platform, told.SKU = protocol.PlatformID(platform), protocol.SKU(sku)
	}
	return told
}

func compareCauses(a, b Cause) int {
	return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Cabinet, b.Cabinet), cmp.Compare(a.Compartment, b.Compartment),
		cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Why, b.Why), cmp.Compare(a.Since, b.Since), strings.Compare(a.Ref, b.Ref))
}

// Sum is how long a time was in each state, in milliseconds.
type Sum struct {
	Open, Covered, Uncovered, Unknown int64
}

// Add adds a time in a state.
func (s *Sum) Add(state State, ms int64) {
	switch state {
	case Open:
		s.Open += ms
	case Covered:
		s.Covered += ms
	case Uncovered:
		s.Uncovered += ms
	default:
		s.Unknown += ms
	}
}

// Sums adds up each of the store's days so far, without telling them piece by piece.
func (s *Store) Sums() []Sum {
	s.settle()
	sums := make([]Sum, 0, len(s.days))
	for n := range s.days {
		if s.plan.Days[n] >= s.until {
			break
		}
		var sum Sum
		for i := range s.days[n].pieces {
			p := &s.days[n].pieces[i]
			sum.Add(State(p.vec[0]), p.to-p.from)
		}
		sums = append(sums, sum)
	}
	return sums
}

// Plus adds another time.
func (s Sum) Plus(o Sum) Sum {
	return Sum{s.Open + o.Open, s.Covered + o.Covered, s.Uncovered + o.Uncovered, s.Unknown + o.Unknown}
}

// Whole is how long it is in all.
func (s Sum) Whole() int64 { return s.Open + s.Covered + s.Uncovered + s.Unknown }

// Share is how much of what is known was served, store and cabinets together; false where nothing is known.
func (s Sum) Share() (float64, bool) {
	known := s.Open + s.Covered + s.Uncovered
	return float64(s.Open+s.Covered) / float64(max(known, 1)), known > 0
}

// Sum adds a day up.
func (d Day) Sum() (sum Sum) {
	for _, p := range d.Pieces {
		sum.Add(p.State, p.Length())
	}
	return sum
}

// CategorySums adds a day up by category.
func (d Day) CategorySums() map[string]Sum {
	sums := make(map[string]Sum)
	for _, p := range d.Pieces {
		for _, c := range p.Categories {
			sum := sums[c.Category]
			sum.Add(c.State, p.Length())
			sums[c.Category] = sum
		}
	}
	return sums
}

// CabinetSums adds a day up by cabinet, as the plan orders them: how long each stood with the store and could sell, could not, or
// nobody knows.
func (d Day) CabinetSums() (sums []Sum) {
	for _, p := range d.Pieces {
		if sums == nil {
			sums = make([]Sum, len(p.Cabinets))
		}
		for n, c := range p.Cabinets {
			if c.Here {
				sums[n].Add(c.State, p.Length())
			}
		}
	}
	return sums
}
