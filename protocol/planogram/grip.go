package planogram

import (
	"cmp"
	"math"
	"slices"

	"allhours/protocol"
)

// How visits take goods, before anything is known of the cabinet: one unit in four of five grips, two of the same in most
// others. Which article it is goes by demand. They are rough on purpose, and written down in decision 004.
const (
	takesPerVisit = 2.2 // grips in one visit
	shareOne      = 0.80
	shareTwo      = 0.17
	shareThree    = 0.01
	shareMixed    = 0.02 // one unit each of two articles of a platform, so soon after each other that the scale sees one change
)

// What the scales add to the spread of the goods.
const (
	defaultNoise = 0.5    // uncertainty of a change between two calm levels where the platform's own is not known, grams
	spanShare    = 0.0006 // a scale is off by so much of the weight
)

// ware is an article on one platform, as it is moved about.
type ware struct {
	sku      protocol.SKU
	units    int
	weight   protocol.Milligrams // of all its units
	unit     float64             // grams
	variance float64             // of one unit, grams squared
	share    float64             // of all grips of the cabinet
	beside   float64             // share that an average platform has: what lies beside it
}

// wares lists what lies on the platforms, one list for each, by article; shares add up to 1.
func (p Planogram) wares() [][]ware {
	places := map[protocol.SKU]float64{}
	for _, platform := range p.Platforms {
		for _, placed := range platform.Goods {
			places[placed.SKU]++
		}
	}
	var total, used float64
	all := make([][]ware, len(p.Platforms))
	for i, platform := range p.Platforms {
		for _, placed := range platform.Goods {
			good := p.Goods[placed.SKU]
			demand := cmp.Or(good.Demand, 1) / places[placed.SKU]
			total += demand
			all[i] = append(all[i], ware{
				sku: placed.SKU, units: placed.Units, weight: protocol.Milligrams(placed.Units) * good.Unit,
				unit: good.Unit.Grams(), variance: good.SD.Grams() * good.SD.Grams(), share: demand,
			})
		}
		if len(all[i]) > 0 {
			used++
		}
		slices.SortFunc(all[i], func(a, b ware) int { return cmp.Compare(a.sku, b.sku) })
	}
	for i := range all {
		for k := range all[i] {
			all[i][k].share /= total
			all[i][k].beside = 1 / used
		}
	}
	return all
}

// grip is what one change of weight may be: one to three units of one ware, or one each of two.
type grip struct {
	first, second int     // wares; second is none where there is none
	qty           int     // of the first
	grams         float64 // its mean weight
	variance      float64 // of what the scale shows of it, grams squared
	share         float64 // of all grips of the cabinet
}

// floor is the variance in grams squared that the platform's scale adds to each change.
func (p Platform) floor() float64 {
	noise, division := p.Noise.Grams(), p.Division.Grams()
	if noise == 0 {
		noise = defaultNoise
	}
	return noise*noise + division*division/6
}

// gripsOf lists the grips of some wares by weight, with sums of two of them or without.
func gripsOf(wares []ware, floor float64, sums bool) []grip {
	var all []grip
	add := func(g grip) {
		off := spanShare * g.grams
		g.variance += floor + off*off
		all = append(all, g)
	}
	for i := range wares {
		a := &wares[i]
		for k, share := range [...]float64{shareOne, shareTwo, shareThree} {
			n := float64(k + 1)
			add(grip{first: i, second: none, qty: k + 1, grams: n * a.unit, variance: n * a.variance, share: share * a.share})
		}
		for k := i + 1; sums && k < len(wares); k++ {
			b := &wares[k]
			add(grip{
				first: i, second: k, qty: 1, grams: a.unit + b.unit, variance: a.variance + b.variance,
				share: shareMixed * 2 * a.share * b.share / a.beside,
			})
		}
	}
	slices.SortFunc(all, func(a, b grip) int {
		return cmp.Or(cmp.Compare(a.grams, b.grams), cmp.Compare(a.first, b.first), cmp.Compare(a.second, b.second))
	})
	return all
}

// apart reports whether the grips have no ware in common: where they do, the rest decides, which is a pair of its own.
func (g *grip) apart(other *grip) bool {
	return g.first != other.first && g.first != other.second && (g.second == none || g.second != other.first && g.second != other.second)
}

func (g *grip) unitsOf(wares []ware) []Units {
	units := []Units{{SKU: wares[g.first].sku, Qty: g.qty}}
	if g.second != none {
		units = append(units, Units{SKU: wares[g.second].sku, Qty: 1})
	}
	return units
}

// pairs calls found for each two grips of the platform, the lighter one first, that may be taken for each other.
func pairs(grips []grip, found func(a, b *grip, odds confusion)) {
	var widest float64
	for i := range grips {
		widest = max(widest, grips[i].variance)
	}
	for i := range grips {
		a := &grips[i]
		reach := farSeparation * math.Sqrt(a.variance+widest)
		for k := i + 1; k < len(grips) && grips[k].grams-a.grams < reach; k++ {
			b := &grips[k]
			gap := b.grams - a.grams
			if gap*gap < farSeparation*farSeparation*(a.variance+b.variance) && a.apart(b) {
				found(a, b, confuse(a, b))
			}
		}
	}
}
