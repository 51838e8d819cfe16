package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// The pages of waste look back so many days where nobody says how many, and show so many rows and entries.
const (
	wasteDays    = 28
	wasteRows    = 100
	wasteEntries = 300
)

func (p *Pages) wasteRoutes() []httpx.Route {
	get := http.MethodGet
	return []httpx.Route{
		{Method: get, Path: "/waste", Access: httpx.Accountants(), Handler: p.waste},
		{Method: get, Path: "/waste/lines.csv", Access: httpx.Accountants(), Handler: p.wasteTable},
		{Method: get, Path: "/waste/entries", Access: httpx.Accountants(), Handler: p.wasteEntries},
		{Method: get, Path: "/waste/entries.csv", Access: httpx.Accountants(), Handler: p.wasteEntriesTable},
	}
}

// allStores is what the address says instead of a store where all of them are asked for.
const allStores = "*"

// wasteView is what did not come to be sold over some days, looked at from each side.
type wasteView struct {
	Head, Lead string
	Store      string // empty: all stores
	Name       string
	From, To   ledger.Day
	Category   string // empty: all
	Whole      string // the page of all categories
	Stores     []cloud.Store
	All        string // of the address of everything that was chosen
	Parts      []wasteList
	Reasons    []reasonRow
	Photos     []photoView
}

type wasteList struct {
	Label string
	Rows  []wasteRow
	More  int
}

type wasteRow struct {
	Name, Path         string // Path is empty where nothing can be opened
	Brought            string
	Off, OffCost, Rate string
	Gap, GapCost, Lack string
	Why                string
	Much               bool
}

type reasonRow struct {
	Say   string
	Units int
}

// wasteAsked reads what the address asks for: the last days of the first store where it says nothing.
func (p *Pages) wasteAsked(c echo.Context) (q cloud.WasteQuery, stores []cloud.Store, err error) {
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return q, nil, err
	}
	id, stores, err := p.storeAsked(c)
	if err != nil {
		return q, nil, err
	}
	q = cloud.WasteQuery{
		Store: id, To: ledger.DayOf(p.Now(), zone(chain)), Cabinet: protocol.CabinetID(c.QueryParam("cabinet")), SKU: protocol.SKU(c.QueryParam("sku")),
		Category: c.QueryParam("category"),
	}
	if id == allStores {
		q.Store = ""
	}
	if to := c.QueryParam("to"); to != "" {
		q.To = ledger.Day(to)
	}
	q.From = q.To.Add(1 - wasteDays)
	if from := c.QueryParam("from"); from != "" {
		q.From = ledger.Day(from)
	}
	return q, stores, nil
}

// wasteAddress is what an address says to ask for the same again.
func wasteAddress(q cloud.WasteQuery) string {
	values := url.Values{"store": {cmp.Or(string(q.Store), allStores)}, "from": {string(q.From)}, "to": {string(q.To)}}
	if q.Cabinet != "" {
		values.Set("cabinet", string(q.Cabinet))
	}
	if q.SKU != "" {
		values.Set("sku", string(q.SKU))
	}
	if q.Category != "" {
		values.Set("category", q.Category)
	}
	return values.Encode()
}

func (p *Pages) waste(c echo.Context) error {
	v := p.view(c)
	q, stores, err := p.wasteAsked(c)
	if err != nil {
		return err
	}
	lines, err := p.Wastes.Wasted(c.Request().Context(), q)
	if err != nil {
		return err
	}
	view := v.wasteView(q, stores, lines)
	if q.Category == "" { // Photos know their article alone.
		if view.Photos, err = p.photosOf(c, cloud.PhotoQuery{Store: q.Store, From: q.From, To: q.To, Cabinet: q.Cabinet, SKU: q.SKU, Limit: photosShown}); err != nil {
			return err
		}
	}
	return p.show(c, screen{Template: "waste", Face: "staff", Title: v.say("waste.title") + " · " + view.Name, Path: "/waste?" + view.All, Nav: "reconcile", Data: view})
}

