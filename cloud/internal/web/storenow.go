package web

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const (
	cameShown       = 500 // visits of a night that are drawn
	overLooked      = 50  // incidents that are over
	roundsLooked    = 20
	storeCasesShown = 8
	storeCabinets   = 40 // that are listed on the page of a store
	storeRefresh    = 5 * time.Second
)

// storeNow is what the page of a store is made of.
type storeNow struct {
	served    cloud.Served
	cabinets  []cloud.CabinetView
	goods     map[protocol.CabinetID]stock
	sold      cloud.NightSold
	needs     needsNow
	came      []cloud.Came
	incidents []cloud.Incident
	names     goodsNames // of the articles that they are about
	rounds    []cloud.Round
	cases     []cloud.QueuedCase // that wait longest
	waiting   int                // cases in all
	chain     cloud.Chain
	day       *cloud.DayHead // of yesterday
	loc       *time.Location
	now       time.Time
	head      cloud.ServedHead
	special   *cloud.SpecialHours // that hold today; nil: the usual ones do
}

// stock is what lies in a cabinet by book.
type stock struct{ units, kinds, out int }

func (p *Pages) storeTonight(c echo.Context) error {
	d, err := p.drawStore(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) storeTonightLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: storeRefresh}, func() (drawn, error) { return p.drawStore(c) })
}

func (p *Pages) drawStore(c echo.Context) (drawn, error) {
	id := cloud.StoreID(c.Param("store"))
	path := storePath(id)
	return p.draw(c, path, func(ctx context.Context, v *view, may rights) (screen, error) {
		of, err := p.storeNow(ctx, id)
		if err != nil {
			return screen{}, err
		}
		head := v.storeHead(of)
		soldPath := "/visits?sold=1&store=" + url.QueryEscape(string(id)) + "&since=" + clockOf(of.sold.From)
		return screen{
			Template: "store", Face: "staff", Title: v.lang.Pick(of.served.Store.Name), Say: head.Lead, Path: path, Live: path + "/live", Refresh: 30, Nav: "tonight",
			Styles: soldStyles, Scripts: soldScripts, Parts: []part{
				{"head", head},
				{"figures", v.storeFigures(of, soldPath)},
				{"needs", v.needsPart(of.needs, []cloud.ServedHead{of.head}, of.cabinets, of.loc, of.now, may, needsShown).all(id)},
				{"next", v.nextPart(of, may)},
				{"reviews", p.storeReviews(v, of)},
				{"heat", v.heatPart(of)},
				{"night", v.nightPart(of)},
				{"cabinets", v.storeCabinets(of)},
				{"sold", v.soldPart(of.sold, of.loc, of.now, soldPath)},
			},
		}, nil
	})
}

// storeNow looks at everything; CodeNotFound where there is no such store.
func (p *Pages) storeNow(ctx context.Context, id cloud.StoreID) (of storeNow, err error) {
	of = storeNow{now: p.Now(), goods: make(map[protocol.CabinetID]stock)}
	if of.served, err = p.Coverage.Store(ctx, id, cloud.ServedQuery{Days: weekShown}); err != nil {
		return of, err
	}
	of.loc = of.served.Zone
	today := ledger.DayOf(of.now, of.loc)
	for _, look := range []func() error{
		func() error { return p.storeFleet(ctx, &of) },
		func() (err error) { of.sold, err = p.Tonight.Sold(ctx, id); return err },
		func() (err error) { of.needs, err = p.needsNow(ctx, id); return err },
		func() (err error) {
			of.came, err = p.Tonight.Came(ctx, cloud.CameQuery{Store: id, From: of.now.Add(-nightHours * time.Hour), Limit: cameShown})
			return err
		},
		func() error {
			today, err := p.Hours.Today(ctx)
			if h, special := today[id]; special {
				of.special = &h
			}
			return err
		},
		func() error { return p.storeIncidents(ctx, &of) },
		func() (err error) {
			of.rounds, err = p.Rounds.List(ctx, cloud.RoundQuery{Store: id, Open: true, Limit: roundsLooked})
			return err
		},
		func() error { return p.storeCases(ctx, &of) },
		func() error { return p.storeDayHead(ctx, &of, today.Add(-1)) },
	} {
		if err := look(); err != nil {
			return of, fmt.Errorf("store %s: %w", id, err)
		}
	}
	return of, nil
}

