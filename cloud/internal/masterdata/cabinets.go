package masterdata

import (
	"slices"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
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
	n.fields("id", "store", "number", "place_zh", "place_en", "layout", "platforms", "health")
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
	for _, h := range n.at("health").items() {
		cold(h, &c)
	}
	return c
}

// cold reads how warm some compartments may be, where that differs from the chain's.
func cold(n node, c *cloud.PlannedCabinet) {
	n.fields(append(healthFields(), "compartments")...)
	list := n.at("compartments").items()
	if len(list) == 0 {
		n.at("compartments").bad("want one compartment or more")
	}
	for _, item := range list {
		number := protocol.Compartment(item.whole(1, 255))
		_, twice := c.Health[number]
		switch there := slices.ContainsFunc(c.Platforms, func(p cloud.Platform) bool { return p.Compartment == number }); {
		case number == 0: // Told already.
		case !there:
			item.bad("no platform is in compartment %d", number)
		case twice:
			item.bad("compartment %d is there twice", number)
		}
		if c.Health == nil {
			c.Health = make(map[protocol.Compartment]wire.Health)
		}
		c.Health[number] = healthOf(n)
	}
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
