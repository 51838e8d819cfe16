package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud/audit"
	"allhours/cloud/server"
	"allhours/edge/past"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// wares of the test's two cabinets; takes of one or two of those on one shelf can be told apart.
var wares = []struct {
	sku      protocol.SKU
	category string
	grams    float64
}{{"1001", "water", 571}, {"1002", "snack", 133}, {"1003", "dairy", 337}, {"1004", "instant", 218}}

// planned is a folder as the town prepares one: two stores with a cabinet each.
func planned(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	document := map[string]any{
		"chain": map[string]any{"name_zh": "店", "name_en": "Shop", "support_phone": "+8657100000110", "hold_fen": 5000, "time_zone": "Asia/Shanghai"},
	}
	var stores, articles, cabinets []any
	for _, w := range wares {
		articles = append(articles, map[string]any{
			"sku": w.sku, "name_zh": "货" + w.sku, "name_en": "Ware " + w.sku, "category": w.category, "zone": "ambient", "unit_mg": protocol.FromGrams(w.grams), "sd_mg": 500,
			"price_fen": 350, "cost_fen": 200, "shelf_life_days": 30, "essential": true, "vat_percent": 13, "min_age": 0, "case_size": 6,
		})
	}
	for n, id := range []protocol.CabinetID{"xs-01", "xs-02"} {
		store := fmt.Sprint("s", n)
		stores = append(stores, map[string]any{"id": store, "name_zh": "店", "name_en": "Store", "hours": []any{map[string]any{"open": "07:00", "close": "22:00"}}})
		plan := cabinet.Plan{Cabinet: id, Layout: cabinet.Shelves, Seed: uint64(n + 1), Baud: 115200}
		var platforms []any
		for shelf := range 2 {
			name := protocol.PlatformID(fmt.Sprint("S", shelf+1))
			built := cabinet.Platform{ID: name, Capacity: 20_000_000, Division: 1000}
			var goods []any
			for _, w := range wares[2*shelf : 2*shelf+2] {
				built.Goods = append(built.Goods, cabinet.Good{SKU: w.sku, Unit: protocol.FromGrams(w.grams), SD: 500, Stock: 6})
				goods = append(goods, map[string]any{"sku": w.sku, "stock": 6})
			}
			plan.Platforms = append(plan.Platforms, built)
			platforms = append(platforms, map[string]any{"id": name, "compartment": 1, "capacity_mg": 20_000_000, "division_mg": 1000, "goods": goods})
		}
		cabinets = append(cabinets, map[string]any{
			"id": id, "store": store, "number": n + 1, "place_zh": "门", "place_en": fmt.Sprint("gate ", n), "layout": "shelves", "platforms": platforms,
		})
		write(t, filepath.Join(dir, "cabinets", string(id), "boards.json"), plan)
	}
	document["stores"], document["articles"], document["cabinets"] = stores, articles, cabinets
	write(t, filepath.Join(dir, "neighbourhood.json"), document)
	return dir
}

func write(t *testing.T, path string, content any) {
	t.Helper()
	text, err := json.Marshal(content)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPastIsMadeOnceAndItsBooksAreSound(t *testing.T) {
	dir, lines := planned(t), 0
	o := options{
		data: dir, days: 2, seed: 28, password: "lit-window-at-night", broker: "tcp://127.0.0.1:1883", until: time.Now(),
		say: func(format string, args ...any) { lines++; t.Logf(format, args...) },
	}
	if err := run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	admin, err := server.OpenAdmin(t.Context(), dir, "")
	if err != nil {
		t.Fatal(err)
	}
	looked, err := admin.Audit(t.Context(), func(d audit.Difference) error { t.Errorf("%+v", d); return nil })
	if err != nil || looked.Visits == 0 || looked.Events == 0 {
		t.Errorf("looked at %+v, %v", looked, err)
	}
	if err := admin.Close(); err != nil {
		t.Error(err)
	}
	for _, id := range []protocol.CabinetID{"xs-01", "xs-02"} {
		sameShelves(t, dir, id)
	}
	said := lines
	if err := run(t.Context(), o); err != nil || lines != said {
		t.Errorf("a second time: %v, and %d lines were said", err, lines-said)
	}
}

// sameShelves holds a cabinet's own book to what really lies on its scales.
func sameShelves(t *testing.T, dir string, id protocol.CabinetID) {
	t.Helper()
	folder := filepath.Join(dir, "cabinets", string(id))
	var state physics.State
	text, err := os.ReadFile(filepath.Join(folder, "shelf.json"))
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := past.Open(past.Options{Data: filepath.Join(folder, "agent"), Now: time.Now, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	book, err := c.Book()
	if err != nil {
		t.Fatal(err)
	}
	for _, heap := range state.Heaps {
		lies := map[protocol.SKU]int{}
		for _, l := range physics.Count(heap.Units) {
			lies[l.SKU] = l.Qty
		}
		for sku, units := range book[heap.Platform] {
			if units != lies[sku] {
				t.Errorf("%s, %s: %d of %s by its book, %d lie there", id, heap.Platform, units, sku, lies[sku])
			}
		}
	}
}