// storeFleet finds the cabinets that stand with the store, what lies in them, and the store's line of the list.
func (p *Pages) storeFleet(ctx context.Context, of *storeNow) error {
	all, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Store == of.served.Store.ID {
			of.cabinets = append(of.cabinets, all[i])
		}
	}
	slices.SortStableFunc(of.cabinets, func(a, b cloud.CabinetView) int { return a.Number - b.Number })
	for _, cab := range of.cabinets[:min(len(of.cabinets), storeCabinets)] {
		goods, err := p.Fleet.Goods(ctx, cab.ID)
		if err != nil {
			return err
		}
		s := stock{kinds: len(goods)}
		for _, g := range goods {
			if s.units += g.Units; g.Units <= 0 {
				s.out++
			}
		}
		of.goods[cab.ID] = s
	}
	heads, err := p.Coverage.Stores(ctx)
	for _, h := range heads {
		if h.Store.ID == of.served.Store.ID {
			of.head = h
		}
	}
	return err
}

// storeIncidents are those that were noticed in the time that is drawn.
func (p *Pages) storeIncidents(ctx context.Context, of *storeNow) error {
	from := of.now.Add(-nightHours * time.Hour)
	for _, over := range []bool{false, true} {
		found, err := p.Incidents.List(ctx, cloud.IncidentQuery{Store: of.served.Store.ID, Over: over, Limit: overLooked})
		if err != nil {
			return err
		}
		for _, i := range found {
			if i.First.After(from) {
				of.incidents = append(of.incidents, i)
			}
		}
	}
	var err error
	of.names, err = p.goodsNames(ctx, of.incidents)
	return err
}

// storeCases are the bills of the store's cabinets that wait for a person.
func (p *Pages) storeCases(ctx context.Context, of *storeNow) (err error) {
	if of.chain, err = p.Fleet.Chain(ctx); err != nil {
		return err
	}
	of.cases, of.waiting, err = p.Cases.Queue(ctx, cloud.BoundTo(of.served.Store.ID), storeCasesShown)
	return err
}

func (p *Pages) storeDayHead(ctx context.Context, of *storeNow, day ledger.Day) error {
	heads, err := p.StoreDays.Heads(ctx, day, 1, of.served.Store.ID)
	for _, h := range heads {
		if h.Store == of.served.Store.ID {
			of.day = &h
		}
	}
	return err
}

func (v *view) storeHead(of storeNow) headPart {
	sum, store := coveredIn(of.served.Days), of.served.Store
	head := headPart{Now: moment{At: of.now.In(of.loc), Day: true}, Head: v.lang.Pick(store.Name), Well: of.head.Gap == nil}
	if of.special != nil {
		head.Crumb = v.say("store.hours.special", v.openHours(of.special.Hours), of.special.Reason)
	} else if len(store.Hours) > 0 {
		head.Crumb = v.say("store.hours", v.openHours(store.Hours))
	}
	head.Lead = v.say("cover.lead", v.served(sum), v.lasted(sum.Uncovered), v.lasted(sum.Unknown))
	if of.head.Known {
		head.Lead = v.sentences(v.say("store.now."+of.head.Now.String()), head.Lead)
	}
	return head
}

func (v *view) storeFigures(of storeNow, soldPath string) []figure {
	all := append([]figure{v.soldFigure(of.sold, of.loc, of.now, soldPath)}, v.fleetFigures(of.cabinets, of.served.Store.ID)...)
	if of.head.Known {
		f := figure{What: v.say("figure.served"), Value: v.served(of.head.Night), Beside: v.say("figure.gaps", v.lasted(of.head.Night.Uncovered)), Path: coveragePath(of.served.Store.ID)}
		if of.head.Night.Uncovered > 0 {
			f.Tone = "clay"
		}
		all = append(all, f)
	}
	return all
}

// nextRow is what comes, or is to be done.
type nextRow struct {
	Icon, Tone, What, More, Path string
}

// nextPart tells of the next gap, the next round, and the day that is to be closed.
func (v *view) nextPart(of storeNow, may rights) []nextRow {
	all := []nextRow{v.nextGap(of), v.nextRound(of, may)}
	if of.day != nil {
		all = append(all, v.nextClose(of, may))
	}
	return all
}

func (v *view) nextGap(of storeNow) nextRow {
	if len(of.served.Coming) == 0 {
		if of.served.Age.Days == 0 {
			return nextRow{Icon: "question", Tone: "soft", What: v.say("store.gap.blind"), More: v.say("cover.blind")}
		}
		return nextRow{Icon: "check", Tone: "leaf", What: v.say("store.gap.none"), More: v.say("cover.coming.none")}
	}
	c := v.comingRow(of.served, of.served.Coming[0])
	return nextRow{Icon: "g-box", Tone: "amber", What: v.say("store.gap", c.When, c.What), More: v.sentences(c.Do[0].Say+v.say("day.stop"), v.say("cover.coming.lost", c.Lost)), Path: coveragePath(of.served.Store.ID)}
}

