package web

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// standingView is one cabinet drawn as it stands.
type standingView struct {
	Cabinet cloud.CabinetView
	Say     string
	Stale   bool
	Rows    [][]boardView
	Faults  []faultView
	Service bool         // the reader may ask the cabinet how it is
	Attest  []attestView // doors whose food the reader may answer for
	Move    *movingView  // nil: the reader may not move goods
	Air     []airView
	Open    []incidentView
	Dates   []laneDated
	Plan    planView
	Visits  visitList
	Units   int
	Low     int // kinds of goods of which two or fewer are left
	Config  string
	Agent   string
	Seen    string
	Poll    string // weighings a second of the slowest scale
}

// boardView is one weighed surface with what the book says lies on it.
type boardView struct {
	ID     protocol.PlatformID
	Weight string
	OK     bool
	Goods  []standingGood
}

type standingGood struct {
	goodLine
	Drawn int // how many are drawn; the rest is counted
}

const (
	goodsDrawn = 4
	lanesInRow = 8
	lowUnits   = 2
)

func (p *Pages) standing(c echo.Context) error {
	s, err := p.standingScreen(c)
	if err != nil {
		return err
	}
	return p.show(c, s)
}

func (p *Pages) standingLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{
		changed: changed, pace: staffPace, again: staffRefresh,
		render: func() (screen, error) { return p.standingScreen(c) },
	})
}

func (p *Pages) standingScreen(c echo.Context) (screen, error) {
	ctx, v := c.Request().Context(), p.view(c)
	cab, err := p.Fleet.Cabinet(ctx, protocol.CabinetID(c.Param("cabinet")))
	if err != nil {
		return screen{}, err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("cabinet %s: %w", cab.ID, err)
	}
	goods, err := p.Fleet.Goods(ctx, cab.ID)
	if err != nil {
		return screen{}, fmt.Errorf("cabinet %s: %w", cab.ID, err)
	}
	latest, err := p.Visits.Latest(ctx, cab.ID, protocol.UUID{}, 10)
	if err != nil {
		return screen{}, fmt.Errorf("cabinet %s: %w", cab.ID, err)
	}
	proposal, err := p.Plans.Planogram(ctx, cab.ID)
	if err != nil {
		return screen{}, fmt.Errorf("cabinet %s: %w", cab.ID, err)
	}
	view := v.standingView(cab, goods, p.Now())
	view.Attest = attestViews(c, cab)
	if who, err := httpx.PrincipalOf(c); err == nil {
		view.Service = httpx.Askers().Allows(who)
	}
	if view.Move, err = p.movingView(c, v, cab, goods, chain); err != nil {
		return screen{}, err
	}
	view.Air, view.Open = v.airViews(cab, chain), v.incidentViews(cab.Incidents, zone(chain))
	view.Plan = v.planView(proposal, goods)
	lanes, err := p.Expiry.Lanes(ctx, cab.ID)
	if err != nil {
		return screen{}, fmt.Errorf("cabinet %s: %w", cab.ID, err)
	}
	view.Dates = v.lanesDated(lanes, mayPlan(c))
	view.Visits = visitList{Rows: v.visitRows(latest, nil, zone(chain)), OneCabinet: true}
	path := "/cabinets/" + string(cab.ID)
	return screen{
		Template: "standing", Face: "staff", Title: v.say("stand.title", cab.Number, v.lang.Pick(cab.Place)), Say: view.Say,
		Path: path, Live: path + "/live", Refresh: 5, Data: view,
	}, nil
}

// laneDated is one lane with its dates.
type laneDated struct {
	Name, Where string
	Path        string // empty: the reader may not open it
	Book        int
	Lots        []lotLine
}

// lotLine is units of one day.
type lotLine struct {
	Say, From string
	Tone      string // of what is over, or nearly
}

// lanesDated are the lanes in which something has a date.
func (v *view) lanesDated(lanes []cloud.LaneLots, opens bool) (all []laneDated) {
	for _, l := range lanes {
		if len(l.Lots) == 0 {
			continue
		}
		one := laneDated{Name: cmp.Or(v.lang.Pick(l.Article.Name), string(l.SKU)), Where: string(l.Platform), Book: l.Book}
		if opens {
			one.Path = lanePath(l.Place)
		}
		for _, lot := range l.Lots {
			line := lotLine{Say: v.say("lot.line", lot.Units, string(lot.Until)) + " · " + v.daysLeft(lot.DaysLeft), From: v.datedBy(lot.Said)}
			switch lot.Stage {
			case picking.Over:
				line.Tone = "clay"
			case picking.LastDay, picking.Soon:
				line.Tone = "amber"
			}
			one.Lots = append(one.Lots, line)
		}
		if l.Undated > 0 {
			one.Lots = append(one.Lots, lotLine{Say: v.say("lot.undated", l.Undated)})
		}
		all = append(all, one)
	}
	return all
}

