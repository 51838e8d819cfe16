package web

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const (
	latestShown  = 8
	stripsShown  = 6 // so that what needs a person is still seen without scrolling
	gapsNamed    = 2 // in the sentence above all
	staffRefresh = 5 * time.Second
)

// tonightRoutes are the chain and a store as they are now, and the lists that their figures open.
func (p *Pages) tonightRoutes() []httpx.Route {
	get := http.MethodGet
	return []httpx.Route{
		{Method: get, Path: "/tonight", Access: httpx.Staff(), Handler: p.tonight},
		{Method: get, Path: "/tonight/live", Access: httpx.Staff(), Handler: p.tonightLive},
		{Method: get, Path: "/stores/:store", Access: httpx.Staff(), Handler: p.storeTonight},
		{Method: get, Path: "/stores/:store/live", Access: httpx.Staff(), Handler: p.storeTonightLive},
		{Method: get, Path: "/needs", Access: httpx.Staff(), Handler: p.needs},
		{Method: get, Path: "/needs/live", Access: httpx.Staff(), Handler: p.needsLive},
		{Method: get, Path: "/cabinets", Access: httpx.Staff(), Handler: p.cabinets},
		{Method: get, Path: "/cabinets/live", Access: httpx.Staff(), Handler: p.cabinetsLive},
		{Method: get, Path: "/visits", Access: httpx.Staff(), Handler: p.visits},
	}
}

// headPart is what a page says before any figure.
type headPart struct {
	Now        moment
	Crumb      string // of a store: its name
	Head, Lead string
	Well       bool
	Hours      []saidLink // stores that are open otherwise than usual today
}

// figure is one number with what it is made of.
type figure struct {
	What, Value, Beside string
	Path                string
	Tone                string
}

// stripsPart is how the stores were served.
type stripsPart struct {
	Axis template.HTML
	Fog  template.HTML
	Rows []servedRow
	More int
}

// mapPart is the stores by where they stand.
type mapPart struct {
	Wide, Narrow template.HTML
	Unplaced     int    // stores of which nobody has said where they are
	Out          string // back to the whole
	None         bool
}

// chainView is what the page of the chain is made of.
type chainView struct {
	loc      *time.Location
	now      time.Time
	heads    []cloud.ServedHead
	cabinets []cloud.CabinetView
	sold     cloud.NightSold
	needs    needsNow
	latest   []cloud.Visit
}

// tonight shows the chain; who is limited to stores is led to the first of them.
func (p *Pages) tonight(c echo.Context) error {
	if who, err := httpx.PrincipalOf(c); err == nil && who.Bound != "" {
		return c.Redirect(http.StatusSeeOther, storePath(who.Bound.Stores()[0]))
	}
	d, err := p.drawTonight(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) tonightLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: staffRefresh}, func() (drawn, error) { return p.drawTonight(c) })
}

func (p *Pages) drawTonight(c echo.Context) (drawn, error) {
	zoom, query := readZoom(c.QueryParam("map"))
	path := "/tonight" + query
	return p.draw(c, path, func(ctx context.Context, v *view, may rights) (screen, error) {
		of, err := p.chainNow(ctx)
		if err != nil {
			return screen{}, err
		}
		head := v.chainHead(of)
		if head.Hours, err = p.hoursTonight(ctx, v); err != nil {
			return screen{}, err
		}
		return screen{
			Template: "tonight", Face: "staff", Title: v.say("tonight.title"), Say: head.Head, Path: path, Live: "/tonight/live" + query, Refresh: 30, Nav: "tonight",
			Styles: soldStyles, Scripts: soldScripts, Parts: []part{
				{"head", head},
				{"strips", v.stripsPart(of)},
				{"needs", v.needsPart(of.needs, of.heads, of.cabinets, of.loc, of.now, may, needsShown).all("")},
				{"map", v.mapPart(of.heads, zoom)},
				{"figures", v.chainFigures(of)},
				{"sold", v.soldPart(of.sold, of.loc, of.now, "/visits?sold=1&since="+clockOf(of.sold.From))},
				{"latest", visitList{Rows: v.visitRows(of.latest, of.cabinets, of.loc, of.now)}},
			},
		}, nil
	})
}

func (p *Pages) chainNow(ctx context.Context) (of chainView, err error) {
	now, err := p.Fleet.Chain(ctx)
	if err != nil {
		return of, fmt.Errorf("tonight: %w", err)
	}
	of.loc, of.now = zone(now), p.Now()
	var looks errgroup.Group // Each reads a snapshot of its own.
	looks.Go(func() (err error) { of.heads, err = p.Coverage.Stores(ctx); return err })
	looks.Go(func() (err error) { of.cabinets, err = p.Fleet.Cabinets(ctx); return err })
	looks.Go(func() (err error) { of.sold, err = p.Tonight.Sold(ctx, ""); return err })
	looks.Go(func() (err error) { of.needs, err = p.needsNow(ctx, ""); return err })
	looks.Go(func() (err error) {
		of.latest, err = p.Visits.Latest(ctx, "", protocol.UUID{}, latestShown)
		return err
	})
	if err := looks.Wait(); err != nil {
		return of, fmt.Errorf("tonight: %w", err)
	}
	return of, nil
}

