package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const (
	faultsShown  = 200
	changesShown = 500
	mostAgain    = 60 << 10 // bytes of a table that stand in a page to be mended there
	fieldTime    = "2006-01-02T15:04"
	bigForm      = "12M" // a table of cloud.MaxIntake, as a form carries it
)

// masterView is the page from which everything that the chain plans is reached.
type masterView struct {
	Tables []tableLink
	Done   string
	Take   *takeView // nil: the reader may not
}

type tableLink struct {
	Path  string
	Kind  cloud.MasterKind
	Head  string
	Count string
}

// takeView is the form that takes a table in.
type takeView struct {
	Kind  cloud.MasterKind
	Kinds []tableLink
	Text  string
	From  string
	Draft string
}

// previewView is what would change, or what is wrong.
type previewView struct {
	Head      string
	Notice    string
	Converted bool
	From      string
	Draft     string
	Faults    []faultLine
	Filled    bool // in a form, whose reader knows of no lines
	MoreFault int
	Changes   []changeView
	More      int
	Unchanged string
	Warnings  []string
	Plans     []planOf
	Rules     bool       // rules of markdowns are among the changes
	Steps     []stepDown // prices that these would change now
	Apply     *applyView // nil: there is nothing to be applied
	Take      *takeView  // the table, to be mended here
	Back      string
}

type faultLine struct {
	Where, Column, Found, Why string
}

type changeView struct {
	Key, Name string
	Added     bool
	Fields    []fieldView
}

type fieldView struct{ Label, From, To string }

// planOf is the check of a cabinet as it would be.
type planOf struct {
	Cabinet string
	Plan    planView
}

type applyView struct {
	Kind     cloud.MasterKind
	Revision uint64
	From     string
	Draft    string
	Text     string
	Back     string
}

// mayPlanAll reports one who changes it for all stores.
func mayPlanAll(c echo.Context) bool { return mayPlan(c) && boundOf(c) == "" }

// mayPlan reports a reader who changes what the chain plans, or what stands with the stores that they are limited to.
func mayPlan(c echo.Context) bool {
	who, err := httpx.PrincipalOf(c)
	return err == nil && httpx.Planners().Allows(who)
}

// masterRoutes are the pages of the master data.
func (p *Pages) masterRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/master", Access: httpx.PlanReaders(), Handler: p.master},
		{Method: get, Path: "/master/export/:kind", Access: httpx.PlanReaders(), Handler: p.exportTable},
		{Method: post, Path: "/master/import", Access: httpx.Planners().Sending(bigForm), Handler: p.importTable},
		{Method: post, Path: "/master/apply", Access: httpx.Planners().Sending(bigForm), Handler: p.applyTable},
		{Method: get, Path: "/master/articles", Access: httpx.PlanReaders(), Handler: p.articles},
		{Method: post, Path: "/master/articles", Access: httpx.Planners(), Handler: p.changeArticle},
		{Method: get, Path: "/master/articles/new", Access: httpx.Planners(), Handler: p.newArticle},
		{Method: get, Path: "/master/articles/:sku", Access: httpx.PlanReaders(), Handler: p.article},
		{Method: get, Path: "/master/prices", Access: httpx.PlanReaders(), Handler: p.prices},
		{Method: post, Path: "/master/prices", Access: httpx.Planners(), Handler: p.changePrices},
		{Method: post, Path: "/master/markdowns/end", Access: httpx.Planners(), Handler: p.endMarkdown},
		{Method: post, Path: "/master/prices/:number/withdraw", Access: httpx.Planners(), Handler: p.withdrawPrices},
		{Method: get, Path: "/master/stores", Access: httpx.PlanReaders(), Handler: p.stores},
		{Method: post, Path: "/master/stores", Access: httpx.Planners(), Handler: p.changeStore},
		{Method: get, Path: "/master/stores/new", Access: httpx.Planners(), Handler: p.newStore},
		{Method: get, Path: "/master/stores/:store", Access: httpx.PlanReaders(), Handler: p.store},
		{Method: get, Path: "/master/markdowns", Access: httpx.PlanReaders(), Handler: p.markdowns},
		{Method: post, Path: "/master/markdowns", Access: httpx.Planners(), Handler: p.changeMarkdowns},
		{Method: get, Path: "/master/planograms", Access: httpx.PlanReaders(), Handler: p.planograms},
		{Method: get, Path: "/master/planograms/:cabinet", Access: httpx.PlanReaders(), Handler: p.placesOf},
		{Method: post, Path: "/master/planograms/:cabinet", Access: httpx.Planners(), Handler: p.changePlaces},
		{Method: post, Path: "/master/cabinets/:cabinet", Access: httpx.Planners(), Handler: p.changePlace},
		{Method: get, Path: "/master/aisles", Access: httpx.PlanReaders(), Handler: p.aisles},
		{Method: post, Path: "/master/aisles", Access: httpx.Planners().Sending("1M"), Handler: p.changeAisles},
	}
}

