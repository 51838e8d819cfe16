package web

import (
	"bytes"
	"encoding/json"
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

const walkPath = "/walk"

func roundPath(id protocol.UUID) string { return walkPath + "/" + id.String() }

func stopPath(id protocol.UUID, cabinet protocol.CabinetID) string {
	return roundPath(id) + "/at/" + string(cabinet)
}

// walkRoutes are the restocker's pages, and what makes them work where there is no network.
func (p *Pages) walkRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/walk", Access: httpx.Movers(), Handler: p.walks},
		{Method: get, Path: "/walk/leave", Access: httpx.Movers(), Handler: p.leave},
		{Method: get, Path: "/walk/:round", Access: httpx.Movers(), Handler: p.walk},
		{Method: get, Path: "/walk/:round/live", Access: httpx.Movers(), Handler: p.walkLive},
		{Method: post, Path: "/walk/:round/steps", Access: httpx.Movers(), Handler: p.walkStep},
		{Method: get, Path: "/walk/:round/at/:cabinet", Access: httpx.Movers(), Handler: p.walkStop},
		{Method: get, Path: "/walk/:round/at/:cabinet/live", Access: httpx.Movers(), Handler: p.walkStopLive},
		{Method: post, Path: "/walk/:round/at/:cabinet/open", Access: httpx.Movers(), Handler: p.walkOpen},
		{Method: get, Path: "/walk.webmanifest", Access: httpx.Anyone(), Handler: p.manifest},
		{Method: get, Path: "/walk-worker.js", Access: httpx.Anyone(), Handler: p.worker},
	}
}

// walkScreen is a page of the restocker's; the camera reads codes on it.
func (p *Pages) walkScreen(c echo.Context, s screen) error {
	c.Response().Header().Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
	return p.show(c, s)
}

// walkFace is what all of them have.
func walkFace(s screen) screen {
	s.Face, s.Styles, s.Scripts = "walk", []string{"walk.css"}, walkScripts()
	return s
}

// walkScripts are the restocker's scripts, each about one thing, in the order in which they are run.
func walkScripts() []string {
	return []string{"walkround.js", "walkqueue.js", "walkphoto.js", "walkpage.js", "walkbar.js", "walkstep.js", "walkdoor.js", "walkbars.js", "walkcode.js", "walkout.js", "walk.js"}
}

// walks lists today's rounds and those that are not over, of the reader or of nobody.
func (p *Pages) walks(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("rounds: %w", err)
	}
	today := ledger.DayOf(p.Now(), zone(chain))
	view := walksView{Who: who.Name, Person: who.ID}
	for _, q := range []cloud.RoundQuery{{Open: true, Limit: walksShown}, {Day: today, Limit: walksShown}} {
		if who.Role == protocol.RoleRestocker {
			q.Restocker = who.ID
		}
		rounds, err := p.Rounds.List(ctx, q)
		if err != nil {
			return fmt.Errorf("rounds: %w", err)
		}
		for _, r := range rounds {
			if !q.Open && !r.State.Over() || r.State == cloud.RoundCancelled || !who.Bound.Holds(r.Store) {
				continue
			}
			row, err := p.walkRow(c, r, today)
			if err != nil {
				return err
			}
			view.Rows = append(view.Rows, row)
		}
	}
	if view.Others, err = p.othersWalk(c, view.Rows, today); err != nil {
		return err
	}
	return p.walkScreen(c, walkFace(screen{Template: "walks", Title: v.say("walks.title"), Path: walkPath, Poll: true, Data: view}))
}

