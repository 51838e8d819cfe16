package masterdata

import (
	"allhours/cloud"
	"allhours/protocol"
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
		p.SKUs = append(p.SKUs, sku)
	}
	c.Platforms, c.Stock[p.ID] = append(c.Platforms, p), stock
}
