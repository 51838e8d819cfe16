package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// hoursChanges is how many changed days a preview lists; all are kept.
const hoursChanges = 200

func (p *Pages) hoursRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/hours", Access: httpx.Staff(), Handler: p.hours},
		{Method: post, Path: "/hours/preview", Access: httpx.Planners(), Handler: p.previewHours},
		{Method: post, Path: "/hours", Access: httpx.Planners(), Handler: p.setHours},
		{Method: post, Path: "/hours/:id/end", Access: httpx.Planners(), Handler: p.takeHoursBack},
	}
}

// hoursView is when stores are open otherwise than usual, and the form by which that is said.
type hoursView struct {
	Done, Bad string
	Rows      []hoursRow
	Form      *hoursForm // nil: the reader may not
	Stores    []hoursStore
	Preview   *hoursPreview
}

type hoursRow struct {
	ID                  protocol.UUID
	Days, Stores, Hours string
	Reason, By, State   string
	Holds, Over, May    bool
}

type hoursStore struct {
	ID     cloud.StoreID
	Name   cloud.Text
	Usual  string
	Chosen bool
}

// hoursForm is what was filled in.
type hoursForm struct {
	From, To, First   ledger.Day
	Kind, Open, Close string
	Reason            string
}

// hoursPreview is what would change.
type hoursPreview struct {
	Head    string
	Changes []hoursChange
	More    int
	Told    bool
}

type hoursChange struct {
	Store, Day, Before, After string
	Told                      bool
}

func (p *Pages) hours(c echo.Context) error {
	v := p.view(c)
	view, err := p.hoursView(c, hoursForm{})
	if err != nil {
		return err
	}
	switch c.QueryParam("done") {
	case "set":
		view.Done = v.say("hours.done.set")
	case "ended":
		view.Done = v.say("hours.done.ended")
	}
	return p.showHours(c, view)
}

func (p *Pages) showHours(c echo.Context, view hoursView) error {
	s := screen{Template: "hours", Face: "staff", Title: p.view(c).say("hours.title"), Path: "/hours", Nav: "coverage", Data: view}
	if view.Bad != "" {
		s.Status = http.StatusUnprocessableEntity
	}
	return p.show(c, s)
}

// hoursView lists what was said, with a form as it was filled in.
func (p *Pages) hoursView(c echo.Context, form hoursForm) (view hoursView, err error) {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return view, fmt.Errorf("hours: %w", err)
	}
	stores, err := p.Fleet.Stores(ctx)
	if err != nil {
		return view, fmt.Errorf("hours: %w", err)
	}
	said, err := p.Hours.List(ctx)
	if err != nil {
		return view, fmt.Errorf("hours: %w", err)
	}
	today := ledger.DayOf(p.Now(), zone(chain))
	names := make(map[cloud.StoreID]string, len(stores))
	chosen := c.QueryParams()["store"]
	if c.Request().Method == http.MethodPost {
		chosen = c.Request().PostForm["store"]
	}
	for _, s := range stores {
		names[s.ID] = v.lang.Pick(s.Name)
		row := hoursStore{ID: s.ID, Name: s.Name, Usual: v.openHours(s.Hours)}
		for _, id := range chosen {
			row.Chosen = row.Chosen || id == string(s.ID)
		}
		view.Stores = append(view.Stores, row)
	}
	if mayPlanAll(c) {
		form.First = today.Add(-cloud.SpecialBack)
		form.From, form.To = cmp.Or(form.From, today), cmp.Or(form.To, form.From, today)
		form.Kind, form.Open, form.Close = cmp.Or(form.Kind, "shut"), cmp.Or(form.Open, "09:00"), cmp.Or(form.Close, "17:00")
		view.Form = &form
	}
	for _, h := range said {
		view.Rows = append(view.Rows, v.hoursRow(h, names, len(stores), today, view.Form != nil))
	}
	return view, nil
}

func (v *view) hoursRow(h cloud.SpecialHours, names map[cloud.StoreID]string, all int, today ledger.Day, may bool) hoursRow {
	row := hoursRow{ID: h.ID, Days: v.dayName(h.From), Hours: v.openHours(h.Hours), Reason: h.Reason, By: h.By, Stores: v.say("hours.all")}
	if h.To != h.From {
		row.Days = v.say("hours.span", v.dayName(h.From), v.dayName(h.To))
	}
	if len(h.Stores) < all || all == 1 {
		var of []string
		for _, id := range h.Stores {
			of = append(of, cmp.Or(names[id], string(id)))
		}
		row.Stores = strings.Join(of, v.say("cover.and"))
	}
	switch {
	case !h.Ended.IsZero():
		row.State, row.Over = v.say("hours.state.ended", h.Ender), true
	case h.Hold(today):
		row.State, row.Holds = v.say("hours.state.now"), true
	case h.From > today:
		row.State = v.say("hours.state.coming")
	default:
		row.State, row.Over = v.say("hours.state.past"), true
	}
	row.May = may && h.Ended.IsZero()
	return row
}

