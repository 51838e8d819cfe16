package masterdata

import (
	"maps"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

// Bounds of what is said of shelves and places.
const (
	mostCodes = 20
	mostTurns = 100_000
	degree    = 1_000_000 // a position counts in millionths
)

// barcodes are an article's; where nothing is said of them they stay as they were. A cell has them with spaces between.
func barcodes(n node, was []cloud.Barcode) (codes []cloud.Barcode) {
	at := n.at("barcodes")
	if !n.says("barcodes") {
		return was
	}
	for _, text := range words(at) {
		code := cloud.Barcode(text)
		switch {
		case !code.Valid():
			at.bad("want bar codes of 8, 12 or 13 digits with their check digit, got %q", text)
		case slices.ContainsFunc(codes, func(c cloud.Barcode) bool { return c.Plain() == code.Plain() }):
			at.bad("bar code %q is there twice", text)
		}
		codes = append(codes, code)
	}
	if len(codes) > mostCodes {
		at.bad("want %d bar codes at most", mostCodes)
	}
	return codes
}

// words are the texts of a list; a cell has them with spaces between.
func words(n node) (all []string) {
	if text, is := n.value.(string); is && n.line > 0 {
		return strings.Fields(text)
	}
	for _, item := range n.items() {
		all = append(all, item.text(maxID))
	}
	return all
}

// checkCodes finds bar codes that stand on two articles, of the document or of the fleet.
func (r *reader) checkCodes() {
	owner := map[string]protocol.SKU{}
	for _, sku := range slices.Sorted(maps.Keys(r.articles)) {
		for _, code := range r.articles[sku].Barcodes {
			other, taken := owner[code.Plain()]
			if !taken || other == sku { // Twice on one article was told already.
				owner[code.Plain()] = sku
				continue
			}
			at, named := r.places[codesKey(sku)]
			if !named {
				at, other = r.places[codesKey(other)], sku
			}
			r.faults.add(at, "bar code %q stands on article %q as well", string(code), string(other))
		}
	}
}

func codesKey(sku protocol.SKU) string { return "codes " + string(sku) }

// position is where something stands; both numbers, or neither. Where nothing is said of it, it stays where it was.
func position(n node, was cloud.Spot) cloud.Spot {
	if !n.says("latitude") && !n.says("longitude") {
		return was
	}
	north, east := n.at("latitude"), n.at("longitude")
	if north.there != east.there {
		n.at(map[bool]string{true: "longitude", false: "latitude"}[north.there]).bad("want both a latitude and a longitude, or neither")
		return was
	}
	if !north.there {
		return cloud.Spot{}
	}
	return cloud.Spot{Latitude: int(north.fixed(-90*degree, 90*degree, 6)), Longitude: int(east.fixed(-180*degree, 180*degree, 6))}
}

// hours are spans of a day.
func hours(n node) (all []cloud.Hours) {
	for _, h := range spans(n) {
		h.fields("open", "close")
		all = append(all, span(h))
	}
	return all
}

func span(n node) cloud.Hours {
	h := cloud.Hours{Open: clock(n.at("open")), Close: clock(n.at("close"))}
	if h.Close <= h.Open {
		n.bad("want it to close after it opens, on the same day")
	}
	return h
}

// reach is when a cabinet can be reached; where nothing is said of it, it stays as it was. A span may name days of the week; in a
// cell they stand before their spans, as in mon-fri 07:00-10:00 sat 09:00-12:00.
func reach(n node, was []cloud.Reach) (all []cloud.Reach) {
	if !n.says("hours") {
		return was
	}
	at := n.at("hours")
	if text, is := at.value.(string); is && at.line > 0 {
		return reachCell(at, text)
	}
	for _, h := range at.items() {
		h.fields("days", "open", "close")
		r := cloud.Reach{Hours: span(h)}
		if days := h.at("days"); days.there {
			known := false
			if r.Days, known = cloud.ParseDays(days.text(maxID)); !known {
				days.bad("want days of the week such as mon-fri or sat,sun")
			}
			r.Days %= cloud.EveryDay
		}
		all = append(all, r)
	}
	return all
}

// reachCell reads the spans of a cell, and the days that stand before some of them.
func reachCell(at node, text string) (all []cloud.Reach) {
	days := uint8(0)
	for _, word := range strings.Fields(text) {
		if named, ok := cloud.ParseDays(word); ok {
			days = named % cloud.EveryDay // All days are said as none.
			continue
		}
		one := at
		one.value = word
		for _, h := range spans(one) {
			all = append(all, cloud.Reach{Days: days, Hours: span(h)})
		}
	}
	return all
}

// readPlaces reads where cabinets stand, and when they can be reached; a line that names one to be like adds it.
func (r *reader) readPlaces(list node) (cabinets []cloud.PlannedCabinet) {
	seen := map[protocol.CabinetID]bool{}
	for _, n := range list.items() {
		id := protocol.CabinetID(n.at("cabinet").text(maxID))
		if !n.at("cabinet").there { // Told already.
			continue
		}
		if seen[id] {
			n.at("cabinet").bad("cabinet %q is there twice", id)
		}
		seen[id] = true
		var c cloud.PlannedCabinet
		known := false
		if c.Cabinet, known = r.known.cabinet(id); !known {
			if c, known = r.added(n, id); !known {
				continue
			}
		}
		c.At, c.Hours = position(n, c.At), reach(n, c.Hours)
		cabinets = append(cabinets, c)
	}
	return cabinets
}

// readAisles reads where articles lie in the stores; a line without an aisle takes one away.
func (r *reader) readAisles(list node) (places []cloud.ShelfPlace) {
	type key struct {
		store cloud.StoreID
		sku   protocol.SKU
	}
	seen := map[key]bool{}
	for _, n := range list.items() {
		n.fields("store", "sku", "aisle", "turn")
		p := cloud.ShelfPlace{Store: cloud.StoreID(id(n.at("store"))), SKU: protocol.SKU(id(n.at("sku")))}
		_, known := r.articles[p.SKU]
		switch {
		case !r.stores[p.Store]:
			n.at("store").bad("no store %q here or in the fleet", p.Store)
		case !known:
			n.at("sku").bad("no article %q here or in the fleet", p.SKU)
		case seen[key{p.Store, p.SKU}]:
			n.at("sku").bad("article %q is there twice", p.SKU)
		}
		seen[key{p.Store, p.SKU}] = true
		aisle, turn := n.at("aisle"), n.at("turn")
		if aisle.there {
			p.Aisle = aisle.text(maxID)
		}
		if turn.there {
			p.Turn = int(turn.whole(0, mostTurns))
		}
		if p.Aisle == "" && p.Turn > 0 {
			aisle.bad("want the aisle that the turn is in")
		}
		places = append(places, p)
	}
	return places
}

// shelfPlace is where an article lies by the fleet's data; without an aisle where nobody has said it.
func (k Known) shelfPlace(store cloud.StoreID, sku protocol.SKU) cloud.ShelfPlace {
	i := slices.IndexFunc(k.Shelves, func(p cloud.ShelfPlace) bool { return p.Store == store && p.SKU == sku })
	if i < 0 {
		return cloud.ShelfPlace{Store: store, SKU: sku}
	}
	return k.Shelves[i]
}

// cabinetRecord is where a cabinet stands, and when it can be reached.
func cabinetRecord(c cloud.Cabinet) record {
	r := record{
		"cabinet": string(c.ID), "store": string(c.Store), "number": whole(c.Number), "place_zh": c.Place.Zh, "place_en": c.Place.En, "hours": cloud.ReachText(c.Hours, english),
	}
	r["latitude"], r["longitude"] = degrees(c.At)
	return r
}

// degrees writes a position as it is read again; nothing where nobody has said one.
func degrees(p cloud.Spot) (north, east string) {
	if !p.Known() {
		return "", ""
	}
	return spell(int64(p.Latitude), 6), spell(int64(p.Longitude), 6)
}

func aisleRecord(p cloud.ShelfPlace, names map[protocol.SKU]cloud.Text) record {
	r := record{"store": string(p.Store), "sku": string(p.SKU), "name_zh": names[p.SKU].Zh, "name_en": names[p.SKU].En, "aisle": p.Aisle}
	if p.Turn > 0 {
		r["turn"] = whole(p.Turn)
	}
	return r
}

// aisleRecords are the places of all articles in all stores, those that nobody has said one of too, so that a table can be filled in.
func aisleRecords(known Known) (all []record) {
	names := namesOf(known.Articles)
	for _, s := range known.Stores {
		for _, a := range known.Articles {
			all = append(all, aisleRecord(known.shelfPlace(s.ID, a.SKU), names))
		}
	}
	return all
}

func codesText(codes []cloud.Barcode) string {
	texts := make([]string, len(codes))
	for i, c := range codes {
		texts[i] = string(c)
	}
	return strings.Join(texts, " ")
}

// aisle compares a place on a shelf with what it was.
func (c *comparison) aisle(p cloud.ShelfPlace) bool {
	was := c.known.shelfPlace(p.Store, p.SKU)
	i := slices.IndexFunc(c.known.Articles, func(a cloud.Article) bool { return a.SKU == p.SKU })
	names := map[protocol.SKU]cloud.Text{}
	if i >= 0 {
		names[p.SKU] = c.known.Articles[i].Name
	}
	return c.entry(cloud.MasterAisles, string(p.Store)+" "+string(p.SKU), names[p.SKU], aisleRecord(was, names), aisleRecord(p, names))
}

// english is the language of tables.
func english(t cloud.Text) string { return t.En }
