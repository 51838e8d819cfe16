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
	n.fields("id", "store", "number", "place_zh", "place_en", "layout", "platforms", "health", "latitude", "longitude", "hours")
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
	was, _ := r.known.cabinet(c.ID)
	c.At, c.Hours = position(n, was.At), reach(n, was.Hours)
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
		g.fields("sku", "stock", "par", "room")
		units := g.at("stock").whole(0, maxUnits)
		stock[r.place(g, c.ID, &p)] = int(units)
	}
	r.places[goodsKey(c.ID, p.ID)] = n.at("goods").place
	c.Platforms, c.Stock[p.ID] = append(c.Platforms, p), stock
}

func goodsKey(c protocol.CabinetID, p protocol.PlatformID) string {
	return "goods " + string(c) + " " + string(p)
}

// place reads an article's place on a platform.
func (r *reader) place(n node, cabinet protocol.CabinetID, p *cloud.Platform) protocol.SKU {
	at := n.at("sku")
	sku := protocol.SKU(id(at))
	a, known := r.articles[sku]
	switch {
	case !known:
		at.bad("no article %q here or in the fleet", sku)
	case a.MinAge > 0 && !r.known.Ages:
		at.bad("article %q may be sold from the age of %d only, and nobody looks at who opens a cabinet", sku, a.MinAge)
	case slices.Contains(p.SKUs, sku):
		at.bad("article %q is there twice", sku)
	case a.Retired && !r.lies(sku, cabinet):
		at.bad("article %q is retired and has no place in cabinet %s yet", sku, cabinet)
	case p.Capacity > 0 && a.Unit > p.Capacity:
		at.bad("one unit weighs %d mg: the platform carries %d mg", int64(a.Unit), int64(p.Capacity))
	}
	p.SKUs = append(p.SKUs, sku)
	if par := n.at("par"); par.there {
		if units := par.whole(0, maxUnits); units > 0 {
			if p.Par == nil {
				p.Par = map[protocol.SKU]int{}
			}
			p.Par[sku] = int(units)
		}
	}
	if units := r.room(n, cabinet, p.ID, sku); units > 0 {
		if p.Room == nil {
			p.Room = map[protocol.SKU]int{}
		}
		p.Room[sku] = units
		if p.Par[sku] > units {
			n.at("par").bad("only %d units fit", units)
		}
	}
	return sku
}

// room is how many units of an article fit on a platform, 0 where nobody has said it; where nothing is said of it, it stays as it was.
func (r *reader) room(n node, cabinet protocol.CabinetID, platform protocol.PlatformID, sku protocol.SKU) int {
	if room := n.at("room"); room.there {
		return int(room.whole(0, maxUnits))
	}
	if n.says("room") {
		return 0
	}
	c, _ := r.known.cabinet(cabinet)
	for _, p := range c.Platforms {
		if p.ID == platform {
			return p.Room[sku]
		}
	}
	return 0
}

// lies reports whether an article has its place in a cabinet of the fleet.
func (r *reader) lies(sku protocol.SKU, cabinet protocol.CabinetID) bool {
	c, _ := r.known.cabinet(cabinet)
	return slices.ContainsFunc(c.Platforms, func(p cloud.Platform) bool { return slices.Contains(p.SKUs, sku) })
}

// readPlacements reads what lies where, an article's place on each line. A platform that is named gets what its lines say, a
// line without an article leaves it empty; one that is not named stays as it is.
func (r *reader) readPlacements(list node) []cloud.PlannedCabinet {
	var cabinets []cloud.PlannedCabinet
	index := map[protocol.CabinetID]int{}
	for _, n := range list.items() {
		id := protocol.CabinetID(n.at("cabinet").text(maxID))
		i, begun := index[id]
		if !begun {
			c, known := r.known.cabinet(id)
			if !known {
				if n.at("cabinet").there {
					n.at("cabinet").bad("no cabinet %q in the fleet: a planogram fills cabinets and adds none; add it with fleetctl apply, then enrol it", id)
				}
				continue
			}
			i = len(cabinets)
			index[id] = i
			c.Platforms = slices.Clone(c.Platforms)
			cabinets = append(cabinets, cloud.PlannedCabinet{Cabinet: c, Stock: r.known.Stock[id]})
		}
		r.placement(n, &cabinets[i].Cabinet)
	}
	return cabinets
}

// placement reads one such line.
func (r *reader) placement(n node, c *cloud.Cabinet) {
	id := protocol.PlatformID(n.at("platform").text(maxID))
	i := slices.IndexFunc(c.Platforms, func(p cloud.Platform) bool { return p.ID == id })
	if i < 0 {
		if n.at("platform").there {
			n.at("platform").bad("cabinet %s has no platform %q", c.ID, id)
		}
		return
	}
	p, key := &c.Platforms[i], goodsKey(c.ID, id)
	_, named := r.places[key]
	if !named {
		p.SKUs, p.Par, p.Room = nil, nil, nil
		r.places[key] = place{line: n.line, column: "sku"}
	}
	empty := !n.at("sku").there
	if named && (empty || len(p.SKUs) == 0) {
		n.at("sku").bad("want no other line of a platform that is left empty")
		return
	}
	if !empty {
		r.place(n, c.ID, p)
	}
}
