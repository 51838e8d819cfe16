package masterdata

import (
	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

func (r *reader) readCabinets(list node) []cloud.PlannedCabinet {
	var cabinets []cloud.PlannedCabinet
	seen := map[protocol.CabinetID]bool{}
	for _, n := range list.items() {
		c := r.cabinet(n)
		if seen[c.ID] {
			n.at("id").bad("cabinet %q is there twice", c.ID)
		}
		seen[c.ID] = true
		cabinets = append(cabinets, c)
	}
	return cabinets
}

func (r *reader) cabinet(n node) cloud.PlannedCabinet {
	n.fields("id", "store", "number", "place_zh", "place_en", "layout", "platforms")
	c := cloud.PlannedCabinet{
		Cabinet: cloud.Cabinet{
			ID: protocol.CabinetID(n.at("id").text(maxID)), Store: cloud.StoreID(id(n.at("store"))), Number: int(n.at("number").whole(1, maxUnits)),
			Place: names(n, "place"), Layout: n.at("layout").oneOf("shelves", "lanes"),
		},
		Stock: map[protocol.PlatformID]map[protocol.SKU]int{},
	}
	if err := c.ID.Validate(); err != nil {
		n.at("id").bad("%v", err)
	}
	c.Shard = shardOf(c.ID)
	if !r.stores[c.Store] {
		n.at("store").bad("no store %q here or in the fleet", c.Store)
	}
	platforms := n.at("platforms").items()
	if len(platforms) == 0 {
		n.at("platforms").bad("want one platform or more")
	}
	for _, p := range platforms {
		r.platform(p, &c)
	}
	return c
}

func (r *reader) platform(n node, c *cloud.PlannedCabinet) {
	n.fields("id", "compartment", "capacity_mg", "division_mg", "goods")
	p := cloud.Platform{
		ID: protocol.PlatformID(id(n.at("id"))), Compartment: protocol.Compartment(n.at("compartment").whole(1, 255)),
		Capacity: protocol.Milligrams(n.at("capacity_mg").whole(1, maxMG)), Division: protocol.Milligrams(n.at("division_mg").whole(1, maxMG)),
	}
	if _, twice := c.Stock[p.ID]; twice {
		n.at("id").bad("platform %q is there twice", p.ID)
	}
	stock := map[protocol.SKU]int{}
	var load protocol.Milligrams
	for _, g := range n.at("goods").items() {
		g.fields("sku", "stock")
		sku, units := protocol.SKU(id(g.at("sku"))), g.at("stock").whole(0, maxUnits)
		a, known := r.articles[sku]
		_, twice := stock[sku]
		switch {
		case !known:
			g.at("sku").bad("no article %q here or in the fleet", sku)
		case a.MinAge > 0:
			g.at("sku").bad("article %q may be sold from the age of %d only, and nobody looks at who opens a cabinet", sku, a.MinAge)
		case twice:
			g.at("sku").bad("article %q is there twice", sku)
		}
		stock[sku] = int(units)
		load += protocol.Milligrams(units) * a.Unit
		p.SKUs = append(p.SKUs, sku)
	}
	if p.Capacity > 0 && load > p.Capacity {
		n.at("goods").bad("weigh %d mg: the platform carries %d mg", load, p.Capacity)
	}
	c.Platforms, c.Stock[p.ID] = append(c.Platforms, p), stock
}

// Conflicts lists what the scales of a document's cabinets cannot tell apart, by cabinet. It is no fault of the document:
// such visits go to review.
func Conflicts(m cloud.MasterData, known Known) (map[protocol.CabinetID][]planogram.Conflict, error) {
	goods := map[protocol.SKU]planogram.Good{}
	for _, list := range [][]cloud.Article{known.Articles, m.Articles} {
		for _, a := range list {
			goods[a.SKU] = planogram.Good{Unit: a.Unit, SD: a.SD}
		}
	}
	found := map[protocol.CabinetID][]planogram.Conflict{}
	for _, c := range m.Cabinets {
		plan := planogram.Planogram{Goods: goods}
		for _, p := range c.Platforms {
			surface := planogram.Platform{ID: p.ID, Capacity: p.Capacity, Division: p.Division}
			for _, sku := range p.SKUs {
				surface.Goods = append(surface.Goods, planogram.Placement{SKU: sku, Units: c.Stock[p.ID][sku]})
			}
			plan.Platforms = append(plan.Platforms, surface)
		}
		report, err := planogram.Check(plan)
		if err != nil {
			return nil, err
		}
		if len(report.Conflicts) > 0 {
			found[c.ID] = report.Conflicts
		}
	}
	return found, nil
}
