package planogram

import (
	"cmp"
	"math"
	"slices"

	"allhours/protocol"
)

// MinSeparation is how many standard deviations two grips must differ by to be told apart from one change of weight.
const MinSeparation = 3.0

// defaultNoise is the uncertainty of a change between two calm levels where the platform's own is not known, in grams.
const defaultNoise = 0.5

// Units is a number of units of one article.
type Units struct {
	SKU protocol.SKU `json:"sku"`
	Qty int          `json:"qty"`
}

// Conflict is two grips of one or two units each from one platform that weigh too nearly the same.
type Conflict struct {
	Platform   protocol.PlatformID `json:"platform"`
	A          []Units             `json:"a"`
	B          []Units             `json:"b"`
	Gap        protocol.Milligrams `json:"gap_mg"`     // difference of their weights
	Separation float64             `json:"separation"` // the gap in standard deviations of what the scale will show
	Confusion  float64             `json:"confusion"`  // how often one would be taken for the other from its weight alone, 0 to 0.5
}

// Overload is a platform whose goods weigh more than it can.
type Overload struct {
	Platform protocol.PlatformID `json:"platform"`
	Weight   protocol.Milligrams `json:"weight_mg"`
	Capacity protocol.Milligrams `json:"capacity_mg"`
}

// Report is what stands against a planogram. Conflicts are sorted, worst first; both lists are never nil.
type Report struct {
	Conflicts []Conflict `json:"conflicts"`
	Overloads []Overload `json:"overloads"`
}

// OK reports whether nothing stands against the planogram.
func (r Report) OK() bool { return len(r.Conflicts) == 0 && len(r.Overloads) == 0 }

// grip is one or two units taken at once.
type grip struct {
	units           []Units
	grams, variance float64
}

// Check lists the pairs, sums and multiples on one platform that cannot be told apart, and the platforms over capacity.
// The error is Validate's.
func Check(p Planogram) (Report, error) {
	if err := p.Validate(); err != nil {
		return Report{}, err
	}
	report := Report{Conflicts: []Conflict{}, Overloads: []Overload{}}
	for _, platform := range p.Platforms {
		report.Conflicts = append(report.Conflicts, p.conflicts(platform)...)
		if weight := p.load(platform); platform.Capacity > 0 && weight > platform.Capacity {
			report.Overloads = append(report.Overloads, Overload{Platform: platform.ID, Weight: weight, Capacity: platform.Capacity})
		}
	}
	slices.SortStableFunc(report.Conflicts, func(a, b Conflict) int { return cmp.Compare(a.Separation, b.Separation) })
	return report, nil
}

func (p Planogram) load(platform Platform) protocol.Milligrams {
	var sum protocol.Milligrams
	for _, placed := range platform.Goods {
		sum += protocol.Milligrams(placed.Units) * p.Goods[placed.SKU].Unit
	}
	return sum
}

func (p Planogram) conflicts(platform Platform) []Conflict {
	noise := platform.Noise.Grams()
	if noise == 0 {
		noise = defaultNoise
	}
	division := platform.Division.Grams()
	floor := noise*noise + division*division/6
	grips := p.grips(platform)
	var found []Conflict
	for i, a := range grips {
		for _, b := range grips[i+1:] {
			if a.shares(b) {
				continue
			}
			gap := math.Abs(a.grams - b.grams)
			separation := gap / math.Sqrt(a.variance+b.variance+floor)
			if separation >= MinSeparation {
				continue
			}
			found = append(found, Conflict{
				Platform: platform.ID, A: a.units, B: b.units, Gap: protocol.FromGrams(gap),
				Separation: separation, Confusion: math.Erfc(separation/2/math.Sqrt2) / 2,
			})
		}
	}
	return found
}

// grips lists everything that one or two units of the platform's goods can make.
func (p Planogram) grips(platform Platform) []grip {
	var all []grip
	for i, placed := range platform.Goods {
		one := p.Goods[placed.SKU]
		unit, variance := one.Unit.Grams(), one.SD.Grams()*one.SD.Grams()
		all = append(all,
			grip{[]Units{{placed.SKU, 1}}, unit, variance},
			grip{[]Units{{placed.SKU, 2}}, 2 * unit, 2 * variance})
		for _, other := range platform.Goods[i+1:] {
			second := p.Goods[other.SKU]
			all = append(all, grip{
				[]Units{{placed.SKU, 1}, {other.SKU, 1}},
				unit + second.Unit.Grams(), variance + second.SD.Grams()*second.SD.Grams(),
			})
		}
	}
	return all
}

// shares reports whether both grips hold a same article: then the rest decides, which is a pair of its own.
func (g grip) shares(other grip) bool {
	return slices.ContainsFunc(g.units, func(u Units) bool {
		return slices.ContainsFunc(other.units, func(o Units) bool { return o.SKU == u.SKU })
	})
}
