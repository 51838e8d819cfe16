package planogram

import (
	"cmp"
	"slices"

	"allhours/protocol"
)

// MinTrouble makes a conflict of two grips: so many of 1,000 visits would go to review or be billed wrong because of them.
const MinTrouble = 0.1

// Units is a number of units of one article.
type Units struct {
	SKU protocol.SKU `json:"sku"`
	Qty int          `json:"qty"`
}

// Conflict is two grips from one platform that weigh too nearly the same: one to three units of one article, or one each
// of two.
type Conflict struct {
	Platform   protocol.PlatformID `json:"platform"`
	A          []Units             `json:"a"`
	B          []Units             `json:"b"`
	Gap        protocol.Milligrams `json:"gap_mg"`     // difference of their weights
	Separation float64             `json:"separation"` // the gap in standard deviations of the difference of two changes
	Confusion  float64             `json:"confusion"`  // how often one would be taken for the other from its weight alone, 0 to 0.5
	Reviews    float64             `json:"reviews"`    // of 1,000 visits, how many would go to review because of these two alone
	Wrong      float64             `json:"wrong"`      // and how many would be billed as the other one
}

// Holds reports whether the article is in either grip.
func (c *Conflict) Holds(sku protocol.SKU) bool {
	is := func(u Units) bool { return u.SKU == sku }
	return slices.ContainsFunc(c.A, is) || slices.ContainsFunc(c.B, is)
}

// Load is one platform, what it bears and what it costs.
type Load struct {
	Platform  protocol.PlatformID `json:"platform"`
	Articles  int                 `json:"articles"`
	Weight    protocol.Milligrams `json:"weight_mg"`
	Capacity  protocol.Milligrams `json:"capacity_mg"` // 0: unknown
	Conflicts int                 `json:"conflicts"`
	Reviews   float64             `json:"reviews"` // of 1,000 visits to the cabinet, how many would go to review because of it
	Wrong     float64             `json:"wrong"`   // and how many would be billed as something else
}

// Over is by how much the goods weigh more than the platform can; 0 where they do not.
func (l Load) Over() protocol.Milligrams {
	if l.Capacity == 0 {
		return 0
	}
	return max(0, l.Weight-l.Capacity)
}

// Report is what stands against a planogram. Conflicts are sorted, those with the most reviews and wrong bills first; platforms are in the
// planogram's order; both lists are never nil.
type Report struct {
	Conflicts []Conflict `json:"conflicts"`
	Platforms []Load     `json:"platforms"`
	Reviews   float64    `json:"reviews"` // of 1,000 visits, how many would go to review because goods weigh alike
	Wrong     float64    `json:"wrong"`   // and how many would be billed as something else
}

// OK reports whether nothing stands against the planogram.
func (r Report) OK() bool { return len(r.Conflicts) == 0 && len(r.Overloads()) == 0 }

// Overloads lists the platforms whose goods weigh more than they can.
func (r Report) Overloads() []Load {
	return slices.DeleteFunc(slices.Clone(r.Platforms), func(l Load) bool { return l.Over() == 0 })
}

// Check lists the pairs, sums and multiples on one platform that cannot be told apart, what each platform bears, and how
// many visits would go to review. The error is Validate's.
func Check(p Planogram) (Report, error) {
	if err := p.Validate(); err != nil {
		return Report{}, err
	}
	report := Report{Conflicts: []Conflict{}, Platforms: make([]Load, 0, len(p.Platforms))}
	var all confusion
	for i, wares := range p.wares() {
		platform := p.Platforms[i]
		grips := gripsOf(wares, platform.floor(), true)
		found, doubt := conflicts(platform.ID, wares, grips), confused(grips)
		load := Load{
			Platform: platform.ID, Articles: len(wares), Capacity: platform.Capacity, Conflicts: len(found),
			Reviews: perThousand(doubt.reviewed), Wrong: perThousand(doubt.wrong),
		}
		for _, w := range wares {
			load.Weight += w.weight
		}
		all = all.plus(doubt)
		report.Conflicts = append(report.Conflicts, found...)
		report.Platforms = append(report.Platforms, load)
	}
	report.Reviews, report.Wrong = perThousand(all.reviewed), perThousand(all.wrong)
	slices.SortStableFunc(report.Conflicts, func(a, b Conflict) int {
		return cmp.Or(cmp.Compare(b.Reviews+b.Wrong, a.Reviews+a.Wrong), cmp.Compare(a.Separation, b.Separation), cmp.Compare(a.Platform, b.Platform))
	})
	return report, nil
}

func conflicts(id protocol.PlatformID, wares []ware, grips []grip) []Conflict {
	var found []Conflict
	pairs(grips, func(a, b *grip, odds confusion) {
		if odds.trouble() < MinTrouble {
			return
		}
		found = append(found, Conflict{
			Platform: id, A: a.unitsOf(wares), B: b.unitsOf(wares), Gap: protocol.FromGrams(b.grams - a.grams),
			Separation: odds.separation, Confusion: odds.wrongly(), Reviews: perThousand(odds.reviewed), Wrong: perThousand(odds.wrong),
		})
	})
	return found
}
