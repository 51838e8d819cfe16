package masterdata

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Bounds of what a document may say.
const (
	maxName     = 200           // bytes
	maxID       = 32            // bytes, of a store, an article or a platform
	maxFen      = 10_000_00     // ten thousand yuan
	maxMG       = 1_000_000_000 // one ton
	maxUnits    = 10_000
	defaultWait = 72 // hours until an undecided review is waived
)

// Known is what the fleet has already, which a document may refer to without repeating it.
type Known struct {
	Chain    *cloud.Chain // nil: none yet
	Stores   []cloud.Store
	Articles []cloud.Article
	Cabinets []cloud.Cabinet
	Stock    map[protocol.CabinetID]map[protocol.PlatformID]map[protocol.SKU]int // by book
	Coming   []cloud.PriceChange
	Rules    cloud.Markdowns
	Shelves  []cloud.ShelfPlace
	Drafts   map[protocol.CabinetID]cloud.Draft // that wait
	Ages     bool                               // somebody knows how old those are who open cabinets
	Revision uint64
}

// Document is master data, and where each entry stands in what they were read from.
type Document struct {
	cloud.MasterData
	places    map[string]place // of an article, or of a platform's goods
	faults    *faults
	converted bool
}

// Parse reads a document. Its error lists every bad entry on a line of its own, as path: what was expected. A fleet that has
// a chain need not name it again.
func Parse(raw []byte, known Known) (Document, error) {
	root, faults, err := parse(raw)
	if err != nil {
		return Document{}, err
	}
	r := newReader(known, faults)
	root.fields("chain", "stores", "articles", "cabinets", "aisles")
	d := Document{places: r.places, faults: faults}
	if known.Chain != nil && !root.at("chain").there {
		d.Chain = *known.Chain
	} else {
		d.Chain = chain(root.at("chain"))
	}
	d.Stores, d.Articles = r.readStores(root.at("stores")), r.readArticles(root.at("articles"))
	d.Cabinets = r.readCabinets(root.at("cabinets"))
	d.Shelves = r.readAisles(root.at("aisles"))
	return d, faults.err()
}

// ParseCSV reads one table of master data, by the same rules.
func ParseCSV(kind cloud.MasterKind, raw []byte, known Known) (Document, error) {
	list, converted, faults := readSheet(kind, raw)
	r := newReader(known, faults)
	d := Document{places: r.places, faults: faults, converted: converted}
	if known.Chain != nil {
		d.Chain = *known.Chain
	}
	switch kind {
	case cloud.MasterArticles:
		d.Articles = r.readArticles(list)
	case cloud.MasterPrices:
		d.Articles = r.readPrices(list)
	case cloud.MasterStores:
		d.Stores = r.readStores(list)
	case cloud.MasterPlanograms:
		d.Cabinets = r.readPlacements(list)
	case cloud.MasterMarkdowns:
		d.Markdowns = readMarkdowns(list)
	case cloud.MasterAisles:
		d.Shelves = r.readAisles(list)
	case cloud.MasterCabinets:
		d.Cabinets = r.readPlaces(list)
	default:
		return d, protocol.Errorf(cloud.CodeNotFound, "no table of master data is called %q", kind)
	}
	return d, faults.err()
}

// reader knows what the entries that follow may refer to.
type reader struct {
	known    Known
	stores   map[cloud.StoreID]bool
	articles map[protocol.SKU]cloud.Article
	places   map[string]place
	faults   *faults
}

func newReader(known Known, f *faults) *reader {
	r := &reader{known: known, faults: f, stores: map[cloud.StoreID]bool{}, articles: map[protocol.SKU]cloud.Article{}, places: map[string]place{}}
	for _, s := range known.Stores {
		r.stores[s.ID] = true
	}
	for _, a := range known.Articles {
		r.articles[a.SKU] = a
	}
	return r
}

// store is one that the fleet has, or the zero store.
func (k Known) store(id cloud.StoreID) cloud.Store {
	i := slices.IndexFunc(k.Stores, func(s cloud.Store) bool { return s.ID == id })
	if i < 0 {
		return cloud.Store{}
	}
	return k.Stores[i]
}

// cabinet is one that the fleet has.
func (k Known) cabinet(id protocol.CabinetID) (cloud.Cabinet, bool) {
	i := slices.IndexFunc(k.Cabinets, func(c cloud.Cabinet) bool { return c.ID == id })
	if i < 0 {
		return cloud.Cabinet{}, false
	}
	return k.Cabinets[i], true
}