// openHours says when a store is open on a day.
func (v *view) openHours(hours []cloud.Hours) string {
	switch {
	case len(hours) == 0:
		return v.say("hours.shut")
	case len(hours) == 1 && hours[0] == cloud.AllDay()[0]:
		return v.say("hours.allday")
	}
	return strings.ReplaceAll(hoursText(hours), "-", "–")
}

// hoursAsked reads the form. Times that are none end when they begin, and are refused with the rest.
func (p *Pages) hoursAsked(c echo.Context) (cloud.SpecialHours, hoursForm, error) {
	values, err := c.FormParams()
	if err != nil {
		return cloud.SpecialHours{}, hoursForm{}, protocol.Errorf(protocol.CodeMalformed, "form: %v", err)
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return cloud.SpecialHours{}, hoursForm{}, err
	}
	form := hoursForm{
		From: ledger.Day(values.Get("from")), To: ledger.Day(values.Get("to")), Kind: values.Get("kind"), Open: values.Get("open"), Close: values.Get("close"), Reason: values.Get("reason"),
	}
	form.To = cmp.Or(form.To, form.From)
	h := cloud.SpecialHours{From: form.From, To: form.To, Reason: form.Reason, By: who.Name}
	for _, id := range values["store"] {
		h.Stores = append(h.Stores, cloud.StoreID(id))
	}
	switch form.Kind {
	case "allday":
		h.Hours = cloud.AllDay()
	case "other":
		h.Hours = []cloud.Hours{{Open: minuteOf(form.Open), Close: minuteOf(form.Close)}}
	}
	return h, form, nil
}

// minuteOf is a time of day in minutes; below zero where it is none.
func minuteOf(text string) int {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return -1
	}
	return at.Hour()*60 + at.Minute()
}

func (p *Pages) previewHours(c echo.Context) error {
	v := p.view(c)
	h, form, err := p.hoursAsked(c)
	if err != nil {
		return err
	}
	view, err := p.hoursView(c, form)
	if err != nil {
		return err
	}
	changes, err := p.Hours.Preview(c.Request().Context(), h)
	switch {
	case protocol.CodeOf(err) == protocol.CodeMalformed:
		view.Bad = v.say("hours.bad", cloud.MaxSpecialDays, cloud.SpecialBack)
	case err != nil:
		return err
	default:
		view.Preview = v.hoursPreview(h, changes)
	}
	return p.showHours(c, view)
}

func (v *view) hoursPreview(h cloud.SpecialHours, changes []cloud.HoursChange) *hoursPreview {
	shown := &hoursPreview{Head: v.count("hours.preview", len(changes), h.Reason), More: max(len(changes)-hoursChanges, 0)}
	for i, x := range changes {
		shown.Told = shown.Told || x.Told
		if i < hoursChanges {
			shown.Changes = append(shown.Changes, hoursChange{v.lang.Pick(x.Store.Name), v.dayName(x.Day), v.openHours(x.Before), v.openHours(x.After), x.Told})
		}
	}
	return shown
}

func (p *Pages) setHours(c echo.Context) error {
	h, form, err := p.hoursAsked(c)
	if err != nil {
		return err
	}
	_, err = p.Hours.Set(c.Request().Context(), h)
	if protocol.CodeOf(err) == protocol.CodeMalformed {
		view, err := p.hoursView(c, form)
		if err != nil {
			return err
		}
		view.Bad = p.view(c).say("hours.bad", cloud.MaxSpecialDays, cloud.SpecialBack)
		return p.showHours(c, view)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/hours?done=set")
}

func (p *Pages) takeHoursBack(c echo.Context) error {
	var id protocol.UUID
	if err := id.UnmarshalText([]byte(c.Param("id"))); err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no special hours %q", c.Param("id"))
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	// Somebody else's word that they are taken back does as well.
	if err := p.Hours.TakeBack(c.Request().Context(), id, who.Name); err != nil && protocol.CodeOf(err) != cloud.CodeConflict {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/hours?done=ended")
}

// hoursTonight tells of the stores that are open otherwise than usual today.
func (p *Pages) hoursTonight(ctx context.Context, v *view) ([]saidLink, error) {
	today, err := p.Hours.Today(ctx)
	if err != nil || len(today) == 0 {
		return nil, err
	}
	stores, err := p.Fleet.Stores(ctx)
	return v.hoursToday(today, stores), err
}

// hoursToday says of stores that they are open otherwise than usual today.
func (v *view) hoursToday(today map[cloud.StoreID]cloud.SpecialHours, stores []cloud.Store) (all []saidLink) {
	for _, s := range stores {
		if h, special := today[s.ID]; special {
			all = append(all, saidLink{v.say("hours.today", v.lang.Pick(s.Name), v.openHours(h.Hours), h.Reason), "/hours?store=" + url.QueryEscape(string(s.ID))})
		}
	}
	return all
}

// saidLink is a sentence that leads somewhere.
type saidLink struct{ Say, Link string }