// chainHead says first how it stands.
func (v *view) chainHead(of chainView) headPart {
	head := headPart{Now: moment{At: of.now.In(of.loc), Day: true}}
	var whole, unsure, counting int
	var gaps []string
	for _, h := range of.heads {
		switch {
		case !h.Known:
			counting++
		case h.Gap != nil:
			gaps = append(gaps, v.lang.Pick(h.Store.Name))
		case h.Night.Uncovered == 0 && h.Night.Unknown > 0:
			unsure++
		case h.Night.Uncovered == 0:
			whole++
		}
	}
	switch {
	case len(of.heads) == 0:
		head.Head = v.say("cover.nostore")
	case counting == len(of.heads):
		head.Head = v.say("tonight.counting")
	case whole == len(of.heads):
		head.Head = v.count("tonight.stores.whole", whole)
	case whole+unsure == len(of.heads):
		head.Head = v.count("tonight.unsure", unsure)
	default:
		head.Head = v.count("tonight.stores", len(of.heads), whole+unsure)
	}
	if len(gaps) > 0 {
		head.Head = v.sentences(head.Head, v.gapsNow(gaps))
	}
	waiting := of.needs.reviews()
	need := 0
	for i := range of.cabinets {
		if v.needsPerson(&of.cabinets[i]) {
			need++
		}
	}
	head.Well = len(gaps) == 0 && need == 0
	head.Lead = v.sentences(v.sentence(len(of.cabinets), need), v.sayWaiting(waiting.Reviews))
	if waiting.Reviews > 0 {
		head.Lead = v.sentences(head.Lead, v.say("tonight.review.oldest", v.span(of.now.Sub(waiting.Since))))
	}
	if counting > 0 && counting < len(of.heads) {
		head.Lead = v.sentences(head.Lead, v.count("tonight.counted", counting))
	}
	return head
}

// gapsNow names the stores that are in a gap now.
func (v *view) gapsNow(names []string) string {
	named := strings.Join(names[:min(len(names), gapsNamed)], v.say("cover.and"))
	if more := len(names) - gapsNamed; more > 0 {
		return v.say("tonight.gapsnow.more", named, more)
	}
	return v.say("tonight.gapsnow", named)
}

// sentence tells how the cabinets are.
func (v *view) sentence(all, need int) string {
	switch {
	case all == 0:
		return v.say("tonight.none")
	case need == 0:
		return v.count("tonight.well", all)
	}
	return v.count("tonight.need", need, all)
}

// chainFigures are the numbers of the night.
func (v *view) chainFigures(of chainView) []figure {
	var night coverage.Sum
	for _, h := range of.heads {
		night = night.Plus(h.Night)
	}
	served := figure{What: v.say("figure.served"), Value: v.served(night), Beside: v.say("figure.gaps", v.lasted(night.Uncovered)), Path: "/coverage"}
	if night.Uncovered > 0 {
		served.Tone = "clay"
	}
	all := []figure{v.soldFigure(of.sold, of.loc, of.now, "/visits?sold=1&since="+clockOf(of.sold.From))}
	all = append(all, v.fleetFigures(of.cabinets, "")...)
	return append(all, served)
}

// fleetFigures are the doors and the cabinets, of a store or of all.
func (v *view) fleetFigures(cabinets []cloud.CabinetView, store cloud.StoreID) []figure {
	var online, doors, busy int
	for i := range cabinets {
		c := &cabinets[i]
		if c.State != cloud.CabinetAway {
			online++
			if c.Presence.Telemetry != nil && doorOf(c.Presence.Telemetry) == "open" {
				doors++
			}
		}
		if c.State == cloud.CabinetBusy {
			busy++
		}
	}
	there := figure{What: v.say("figure.online"), Value: v.say("figure.of", grouped(int64(online)), grouped(int64(len(cabinets)))), Beside: v.say("figure.online.all"), Path: cabinetsPath(store, "")}
	if away := len(cabinets) - online; away > 0 {
		there.Beside, there.Path, there.Tone = v.count("figure.away", away), cabinetsPath(store, string(cloud.CabinetAway)), "clay"
	}
	return []figure{
		{What: v.say("figure.doors"), Value: grouped(int64(doors)), Beside: v.count("figure.busy", busy), Path: cabinetsPath(store, "door")},
		there,
	}
}

// stripsPart are the stores that lost most.
func (v *view) stripsPart(of chainView) stripsPart {
	s := stripsPart{Fog: fogPattern(), More: max(len(of.heads)-stripsShown, 0)}
	from := of.now.Add(-nightHours * time.Hour).UnixMilli()
	s.Axis = axis(from-from%60_000, of.now.UnixMilli()-of.now.UnixMilli()%60_000, of.loc)
	for _, h := range of.heads[:min(len(of.heads), stripsShown)] {
		s.Rows = append(s.Rows, v.servedRow(h))
	}
	return s
}

// mapPart draws the map twice: letters of a phone are as large as those of a desk.
func (v *view) mapPart(heads []cloud.ServedHead, zoom *frameBox) mapPart {
	m, spots := mapPart{}, []spot{}
	for _, h := range heads {
		switch {
		case !h.Store.At.Known():
			m.Unplaced++
		case zoom == nil || zoom.has(h.Store.At):
			spots = append(spots, v.spotOf(h))
		}
	}
	if zoom != nil {
		m.Out = "/tonight#map"
	}
	if m.None = len(spots) == 0; m.None {
		return m
	}
	m.Wide, m.Narrow = v.chainMap(spots, wideSheet, zoomPath), v.chainMap(spots, narrowSheet, zoomPath)
	return m
}

func (v *view) spotOf(h cloud.ServedHead) spot {
	s := spot{at: h.Store.At, name: v.lang.Pick(h.Store.Name), link: storePath(h.Store.ID), night: h.Night, state: h.Now, known: h.Known}
	s.say = s.name + v.say("map.colon") + v.say("cover.counting")
	if h.Known {
		s.say = v.say("map.store", s.name, v.say("cover.state."+h.Now.String()), v.served(h.Night))
	}
	return s
}
