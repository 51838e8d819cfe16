package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// aislesView is where articles lie in one store.
type aislesView struct {
	Store  cloud.Store
	Stores []cloud.Store // the others
	Query  string
	Rows   []aisleRow
	Count  string
	Edit   bool
	Done   string
}

type aisleRow struct {
	SKU   protocol.SKU
	Name  string
	Aisle string
	Turn  string
}

func (p *Pages) aisles(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	id, stores, err := p.storeAsked(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(stores, func(s cloud.Store) bool { return s.ID == id })
	if i < 0 {
		return protocol.Errorf(cloud.CodeNotFound, "no such store")
	}
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return fmt.Errorf("aisles: %w", err)
	}
	places, err := p.Assortment.Aisles(ctx, id)
	if err != nil {
		return fmt.Errorf("aisles: %w", err)
	}
	view := aislesView{Store: stores[i], Query: strings.TrimSpace(c.QueryParam("q")), Edit: mayPlan(c), Done: v.done(c)}
	view.Stores = slices.Delete(stores, i, i+1)
	articles = slices.DeleteFunc(articles, func(a cloud.Article) bool { return a.Retired || !matches(a, view.Query) })
	view.Rows = v.aisleRows(articles, places)
	view.Count = v.count("master.aisles.count", len(places))
	return p.showMaster(c, "aisles", v.say("master.aisles")+" · "+v.lang.Pick(view.Store.Name), "/master/aisles?store="+string(id), http.StatusOK, view)
}

// aisleRows are articles as one walks along the aisles; those of which nobody has said where they lie come last.
func (v *view) aisleRows(articles []cloud.Article, places []cloud.ShelfPlace) []aisleRow {
	at := make(map[protocol.SKU]cloud.ShelfPlace, len(places))
	for _, p := range places {
		at[p.SKU] = p
	}
	slices.SortStableFunc(articles, func(a, b cloud.Article) int {
		x, y := at[a.SKU], at[b.SKU]
		return picking.Pick{Aisle: x.Aisle, Turn: x.Turn, SKU: a.SKU}.Compare(picking.Pick{Aisle: y.Aisle, Turn: y.Turn, SKU: b.SKU})
	})
	rows := make([]aisleRow, len(articles))
	for i, a := range articles {
		rows[i] = aisleRow{a.SKU, v.lang.Pick(a.Name), at[a.SKU].Aisle, numberOrNone(at[a.SKU].Turn)}
	}
	return rows
}

// changeAisles shows what the aisles that were filled in would change.
func (p *Pages) changeAisles(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	store := c.FormValue("store")
	var records [][]string
	for i, sku := range form["sku"] {
		record := []string{store, sku, "", ""}
		for n, field := range []string{"aisle", "turn"} {
			if values := form[field]; i < len(values) {
				record[2+n] = strings.TrimSpace(values[i])
			}
		}
		records = append(records, record)
	}
	in := cloud.Intake{Kind: cloud.MasterAisles, Text: spreadsheet.Write([]string{"store", "sku", "aisle", "turn"}, records)}
	return p.preview(c, in, "/master/aisles?store="+store)
}

// changePlace shows what would change of where one cabinet stands, and when it can be reached.
func (p *Pages) changePlace(c echo.Context) error {
	id := c.Param("cabinet")
	record := []string{id}
	for _, field := range []string{"latitude", "longitude", "hours"} {
		record = append(record, strings.TrimSpace(c.FormValue(field)))
	}
	in := cloud.Intake{Kind: cloud.MasterCabinets, Text: spreadsheet.Write([]string{"cabinet", "latitude", "longitude", "hours"}, [][]string{record})}
	return p.preview(c, in, "/master/planograms/"+id)
}

// degrees writes a latitude or a longitude of a spot that is known.
func degrees(s cloud.Spot, millionths int) string {
	if !s.Known() {
		return ""
	}
	return strconv.FormatFloat(float64(millionths)/1e6, 'f', 6, 64)
}
