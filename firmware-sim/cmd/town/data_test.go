package main

import (
	"math"
	"strings"
	"testing"

	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

func mustDemo(t *testing.T) (neighbourhood, map[protocol.SKU]article) {
	t.Helper()
	n, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	by := map[protocol.SKU]article{}
	for _, a := range n.Articles {
		if by[a.SKU].SKU != "" {
			t.Fatalf("article %s is there twice", a.SKU)
		}
		by[a.SKU] = a
	}
	return n, by
}

func TestTheNeighbourhoodIsFourCabinetsOfShelvesAndTwoOfLanes(t *testing.T) {
	n, by := mustDemo(t)
	built := map[cabinet.Layout]int{}
	for _, c := range n.Cabinets {
		built[c.Layout]++
		if want := map[cabinet.Layout]int{cabinet.Shelves: 5, cabinet.Lanes: 24}[c.Layout]; len(c.Platforms) != want {
			t.Errorf("%s has %d platforms, want %d", c.ID, len(c.Platforms), want)
		}
		if _, err := c.plan(n.Articles); err != nil {
			t.Error(err)
		}
		checkGoods(t, c, by)
	}
	if built[cabinet.Shelves] != 4 || built[cabinet.Lanes] != 2 {
		t.Fatalf("built %v", built)
	}
}

// checkGoods looks at what may lie in a cabinet, and how much of it.
func checkGoods(t *testing.T, c place, by map[protocol.SKU]article) {
	essentials := 0
	for _, p := range c.Platforms {
		if c.Layout == cabinet.Lanes && len(p.Goods) != 1 {
			t.Errorf("%s %s: a lane holds one good, not %d", c.ID, p.ID, len(p.Goods))
		}
		var load protocol.Milligrams
		for _, g := range p.Goods {
			a := by[g.SKU]
			load += a.Unit * protocol.Milligrams(g.Stock)
			if a.Essential {
				essentials++
			}
			if a.SKU == "" || a.MinAge > 0 || g.Stock < 1 {
				t.Errorf("%s %s: %s cannot be sold here", c.ID, p.ID, g.SKU)
			}
		}
		if load > p.Capacity*19/20 {
			t.Errorf("%s %s: %d mg on a scale for %d", c.ID, p.ID, load, p.Capacity)
		}
	}
	if essentials < 5 {
		t.Errorf("%s holds %d essentials, want 5 or more", c.ID, essentials)
	}
}

// bundle is what a person takes at once: up to two units.
type bundle struct {
	grams, variance float64
	goods           []protocol.SKU
}

// bundles lists all of them, the empty one included.
func bundles(goods []stocked, by map[protocol.SKU]article) []bundle {
	all := []bundle{{}}
	single := func(g stocked) bundle {
		a := by[g.SKU]
		return bundle{a.Unit.Grams(), a.SD.Grams() * a.SD.Grams(), []protocol.SKU{g.SKU}}
	}
	for i, g := range goods {
		one := single(g)
		all = append(all, one)
		for _, h := range goods[i:] {
			two := single(h)
			all = append(all, bundle{one.grams + two.grams, one.variance + two.variance, []protocol.SKU{g.SKU, h.SKU}})
		}
	}
	return all
}

func TestTakesOfOneOrTwoUnitsFromAShelfCanBeToldApart(t *testing.T) {
	n, by := mustDemo(t)
	for _, c := range n.Cabinets {
		for _, p := range c.Platforms {
			all := bundles(p.Goods, by)
			for i, a := range all {
				for _, b := range all[i+1:] {
					apart := math.Abs(a.grams - b.grams)
					if apart <= 6 || apart <= 5*math.Sqrt(a.variance+b.variance) {
						t.Errorf("%s %s: %v and %v are only %.1f g apart", c.ID, p.ID, a.goods, b.goods, apart)
					}
				}
			}
		}
	}
}

func TestThreeUnitsOfOneKindCanBeToldFromOneOrTwoUnits(t *testing.T) {
	n, by := mustDemo(t)
	for _, c := range n.Cabinets {
		for _, p := range c.Platforms {
			for _, g := range p.Goods {
				three, spread := 3*by[g.SKU].Unit.Grams(), 3*by[g.SKU].SD.Grams()*by[g.SKU].SD.Grams()
				for _, b := range bundles(p.Goods, by) {
					apart := math.Abs(three - b.grams)
					if apart <= 3 || apart <= 3*math.Sqrt(spread+b.variance) {
						t.Errorf("%s %s: three of %s and %v are only %.1f g apart", c.ID, p.ID, g.SKU, b.goods, apart)
					}
				}
			}
		}
	}
}

func TestADamagedCatalogueIsNamedByLineAndColumn(t *testing.T) {
	const head = "sku,name_zh,name_en,category,zone,gross_g,sd_g,price_fen,shelf_life_days,essential,cost_fen,vat_percent,min_age,case_size,barcodes\n"
	cases := []struct{ name, text, want string }{
		{"a price that is no number", head + "1001,水,Water,water,ambient,571.0,2.6,two,540,1,114,13,0,24,\n", `line 2: column price_fen: strconv.Atoi: parsing "two": invalid syntax`},
		{"a column that is missing", "sku\n1001\n", `line 2: no column "name_zh"`},
		{"no goods", head, "no goods in it"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := parseCatalog([]byte(c.text)); err == nil || err.Error() != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestTheStoresShutAtNight(t *testing.T) {
	n, _ := mustDemo(t)
	for _, want := range []string{`"open": "07:00", "close": "22:00"`, `"open": "08:00", "close": "21:30"`} {
		if !strings.Contains(string(n.Stores), want) {
			t.Errorf("no store with %s", want)
		}
	}
}