func (v *view) standingView(cab cloud.CabinetView, goods []cloud.ShelfGood, now time.Time) standingView {
	view := standingView{
		Cabinet: cab, Stale: cab.State == cloud.CabinetAway, Faults: v.faultsOf(cab),
		Config: strconv.FormatUint(cab.Config, 10), Agent: cmp.Or(cab.Presence.Versions.Agent, v.say("fact.unknown")), Seen: v.say("never"),
	}
	var silent time.Duration
	if seen := cab.Presence.LastSeen; !seen.IsZero() {
		silent = now.Sub(seen)
		view.Seen = v.ago(silent)
	}
	if applied := cab.Presence.Applied.Version; applied != cab.Config && !cab.Presence.LastSeen.IsZero() {
		view.Config = v.say("fact.config.behind", applied, cab.Config)
	}
	view.Say = v.sayStanding(cab, silent)
	if cab.State == cloud.CabinetReady && len(view.Faults) > 0 {
		view.Say = v.count("stand.ready.but", len(view.Faults))
	}
	view.Poll = v.cabinetRow(&cab, now).Poll
	boards := v.boards(cab, goods, view.Stale)
	for _, g := range goods {
		view.Units += g.Units
		if g.Units <= lowUnits {
			view.Low++
		}
	}
	view.Rows = inRows(cab.Layout, boards)
	return view
}

func (v *view) sayStanding(cab cloud.CabinetView, silent time.Duration) string {
	switch cab.State {
	case cloud.CabinetReady, cloud.CabinetBusy, cloud.CabinetOpen:
		return v.say("stand." + string(cab.State))
	case cloud.CabinetStopped:
		return v.sayStopped(cab.Presence.Telemetry)
	}
	if cab.Presence.LastSeen.IsZero() {
		return v.say("stand.never")
	}
	return v.say("stand.away", v.span(silent))
}

func (v *view) sayStopped(t *wire.Telemetry) string {
	if t != nil {
		for _, c := range t.Compartments {
			if !c.Selling && c.Why != "" {
				return v.say("stand.stopped", v.tellCode(c.Why).What)
			}
		}
	}
	return v.say("stand.stopped.short")
}

// boards lists each platform with its goods; weights that are stale or not to be trusted are called unknown.
func (v *view) boards(cab cloud.CabinetView, goods []cloud.ShelfGood, stale bool) []boardView {
	on := map[protocol.PlatformID][]standingGood{}
	for _, g := range goods {
		on[g.Platform] = append(on[g.Platform], standingGood{
			goodLine: goodLine{SKU: g.Article.SKU, Name: v.lang.Pick(g.Article.Name), Category: g.Article.Category, Price: g.Price, Full: g.Article.Price, Units: g.Units},
			Drawn:    min(max(g.Units, 1), goodsDrawn),
		})
	}
	weights := map[protocol.PlatformID]wire.Weight{}
	if t := cab.Presence.Telemetry; t != nil && !stale {
		for _, c := range t.Compartments {
			for _, w := range c.Weights {
				weights[w.Platform] = w
			}
		}
	}
	boards := make([]boardView, 0, len(cab.Platforms))
	for _, platform := range cab.Platforms {
		b := boardView{ID: platform.ID, Goods: on[platform.ID], Weight: v.say("stand.noweight")}
		if w, known := weights[platform.ID]; known && w.OK {
			b.OK, b.Weight = true, v.say("stand.weight", kilograms(w.Weight))
		}
		boards = append(boards, b)
	}
	return boards
}

// inRows puts shelves one under the other, and lanes side by side: those whose names begin with the same letter hang at
// the same height.
func inRows(layout string, boards []boardView) (rows [][]boardView) {
	for i, b := range boards {
		last := len(rows) - 1
		if i == 0 || layout != "lanes" || len(rows[last]) == lanesInRow || b.ID[:1] != boards[i-1].ID[:1] {
			rows = append(rows, []boardView{b})
			continue
		}
		rows[last] = append(rows[last], b)
	}
	return rows
}
