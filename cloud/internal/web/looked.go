package web

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// lookedShown is how many cases a list has; those that took longest come first.
const lookedShown = 200

// lookedAsked is of which store, of which of its cabinets or all of them, and of which days the cases are that persons had open.
type lookedAsked struct {
	store    cloud.StoreID
	cabinet  protocol.CabinetID
	from, to ledger.Day
}

func readLooked(c echo.Context) (a lookedAsked, err error) {
	a = lookedAsked{cloud.StoreID(c.QueryParam("store")), protocol.CabinetID(c.QueryParam("cabinet")), ledger.Day(c.QueryParam("from")), ledger.Day(c.QueryParam("to"))}
	a.to = cmp.Or(a.to, a.from)
	if !a.from.Valid() || !a.to.Valid() || a.to < a.from || a.from.Until(a.to) >= cloud.MaxTotalDays {
		return a, protocol.Errorf(protocol.CodeMalformed, "days %q to %q: want up to %d, as 2006-01-02", a.from, a.to, cloud.MaxTotalDays)
	}
	return a, nil
}

func (a lookedAsked) path() string {
	values := url.Values{"store": {string(a.store)}, "from": {string(a.from)}, "to": {string(a.to)}}
	if a.cabinet != "" {
		values.Set("cabinet", string(a.cabinet))
	}
	return "/reviews/looked?" + values.Encode()
}

// lookedView are cases that persons had open, and for how long.
type lookedView struct {
	Store   cloud.Text
	OfStore string
	Lead    string
	Rows    []lookedRow
	More    int
}

// lookedRow is one case.
type lookedRow struct {
	Link, Where, Spent, End string
	First                   moment
}

// looked lists the cases of which the minutes of reviews are made.
func (p *Pages) looked(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	a, err := readLooked(c)
	if err != nil {
		return err
	}
	stores, err := p.Fleet.Stores(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(stores, func(s cloud.Store) bool { return s.ID == a.store })
	if i < 0 {
		return protocol.Errorf(cloud.CodeNotFound, "there is no store %q", a.store)
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return err
	}
	loc := zone(chain)
	from, _ := a.from.Span(loc)
	_, to := a.to.Span(loc)
	found, err := p.Cases.Looked(ctx, a.store, from, to)
	if err != nil {
		return err
	}
	cabinets, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return err
	}
	view := v.lookedView(a, found, cabinets, loc)
	view.Store, view.OfStore = stores[i].Name, storePath(a.store)
	return p.show(c, screen{Template: "looked", Face: "staff", Title: v.say("looked.title") + " · " + v.lang.Pick(view.Store), Say: view.Lead, Path: a.path(), Nav: "reviews", Styles: []string{"print.css"}, Data: view})
}

func (v *view) lookedView(a lookedAsked, found []cloud.CaseLooked, cabinets []cloud.CabinetView, loc *time.Location) (view lookedView) {
	names := make(map[protocol.CabinetID]string, len(cabinets))
	for i := range cabinets {
		names[cabinets[i].ID] = v.cabinetName(cabinets[i].Cabinet)
	}
	found = slices.DeleteFunc(found, func(l cloud.CaseLooked) bool { return a.cabinet != "" && l.Cabinet != a.cabinet })
	var whole time.Duration
	for _, l := range found {
		if whole += l.Spent; len(view.Rows) == lookedShown {
			view.More++
			continue
		}
		view.Rows = append(view.Rows, lookedRow{
			Link: "/reviews/" + l.Visit.String(), Where: cmp.Or(names[l.Cabinet], string(l.Cabinet)), Spent: v.lasted(l.Spent.Milliseconds()), End: v.sayEnd(l, loc), First: moment{At: l.First.In(loc), Day: true},
		})
	}
	view.Lead = v.count("looked.lead", len(found), v.daySpan(a.from, a.to), v.lasted(whole.Milliseconds()))
	return view
}

// sayEnd is who decided a case, and when.
func (v *view) sayEnd(l cloud.CaseLooked, loc *time.Location) string {
	at := v.clock(moment{At: l.Decided.In(loc), Day: true})
	switch {
	case l.Decided.IsZero():
		return v.say("looked.open")
	case l.By == "":
		return v.say("looked.waived.time", at)
	case l.Waived:
		return v.say("looked.waived", l.By, at)
	}
	return v.say("looked.decided", l.By, at)
}
