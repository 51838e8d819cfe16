package coverage

import "slices"

// Rates tell what would have been sold of a category from a moment to another one, in fen; of everything where the category
// is empty.
type Rates func(category string, from, to int64) float64

// Gap is a time in which the neighbourhood was not served.
type Gap struct {
	Span
	All        bool     // nobody could sell anything for some of the time
	Categories []string // that were lacking for some of the time
	Causes     []Cause  // each once, with its beginning
	Lost       float64  // expected sales that did not come, in fen
}

// Gaps finds the gaps of days that follow each other.
func Gaps(days []Day, rates Rates) []Gap {
	var all []Gap
	for _, d := range days {
		for i := range d.Pieces {
			p := &d.Pieces[i]
			if p.State != Uncovered {
				continue
			}
			if n := len(all); n == 0 || all[n-1].To != p.From {
				all = append(all, Gap{Span: Span{p.From, p.From}})
			}
			all[len(all)-1].join(p, rates)
		}
	}
	return all
}

func (g *Gap) join(p *Piece, rates Rates) {
	g.To = p.To
	able := slices.ContainsFunc(p.Cabinets, func(c Stood) bool { return c.Here && c.State != Uncovered })
	if !able {
		g.All = true
		g.Lost += rates("", p.From, p.To)
	}
	for _, c := range p.Categories {
		if !able || c.State != Uncovered {
			continue
		}
		g.Lost += rates(c.Category, p.From, p.To)
		if !slices.Contains(g.Categories, c.Category) {
			g.Categories = append(g.Categories, c.Category)
		}
	}
	for _, c := range p.Causes {
		if !slices.Contains(g.Causes, c) {
			g.Causes = append(g.Causes, c)
		}
	}
}
