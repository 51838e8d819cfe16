package cloud

import (
	"context"

	"allhours/protocol"
	"allhours/protocol/planogram"
)

// Planograms tells what stands against the planogram that a cabinet has.
type Planograms interface {
	// Planogram checks the cabinet's planogram with its planned stock and proposes a better one; CodeUnknownCabinet where there
	// is no such cabinet.
	Planogram(ctx context.Context, id protocol.CabinetID) (planogram.Proposal, error)
}

// Planogram is where the cabinet's goods lie, as the check sees it: as many of each as a refill fills up to, or as lie there
// where that is more. An article that is not known has no weight, which the check refuses.
func (c Cabinet) Planogram(articles map[protocol.SKU]Article, stock map[protocol.PlatformID]map[protocol.SKU]int) planogram.Planogram {
	plan := planogram.Planogram{Goods: map[protocol.SKU]planogram.Good{}}
	for _, p := range c.Platforms {
		surface := planogram.Platform{ID: p.ID, Compartment: p.Compartment, Capacity: p.Capacity, Division: p.Division}
		for _, sku := range p.SKUs {
			if a, known := articles[sku]; known {
				plan.Goods[sku] = planogram.Good{Unit: a.Unit, SD: a.SD}
			}
			surface.Goods = append(surface.Goods, planogram.Placement{SKU: sku, Units: max(p.Par[sku], stock[p.ID][sku])})
		}
		plan.Platforms = append(plan.Platforms, surface)
	}
	return plan
}