func chain(n node) cloud.Chain {
	n.fields("name_zh", "name_en", "support_phone", "hold_fen", "time_zone", "waive_after_hours", "offline", "health", "disputes", "quiet_hours", "privacy")
	c := cloud.Chain{
		Name: names(n, "name"), SupportPhone: n.at("support_phone").text(maxID),
		Hold: protocol.Fen(n.at("hold_fen").whole(1, maxFen)), TimeZone: n.at("time_zone").text(64), WaiveAfter: defaultWait * time.Hour,
		Offline: offline(n.at("offline")), Health: health(n.at("health")),
		Disputing: disputing(n.at("disputes")), Quiet: quiet(n.at("quiet_hours")), Retention: retention(n.at("privacy")),
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "Local" {
		n.at("time_zone").bad("want a time zone of the IANA, such as Asia/Shanghai, got %q", c.TimeZone)
	}
	if wait := n.at("waive_after_hours"); wait.there {
		c.WaiveAfter = time.Duration(wait.whole(1, 24*90)) * time.Hour
	}
	return c
}

// quiet is when nobody wants a message; a chain that does not say it lets people sleep from ten to eight.
func quiet(n node) cloud.Quiet {
	if !n.there {
		return cloud.Quiet{From: 22 * 60, To: 8 * 60}
	}
	n.fields("from", "to")
	return cloud.Quiet{From: clock(n.at("from")), To: clock(n.at("to"))}
}

// healthFields are those of how warm the air of a compartment may be.
func healthFields() []string { return []string{"above_dc", "shut_min", "warm_min", "all_min"} }

// health is how warm the air of the chain's compartments may be, where their boxes shall not say it.
func health(n node) wire.Health {
	if n.there {
		n.fields(healthFields()...)
	}
	return healthOf(n)
}

func healthOf(n node) wire.Health {
	var h wire.Health
	if above := n.at("above_dc"); above.there {
		dc := protocol.DeciCelsius(above.whole(wire.ColdestDC, wire.WarmestDC))
		h.AboveDC = &dc
	}
	minutes := func(key string) int {
		if m := n.at(key); m.there {
			return int(m.whole(1, wire.LongestMin))
		}
		return 0
	}
	h.ShutMin, h.WarmMin, h.AllMin = minutes("shut_min"), minutes("warm_min"), minutes("all_min")
	return h
}

// serviceOpenings is how often a technician may open cabinets without a line where the chain does not say it.
const serviceOpenings = 20

// offline is what is risked while a cabinet's line is down; a chain that does not say has the defaults.
func offline(n node) cloud.Offline {
	if !n.there {
		return cloud.Offline{Valid: 10 * time.Minute, Openings: 2, Fen: 100_00, Per: 24 * time.Hour, Cabinet: 20, Service: serviceOpenings}
	}
	n.fields("valid_minutes", "openings", "fen", "per_hours", "cabinet_openings", "service_openings")
	o := cloud.Offline{
		Valid:    time.Duration(n.at("valid_minutes").whole(0, 60)) * time.Minute,
		Openings: int(n.at("openings").whole(0, 100)),
		Fen:      protocol.Fen(n.at("fen").whole(0, maxFen)),
		Per:      time.Duration(n.at("per_hours").whole(1, 24*31)) * time.Hour,
		Cabinet:  int(n.at("cabinet_openings").whole(0, 10_000)),
		Service:  serviceOpenings,
	}
	if service := n.at("service_openings"); service.there {
		o.Service = int(service.whole(0, 100))
	}
	return o
}

func names(n node, what string) cloud.Text {
	return cloud.Text{Zh: n.at(what + "_zh").text(maxName), En: n.at(what + "_en").text(maxName)}
}

func (r *reader) readStores(list node) []cloud.Store {
	var stores []cloud.Store
	seen := map[cloud.StoreID]bool{}
	for _, n := range list.items() {
		n.fields("id", "name_zh", "name_en", "hours", "latitude", "longitude")
		s := cloud.Store{ID: cloud.StoreID(id(n.at("id"))), Name: names(n, "name"), Hours: hours(n.at("hours"))}
		s.At = position(n, r.known.store(s.ID).At)
		if s.ID == cloud.Chainwide {
			n.at("id").bad("no store may be called %q: the chain's own accounts are", s.ID)
		}
		if seen[s.ID] {
			n.at("id").bad("store %q is there twice", s.ID)
		}
		seen[s.ID], r.stores[s.ID] = true, true
		stores = append(stores, s)
	}
	return stores
}

// spans are the opening spans of a day; a cell has them as 07:00-12:00 13:00-22:00.
func spans(n node) []node {
	text, is := n.value.(string)
	if n.line == 0 || !is {
		return n.items()
	}
	var nodes []node
	for _, span := range strings.Fields(text) {
		open, shut, two := strings.Cut(span, "-")
		if !two || open == "" || shut == "" {
			n.bad("want spans such as 07:00-22:00, got %q", span)
			continue
		}
		below := n
		below.value = row{"open": {line: n.line, column: n.column, text: open}, "close": {line: n.line, column: n.column, text: shut}}
		nodes = append(nodes, below)
	}
	return nodes
}

// clock reads hours and minutes, 00:00 to 24:00, as minutes after midnight.
func clock(n node) int {
	s, _ := n.value.(string)
	if s == "24:00" {
		return 24 * 60
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		n.bad("want a time of day such as 07:00, got %s", n.kind())
		return 0
	}
	return t.Hour()*60 + t.Minute()
}

func (r *reader) readArticles(list node) []cloud.Article {
	var articles []cloud.Article
	seen := map[protocol.SKU]bool{}
	for _, n := range list.items() {
		a := article(n)
		a.Barcodes = barcodes(n, r.articles[a.SKU].Barcodes)
		if seen[a.SKU] {
			n.at("sku").bad("article %q is there twice", a.SKU)
		}
		seen[a.SKU], r.articles[a.SKU] = true, a
		r.places[articleKey(a.SKU)], r.places[codesKey(a.SKU)] = n.at("min_age").place, n.at("barcodes").place
		articles = append(articles, a)
	}
	r.checkCodes()
	return articles
}

func articleKey(sku protocol.SKU) string { return "article " + string(sku) }

// readPrices reads new prices of articles that are there.
func (r *reader) readPrices(list node) []cloud.Article {
	var articles []cloud.Article
	seen := map[protocol.SKU]bool{}
	for _, n := range list.items() {
		sku, price := protocol.SKU(id(n.at("sku"))), protocol.Fen(n.at("price_fen").whole(1, maxFen))
		a, known := r.articles[sku]
		switch {
		case !known:
			n.at("sku").bad("no article %q here or in the fleet", sku)
		case seen[sku]:
			n.at("sku").bad("article %q is there twice", sku)
		}
		seen[sku], a.Price = true, price
		articles = append(articles, a)
	}
	return articles
}

func article(n node) cloud.Article {
	n.fields("sku", "name_zh", "name_en", "category", "zone", "unit_mg", "sd_mg", "price_fen", "cost_fen",
		"shelf_life_days", "essential", "vat_percent", "min_age", "case_size", "retired", "barcodes")
	a := cloud.Article{
		SKU: protocol.SKU(id(n.at("sku"))), Name: names(n, "name"), Category: n.at("category").text(maxID),
		Zone: n.at("zone").oneOf("ambient", "chilled"),
		Unit: protocol.Milligrams(n.at("unit_mg").whole(1, maxMG)), SD: protocol.Milligrams(n.at("sd_mg").whole(0, maxMG)),
		Price: protocol.Fen(n.at("price_fen").whole(1, maxFen)), Cost: protocol.Fen(n.at("cost_fen").whole(0, maxFen)),
		ShelfLifeDays: int(n.at("shelf_life_days").whole(0, 10_000)), Essential: n.at("essential").yes(),
		VATPercent: int(n.at("vat_percent").whole(0, 100)), MinAge: int(n.at("min_age").whole(0, 120)),
		CaseSize: int(n.at("case_size").whole(1, maxUnits)),
	}
	if retired := n.at("retired"); retired.there {
		a.Retired = retired.yes()
	}
	return a
}

// id is a name without spaces that travels in addresses and files.
func id(n node) string {
	s := n.text(maxID)
	if strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}) {
		n.bad("want letters, digits, '-' and '_' only, got %q", s)
	}
	return s
}

// shardOf spreads cabinets over the shards; the same id always has the same one.
func shardOf(id protocol.CabinetID) uint8 {
	h := fnv.New32a()
	h.Write([]byte(id)) // A hash never fails.
	return uint8(h.Sum32() % topic.Shards)
}
