package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

// articlesView lists the assortment.
type articlesView struct {
	Query string
	Rows  []articleRow
	Count string
	Edit  bool
	Done  string
}

type articleRow struct {
	Article cloud.Article
	Grams   string
}

// entryView is the form of one entry of a table: an article, or a store.
type entryView struct {
	Head   string
	Action string
	Back   string
	Fields []entryField
	Fixed  bool // the reader may not change it
	Done   string
	Costs  []costLine
}

// entryField is one column of the table.
type entryField struct {
	Name, Label, Value, Hint, Why string
	Kind                          string // text, number, zone or check
	Key                           bool   // it names the entry
}

type costLine struct{ Cost, Since, By string }

func faultsOf(err error) (*cloud.BadData, bool) { return errors.AsType[*cloud.BadData](err) }

func (p *Pages) articles(c echo.Context) error {
	all, err := p.Assortment.Articles(c.Request().Context())
	if err != nil {
		return fmt.Errorf("articles: %w", err)
	}
	v := p.view(c)
	view := articlesView{Query: strings.TrimSpace(c.QueryParam("q")), Edit: mayPlanAll(c), Done: v.done(c)}
	for _, a := range all {
		if matches(a, view.Query) {
			view.Rows = append(view.Rows, articleRow{a, plainGrams(a.Unit)})
		}
	}
	view.Count = v.count("master.articles.count", len(view.Rows))
	return p.showMaster(c, "articles", v.say("master.articles"), "/master/articles", http.StatusOK, view)
}

// matches reports an article that a reader looks for: by number, by a part of a name, by category, or by a bar code.
func matches(a cloud.Article, query string) bool {
	query = strings.ToLower(query)
	if slices.ContainsFunc(a.Barcodes, func(code cloud.Barcode) bool { return query != "" && code.Plain() == cloud.Barcode(query).Plain() }) {
		return true
	}
	return slices.ContainsFunc([]string{string(a.SKU), a.Name.Zh, a.Name.En, a.Category}, func(s string) bool {
		return strings.Contains(strings.ToLower(s), query)
	})
}

// articleFields are the columns of the form, by the names of the table.
func articleFields() []entryField {
	return []entryField{
		{Name: "sku", Kind: "text", Key: true},
		{Name: "name_zh", Kind: "text"},
		{Name: "name_en", Kind: "text"},
		{Name: "category", Kind: "text"},
		{Name: "zone", Kind: "zone"},
		{Name: "gross_g", Kind: "number"},
		{Name: "sd_g", Kind: "number"},
		{Name: "price_yuan", Kind: "number"},
		{Name: "cost_yuan", Kind: "number"},
		{Name: "vat_percent", Kind: "number"},
		{Name: "case_size", Kind: "number"},
		{Name: "barcodes", Kind: "text"},
		{Name: "shelf_life_days", Kind: "number"},
		{Name: "min_age", Kind: "number"},
		{Name: "essential", Kind: "check"},
		{Name: "retired", Kind: "check"},
	}
}

func (p *Pages) newArticle(c echo.Context) error {
	v := p.view(c)
	values := map[string]string{"zone": "ambient", "vat_percent": "13", "min_age": "0"}
	view := v.entryView(articleFields(), values, nil)
	view.Head, view.Action, view.Back = v.say("master.article.new"), "/master/articles", "/master/articles"
	return p.showMaster(c, "entry", view.Head, "/master/articles/new", http.StatusOK, view)
}