func (p *Pages) master(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return fmt.Errorf("master data: %w", err)
	}
	stores, err := p.storesOf(c)
	if err != nil {
		return fmt.Errorf("master data: %w", err)
	}
	cabinets, err := p.cabinetsOf(c)
	if err != nil {
		return fmt.Errorf("master data: %w", err)
	}
	prices, err := p.Assortment.Prices(ctx, 0)
	if err != nil {
		return fmt.Errorf("master data: %w", err)
	}
	rules, err := p.Expiry.Rules(ctx)
	if err != nil {
		return fmt.Errorf("master data: %w", err)
	}
	view := masterView{Tables: v.tableLinks(), Done: v.done(c)}
	tags := v.count("master.prices.count", len(prices.Coming), prices.Version)
	if len(prices.Coming) == 0 {
		tags = v.say("master.version", prices.Version)
	}
	for i, count := range []string{
		v.count("master.stores.count", len(stores)), v.count("master.articles.count", len(articles)), tags, v.count("master.planograms.count", len(cabinets)), v.count("master.markdowns.count", len(rules)), v.say("master.aisles.of"), v.count("master.planograms.count", len(cabinets)),
	} {
		view.Tables[i].Count = count
	}
	if mayPlan(c) {
		view.Take = &takeView{Kind: cloud.MasterArticles, Kinds: v.takenFrom(c)}
	}
	return p.showMaster(c, "master", v.say("master.head"), "/master", http.StatusOK, view)
}

func (p *Pages) showMaster(c echo.Context, template, title, path string, status int, data any) error {
	return p.show(c, screen{Template: template, Face: "staff", Title: title, Path: path, Nav: "master", Status: status, Data: data})
}

func (v *view) tableLinks() []tableLink {
	kinds := cloud.MasterKinds()
	links := make([]tableLink, len(kinds))
	for i, kind := range kinds {
		links[i] = tableLink{Kind: kind, Head: v.say("master." + string(kind)), Path: "/master/" + string(kind)}
		if kind == cloud.MasterCabinets { // Where each stands is changed beside its planogram; as a table there is the list of them.
			links[i].Path = "/cabinets"
		}
	}
	return links
}

// takenFrom are the tables that whoever reads may send.
func (v *view) takenFrom(c echo.Context) []tableLink {
	of := boundOf(c)
	return slices.DeleteFunc(v.tableLinks(), func(l tableLink) bool { return of != "" && !l.Kind.OfStores() })
}

// done says what was changed a moment ago.
func (v *view) done(c echo.Context) string {
	text := c.QueryParam("done")
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return ""
	}
	return v.count("master.done", n)
}

