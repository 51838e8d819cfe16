package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// duesShown is how many lots of a store are listed; the table has all of them.
const duesShown = 200

// datesRoutes are the manager's pages of dates, of what went to waste, of what is counted and of what goes elsewhere.
func (p *Pages) datesRoutes() []httpx.Route {
	get := http.MethodGet
	return []httpx.Route{
		{Method: get, Path: "/rounds/count", Access: httpx.Planners(), Handler: p.stocktake},
		{Method: http.MethodPost, Path: "/rounds/count", Access: httpx.Planners().Sending("1M"), Handler: p.planStocktake},
		{Method: get, Path: "/expiry", Access: httpx.Planners(), Handler: p.expiry},
		{Method: get, Path: "/expiry/lots.csv", Access: httpx.Planners(), Handler: p.expiryTable},
		{Method: get, Path: "/expiry/:cabinet/:platform/:sku", Access: httpx.Planners(), Handler: p.laneDates},
	}
}

// expiryView is what goes over when, store by store.
type expiryView struct {
	Head   string
	Lead   string
	Well   bool
	Stores []dueStore
}

type dueStore struct {
	Store    cloud.Store
	When     string // its next round is
	Rows     []dueRow
	More     int
	Cabinets []dueCabinet // from which something is to be taken out, and to which no round goes yet
}

type dueCabinet struct {
	ID   protocol.CabinetID
	Name string
	Out  string
}

// dueRow is one lot.
type dueRow struct {
	Key, Path, Name, Where string
	Cabinet                protocol.CabinetID
	Until, Left, From      string
	Over, Soon             bool
	Units                  int
	Cost                   string
	Price, Full            string // Full is empty where the price is the chain's
	Next                   string
	Fate                   string
	Round                  string // its address; empty: none goes there
	Told                   string
}

func (p *Pages) expiry(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	due, err := p.lotsDue(c)
	if err != nil {
		return fmt.Errorf("dates: %w", err)
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("dates: %w", err)
	}
	stores, err := p.storesOf(c)
	if err != nil {
		return fmt.Errorf("dates: %w", err)
	}
	view := v.expiryView(due, stores, zone(chain))
	return p.show(c, screen{Template: "expiry", Face: "staff", Title: v.say("expiry.title"), Path: "/expiry", Nav: "rounds", Data: view})
}

// lotsDue are the lots that are due in the cabinets that a reader sees to.
func (p *Pages) lotsDue(c echo.Context) ([]cloud.LotDue, error) {
	due, err := p.Expiry.Due(c.Request().Context(), "")
	of := boundOf(c)
	return slices.DeleteFunc(due, func(d cloud.LotDue) bool { return !of.Holds(d.Cabinet.Store) }), err
}

func (v *view) expiryView(due []cloud.LotDue, stores []cloud.Store, loc *time.Location) expiryView {
	view := expiryView{Well: true, Head: v.say("expiry.none")}
	over, units, cost := 0, 0, protocol.Fen(0)
	for _, d := range due {
		units += d.Units
		cost += d.Article.Cost * protocol.Fen(d.Units)
		if d.Stage == picking.Over {
			over += d.Units
		}
	}
	switch {
	case over > 0:
		view.Well, view.Head = false, v.count("expiry.over", over)
	case units > 0:
		view.Head = v.count("expiry.near", units)
	}
	view.Lead = v.say("expiry.lead", units, cost)
	for _, s := range stores {
		if one := v.dueStore(s, due, loc); len(one.Rows) > 0 {
			view.Stores = append(view.Stores, one)
		}
	}
	return view
}