func (v *view) wasteView(q cloud.WasteQuery, stores []cloud.Store, lines []cloud.Wasted) wasteView {
	view := wasteView{Store: string(q.Store), Name: v.say("waste.all"), From: q.From, To: q.To, All: wasteAddress(q), Stores: stores}
	names := map[cloud.StoreID]string{}
	for _, s := range stores {
		names[s.ID] = v.lang.Pick(s.Name)
	}
	if q.Store != "" {
		view.Name = names[q.Store]
	}
	if view.Category = q.Category; q.Category != "" {
		view.Name += " · " + v.category(q.Category)
		all := q
		all.Category = ""
		view.Whole = "/waste?" + wasteAddress(all)
	}
	sum := addWaste(lines)
	view.Head = v.say("waste.head", sum.OffCost, v.ofHad(sum.OffCost, sum))
	view.Lead = v.say("waste.lead", string(q.From), string(q.To), sum.OffUnits(), sum.GapCost, v.ofHad(sum.GapCost, sum), sum.BroughtCost, sum.ThereCost)
	for _, r := range ledger.Reasons() {
		if n := sum.Off[r]; n > 0 {
			view.Reasons = append(view.Reasons, reasonRow{v.say("move.reason." + string(r)), n})
		}
	}
	by := func(label string, of func(cloud.Wasted) (key, name string), ask func(key string) string) {
		view.Parts = append(view.Parts, v.wasteList(label, lines, of, ask))
	}
	entries := func(one cloud.WasteQuery) string { return "/waste/entries?" + wasteAddress(one) }
	by(v.say("waste.article"), func(w cloud.Wasted) (string, string) {
		return string(w.Article.SKU), cmp.Or(v.lang.Pick(w.Article.Name), string(w.Article.SKU))
	}, func(key string) string { one := q; one.SKU = protocol.SKU(key); return entries(one) })
	if q.Category == "" {
		by(v.say("waste.category"), func(w cloud.Wasted) (string, string) {
			return w.Article.Category, cmp.Or(v.category(w.Article.Category), "—")
		}, func(key string) string {
			one := q
			one.Category = key
			return "/waste?" + wasteAddress(one)
		})
	}
	by(v.say("waste.cabinet"), func(w cloud.Wasted) (string, string) {
		if w.Cabinet.ID == "" {
			return "", v.say("waste.shop")
		}
		return string(w.Cabinet.ID), names[w.Store] + " · " + v.cabinetName(w.Cabinet)
	}, func(key string) string { one := q; one.Cabinet = protocol.CabinetID(key); return entries(one) })
	if q.Store == "" {
		by(v.say("waste.store"), func(w cloud.Wasted) (string, string) { return string(w.Store), names[w.Store] }, func(key string) string { one := q; one.Store = cloud.StoreID(key); return entries(one) })
	}
	return view
}

func addWaste(lines []cloud.Wasted) cloud.Wasted {
	sum := cloud.Wasted{Off: map[ledger.Reason]int{}}
	for _, w := range lines {
		sum.There, sum.Brought, sum.Sold, sum.Lost, sum.Found = sum.There+w.There, sum.Brought+w.Brought, sum.Sold+w.Sold, sum.Lost+w.Lost, sum.Found+w.Found
		sum.ThereCost += w.ThereCost
		sum.BroughtCost, sum.OffCost, sum.GapCost = sum.BroughtCost+w.BroughtCost, sum.OffCost+w.OffCost, sum.GapCost+w.GapCost
		for r, n := range w.Off {
			sum.Off[r] += n
		}
	}
	return sum
}