func (p *Pages) exportTable(c echo.Context) error {
	kind := cloud.MasterKind(c.Param("kind"))
	table, err := p.Planning.Export(c.Request().Context(), kind, boundOf(c))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+string(kind)+`.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", table)
}

// importTable shows what a table would change; a file goes before what is pasted.
func (p *Pages) importTable(c echo.Context) error {
	kind := cloud.MasterKind(c.FormValue("kind"))
	if !slices.Contains(cloud.MasterKinds(), kind) {
		return protocol.Errorf(protocol.CodeMalformed, "kind: want one of the tables")
	}
	in := cloud.Intake{Kind: kind, Text: []byte(c.FormValue("text"))}
	if file, err := c.FormFile("file"); err == nil && file.Size > 0 {
		f, err := file.Open()
		if err != nil {
			return fmt.Errorf("open upload: %w", err)
		}
		defer f.Close()
		if in.Text, err = io.ReadAll(f); err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
	}
	if kind == cloud.MasterPrices {
		if err := p.readFrom(c, &in); err != nil {
			return err
		}
	}
	if kind == cloud.MasterPlanograms {
		in.Draft = strings.TrimSpace(c.FormValue("draft"))
	}
	return p.preview(c, in, "/master")
}

// readFrom reads the time from which prices shall hold, at the chain's clocks.
func (p *Pages) readFrom(c echo.Context, in *cloud.Intake) error {
	text := c.FormValue("from")
	if text == "" {
		return nil
	}
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return err
	}
	if in.From, err = time.ParseInLocation(fieldTime, text, zone(chain)); err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "from: want a date and a time")
	}
	return nil
}

// preview shows what an intake would change; back is where the reader came from.
func (p *Pages) preview(c echo.Context, in cloud.Intake, back string) error {
	in.Of = boundOf(c)
	found, err := p.Planning.Preview(c.Request().Context(), in)
	if err != nil {
		return p.faulty(c, in, err, back)
	}
	return p.showPreview(c, in, found, back, "")
}

// faulty names everything that is wrong with an intake.
func (p *Pages) faulty(c echo.Context, in cloud.Intake, err error, back string) error {
	bad, is := faultsOf(err)
	if !is {
		return err
	}
	v := p.view(c)
	view := previewView{Head: v.count("master.faults", len(bad.Faults)+bad.More), Back: back, Faults: v.faultLines(bad), Filled: back != "/master", MoreFault: bad.More + max(len(bad.Faults)-faultsShown, 0)}
	if view.Filled {
		v.inTheForm(view.Faults, in)
	}
	if back == "/master" && len(in.Text) <= mostAgain {
		view.Take = &takeView{Kind: in.Kind, Kinds: v.takenFrom(c), Text: strings.ToValidUTF8(string(in.Text), "�"), From: c.FormValue("from"), Draft: c.FormValue("draft")}
	}
	return p.showMaster(c, "preview", view.Head, back, http.StatusUnprocessableEntity, view)
}

func (v *view) faultLines(bad *cloud.BadData) (lines []faultLine) {
	for _, f := range bad.Faults[:min(len(bad.Faults), faultsShown)] {
		l := faultLine{Where: "—", Column: f.Column, Found: f.Found, Why: v.lang.Pick(f.Why)}
		if f.Line > 0 {
			l.Where = strconv.Itoa(f.Line)
		}
		lines = append(lines, l)
	}
	return lines
}

// inTheForm says where faults are as the reader of a form knows it: by its entries and its fields.
func (v *view) inTheForm(faults []faultLine, in cloud.Intake) {
	lines := strings.Split(string(in.Text), "\n")
	entry := map[cloud.MasterKind]int{cloud.MasterPlanograms: 1, cloud.MasterAisles: 1}[in.Kind] // of a place its platform or article, else the first column
	for i, f := range faults {
		if n, err := strconv.Atoi(f.Where); err == nil && n <= len(lines) {
			if cells := strings.Split(lines[n-1], ","); entry < len(cells) && n > 1 {
				faults[i].Where = cells[entry]
			}
		}
		if _, known := v.texts["column."+f.Column]; known {
			faults[i].Column = v.say("column." + f.Column)
		}
	}
}

func (p *Pages) showPreview(c echo.Context, in cloud.Intake, found cloud.Preview, back, notice string) error {
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return err
	}
	goods, err := p.Assortment.Articles(c.Request().Context())
	if err != nil {
		return err
	}
	v := p.view(c)
	view := previewView{
		Head: v.count("master.would", len(found.Changes)), Notice: notice, Converted: found.Converted, Back: back,
		More: max(len(found.Changes)-changesShown, 0), Warnings: v.warnings(found.Warnings, goods, zone(chain)),
	}
	names := map[protocol.SKU]string{}
	for _, a := range goods {
		names[a.SKU] = v.lang.Pick(a.Name)
	}
	if found.Unchanged > 0 {
		view.Unchanged = v.count("master.unchanged", found.Unchanged)
	}
	for _, change := range found.Changes[:min(len(found.Changes), changesShown)] {
		view.Changes = append(view.Changes, v.changeView(change, names))
	}
	for _, plan := range found.Plans {
		view.Plans = append(view.Plans, planOf{string(plan.Cabinet), v.planView(plan.Proposal, shelfOf(goods))})
	}
	if view.Rules = len(found.Markdowns) > 0; view.Rules {
		if view.Steps, err = p.stepsDown(c, found.Markdowns); err != nil {
			return err
		}
	}
	from := ""
	if !in.From.IsZero() {
		from = in.From.Format(time.RFC3339)
		view.From = v.say("master.from.at", v.clock(moment{At: in.From.In(zone(chain)), Day: true}))
	}
	if in.Draft != "" {
		view.Draft = v.say("draft.would", in.Draft)
	}
	if len(found.Changes) > 0 {
		view.Apply = &applyView{Kind: in.Kind, Revision: found.Revision, From: from, Draft: in.Draft, Text: string(in.Text), Back: back}
	}
	return p.showMaster(c, "preview", view.Head, back, http.StatusOK, view)
}

// shelfOf gives articles their names where the check of a planogram wants goods of a cabinet.
func shelfOf(articles []cloud.Article) []cloud.ShelfGood {
	goods := make([]cloud.ShelfGood, len(articles))
	for i, a := range articles {
		goods[i].Article = a
	}
	return goods
}

func (v *view) changeView(change cloud.MasterChange, names map[protocol.SKU]string) changeView {
	w := changeView{Key: change.Key, Name: v.lang.Pick(change.Name), Added: change.Added}
	for _, f := range change.Fields {
		if change.Added && (f.To == "" || f.To == "0") {
			continue
		}
		field := fieldView{v.say("column." + f.Field), f.From, f.To}
		for _, value := range []*string{&field.From, &field.To} {
			*value = v.spelled(change.Kind, f.Field, *value, names)
		}
		if change.Kind == cloud.MasterPlanograms {
			field.Label = v.say("master.places")
		}
		if change.Kind == cloud.MasterCabinets && f.Field == "hours" {
			field.Label = v.say("column.reach")
		}
		if money, is := strings.CutSuffix(f.Field, "_fen"); is {
			field.Label = v.say("column." + money + "_yuan")
		}
		w.Fields = append(w.Fields, field)
	}
	return w
}

// spelled is a field of a table as people read it: money in yuan, yes and no as words, articles by their names.
func (v *view) spelled(kind cloud.MasterKind, field, value string, names map[protocol.SKU]string) string {
	switch {
	case value == "":
	case strings.HasSuffix(field, "_fen"):
		if fen, err := strconv.ParseInt(value, 10, 64); err == nil {
			return yuan(protocol.Fen(fen))
		}
	case field == "essential" || field == "retired":
		if value == "1" {
			return v.say("master.yes")
		}
		return v.say("master.no")
	case field == "zone":
		return v.say("master." + value)
	case kind == cloud.MasterPlanograms && field == "sku":
		parts := strings.Split(value, ", ")
		for i, part := range parts {
			sku, rest, counted := strings.Cut(part, " ") // How many to fill up to and how many fit stand behind it.
			if parts[i] = cmp.Or(names[protocol.SKU(sku)], sku); counted {
				parts[i] += " " + rest
			}
		}
		return strings.Join(parts, " · ")
	}
	return value
}

func (v *view) warnings(all []cloud.Warning, goods []cloud.Article, loc *time.Location) (lines []string) {
	name := func(sku protocol.SKU) string {
		if i := slices.IndexFunc(goods, func(a cloud.Article) bool { return a.SKU == sku }); i >= 0 {
			return v.lang.Pick(goods[i].Name)
		}
		return string(sku)
	}
	for _, w := range all {
		at := v.clock(moment{At: w.At.In(loc), Day: true})
		switch w.Kind {
		case cloud.WarnAlike:
			lines = append(lines, v.say("master.warn.alike", w.Cabinet, w.Units))
		case cloud.WarnLeft:
			lines = append(lines, v.say("master.warn.left", w.Cabinet, w.Platform, w.Units, name(w.SKU)))
		case cloud.WarnSameTime:
			lines = append(lines, v.say("master.warn.same", name(w.SKU), at))
		case cloud.WarnChanges:
			lines = append(lines, v.say("master.warn.changes", name(w.SKU), at))
		}
	}
	return lines
}

// applyTable takes in what was previewed. Where somebody else was faster the preview is shown again, as it is by now.
func (p *Pages) applyTable(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	revision, err := strconv.ParseUint(c.FormValue("revision"), 10, 63)
	kind, back := cloud.MasterKind(c.FormValue("kind")), localPath(c.FormValue("back"), "/master")
	if err != nil || revision == 0 || !slices.Contains(cloud.MasterKinds(), kind) {
		return protocol.Errorf(protocol.CodeMalformed, "want what a preview asked for")
	}
	in := cloud.Intake{Kind: kind, Text: []byte(c.FormValue("text")), By: who.Name, Of: who.Bound, Draft: c.FormValue("draft")}
	if from := c.FormValue("from"); from != "" {
		if in.From, err = time.Parse(time.RFC3339, from); err != nil {
			return protocol.Errorf(protocol.CodeMalformed, "from: want what a preview asked for")
		}
	}
	found, err := p.Planning.Apply(c.Request().Context(), in, revision)
	switch {
	case protocol.CodeOf(err) == cloud.CodeChanged && found.Revision != 0:
		return p.showPreview(c, in, found, back, p.view(c).say("master.again"))
	case err != nil:
		return p.faulty(c, in, err, back)
	}
	return c.Redirect(http.StatusSeeOther, back+"?"+url.Values{"done": {strconv.Itoa(len(found.Changes))}}.Encode())
}