// othersWalk lists the rounds that somebody else is on: two may walk one.
func (p *Pages) othersWalk(c echo.Context, own []walkRow, today ledger.Day) (rows []walkRow, err error) {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return nil, err
	}
	open, err := p.Rounds.List(c.Request().Context(), cloud.RoundQuery{Open: true, Limit: walksShown})
	if err != nil {
		return nil, fmt.Errorf("rounds: %w", err)
	}
	for _, r := range open {
		if !who.Bound.Holds(r.Store) || slices.ContainsFunc(own, func(mine walkRow) bool { return mine.ID == r.ID }) {
			continue
		}
		row, err := p.walkRow(c, r, today)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// walksShown is how many rounds are listed.
const walksShown = 50

func (p *Pages) walkRow(c echo.Context, r cloud.Round, today ledger.Day) (walkRow, error) {
	v := p.view(c)
	row := walkRow{ID: r.ID, Path: roundPath(r.ID), Day: string(r.Day), Today: r.Day == today, State: r.State, Word: v.say("walk.state." + string(r.State)), Walks: r.Walks, Stops: len(r.Stops)}
	for _, l := range r.Lines {
		row.Units += l.Planned
	}
	for _, s := range r.Stops {
		row.Minutes += s.Minutes
	}
	for _, h := range r.Handovers() {
		row.Stops++
		for _, l := range h.Legs {
			row.Units += l.Units
		}
	}
	if r.Kind == cloud.RoundTally {
		row.Word = v.say("stocktake.title") + " · " + row.Word
	}
	stores, err := p.Fleet.Stores(c.Request().Context())
	if err != nil {
		return row, fmt.Errorf("round %s: %w", r.ID, err)
	}
	if i := slices.IndexFunc(stores, func(s cloud.Store) bool { return s.ID == r.Store }); i >= 0 {
		row.Store = v.lang.Pick(stores[i].Name)
	}
	return row, nil
}

// leave is where a restocker signs out: what is still kept on the phone is told before.
func (p *Pages) leave(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	return p.walkScreen(c, walkFace(screen{Template: "walk-leave", Title: p.view(c).say("walk.leave"), Path: "/walk/leave", Data: walksView{Who: who.Name, Person: who.ID}}))
}

// roundOf finds the round of the path.
func (p *Pages) roundOf(c echo.Context) (cloud.RoundView, cloud.Principal, error) {
	id, err := protocol.ParseUUID(c.Param("round"))
	if err != nil {
		return cloud.RoundView{}, cloud.Principal{}, protocol.Errorf(cloud.CodeNotFound, "no round has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return cloud.RoundView{}, who, err
	}
	r, err := p.Rounds.Round(c.Request().Context(), id)
	return r, who, err
}

func (p *Pages) walk(c echo.Context) error {
	s, err := p.roundWalked(c)
	if err != nil {
		return err
	}
	return p.walkScreen(c, s)
}

func (p *Pages) walkLive(c echo.Context) error {
	return p.walkStream(c, p.roundWalked)
}

// walkAgain is how often a page that is followed is looked at anew: what scales see of a refill changes no cabinet.
const walkAgain = time.Second

func (p *Pages) walkStream(c echo.Context, render func(echo.Context) (screen, error)) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{changed: changed, pace: staffPace, again: walkAgain, render: func() (screen, error) { return render(c) }})
}

func (p *Pages) roundWalked(c echo.Context) (screen, error) {
	r, who, err := p.roundOf(c)
	if err != nil {
		return screen{}, err
	}
	v := p.view(c)
	view := v.walkView(r, who)
	s := screen{Template: "walk", Title: v.say("walk.title", view.Head), Say: view.Head, Path: view.Path, Data: view}
	if !r.State.Over() {
		s.Live = view.Path + "/live"
	}
	return walkFace(s), nil
}

func (p *Pages) walkStop(c echo.Context) error {
	s, err := p.stopScreen(c)
	if err != nil {
		return err
	}
	return p.walkScreen(c, s)
}

func (p *Pages) walkStopLive(c echo.Context) error { return p.walkStream(c, p.stopScreen) }

