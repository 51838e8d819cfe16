package picking

import (
	"math"

	"allhours/protocol"
)

// Loss is what skipping a cabinet until the round after the next costs, against visiting it on the next. It is
// an estimate that is rather too low: units asked for in vain before the visit are counted as if they had been taken from what
// it brings; and what articles of one category share of their shoppers is not known to it.
type Loss struct {
	Units  float64      `json:"units"`      // expected to be asked for in vain
	Margin protocol.Fen `json:"margin_fen"` // that they would have earned
	// NightHours are the hours between the store's closing and opening in which a category of essentials is expected to be
	// sold out, summed over the categories.
	NightHours float64 `json:"night_hours"`
	// ArticleHours are the same of single essential articles, whether or not others of their category are there.
	ArticleHours float64 `json:"article_hours"`
	Expired      int     `json:"expired"` // units past their date that go on lying there
}

// lone is what part of an hour of a category counts for an hour of one of its articles: who wanted milk takes another milk, but not
// everybody does, and the first that is sold out is what most come for.
const lone = 0.6

// Worth is the loss in money.
func (l Loss) Worth(p Policy) protocol.Fen {
	return l.Margin + protocol.Fen(math.Round((l.NightHours+lone*l.ArticleHours)*float64(p.NightHour))) + protocol.Fen(l.Expired)*p.ExpiredOut
}

// Skipping is what is lost where the cabinet of these needs is not brought them.
func Skipping(needs []Need, when When) Loss {
	var l Loss
	margin := 0.0
	for i := range needs {
		n := &needs[i]
		l.Units += n.Lost
		margin += n.Lost * float64(n.lane.margin())
		l.Expired += n.Expired
	}
	l.Margin = protocol.Fen(math.Round(margin))
	l.NightHours = uncovered(needs, when)
	for i := range needs {
		l.ArticleHours += needs[i].dark(when)
	}
	return l
}

// dark is how many night hours more, between the visit and the one after it, an essential article is sold out for where the cabinet
// is skipped.
func (n *Need) dark(when When) (hours float64) {
	if !n.lane.Essential || n.Bring == 0 {
		return 0
	}
	d := n.lane.Demand
	for _, night := range when.Nights {
		from, to := max(night.From, when.Visit), min(night.To, when.After)
		if to <= from || d.SoldOut(n.kept, to-1) < 1e-3 { // It is the likelier the later.
			continue
		}
		for h := from; h < to; h++ {
			hours += max(d.SoldOut(n.kept, h)-d.SoldOut(n.kept+n.Bring, h), 0)
		}
	}
	return hours
}

// uncovered is how many hours more of the nights, between the visit and the one after it, essentials are sold out for where
// the cabinet is skipped.
func uncovered(needs []Need, when When) float64 {
	var order []string
	lanes := map[string][]*Need{}
	helped := map[string]bool{}
	for i := range needs {
		n := &needs[i]
		if !n.lane.Essential {
			continue
		}
		if lanes[n.lane.Category] == nil {
			order = append(order, n.lane.Category)
		}
		lanes[n.lane.Category] = append(lanes[n.lane.Category], n)
		helped[n.lane.Category] = helped[n.lane.Category] || n.Bring > 0
	}
	hours := 0.0
	for _, category := range order {
		if helped[category] {
			hours += gap(lanes[category], when)
		}
	}
	return hours
}

// gap is how many night hours more one category is sold out for. Its articles are taken to sell each for itself.
func gap(lanes []*Need, when When) float64 {
	hours := 0.0
	for _, night := range when.Nights {
		for h := max(night.From, when.Visit); h < min(night.To, when.After); h++ {
			skipped, visited := 1.0, 1.0
			for _, n := range lanes {
				skipped *= n.lane.Demand.SoldOut(n.kept, h)
				if skipped < 1e-3 {
					skipped = 0
					break
				}
				visited *= n.lane.Demand.SoldOut(n.kept+n.Bring, h)
			}
			if skipped > 0 {
				hours += max(skipped-visited, 0)
			}
		}
	}
	return hours
}
