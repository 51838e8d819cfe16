package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// supportSpan is how far from the time that a caller names a visit is looked for.
const supportSpan = 30 * time.Minute

// localTime is how browsers write a day and an hour.
const localTime = "2006-01-02T15:04"

func supportPath(visit protocol.VisitID) string { return "/support/" + visit.String() }

// supportView is where a caller's visit is looked for.
type supportView struct {
	Cabinet, At, Number string // as they were typed; a phone is never shown again
	Caller              string // the end of a phone
	Problem             string
	Searched            bool
	Rows                []foundRow
	Newest, Earlier     string // where the list begins, and goes on; empty: it is there already
}

// foundRow is a visit that may be the caller's.
type foundRow struct {
	visitRow
	Day    moment
	Masked string
	Number string
}

// callers looks for visits by what stands in the address, which is never a phone.
func (p *Pages) callers(c echo.Context) error {
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return fmt.Errorf("support: %w", err)
	}
	v := p.view(c)
	view := supportView{Cabinet: strings.TrimSpace(c.QueryParam("cabinet")), At: c.QueryParam("at"), Number: c.QueryParam("number")}
	find, problem := v.readSearch(&view, c.QueryParam("who"), c.QueryParam("before"), zone(chain))
	if problem != "" {
		view.Problem = problem
		return p.showSupport(c, view, http.StatusBadRequest)
	}
	if find == (cloud.FindVisits{Before: find.Before}) {
		return p.showSupport(c, view, http.StatusOK)
	}
	found, more, err := p.Support.Find(c.Request().Context(), find)
	if err != nil {
		return err
	}
	view.Searched = true
	if more {
		view.Earlier = turned(c, found[len(found)-1].ID.String())
	}
	if !find.Before.IsZero() {
		view.Newest = turned(c, "")
	}
	p.fillFound(c, &view, found, zone(chain))
	if !find.Person.IsZero() && len(found) > 0 {
		view.Caller = found[0].Masked
	}
	return p.showSupport(c, view, http.StatusOK)
}

// turned is the same search from before a visit; empty: from the newest.
func turned(c echo.Context, before string) string {
	query := c.QueryParams()
	query.Del("before")
	if before != "" {
		query.Set("before", before)
	}
	return "/support?" + query.Encode()
}

// readSearch reads what a caller knows; a receipt's number may be written with spaces, or be a visit's whole id.
func (v *view) readSearch(view *supportView, who, before string, loc *time.Location) (find cloud.FindVisits, problem string) {
	if who != "" {
		person, err := protocol.ParseUUID(who)
		if err != nil {
			return find, v.say("support.bad.who")
		}
		find.Person = person
	}
	if before != "" {
		visit, err := protocol.ParseUUID(before)
		if err != nil {
			return find, v.say("support.bad.who")
		}
		find.Before = visit
	}
	find.Cabinet = protocol.CabinetID(view.Cabinet)
	if view.Cabinet != "" && find.Cabinet.Validate() != nil {
		return find, v.say("support.bad.cabinet")
	}
	if view.At != "" {
		at, err := time.ParseInLocation(localTime, view.At, loc)
		if err != nil {
			return find, v.say("support.bad.at")
		}
		find.From, find.To = at.Add(-supportSpan), at.Add(supportSpan)
	}
	if strings.TrimSpace(view.Number) == "" {
		return find, ""
	}
	number, err := cloud.TypedNumber(view.Number)
	if err != nil {
		return find, v.say("support.bad.number")
	}
	find.Number = number
	return find, ""
}

func (p *Pages) fillFound(c echo.Context, view *supportView, found []cloud.FoundVisit, loc *time.Location) {
	v := p.view(c)
	places := map[protocol.CabinetID]string{}
	for _, f := range found {
		if _, known := places[f.Cabinet]; !known {
			cab, err := p.Fleet.Cabinet(c.Request().Context(), f.Cabinet)
			if err != nil { // It is shown by its id.
				places[f.Cabinet] = string(f.Cabinet)
				continue
			}
			places[f.Cabinet] = v.where(cab)
		}
		row := v.visitRows([]cloud.Visit{f.Visit}, nil, loc, p.Now())[0]
		row.Where = places[f.Cabinet]
		view.Rows = append(view.Rows, foundRow{visitRow: row, Day: moment{At: f.Created.In(loc), Day: true}, Masked: f.Masked, Number: f.Number()})
	}
}