// wasteList adds up by one side, what cost most first. What was neither written off nor lost is left out.
func (v *view) wasteList(label string, lines []cloud.Wasted, of func(cloud.Wasted) (key, name string), open func(key string) string) wasteList {
	groups, names, keys := map[string][]cloud.Wasted{}, map[string]string{}, []string{}
	for _, w := range lines {
		key, name := of(w)
		if _, seen := groups[key]; !seen {
			keys = append(keys, key)
		}
		groups[key], names[key] = append(groups[key], w), name
	}
	sums := map[string]cloud.Wasted{}
	for _, key := range keys {
		sums[key] = addWaste(groups[key])
	}
	bad := func(key string) protocol.Fen { return sums[key].OffCost + max(sums[key].GapCost, -sums[key].GapCost) }
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(bad(b), bad(a)), cmp.Compare(names[a], names[b])) })
	list := wasteList{Label: label}
	for _, key := range keys {
		sum := sums[key]
		if sum.OffUnits() == 0 && sum.Lost == 0 && sum.Found == 0 {
			continue
		}
		if len(list.Rows) == wasteRows {
			list.More++
			continue
		}
		row := v.wasteRow(sum)
		row.Name = names[key]
		if key != "" {
			row.Path = open(key)
		}
		list.Rows = append(list.Rows, row)
	}
	return list
}

func (v *view) wasteRow(w cloud.Wasted) wasteRow {
	row := wasteRow{
		Brought: strconv.Itoa(w.Brought), Off: strconv.Itoa(w.OffUnits()), OffCost: yuan(w.OffCost), Rate: v.ofHad(w.OffCost, w), Gap: signed(int64(w.Lost - w.Found)),
		GapCost: yuan(w.GapCost), Lack: v.ofHad(w.GapCost, w), Much: w.HadCost() > 0 && w.OffCost*10 > w.HadCost(),
	}
	var why []string
	for _, r := range ledger.Reasons() {
		if n := w.Off[r]; n > 0 {
			why = append(why, fmt.Sprintf("%s %d", v.say("move.reason."+string(r)), n))
		}
	}
	row.Why = strings.Join(why, " · ")
	return row
}

// ofHad is a part of what was there before and was brought; none where the books had less than that part.
func (v *view) ofHad(part protocol.Fen, w cloud.Wasted) string {
	if part > w.HadCost() {
		return none
	}
	return v.rate(part, w.HadCost())
}