func (p *Pages) stopScreen(c echo.Context) (screen, error) {
	r, who, err := p.roundOf(c)
	if err != nil {
		return screen{}, err
	}
	stop := r.Stop(protocol.CabinetID(c.Param("cabinet")))
	if stop == nil {
		return screen{}, protocol.Errorf(cloud.CodeNotAStop, "the cabinet is none of the round")
	}
	goods, err := p.Fleet.Goods(c.Request().Context(), stop.Cabinet)
	if err != nil {
		return screen{}, fmt.Errorf("stop at %s: %w", stop.Cabinet, err)
	}
	chores, err := p.Chores.Chores(c.Request().Context(), r.ID, stop.Cabinet)
	if err != nil {
		return screen{}, err
	}
	v := p.view(c)
	view := v.stopPage(r, *stop, goods, who)
	v.chores(&view, r, goods, chores)
	s := screen{Template: "walk-stop", Title: view.Title, Say: view.Door.Say, Path: view.Path, Data: view}
	if !r.State.Over() {
		s.Live = view.Path + "/live"
	}
	return walkFace(s), nil
}

// walkStep takes the step that a form says, for browsers without script; with script the same form is kept and sent as a step
// of the interface.
func (p *Pages) walkStep(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("round"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no round has such an id")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	step := cloud.RoundStep{Round: id, Person: who.ID, By: who.Name, Key: keyOf(c), Kind: cloud.RoundStepKind(c.FormValue("kind"))}
	if step.Kind.ForManagers() {
		return protocol.Errorf(cloud.CodeForbidden, "a round is not for its restocker to %s", step.Kind)
	}
	if step.RoundStepBody, err = stepOf(c); err != nil {
		return err
	}
	if _, err := p.Rounds.Step(c.Request().Context(), step); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("back"), roundPath(id)))
}

func stepOf(c echo.Context) (b cloud.RoundStepBody, err error) {
	b = cloud.RoundStepBody{
		Cabinet: protocol.CabinetID(c.FormValue("cabinet")), Platform: protocol.PlatformID(c.FormValue("platform")), SKU: protocol.SKU(c.FormValue("sku")),
		Short: cloud.ShortReason(c.FormValue("short")), Answer: picking.Answer(c.FormValue("answer")), Why: c.FormValue("why"),
		Plan: cloud.PlanWord(c.FormValue("plan")), Store: cloud.StoreID(c.FormValue("store")), Way: cloud.LegWay(c.FormValue("way")),
	}
	if b.Units, err = numberOf(c, "units"); err != nil {
		return b, err
	}
	if b.Removed, err = numberOf(c, "removed"); err != nil {
		return b, err
	}
	if b.Removed > 0 {
		b.Reason = ledger.Reason(c.FormValue("reason"))
	}
	if all := c.FormValue("all"); all != "" {
		if b.Units, err = numberOf(c, "all"); err != nil {
			return b, err
		}
		b.Short = ""
	}
	if c.FormValue("more") != "" {
		b.Units++
	}
	if c.FormValue("less") != "" {
		b.Units--
	}
	if b.Dates, err = datesOf(c); err != nil {
		return b, err
	}
	if b.Hands, err = handsOf(c); err != nil {
		return b, err
	}
	for _, sku := range c.Request().PostForm["rest"] {
		said := cloud.RestSaid{SKU: protocol.SKU(sku), Differ: c.FormValue("differ-"+sku) != ""}
		if said.Back, err = numberOf(c, "back-"+sku); err != nil {
			return b, err
		}
		if said.Kept, err = numberOf(c, "kept-"+sku); err != nil {
			return b, err
		}
		b.Rest = append(b.Rest, said)
	}
	return b, nil
}

// datesOf are the dates of a form, each beside its units; a row without a date says none.
func datesOf(c echo.Context) (dates []picking.Lot, err error) {
	units := c.Request().PostForm["of"]
	for i, until := range c.Request().PostForm["until"] {
		if until == "" || i >= len(units) {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(units[i]))
		if err != nil {
			return nil, protocol.Errorf(protocol.CodeMalformed, "of: want a number")
		}
		dates = append(dates, picking.Lot{Units: n, Until: ledger.Day(until)})
	}
	return dates, nil
}