func (v *view) dueStore(s cloud.Store, due []cloud.LotDue, loc *time.Location) dueStore {
	one := dueStore{Store: s}
	out := map[protocol.CabinetID]int{}
	for _, d := range due {
		if d.Cabinet.Store != s.ID {
			continue
		}
		if d.Fate.Round.IsZero() && (d.Stage == picking.Over || d.Fate.Over) {
			if out[d.Cabinet.ID] == 0 {
				one.Cabinets = append(one.Cabinets, dueCabinet{ID: d.Cabinet.ID, Name: v.cabinetName(d.Cabinet)})
			}
			out[d.Cabinet.ID] += d.Units
		}
		if one.When == "" && !d.Fate.Next.IsZero() {
			one.When = v.say("expiry.next", v.clock(moment{At: d.Fate.Next.In(loc), Day: true}))
		}
		if len(one.Rows) == duesShown {
			one.More++
			continue
		}
		one.Rows = append(one.Rows, v.dueRow(d))
	}
	for i, c := range one.Cabinets {
		one.Cabinets[i].Out = v.count("expiry.out", out[c.ID])
	}
	slices.SortStableFunc(one.Cabinets, func(a, b dueCabinet) int { return cmp.Compare(a.Name, b.Name) })
	return one
}

func (v *view) cabinetName(c cloud.Cabinet) string {
	return v.say("cabinet.number", c.Number) + " · " + v.lang.Pick(c.Place)
}

func lanePath(at picking.Place) string {
	return "/expiry/" + string(at.Cabinet) + "/" + string(at.Platform) + "/" + string(at.SKU)
}

func (v *view) dueRow(d cloud.LotDue) dueRow {
	row := dueRow{
		Key: string(d.Place) + " " + string(d.SKU) + " " + string(d.Until), Path: lanePath(d.Lane), Cabinet: d.Cabinet.ID, Where: v.cabinetName(d.Cabinet) + " · " + string(d.Lane.Platform),
		Name: cmp.Or(v.lang.Pick(d.Article.Name), string(d.SKU)), Until: string(d.Until), Left: v.daysLeft(d.DaysLeft), From: v.datedBy(d.Said), Over: d.Stage == picking.Over,
		Soon: d.Stage == picking.LastDay, Units: d.Units, Cost: yuan(d.Article.Cost * protocol.Fen(d.Units)), Price: yuan(d.Price), Next: v.nextStep(d), Fate: v.fate(d),
	}
	switch {
	case d.Price == 0:
		row.Price, row.Full = v.say("expiry.notsold"), yuan(d.Full)
	case d.Price != d.Full:
		row.Full = yuan(d.Full)
	}
	if !d.Fate.Round.IsZero() {
		row.Round = "/rounds/" + d.Fate.Round.String()
	}
	if d.Told != "" {
		row.Told = v.say("expiry.told")
	}
	return row
}

func (v *view) daysLeft(days int) string {
	switch {
	case days < 0:
		return v.count("expiry.ago", -days)
	case days == 0:
		return v.say("expiry.today")
	}
	return v.count("expiry.left", days)
}

// datedBy says where a date comes from.
func (v *view) datedBy(said bool) string {
	if said {
		return v.say("lot.said")
	}
	return v.say("lot.assumed")
}

func (v *view) nextStep(d cloud.LotDue) string {
	if d.Next == nil {
		return "—"
	}
	return v.say("expiry.step", string(d.Next.Day)[5:], d.Next.Percent, d.Next.Price)
}

// fate says what the rounds do about a lot.
func (v *view) fate(d cloud.LotDue) string {
	switch {
	case !d.Fate.Round.IsZero() && d.Fate.Out > 0:
		return v.say("expiry.fate.out", d.Fate.Out)
	case !d.Fate.Round.IsZero():
		return v.say("expiry.fate.passes")
	case d.Stage == picking.Over:
		return v.say("expiry.fate.next")
	case d.Fate.Over:
		return v.say("expiry.fate.over")
	}
	return v.say("expiry.fate.sold")
}

func (p *Pages) expiryTable(c echo.Context) error {
	v := p.view(c)
	due, err := p.lotsDue(c)
	if err != nil {
		return err
	}
	t := table{head: v.heads("store", "cabinet", "platform", "sku", "name", "until", "daysleft", "dateread", "units", "costsum", "price", "fullprice", "percentoff", "nextday", "nextprice", "round", "takesout")}
	for _, d := range due {
		day, price, round := "", "", ""
		if d.Next != nil {
			day, price = string(d.Next.Day), decimal(d.Next.Price)
		}
		if !d.Fate.Round.IsZero() {
			round = d.Fate.Round.String()
		}
		t.rows = append(t.rows, []string{
			string(d.Cabinet.Store), string(d.Cabinet.ID), string(d.Lane.Platform), string(d.SKU), v.lang.Pick(d.Article.Name), string(d.Until), strconv.Itoa(d.DaysLeft),
			strconv.FormatBool(d.Said), strconv.Itoa(d.Units), decimal(d.Article.Cost * protocol.Fen(d.Units)), decimal(d.Price), decimal(d.Full), strconv.Itoa(d.Percent), day, price, round,
			strconv.Itoa(d.Fate.Out),
		})
	}
	return t.send(c, "expiry.csv")
}

