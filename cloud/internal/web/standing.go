package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/planogram"
	"allhours/protocol/wire"
)

// standingNow is what the page of a cabinet is made of.
type standingNow struct {
	cab      cloud.CabinetView
	chain    cloud.Chain
	goods    []cloud.ShelfGood
	facts    laneFacts
	names    goodsNames // of the articles that its incidents are about
	walked   cloud.Walked
	latest   []cloud.Visit
	proposal planogram.Proposal
	versions cloud.CabinetVersions
	now      time.Time
}

// standingHead tells of a cabinet in a sentence, and how old that is.
type standingHead struct {
	Cabinet cloud.CabinetView
	Say     string
	Age     agedView
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
	Age             age // of the cabinet's newest word
}

// versionRow is what a cabinet shall have beside what it has.
type versionRow struct {
	Name, Wanted, Has string
	Same, Known       bool
}

const (
	lowUnits     = 2
	latestVisits = 10
	// standingRefresh lets whoever looks see the scales move; the cabinet tells each second meanwhile.
	standingRefresh = time.Second
)

func (p *Pages) standing(c echo.Context) error {
	d, err := p.drawStanding(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) standingLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	id := protocol.CabinetID(strings.Clone(c.Param("cabinet")))
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: standingRefresh}, func() (drawn, error) {
		if err := p.Looking.Look(c.Request().Context(), id); err != nil {
			p.Logger.Warn("look at a cabinet", "cabinet", id, "error", err)
		}
		return p.drawStanding(c)
	})
}

// drawStanding lays the page out so that what changes each second is small: the drawing stands apart from the weights in it.
func (p *Pages) drawStanding(c echo.Context) (drawn, error) {
	id := protocol.CabinetID(strings.Clone(c.Param("cabinet")))
	path := "/cabinets/" + string(id)
	return p.draw(c, path, func(ctx context.Context, v *view, may rights) (screen, error) {
		of, err := p.standingNow(ctx, id, may)
		if err != nil {
			return screen{}, err
		}
		moving, err := p.movingView(ctx, v, may, of.cab, of.goods, of.chain)
		if err != nil {
			return screen{}, err
		}
		acts, err := p.actsView(ctx, v, may, of.cab, of.chain, of.latest)
		if err != nil {
			return screen{}, err
		}
		loc, head := zone(of.chain), v.standingHead(of.cab, of.now)
		lanes := v.standingLanes(of.cab, of.goods, of.facts)
		front, air := v.frontOf(of, lanes), v.airPart(of, p.Standing.Air(id))
		return screen{
			Template: "standing", Face: "staff", Title: v.say("stand.title", of.cab.Number, v.lang.Pick(of.cab.Place)), Say: head.Say,
			Path: path, Live: path + "/live", Refresh: 5, Nav: "tonight", Styles: []string{"front.css"}, Parts: []part{
				{"head", head},
				{"halts", v.haltViews(of.cab, of.chain)},
				{"front", front.still()},
				{"live", front.live()},
				{"walked", v.walkedView(of)},
				{"faults", v.faultsOf(of.cab)},
				{"attest", attestViews(may, of.cab)},
				{"open", v.incidentViews(of.cab.Incidents, of.names, loc)},
				{"acts", acts},
				{"visits", visitList{Rows: v.visitRows(of.latest, nil, loc, of.now), OneCabinet: true}},
				{"lanes", lanes},
				{"facts", v.factsPart(of, air)},
				{"versions", v.versionRows(of.cab, of.versions)},
				{"move", moving},
				{"air", air},
				{"plan", v.planView(of.proposal, of.goods)},
			},
		}, nil
	})
}

// standingNow looks at everything; CodeUnknownCabinet where there is no such cabinet.
func (p *Pages) standingNow(ctx context.Context, id protocol.CabinetID, may rights) (of standingNow, err error) {
	if of.cab, err = p.Fleet.Cabinet(ctx, id); err != nil {
		return of, err
	}
	of.now = p.Now()
	for _, look := range []func() error{
		func() (err error) { of.chain, err = p.Fleet.Chain(ctx); return err },
		func() (err error) { of.goods, err = p.Fleet.Goods(ctx, id); return err },
		func() (err error) { of.facts, err = p.laneFacts(ctx, of.cab, may); return err },
		func() (err error) { of.names, err = p.goodsNames(ctx, of.cab.Incidents); return err },
		func() (err error) { of.walked, err = p.Standing.Walked(ctx, id); return err },
		func() (err error) {
			of.latest, err = p.Visits.Latest(ctx, id, protocol.UUID{}, latestVisits)
			return err
		},
		func() (err error) { of.proposal, err = p.Plans.Planogram(ctx, id); return err },
		func() (err error) { of.versions, err = p.Standing.Versions(ctx, id); return err },
	} {
		if err := look(); err != nil {
			return of, fmt.Errorf("cabinet %s: %w", id, err)
		}
	}
	return of, nil
}

func (p *Pages) laneFacts(ctx context.Context, cab cloud.CabinetView, may rights) (laneFacts, error) {
	counts, err := p.Standing.Counts(ctx, cab.ID)
	if err != nil {
		return laneFacts{}, err
	}
	lanes, err := p.Expiry.Lanes(ctx, cab.ID)
	return laneFactsOf(cab, counts, lanes, may.Plan, p.Now()), err
}

func (v *view) standingHead(cab cloud.CabinetView, now time.Time) standingHead {
	head := standingHead{Cabinet: cab, Age: v.aged(cab, now)}
	var silent time.Duration
	if seen := cab.Presence.LastSeen; !seen.IsZero() {
		silent = now.Sub(seen)
	}
	head.Say = v.sayStanding(cab, silent)
	if faults := v.faultsOf(cab); cab.State == cloud.CabinetReady && len(faults) > 0 {
		head.Say = v.count("stand.ready.but", len(faults))
	}
	return head
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