func numberOf(c echo.Context, name string) (int, error) {
	typed := strings.TrimSpace(c.FormValue(name))
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil {
		return 0, protocol.Errorf(protocol.CodeMalformed, "%s: want a number", name)
	}
	return n, nil
}

// walkOpen opens a door of the stop for the reader, who has read the number of the cabinet or its code.
func (p *Pages) walkOpen(c echo.Context) error {
	r, who, err := p.roundOf(c)
	if err != nil {
		return err
	}
	ask := cloud.RefillVisit{Person: who.ID, By: who.Name, Round: r.ID, Cabinet: protocol.CabinetID(c.Param("cabinet")), Key: keyOf(c)}
	if ask.Number, err = readNumber(c, ask.Cabinet); err != nil {
		return err
	}
	door, err := numberOf(c, "compartment")
	if err != nil || door < 0 || door > 255 {
		return protocol.Errorf(protocol.CodeMalformed, "compartment: want a number")
	}
	ask.Compartment = protocol.Compartment(door)
	if _, err := p.Refills.Refill(c.Request().Context(), ask); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, stopPath(r.ID, ask.Cabinet))
}

// readNumber is the number that was read off the cabinet, 0 where its code was scanned. One of the two is asked for, and a code
// of another cabinet is refused.
func readNumber(c echo.Context, at protocol.CabinetID) (int, error) {
	if code := c.FormValue("code"); code != "" {
		_, scanned, _ := strings.Cut(code, "/c/")
		if scanned != string(at) {
			return 0, protocol.Errorf(cloud.CodeWrongCabinet, "a code of another cabinet than %s was scanned", at)
		}
		return 0, nil
	}
	n, err := numberOf(c, "number")
	if err == nil && n <= 0 {
		err = protocol.Errorf(cloud.CodeWrongCabinet, "number: want the one that stands on the cabinet")
	}
	return n, err
}

// manifest lets a phone install the restocker's pages.
func (p *Pages) manifest(c echo.Context) error {
	v := p.view(c)
	type picture struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	body := map[string]any{
		"name": v.say("walk.app"), "short_name": v.say("walk.app.short"), "lang": tag(v.lang), "start_url": walkPath, "id": walkPath, "scope": walkPath,
		"display": "standalone", "background_color": "#faf8f4", "theme_color": "#faf8f4",
		"icons": []picture{
			{p.assets.urls["icon.svg"], "any", "image/svg+xml", ""},
			{p.assets.urls["icon-192.png"], "192x192", "image/png", ""},
			{p.assets.urls["icon-512.png"], "512x512", "image/png", ""},
			{p.assets.urls["icon-512.png"], "512x512", "image/png", "maskable"},
		},
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	c.Response().Header().Set(echo.HeaderVary, "Cookie, Accept-Language")
	return c.Blob(http.StatusOK, "application/manifest+json", raw)
}

// shell are the files that the restocker's pages are shown with.
func (a *assets) shell() []string {
	files := []string{}
	for _, name := range append([]string{"app.css", "walk.css", "app.js", "icon.svg", "icon-192.png"}, walkScripts()...) {
		files = append(files, a.urls[name])
	}
	return files
}

// worker is the script that answers for the pages where there is no network. It names the files of this build, so that another
// build is another worker.
func (p *Pages) worker(c echo.Context) error {
	raw, err := json.Marshal(p.assets.shell())
	if err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	name := slices.Sorted(slices.Values(p.assets.shell()))
	script := bytes.Replace(p.assets.worker, []byte(`["shell"]`), raw, 1)
	script = bytes.Replace(script, []byte(`"build"`), []byte(strconv.Quote(sumOf([]byte(strings.Join(name, " "))))), 1)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", script)
}
