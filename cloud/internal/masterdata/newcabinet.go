package masterdata

import (
	"maps"
	"slices"

	"allhours/cloud"
	"allhours/protocol"
)

// added reads a line of a table that adds a cabinet: which store it stands with, as which number and where, and one of the fleet
// that it is built and filled like. It comes empty: a refill fills it, and a table of planograms changes what it is filled with.
func (r *reader) added(n node, id protocol.CabinetID) (c cloud.PlannedCabinet, ok bool) {
	if !n.at("like").there {
		n.at("cabinet").bad("no cabinet %q in the fleet: to add it, name one that it is like, with store, number, place_zh and place_en", id)
		return c, false
	}
	if err := id.Validate(); err != nil {
		n.at("cabinet").bad("%v", err)
	}
	like := protocol.CabinetID(n.at("like").text(maxID))
	model, known := r.known.cabinet(like)
	if !known {
		n.at("like").bad("no cabinet %q in the fleet that it could be like", like)
	}
	c.Cabinet = cloud.Cabinet{
		ID: id, Store: cloud.StoreID(n.at("store").text(maxID)), Number: int(n.at("number").whole(1, maxUnits)), Place: names(n, "place"),
		Layout: model.Layout, Shard: shardOf(id), Health: maps.Clone(model.Health),
	}
	if n.at("store").there && !r.stores[c.Store] {
		n.at("store").bad("no store %q here or in the fleet", c.Store)
	}
	c.Stock = make(map[protocol.PlatformID]map[protocol.SKU]int, len(model.Platforms))
	for _, p := range model.Platforms {
		c.Platforms, c.Stock[p.ID] = append(c.Platforms, r.asNew(p)), map[protocol.SKU]int{}
	}
	return c, true
}

// asNew is a platform as a new cabinet has it: what is retired gets no new place.
func (r *reader) asNew(p cloud.Platform) cloud.Platform {
	p.SKUs = slices.DeleteFunc(slices.Clone(p.SKUs), func(sku protocol.SKU) bool { return r.articles[sku].Retired })
	kept := func(units map[protocol.SKU]int) map[protocol.SKU]int {
		units = maps.Clone(units)
		maps.DeleteFunc(units, func(sku protocol.SKU, _ int) bool { return !slices.Contains(p.SKUs, sku) })
		if len(units) == 0 {
			return nil
		}
		return units
	}
	p.Par, p.Room = kept(p.Par), kept(p.Room)
	return p
}