// laneDatesView is one lane: its lots, and what was booked there.
type laneDatesView struct {
	Name, Where, Book, Undated string
	Cabinet                    protocol.CabinetID
	Lots                       []lotRow
	Entries                    []entryRow
}

type lotRow struct {
	Until, Left, From, Since string
	Units                    int
	Over                     bool
}

// entryRow is one entry of the books, as it changed one place.
type entryRow struct {
	At, Day, What, By, Change string
	Visit                     string // empty: it is of none
	Ref                       string
}

func (p *Pages) laneDates(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	at := picking.Place{Cabinet: protocol.CabinetID(c.Param("cabinet")), Platform: protocol.PlatformID(c.Param("platform")), SKU: protocol.SKU(c.Param("sku"))}
	h, err := p.Expiry.Lane(ctx, at)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return err
	}
	loc := zone(chain)
	view := laneDatesView{
		Name: cmp.Or(v.lang.Pick(h.Article.Name), string(at.SKU)), Where: v.cabinetName(h.Cabinet) + " · " + string(at.Platform), Cabinet: at.Cabinet,
		Book: v.count("lane.book", h.Book),
	}
	if h.Undated > 0 {
		view.Undated = v.count("lane.undated", h.Undated)
	}
	for _, l := range h.Lots {
		view.Lots = append(view.Lots, lotRow{string(l.Until), v.daysLeft(l.DaysLeft), v.datedBy(l.Said), v.clock(moment{At: l.Since.In(loc), Day: true}), l.Units, l.Stage == picking.Over})
	}
	for _, e := range h.Entries {
		view.Entries = append(view.Entries, v.entryRow(e, ledger.Stock(at.Cabinet, at.Platform), ledger.Article(at.SKU), h.Moved, loc))
	}
	return p.show(c, screen{Template: "lanedates", Face: "staff", Title: view.Name + " · " + view.Where, Path: lanePath(at), Nav: "rounds", Data: view})
}

// entryRow tells what an entry did to so many of one unit in one place.
func (v *view) entryRow(e ledger.Entry, place ledger.Account, unit ledger.Unit, moved map[ledger.Ref]cloud.Movement, loc *time.Location) entryRow {
	row := entryRow{At: v.clock(moment{At: e.At.In(loc), Day: true}), Day: string(e.Day), Ref: string(e.Ref)}
	change, other := int64(0), ledger.Account("")
	for _, p := range e.Postings {
		if kind, visit, of := strings.Cut(string(p.Account), ":"); of && (kind == "due" || kind == "undecided") {
			row.Visit = visit
		}
		switch {
		case p.Unit != unit:
		case p.Account == place:
			change += p.Amount
		case other == "" || !strings.HasPrefix(string(p.Account), "hands:"):
			other = p.Account
		}
	}
	row.Change, row.What = signed(change), v.accountWord(other)
	if m, of := moved[e.Ref]; of {
		row.By = m.By
		row.What = v.movementWord(m)
		if m.Note != "" {
			row.By += " · " + m.Note
		}
	}
	return row
}

// accountWord is where goods went, or came from.
func (v *view) accountWord(a ledger.Account) string {
	kind, _, _ := strings.Cut(string(a), ":")
	switch kind {
	case "sold", "undecided", "shop", "van", "stock", "stray", "lost", "found", "opening":
		return v.say("account." + kind)
	}
	return string(a)
}

func (v *view) movementWord(m cloud.Movement) string {
	word := v.say("move.did." + string(m.Kind))
	if m.Reason != "" {
		word += " · " + v.say("move.reason."+string(m.Reason))
	}
	return word
}