func (p *Pages) article(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	all, err := p.Assortment.Articles(ctx)
	if err != nil {
		return fmt.Errorf("article: %w", err)
	}
	i := slices.IndexFunc(all, func(a cloud.Article) bool { return string(a.SKU) == c.Param("sku") })
	if i < 0 {
		return protocol.Errorf(cloud.CodeNotFound, "no such article")
	}
	a := all[i]
	view := v.entryView(articleFields(), map[string]string{
		"sku": string(a.SKU), "name_zh": a.Name.Zh, "name_en": a.Name.En, "category": a.Category, "zone": a.Zone,
		"gross_g": exactGrams(a.Unit), "sd_g": exactGrams(a.SD), "price_yuan": typed(a.Price), "cost_yuan": typed(a.Cost),
		"vat_percent": strconv.Itoa(a.VATPercent), "case_size": strconv.Itoa(a.CaseSize), "shelf_life_days": strconv.Itoa(a.ShelfLifeDays),
		"min_age": strconv.Itoa(a.MinAge), "essential": oneOrZero(a.Essential), "retired": oneOrZero(a.Retired),
		"barcodes": barcodesText(a.Barcodes),
	}, nil)
	view.Head, view.Action, view.Back, view.Fixed, view.Done = v.lang.Pick(a.Name), "/master/articles", "/master/articles", !mayPlanAll(c), v.done(c)
	view.Fields[0].Key, view.Fields[0].Kind = true, "fixed"
	if view.Costs, err = p.costLines(c, a.SKU); err != nil {
		return err
	}
	return p.showMaster(c, "entry", view.Head, "/master/articles/"+string(a.SKU), http.StatusOK, view)
}

func (p *Pages) costLines(c echo.Context, sku protocol.SKU) (lines []costLine, err error) {
	ctx, v := c.Request().Context(), p.view(c)
	costs, err := p.Assortment.Costs(ctx, sku)
	if err != nil {
		return nil, fmt.Errorf("costs: %w", err)
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return nil, err
	}
	for _, cost := range slices.Backward(costs) {
		since := v.say("master.cost.first")
		if !cost.From.IsZero() {
			since = v.clock(moment{At: cost.From.In(zone(chain)), Day: true})
		}
		lines = append(lines, costLine{cost.Cost.String(), since, cost.By})
	}
	return lines, nil
}

func (v *view) entryView(fields []entryField, values map[string]string, bad *cloud.BadData) entryView {
	for i, f := range fields {
		fields[i].Label, fields[i].Value = v.say("column."+f.Name), values[f.Name]
		if _, hinted := v.texts["column."+f.Name+".hint"]; hinted {
			fields[i].Hint = v.say("column." + f.Name + ".hint")
		}
		if bad == nil {
			continue
		}
		for _, fault := range bad.Faults {
			if fault.Column == f.Name {
				fields[i].Why = v.lang.Pick(fault.Why)
			}
		}
	}
	return entryView{Fields: fields}
}

// changeEntry reads the form of an entry as a table of one line, and shows what it would change; what is wrong is said
// beside its field.
func (p *Pages) changeEntry(c echo.Context, kind cloud.MasterKind, fields []entryField, back string) error {
	heads, record, values := []string{}, []string{}, map[string]string{}
	for _, f := range fields {
		value := strings.TrimSpace(c.FormValue(f.Name))
		if f.Kind == "check" && value == "" {
			value = "0"
		}
		heads, record, values[f.Name] = append(heads, f.Name), append(record, value), value
	}
	in := cloud.Intake{Kind: kind, Text: spreadsheet.Write(heads, [][]string{record})}
	found, err := p.Planning.Preview(c.Request().Context(), in)
	bad, is := faultsOf(err)
	switch {
	case is:
		v := p.view(c)
		view := v.entryView(fields, values, bad)
		view.Head, view.Action, view.Back = v.count("master.faults", len(bad.Faults)), back, back
		return p.showMaster(c, "entry", view.Head, back, http.StatusUnprocessableEntity, view)
	case err != nil:
		return err
	}
	return p.showPreview(c, in, found, back, "")
}

func (p *Pages) changeArticle(c echo.Context) error {
	return p.changeEntry(c, cloud.MasterArticles, articleFields(), "/master/articles")
}

func barcodesText(codes []cloud.Barcode) string {
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = string(code)
	}
	return strings.Join(texts, " ")
}

func oneOrZero(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

// exactGrams writes a weight to its last milligram.
func exactGrams(m protocol.Milligrams) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%03d", m/1000, m%1000), "0"), ".")
}
