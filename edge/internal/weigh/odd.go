package weigh

import (
	"math"
	"slices"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// Figures of units that weigh other than their article should.
const (
	oddSpreads = 3.0  // spreads off from which a unit is odd
	oddNear    = 0.25 // of the weight: what is further off is no packaging of the article
	oddAlike   = 0.01 // of the weight: so near, or three spreads, odd units are alike
	oddLeast   = 4    // alike of the last oddKept tell of another packaging
	oddKept    = 8
)

// Odd remembers units of visits that went to a human and whose weight is not their article's: where a supplier changed the
// packaging by much, no bill would ever teach it. It is not kept over a boot.
type Odd struct {
	seen map[protocol.SKU][]protocol.Milligrams // newest last, oddKept at most
	told map[protocol.SKU]protocol.Milligrams
}

// Look takes the single grips of a visit and gives the articles whose units have come to weigh something else, each once.
func (o *Odd) Look(l settle.Layout, a settle.Answer) map[protocol.SKU]Repackaged {
	if a.Decision != settle.Review || len(a.Why) == 0 || len(a.Faults)+len(a.Strays) > 0 {
		return nil
	}
	moved := map[protocol.SKU]Repackaged{}
	steps := a.Why[0].Steps
	for i, s := range steps {
		if s.Delta >= 0 || i > 0 && sameMoment(s, steps[i-1]) || i+1 < len(steps) && sameMoment(s, steps[i+1]) {
			continue
		}
		sku, unit := o.whose(l, s)
		if sku == "" {
			continue
		}
		if r := o.add(sku, l.Goods[sku], unit); r != nil {
			moved[sku] = *r
		}
	}
	return moved
}

// ToldOf is what is known of an article once its other weight was told, so that bills that teach the same do not tell it
// again.
func ToldOf(l edge.Learnt, good settle.Good, r Repackaged) edge.Learnt {
	if l.Master != good.Unit {
		l = edge.Learnt{Master: good.Unit, Unit: good.Unit}
	}
	l.Told = r.Unit
	return l
}

// whose names the article that a step's odd unit is likeliest of, and what the unit weighs; none where it is not odd.
func (o *Odd) whose(l settle.Layout, s settle.Step) (protocol.SKU, protocol.Milligrams) {
	if s.SKU != "" {
		unit := -s.Delta / protocol.Milligrams(max(1, -s.Qty))
		if off := math.Abs(float64(unit - l.Goods[s.SKU].Unit)); off > oddSpreads*spreadOf(l.Goods[s.SKU]) {
			return s.SKU, unit
		}
		return "", 0
	}
	i := slices.IndexFunc(l.Platforms, func(p settle.Platform) bool { return p.ID == s.Platform })
	if i < 0 || s.What != settle.Strange {
		return "", 0
	}
	var nearest protocol.SKU
	least := math.Inf(1)
	for sku := range l.Platforms[i].Book {
		share := math.Abs(float64(-s.Delta-l.Goods[sku].Unit)) / float64(l.Goods[sku].Unit)
		if share < least || share == least && sku < nearest {
			nearest, least = sku, share
		}
	}
	if least > oddNear {
		return "", 0
	}
	return nearest, -s.Delta
}

// add notes an odd unit, and tells where enough of the last ones are alike.
func (o *Odd) add(sku protocol.SKU, good settle.Good, unit protocol.Milligrams) *Repackaged {
	if o.seen == nil {
		o.seen, o.told = map[protocol.SKU][]protocol.Milligrams{}, map[protocol.SKU]protocol.Milligrams{}
	}
	seen := append(o.seen[sku], unit)
	seen = seen[max(0, len(seen)-oddKept):]
	o.seen[sku] = seen
	alike := math.Max(oddAlike*float64(good.Unit), oddSpreads*spreadOf(good))
	var sum protocol.Milligrams
	n := 0
	for _, s := range seen {
		if math.Abs(float64(s-unit)) <= alike {
			sum += s
			n++
		}
	}
	if n < oddLeast {
		return nil
	}
	mean := sum / protocol.Milligrams(n)
	delete(o.seen, sku)
	if told, known := o.told[sku]; known && math.Abs(float64(told-mean)) <= alike {
		return nil
	}
	o.told[sku] = mean
	return &Repackaged{Was: good.Unit, Unit: mean, Visits: n, Units: n}
}

// spreadOf is the spread of a unit as a scale sees it, in milligrams.
func spreadOf(g settle.Good) float64 { return math.Max(float64(g.SD), noSpread) }