func (p *Pages) showSupport(c echo.Context, view supportView, status int) error {
	title := p.view(c).say("support.title")
	return p.show(c, screen{Template: "support", Face: "staff", Title: title, Path: "/support", Nav: "support", Status: status, Data: view})
}

// findCaller looks for a resident by their phone, which stays in the body of the request.
func (p *Pages) findCaller(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	v := p.view(c)
	resident, err := p.Callers.ByPhone(c.Request().Context(), who.Name, e164(c.FormValue("phone")))
	if err == nil {
		return c.Redirect(http.StatusSeeOther, "/support?who="+url.QueryEscape(resident.ID.String()))
	}
	switch protocol.CodeOf(err) {
	case "":
		// The cause may quote what was typed, which no log may hold.
		return protocol.Errorf(httpx.CodeInternal, "find a caller")
	case cloud.CodeNotFound:
		return p.showSupport(c, supportView{Problem: v.say("support.nobody")}, http.StatusNotFound)
	case cloud.CodeBadPhone:
		return p.showSupport(c, supportView{Problem: v.say("support.bad.phone")}, http.StatusBadRequest)
	}
	return err
}

// supportVisitView is the whole story of a visit, and what may be done for its resident.
type supportVisitView struct {
	Visit  cloud.VisitRecord
	Number string
	Masked string
	Where  string
	Paid   string
	Story  storyList
	Open   *protocol.UUID // an objection that waits
	Remedy *remedyView    // nil: there is nothing to give back, or the reader may not
	Ruled  bool           // a manager has ruled on some of it, which the reader cannot change
	Notes  bool           // the reader may write one
	All    bool           // the reader sees the whole chain
}

func (p *Pages) supportVisit(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	desk, err := p.deskOf(c, id)
	if err != nil {
		return err
	}
	v := p.view(c)
	story := desk.story
	view := supportVisitView{
		Visit: story.Visit, Number: story.Visit.Number(), Masked: story.Masked, Where: v.where(desk.cab), Paid: v.sayMoney(story), Story: v.storyList(desk), Notes: mayDecide(c), All: boundOf(c) == "",
	}
	for _, d := range story.Disputes {
		if d.Ruling == nil {
			view.Open = &d.ID
		}
	}
	if view.Open == nil && story.Visit.Paid() && mayDecide(c) {
		view.Ruled = len(givable(desk.who, story)) < len(story.Visit.Lines)
		if view.Remedy = v.refundOf(desk.who, story, desk.cab); view.Remedy != nil {
			view.Remedy.Limit = v.limited(desk.who, desk.chain.Disputing)
		}
	}
	title := v.say("support.visit.title", desk.cab.Number, view.Number)
	return p.show(c, screen{Template: "support-visit", Face: "staff", Title: title, Path: supportPath(id), Nav: "support", Data: view})
}

// refund gives back what the reader may; more becomes an objection for a manager.
func (p *Pages) refund(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	story, err := p.Support.Story(ctx, id)
	if err != nil {
		return err
	}
	// The same form once more says what it said: what it has given back itself does not count.
	story.Disputes = slices.DeleteFunc(slices.Clone(story.Disputes), func(d cloud.Dispute) bool { return d.Key != "" && d.Key == c.FormValue("key") && d.By == who.Name })
	var all []cloud.DisputeLine
	offered := givable(who, story)
	if len(offered) == 0 { // The service says why nothing of it can be given back.
		offered = story.Visit.Lines
	}
	for _, l := range offered {
		all = append(all, cloud.DisputeLine{SKU: l.SKU, Qty: l.Qty})
	}
	lines, err := remedy(c, story, all)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return protocol.Errorf(protocol.CodeMalformed, "amount: want how much comes back")
	}
	d, err := p.Support.Refund(ctx, cloud.SupportRefund{
		Visit: id, By: who.Name, Role: who.Role, Key: c.FormValue("key"), Lines: lines, Reason: strings.TrimSpace(c.FormValue("reason")),
	})
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, disputePath(d.ID))
}

// note writes a line beside a visit.
func (p *Pages) note(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := p.Support.Note(c.Request().Context(), id, who, strings.TrimSpace(c.FormValue("text"))); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, supportPath(id)+"#notes")
}
