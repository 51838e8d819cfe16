package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/httpx"
)

// servedShown is how many stores a page of the list has; those that lost most come first.
const servedShown = 50

// coverageRoutes are the pages that tell whether neighbourhoods were served.
func (p *Pages) coverageRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/coverage", Access: httpx.Staff(), Handler: p.coverage},
		{Method: get, Path: "/coverage/live", Access: httpx.Staff(), Handler: p.coverageLive},
		{Method: get, Path: "/coverage/:store", Access: httpx.Staff(), Handler: p.storeCoverage},
		{Method: get, Path: "/coverage/:store/tables/:table", Access: httpx.Staff(), Handler: p.coverageTable},
		{Method: get, Path: "/coverage/:store/live", Access: httpx.Staff(), Handler: p.storeCoverageLive},
		{Method: get, Path: "/coverage/:store/spans", Access: httpx.Staff(), Handler: p.coverageSpans},
		{Method: get, Path: "/coverage/:store/event", Access: httpx.Staff(), Handler: p.coverageEvent},
		{Method: post, Path: "/coverage/:store/needs", Access: httpx.Planners(), Handler: p.setNeeds},
	}
}

// coverageHead is what is said first of how the chain was served.
type coverageHead struct{ Lead string }

// coverageList are the stores.
type coverageList struct {
	Stores  []servedRow
	Range   string // which of them are listed, where there are more
	Earlier string
	Later   string
	Fog     template.HTML
}

type servedRow struct {
	ID      cloud.StoreID
	Name    cloud.Text
	Known   bool
	State   string // word of now
	Gap     bool
	Ring    template.HTML
	Week    template.HTML
	Strip   template.HTML
	Share   string
	Share24 string // of the last 24 hours
	Night   string // how long of the last 24 hours was a gap
	Unknown string
	Lost    string // of the week
	Cost    string
}

func (p *Pages) coverage(c echo.Context) error {
	d, err := p.drawCoverage(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) coverageLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: staffRefresh}, func() (drawn, error) { return p.drawCoverage(c) })
}

func (p *Pages) drawCoverage(c echo.Context) (drawn, error) {
	asked, _ := strconv.Atoi(c.QueryParam("page"))
	query := "?page=" + strconv.Itoa(max(asked, 1))
	return p.draw(c, "/coverage"+query, func(ctx context.Context, v *view, _ rights) (screen, error) {
		heads, err := p.Coverage.Stores(ctx)
		if err != nil {
			return screen{}, err
		}
		lead := v.coverageLead(heads)
		return screen{
			Template: "coverage", Face: "staff", Title: v.say("cover.title"), Say: lead, Path: "/coverage" + query, Live: "/coverage/live" + query, Refresh: 30, Nav: "coverage", Styles: []string{"print.css", "dash.css"},
			Parts: []part{{"head", coverageHead{lead}}, {"stores", v.coverageList(heads, asked)}},
		}, nil
	})
}

func (v *view) coverageList(heads []cloud.ServedHead, asked int) coverageList {
	list := coverageList{Fog: fogPattern()}
	page, first := cloud.PageOf(heads, asked, servedShown)
	path := func(n int) string { return "/coverage?page=" + strconv.Itoa(n) }
	if n := first/servedShown + 1; len(page) < len(heads) {
		list.Range = v.say("cover.range", first+1, first+len(page), len(heads))
		if n > 1 {
			list.Earlier = path(n - 1)
		}
		if first+len(page) < len(heads) {
			list.Later = path(n + 1)
		}
	}
	for _, h := range page {
		list.Stores = append(list.Stores, v.servedRow(h))
	}
	return list
}

// coverageLead says in how many neighbourhoods there were gaps.
func (v *view) coverageLead(heads []cloud.ServedHead) string {
	gaps, waiting := 0, false
	for _, h := range heads {
		if h.Known && h.Night.Uncovered > 0 {
			gaps++
		}
		waiting = waiting || !h.Known
	}
	switch {
	case len(heads) == 0:
		return v.say("cover.nostore")
	case waiting:
		return v.say("cover.counting")
	case gaps == 0:
		return v.count("cover.well", len(heads))
	}
	return v.count("cover.gaps", gaps, len(heads))
}

func (v *view) servedRow(h cloud.ServedHead) servedRow {
	row := servedRow{ID: h.Store.ID, Name: h.Store.Name, Known: h.Known}
	if !h.Known {
		return row
	}
	row.State, row.Gap = v.say("cover.state."+h.Now.String()), h.Now == coverage.Uncovered
	row.Share, row.Share24 = v.served(h.Week), v.served(h.Night)
	row.Ring, row.Week = ring(h.Night, v.say("cover.ring.night", v.served(h.Night))), ring(h.Week, v.say("cover.ring.week", row.Share))
	row.Lost = v.say("fact.unknown")
	if h.Costs {
		row.Lost = money(h.Lost)
	}
	row.Night, row.Unknown = v.lasted(h.Night.Uncovered), v.lasted(h.Week.Unknown)
	var runs []run
	for _, piece := range h.Tonight {
		runs = append(runs, run{piece.Span, piece.State})
	}
	row.Strip = strip(runs, h.From.UnixMilli(), h.To.UnixMilli(), v.say("cover.strip.say", v.lasted(h.Night.Uncovered), v.lasted(h.Night.Unknown)))
	return row
}

// served is the share of what is known that was served: never rounded up to all.
func (v *view) served(sum coverage.Sum) string {
	share, known := sum.Share()
	if !known {
		return v.say("fact.unknown")
	}
	tenths := int(share * 1000)
	if sum.Uncovered == 0 {
		tenths = 1000
	}
	return fmt.Sprintf("%d.%d\u00a0%%", tenths/10, tenths%10)
}

// lasted is how long something was; nothing is a dash.
func (v *view) lasted(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case ms == 0:
		return "—"
	case d < time.Minute:
		return v.say("span.seconds", int(d.Seconds()))
	case d < time.Hour:
		return v.say("span.minutes", int(d.Minutes()))
	}
	return v.say("cover.hours", int(d.Hours()), int(d.Minutes())%60)
}

// category is what a category is called; one that nobody named is called as the master data do.
func (v *view) category(name string) string {
	if said, err := v.texts.say(v.lang, "cover.category."+name); err == nil {
		return said
	}
	return name
}