func (v *view) nextRound(of storeNow, may rights) nextRow {
	var next *cloud.Round
	for i := range of.rounds {
		if r := &of.rounds[i]; next == nil || r.Day < next.Day {
			next = r
		}
	}
	if next == nil {
		row := nextRow{Icon: "next", Tone: "soft", What: v.say("store.round.none")}
		if may.Plan {
			row.More, row.Path = v.say("store.round.plan"), "/rounds/new?store="+url.QueryEscape(string(of.served.Store.ID))
		}
		return row
	}
	walks := next.Walks
	if walks == "" {
		walks = v.say("rounds.nobody")
	}
	row := nextRow{Icon: "next", Tone: "sky", What: v.say("store.round", v.dayName(next.Day), walks), More: v.say("round.state."+string(next.State)) + " · " + v.count("store.round.stops", len(next.Stops))}
	if may.Plan {
		row.Path = "/rounds/" + next.ID.String()
	}
	return row
}

func (v *view) nextClose(of storeNow, may rights) nextRow {
	d := of.day
	row := nextRow{Icon: "clock", Tone: "amber", What: v.say("store.day.open", v.dayName(d.Day)), More: v.say("cover.counting")}
	switch {
	case d.Closed != nil:
		row.Icon, row.Tone, row.What, row.More = "check", "leaf", v.say("store.day.closed", v.dayName(d.Day)), v.say("day.closed", d.Closed.By, v.clock(moment{At: d.Closed.At.In(of.loc), Day: true}))
	case d.Known && d.Open == 0:
		row.More = v.say("store.day.ready")
	case d.Known:
		row.More = v.count("store.day.items", d.Open)
	}
	if may.Account {
		row.Path = dayPath(d.Store, d.Day)
	}
	return row
}

// storeReviewsPart are the bills of a store that wait for a person.
type storeReviewsPart struct {
	Rows []queueRow
	More int
	Path string // of the queue
}

func (p *Pages) storeReviews(v *view, of storeNow) storeReviewsPart {
	return storeReviewsPart{p.queueRows(v, of.cases, of.cabinets, of.chain), of.waiting - len(of.cases), queuePath(of.served.Store.ID, "")}
}

// heatPart is a week hour by hour.
type heatPart struct {
	Heat template.HTML
	Fog  template.HTML
	Sum  []figureRow
	Path string
}

func (v *view) heatPart(of storeNow) heatPart {
	part := heatPart{Fog: fogPattern(), Heat: v.heat(of.served), Path: coveragePath(of.served.Store.ID)}
	part.Sum = v.stateFigures(coveredIn(of.served.Days), spansAsked{period: periodOf(of.served)})
	return part
}

// storeCabinetRow is one cabinet of the store.
type storeCabinetRow struct {
	cabinetRow
	Place   cloud.Text
	Stock   string
	Out     string
	Sold    string
	Power   string
	Came    string // when its last visit was
	CameRef string
}

type storeCabinetsPart struct {
	Rows []storeCabinetRow
	More int
	Path string
	Head string
}

func (v *view) storeCabinets(of storeNow) storeCabinetsPart {
	part := storeCabinetsPart{Head: v.count("store.cabinets", len(of.cabinets)), More: max(len(of.cabinets)-storeCabinets, 0), Path: cabinetsPath(of.served.Store.ID, "")}
	last := make(map[protocol.CabinetID]cloud.Came)
	for _, c := range of.came {
		if _, known := last[c.Cabinet]; !known {
			last[c.Cabinet] = c
		}
	}
	for i := range of.cabinets[:min(len(of.cabinets), storeCabinets)] {
		cab := &of.cabinets[i]
		row := storeCabinetRow{cabinetRow: v.cabinetRow(cab, of.now), Place: cab.Place, Stock: "—", Power: v.say("power.unknown"), Came: "—", Sold: grouped(int64(of.sold.Cabinets[cab.ID]) / 100)}
		if s, known := of.goods[cab.ID]; known {
			row.Stock = grouped(int64(s.units))
			if s.out > 0 {
				row.Out = v.count("store.out", s.out)
			}
		}
		if row.Seen.Kind == "live" { // Whoever speaks has power.
			row.Power = v.say("power.on")
		}
		if c, known := last[cab.ID]; known {
			row.Came, row.CameRef = v.clock(moment{At: c.At.In(of.loc)}), "/v/"+c.Visit.String()
		}
		part.Rows = append(part.Rows, row)
	}
	return part
}
