package web

import (
	"fmt"
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
	trailPath   = "/audit"
	deedsShown  = 100
	deedsInCSV  = 5000
	latestDeeds = 10
)

// trailView is a part of the audit log.
type trailView struct {
	Rows     []deedLine
	Who      string
	Names    []string
	Words    []incidentChoice
	From, To string
	All      string // the query without its place
	Older    string // address of what was before; empty: there is nothing
}

// deedLine is one thing that somebody of the staff did.
type deedLine struct {
	Number  int64
	At      moment
	Who     string
	Role    string
	What    string
	Target  string
	Outcome string
	Well    bool
	Route   string
	Request string
}

func (v *view) deedLines(deeds []cloud.Deed, loc *time.Location) []deedLine {
	lines := make([]deedLine, len(deeds))
	for i, d := range deeds {
		lines[i] = deedLine{
			Number: d.Number, At: v.dayMoment(d.At, loc), Who: d.Name, Role: v.deedRole(d.Role), What: v.deedWord(d.Did), Target: d.Target,
			Outcome: v.deedOutcome(d.Outcome), Well: d.Outcome == cloud.DeedDone, Route: strings.TrimSpace(d.Method + " " + d.Route), Request: d.Request,
		}
		if d.Name == "" {
			lines[i].Who = v.say("trail.nobody")
		}
	}
	return lines
}

func (v *view) deedRole(r protocol.Role) string {
	if r == "" {
		return ""
	}
	return v.say("people.role." + string(r))
}

// deedWord says what was done: by its own word, or by what the route is for. The administrator's tool has words of its own.
func (v *view) deedWord(did string) string {
	for _, prefix := range []string{"deed.", "can."} {
		if _, known := v.texts[prefix+did]; known {
			return v.say(prefix + did)
		}
	}
	return did
}

func (v *view) deedOutcome(outcome string) string {
	if outcome == cloud.DeedDone {
		return v.say("trail.done")
	}
	if kind, known := httpx.KindOf(protocol.Code(outcome)); known {
		return v.lang.Pick(kind.Title)
	}
	return outcome
}

func (v *view) deedChoices(chosen string) (all []incidentChoice) {
	words := cloud.DeedWords()
	for _, p := range httpx.Permissions() {
		if !p.Reads || p.Of == httpx.CanSeeCase {
			words = append(words, string(p.Of))
		}
	}
	for _, w := range words {
		if w != string(httpx.CanShop) {
			all = append(all, incidentChoice{w, v.deedWord(w), w == chosen})
		}
	}
	return all
}

// deedsAsked reads what of the log is wanted.
func (p *Pages) deedsAsked(c echo.Context) (q cloud.DeedQuery, loc *time.Location, err error) {
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return q, nil, fmt.Errorf("audit log: %w", err)
	}
	loc = zone(chain)
	q = cloud.DeedQuery{Name: c.QueryParam("who"), Did: c.QueryParam("what")}
	for name, into := range map[string]*time.Time{"from": &q.From, "to": &q.To} {
		text := c.QueryParam(name)
		if text == "" {
			continue
		}
		if *into, err = time.ParseInLocation(time.DateOnly, text, loc); err != nil {
			return q, nil, protocol.Errorf(protocol.CodeMalformed, "%s: want a day such as 2026-12-01", name)
		}
	}
	if !q.To.IsZero() {
		q.To = q.To.AddDate(0, 0, 1)
	}
	if text := c.QueryParam("before"); text != "" {
		if q.Before, err = strconv.ParseInt(text, 10, 64); err != nil || q.Before < 1 {
			return q, nil, protocol.Errorf(protocol.CodeMalformed, "before: want a number")
		}
	}
	return q, loc, nil
}

func (p *Pages) trail(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	q, loc, err := p.deedsAsked(c)
	if err != nil {
		return err
	}
	q.Limit = deedsShown + 1
	deeds, err := p.Trail.Deeds(ctx, q)
	if err != nil {
		return err
	}
	members, err := p.Staff.Members(ctx)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	query := url.Values{"who": {q.Name}, "what": {q.Did}, "from": {c.QueryParam("from")}, "to": {c.QueryParam("to")}}
	view := trailView{Who: q.Name, Words: v.deedChoices(q.Did), From: c.QueryParam("from"), To: c.QueryParam("to"), All: query.Encode()}
	for _, m := range members {
		view.Names = append(view.Names, m.Name)
	}
	if q.Name != "" && !slices.Contains(view.Names, q.Name) {
		view.Names = append(view.Names, q.Name)
	}
	if len(deeds) > deedsShown {
		deeds = deeds[:deedsShown]
		query.Set("before", strconv.FormatInt(deeds[deedsShown-1].Number, 10))
		view.Older = trailPath + "?" + query.Encode()
	}
	view.Rows = v.deedLines(deeds, loc)
	return p.show(c, screen{Template: "trail", Styles: []string{"people.css"}, Face: "staff", Title: v.say("trail.head"), Path: trailPath, Nav: "people", Data: view})
}

func (p *Pages) trailTable(c echo.Context) error {
	v := p.view(c)
	q, _, err := p.deedsAsked(c)
	if err != nil {
		return err
	}
	q.Limit = deedsInCSV
	deeds, err := p.Trail.Deeds(c.Request().Context(), q)
	if err != nil {
		return err
	}
	t := table{head: v.heads("number", "at", "by", "role", "did", "target", "outcome", "method", "route", "request", "seal")}
	for _, d := range deeds {
		t.rows = append(t.rows, []string{
			number(d.Number), d.At.UTC().Format(time.RFC3339Nano), d.Name, string(d.Role), d.Did, d.Target, d.Outcome, d.Method, d.Route, d.Request, d.Seal,
		})
	}
	return t.send(c, "audit-log.csv")
}
