package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

//go:embed data/catalog.csv
var catalogCSV []byte

//go:embed data/neighbourhood.json
var neighbourhoodJSON []byte

// article is one row of the catalogue, as fleetctl apply reads it.
type article struct {
	SKU           protocol.SKU        `json:"sku"`
	NameZh        string              `json:"name_zh"`
	NameEn        string              `json:"name_en"`
	Category      string              `json:"category"`
	Zone          string              `json:"zone"`
	Unit          protocol.Milligrams `json:"unit_mg"`
	SD            protocol.Milligrams `json:"sd_mg"`
	Price         protocol.Fen        `json:"price_fen"`
	Cost          protocol.Fen        `json:"cost_fen"`
	ShelfLifeDays int                 `json:"shelf_life_days"`
	Essential     bool                `json:"essential"`
	VATPercent    int                 `json:"vat_percent"`
	MinAge        int                 `json:"min_age"`
	CaseSize      int                 `json:"case_size"`
	Barcodes      []string            `json:"barcodes"`
}

// neighbourhood is what fleetctl apply reads.
type neighbourhood struct {
	Chain    json.RawMessage `json:"chain"`
	Stores   json.RawMessage `json:"stores"`
	Articles []article       `json:"articles"`
	Cabinets []place         `json:"cabinets"`
	Aisles   json.RawMessage `json:"aisles,omitempty"`
}

// place is one cabinet: where it stands, how it is built and what lies in it when it is new.
type place struct {
	ID        protocol.CabinetID `json:"id"`
	Store     string             `json:"store"`
	Number    int                `json:"number"`
	PlaceZh   string             `json:"place_zh"`
	PlaceEn   string             `json:"place_en"`
	Latitude  json.Number        `json:"latitude"`
	Longitude json.Number        `json:"longitude"`
	Hours     json.RawMessage    `json:"hours,omitempty"` // when a restocker can reach it
	Layout    cabinet.Layout     `json:"layout"`
	Platforms []platform         `json:"platforms"`
}

type platform struct {
	ID          protocol.PlatformID  `json:"id"`
	Compartment protocol.Compartment `json:"compartment"`
	Capacity    protocol.Milligrams  `json:"capacity_mg"`
	Division    protocol.Milligrams  `json:"division_mg"`
	Goods       []stocked            `json:"goods"`
}

type stocked struct {
	SKU   protocol.SKU `json:"sku"`
	Stock int          `json:"stock"`
	Room  int          `json:"room"` // units that fit
}

// demo is the built-in neighbourhood.
func demo() (neighbourhood, error) {
	var n neighbourhood
	if err := json.Unmarshal(neighbourhoodJSON, &n); err != nil {
		return n, fmt.Errorf("neighbourhood.json: %w", err)
	}
	articles, err := parseCatalog(catalogCSV)
	if err != nil {
		return n, fmt.Errorf("catalog.csv: %w", err)
	}
	n.Articles = articles
	return n, nil
}

// keepFirst leaves out all cabinets but the first so many; 0 keeps all.
func (n *neighbourhood) keepFirst(many int) error {
	if many < 0 || many > len(n.Cabinets) {
		return fmt.Errorf("%d cabinets: want 1 to %d, or 0 for all", many, len(n.Cabinets))
	}
	if many > 0 {
		n.Cabinets = n.Cabinets[:many]
	}
	return nil
}

func parseCatalog(text []byte) ([]article, error) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("no goods in it")
	}
	var all []article
	for i, row := range rows[1:] {
		r := record{head: rows[0], row: row}
		a := article{
			SKU: protocol.SKU(r.text("sku")), NameZh: r.text("name_zh"), NameEn: r.text("name_en"),
			Category: r.text("category"), Zone: r.text("zone"),
			Unit: protocol.FromGrams(r.number("gross_g")), SD: protocol.FromGrams(r.number("sd_g")),
			Price: protocol.Fen(r.whole("price_fen")), Cost: protocol.Fen(r.whole("cost_fen")),
			ShelfLifeDays: r.whole("shelf_life_days"), Essential: r.whole("essential") == 1,
			VATPercent: r.whole("vat_percent"), MinAge: r.whole("min_age"), CaseSize: r.whole("case_size"),
			Barcodes: strings.Fields(r.text("barcodes")),
		}
		if r.err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, r.err)
		}
		all = append(all, a)
	}
	return all, nil
}

// record reads one row by the names of its columns and remembers the first thing that is wrong.
type record struct {
	head, row []string
	err       error
}

func (r *record) text(column string) string {
	for i, name := range r.head {
		if name == column {
			return r.row[i]
		}
	}
	if r.err == nil {
		r.err = fmt.Errorf("no column %q", column)
	}
	return ""
}

func (r *record) number(column string) float64 {
	value, err := strconv.ParseFloat(r.text(column), 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("column %s: %w", column, err)
	}
	return value
}

func (r *record) whole(column string) int {
	value, err := strconv.Atoi(r.text(column))
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("column %s: %w", column, err)
	}
	return value
}

// What all demo cabinets have in common.
const (
	baud       = 115200
	responseUS = 2000
)

// plan is the cabinet's boards, with its goods as matter.
func (p place) plan(articles []article) (cabinet.Plan, error) {
	by := map[protocol.SKU]article{}
	for _, a := range articles {
		by[a.SKU] = a
	}
	seed := fnv.New64a()
	seed.Write([]byte(p.ID)) // a hash never fails
	plan := cabinet.Plan{Cabinet: p.ID, Layout: p.Layout, Seed: seed.Sum64(), Baud: baud, ResponseUS: responseUS}
	plan.Devices = []cabinet.Device{{Family: cabinet.ASCIIReader}}
	for _, surface := range p.Platforms {
		built := cabinet.Platform{ID: surface.ID, Capacity: surface.Capacity, Division: surface.Division}
		for _, g := range surface.Goods {
			a, known := by[g.SKU]
			if !known {
				return plan, fmt.Errorf("cabinet %s, platform %s: no article %q in the catalogue", p.ID, surface.ID, g.SKU)
			}
			built.Goods = append(built.Goods, cabinet.Good{SKU: a.SKU, Unit: a.Unit, SD: a.SD, Stock: g.Stock})
		}
		plan.Platforms = append(plan.Platforms, built)
	}
	return plan, plan.Validate()
}