// rate is a part of a whole; where that is nothing, it is none.
func (v *view) rate(part, whole protocol.Fen) string {
	if whole <= 0 {
		return "—"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

func (p *Pages) wasteTable(c echo.Context) error {
	v := p.view(c)
	q, _, err := p.wasteAsked(c)
	if err != nil {
		return err
	}
	lines, err := p.Wastes.Wasted(c.Request().Context(), q)
	if err != nil {
		return err
	}
	t := table{head: v.heads("store", "cabinet", "sku", "name", "category", "thereunits", "therecost", "broughtunits", "broughtcost", "soldunits", "offunits", "offcost", "lostunits", "foundunits", "gapcost")}
	for _, r := range ledger.Reasons() {
		t.head = append(t.head, v.say("move.reason."+string(r)))
	}
	for _, w := range lines {
		row := []string{
			string(w.Store), string(w.Cabinet.ID), string(w.Article.SKU), v.lang.Pick(w.Article.Name), w.Article.Category, strconv.Itoa(w.There), decimal(w.ThereCost), strconv.Itoa(w.Brought), decimal(w.BroughtCost), strconv.Itoa(w.Sold),
			strconv.Itoa(w.OffUnits()), decimal(w.OffCost), strconv.Itoa(w.Lost), strconv.Itoa(w.Found), decimal(w.GapCost),
		}
		for _, r := range ledger.Reasons() {
			row = append(row, strconv.Itoa(w.Off[r]))
		}
		t.rows = append(t.rows, row)
	}
	return t.send(c, fmt.Sprintf("waste-%s-%s.csv", q.From, q.To))
}

// wasteEntriesView is what figures of waste were made of.
type wasteEntriesView struct {
	Name     string
	All      string
	From, To ledger.Day
	Rows     []wasteEntryRow
	Cut      bool // there are more than are shown
}

type wasteEntryRow struct {
	At, What, Goods, Cabinet, By, Ref string
	Photos                            []photoLink
}

func (p *Pages) wasteEntries(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	q, _, err := p.wasteAsked(c)
	if err != nil {
		return err
	}
	q.Limit = wasteEntries
	entries, err := p.Wastes.Entries(ctx, q)
	if err != nil {
		return err
	}
	names, loc, err := p.articleNames(c)
	if err != nil {
		return err
	}
	view := wasteEntriesView{Name: cmp.Or(names[q.SKU], string(q.SKU), string(q.Cabinet), v.say("waste.title")), From: q.From, To: q.To, Cut: len(entries) == wasteEntries, All: wasteAddress(q)}
	// A round that went on after midnight is of the day before its entries.
	photos, err := p.Photos.Photos(ctx, cloud.PhotoQuery{Store: q.Store, From: q.From.Add(-1), To: q.To, Cabinet: q.Cabinet, SKU: q.SKU, Limit: wasteEntries})
	if err != nil {
		return err
	}
	for _, e := range entries {
		row := v.wasteEntryRow(e, names, loc)
		if e.Movement != nil {
			row.Photos = v.photoLinks(photos, func(p cloud.RoundPhoto) bool { return p.Shows(*e.Movement) })
		}
		view.Rows = append(view.Rows, row)
	}
	return p.show(c, screen{Template: "waste-entries", Face: "staff", Title: v.say("waste.entries") + " · " + view.Name, Path: "/waste/entries?" + view.All, Nav: "reconcile", Data: view})
}

// articleNames are what articles are called, and where the chain's clocks stand.
func (p *Pages) articleNames(c echo.Context) (map[protocol.SKU]string, *time.Location, error) {
	ctx, v := c.Request().Context(), p.view(c)
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return nil, nil, err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return nil, nil, err
	}
	names := make(map[protocol.SKU]string, len(articles))
	for _, a := range articles {
		names[a.SKU] = v.lang.Pick(a.Name)
	}
	return names, zone(chain), nil
}

func (v *view) wasteEntryRow(e cloud.WasteEntry, names map[protocol.SKU]string, loc *time.Location) wasteEntryRow {
	row := wasteEntryRow{At: v.clock(moment{At: e.At.In(loc), Day: true}), Cabinet: string(e.Cabinet), Ref: string(e.Ref)}
	var goods []string
	for _, p := range e.Postings {
		kind, _, _ := strings.Cut(string(p.Account), ":")
		if kind != "off" && p.Account != ledger.Lost && p.Account != ledger.Found {
			continue
		}
		goods = append(goods, fmt.Sprintf("%s %s", cmp.Or(names[p.Unit.SKU()], string(p.Unit.SKU())), signed(-p.Amount)))
		if e.Movement == nil {
			row.What = v.accountWord(p.Account)
		}
	}
	row.Goods = strings.Join(goods, " · ")
	if m := e.Movement; m != nil {
		row.What, row.By = v.movementWord(*m), m.By
		if m.Note != "" {
			row.By += " · " + m.Note
		}
	}
	return row
}

func (p *Pages) wasteEntriesTable(c echo.Context) error {
	v := p.view(c)
	q, _, err := p.wasteAsked(c)
	if err != nil {
		return err
	}
	entries, err := p.Wastes.Entries(c.Request().Context(), q)
	if err != nil {
		return err
	}
	t := table{head: v.heads("at", "day", "store", "cabinet", "account", "sku", "amount", "reason", "by", "note", "ref")}
	for _, e := range entries {
		for _, line := range e.Postings {
			kind, _, _ := strings.Cut(string(line.Account), ":")
			if kind != "off" && line.Account != ledger.Lost && line.Account != ledger.Found {
				continue
			}
			row := []string{e.At.UTC().Format(time.RFC3339), string(e.Day), e.Store, string(e.Cabinet), string(line.Account), string(line.Unit.SKU()), number(line.Amount), "", "", "", string(e.Ref)}
			if m := e.Movement; m != nil {
				row[7], row[8], row[9] = string(m.Reason), m.By, m.Note
			}
			t.rows = append(t.rows, row)
		}
	}
	return t.send(c, fmt.Sprintf("waste-entries-%s-%s.csv", q.From, q.To))
}
