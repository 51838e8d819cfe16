package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// standingView is one cabinet drawn as it stands.
type standingView struct {
	Cabinet  cloud.CabinetView
	Say      string
	Stale    bool
	Age      agedView
	Halts    []haltView
	Acts     actsView
	Doors    []doorRow
	Rows     [][]boardView
	Lanes    []standingLane
	Faults   []faultView
	Attest   []attestView // doors whose food the reader may answer for
	Move     *movingView  // nil: the reader may not move goods
	Air      []airView
	Curves   []airCurve
	Open     []incidentView
	Plan     planView
	Visits   visitList
	Units    int
	Low      int // kinds of goods of which two or fewer are left
	Facts    []factRow
	Versions []versionRow
}

// agedView is how old what a page shows of a cabinet is.
type agedView struct {
	Say  string
	Tone string // live, late or away
	Icon string
}

// factRow is one figure of the cabinet itself.
type factRow struct {
	Name, Say, More string
	Known           bool
}

// versionRow is what a cabinet shall have beside what it has.
type versionRow struct {
	Name, Wanted, Has string
	Same, Known       bool
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
	Drawn int    // how many are drawn; the rest is counted
	Path  string // what was booked in the lane; empty: the reader may not open it
	Mark  laneMark
	Icon  string
	Say   string
	Fill  []bool
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
	id := protocol.CabinetID(strings.Clone(c.Param("cabinet")))
	return p.serve(c, stream{
		changed: changed, pace: staffPace, again: standingRefresh,
		render: func() (screen, error) {
			if err := p.Looking.Look(c.Request().Context(), id); err != nil {
				p.Logger.Warn("look at a cabinet", "cabinet", id, "error", err)
			}
			return p.standingScreen(c)
		},
	})
}

// standingRefresh lets whoever looks see the scales move; the cabinet tells each second meanwhile.
const standingRefresh = time.Second

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
	view := v.standingView(cab, p.Now())
	for _, add := range []func(echo.Context, *standingView, cloud.Chain) error{p.addLanes, p.addVisits, p.addMachine} {
		if err := add(c, &view, chain); err != nil {
			return screen{}, fmt.Errorf("cabinet %s: %w", cab.ID, err)
		}
	}
	view.Attest = attestViews(c, cab)
	view.Air, view.Open, view.Halts = v.airViews(cab, chain), v.incidentViews(cab.Incidents, zone(chain)), v.haltViews(cab, chain)
	view.Curves = v.airCurves(cab, chain, p.Standing.Air(cab.ID))
	path := "/cabinets/" + string(cab.ID)
	return screen{
		Template: "standing", Face: "staff", Title: v.say("stand.title", cab.Number, v.lang.Pick(cab.Place)), Say: view.Say,
		Path: path, Live: path + "/live", Refresh: 5, Data: view,
	}, nil
}

// addLanes tells what lies in the cabinet: as it is drawn, in figures, and whether the scales can tell it apart.
func (p *Pages) addLanes(c echo.Context, view *standingView, chain cloud.Chain) error {
	ctx, v, cab := c.Request().Context(), p.view(c), view.Cabinet
	goods, err := p.Fleet.Goods(ctx, cab.ID)
	if err != nil {
		return err
	}
	counts, err := p.Standing.Counts(ctx, cab.ID)
	if err != nil {
		return err
	}
	lanes, err := p.Expiry.Lanes(ctx, cab.ID)
	if err != nil {
		return err
	}
	proposal, err := p.Plans.Planogram(ctx, cab.ID)
	if err != nil {
		return err
	}
	facts := laneFactsOf(cab, counts, lanes, mayPlan(c), p.Now())
	for _, g := range goods {
		view.Units += g.Units
		if g.Units <= lowUnits {
			view.Low++
		}
	}
	view.Lanes, view.Plan = v.standingLanes(cab, goods, facts), v.planView(proposal, goods)
	view.Rows = inRows(cab.Layout, v.withLanes(v.boards(cab, goods, view.Stale), view.Lanes, cab))
	view.Move, err = p.movingView(c, v, cab, goods, chain)
	return err
}

// addVisits tells who came, and what people did to the cabinet.
func (p *Pages) addVisits(c echo.Context, view *standingView, chain cloud.Chain) error {
	v, cab := p.view(c), view.Cabinet
	latest, err := p.Visits.Latest(c.Request().Context(), cab.ID, protocol.UUID{}, 10)
	if err != nil {
		return err
	}
	view.Visits = visitList{Rows: v.visitRows(latest, nil, zone(chain)), OneCabinet: true}
	view.Acts, err = p.actsView(c, v, cab, chain, latest)
	return err
}

// withLanes adds to the boards what is known of each of their lanes.
func (v *view) withLanes(boards []boardView, lanes []standingLane, cab cloud.CabinetView) []boardView {
	type place struct {
		platform protocol.PlatformID
		sku      protocol.SKU
	}
	rows := make(map[place]standingLane, len(lanes))
	for _, row := range lanes {
		rows[place{protocol.PlatformID(row.Where), row.SKU}] = row
	}
	for i := range boards {
		for k := range boards[i].Goods {
			g := &boards[i].Goods[k]
			row := rows[place{boards[i].ID, g.SKU}]
			g.Path, g.Mark, g.Icon, g.Say = row.Path, row.Mark, row.Icon, row.Say
			g.Fill = fill(g.Units, parOf(cab, boards[i].ID, g.SKU))
		}
	}
	return boards
}

func (v *view) standingView(cab cloud.CabinetView, now time.Time) standingView {
	view := standingView{Cabinet: cab, Stale: cab.State == cloud.CabinetAway, Faults: v.faultsOf(cab), Doors: v.doorRows(cab), Age: v.aged(cab, now)}
	var silent time.Duration
	if seen := cab.Presence.LastSeen; !seen.IsZero() {
		silent = now.Sub(seen)
	}
	view.Say = v.sayStanding(cab, silent)
	if cab.State == cloud.CabinetReady && len(view.Faults) > 0 {
		view.Say = v.count("stand.ready.but", len(view.Faults))
	}
	return view
}

func (v *view) sayStanding(cab cloud.CabinetView, silent time.Duration) string {
	if h := cab.Halt(); h != nil {
		return v.say("stand.halted", v.sayHalt(*h))
	}
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
