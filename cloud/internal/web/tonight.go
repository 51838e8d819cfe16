package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

const (
	visitsShown   = 20
	cabinetsShown = 100 // those that need a person come first; nobody reads more rows than this
	staffRefresh  = 5 * time.Second
)

// tonightView is the manager's first page.
type tonightView struct {
	Now      moment
	Head     string // the sentence before the figures
	Waiting  string
	Hours    []saidLink // stores that are open otherwise than usual today
	Well     bool
	Cabinets []cabinetRow
	More     int // cabinets that are not listed
	MoreNeed int // of them, how many need a person
	Visits   visitList
	Reviews  int
	Oldest   string // how long the longest of them waits
}

// visitList is a table of visits, of one cabinet or of all.
type visitList struct {
	Rows       []visitRow
	OneCabinet bool
}

// cabinetRow is one cabinet in the manager's list.
type cabinetRow struct {
	Cabinet cloud.CabinetView
	Why     string // a person is needed, where the state does not say so itself
	Door    string
	Seen    string
	Stale   bool
	Last    *visitRow
	Poll    string
	Backlog string
}

// visitRow is one visit in a list.
type visitRow struct {
	Visit cloud.Visit
	At    moment
	State cloud.VisitState
	Word  string
	Where string
	Units int
	Lines string
}

func (p *Pages) tonight(c echo.Context) error {
	s, err := p.tonightScreen(c)
	if err != nil {
		return err
	}
	return p.show(c, s)
}

func (p *Pages) tonightLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{
		changed: changed, pace: staffPace, again: staffRefresh,
		render: func() (screen, error) { return p.tonightScreen(c) },
	})
}

func (p *Pages) tonightScreen(c echo.Context) (screen, error) {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("tonight: %w", err)
	}
	cabinets, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("tonight: %w", err)
	}
	latest, err := p.Visits.Latest(ctx, "", protocol.UUID{}, visitsShown)
	if err != nil {
		return screen{}, fmt.Errorf("tonight: %w", err)
	}
	oldest, waiting, err := p.Cases.Queue(ctx, 1)
	if err != nil {
		return screen{}, fmt.Errorf("tonight: %w", err)
	}
	loc := zone(chain)
	view := tonightView{Now: moment{At: p.Now().In(loc), Day: true}, Visits: visitList{Rows: v.visitRows(latest, cabinets, loc)}}
	if view.Hours, err = p.hoursTonight(ctx, v); err != nil {
		return screen{}, err
	}
	need := p.cabinetRows(ctx, v, &view, cabinets, loc)
	view.Head, view.Well = v.sentence(len(cabinets), need), need == 0
	view.Waiting, view.Reviews = v.sayWaiting(waiting), waiting
	for _, c := range oldest {
		view.Oldest = v.say("tonight.review.oldest", v.span(p.Now().Sub(c.Asked)))
	}
	return screen{
		Template: "tonight", Face: "staff", Title: v.say("tonight.title") + " · " + v.lang.Pick(chain.Name), Say: view.Head + " " + view.Waiting,
		Path: "/tonight", Live: "/tonight/live", Refresh: 5, Nav: "tonight", Data: view,
	}, nil
}

// sentence says first how it stands.
func (v *view) sentence(all, need int) string {
	switch {
	case all == 0:
		return v.say("tonight.none")
	case need == 0:
		return v.count("tonight.well", all)
	}
	return v.count("tonight.need", need, all)
}

// cabinetRows fills the list, those that need a person first, and counts these. Only the rows that are shown are made:
// a fleet may have ten thousand cabinets.
func (p *Pages) cabinetRows(ctx context.Context, v *view, view *tonightView, cabinets []cloud.CabinetView, loc *time.Location) (need int) {
	needs := make(map[protocol.CabinetID]bool, len(cabinets))
	for i := range cabinets {
		if v.needsPerson(&cabinets[i]) {
			needs[cabinets[i].ID] = true
		}
	}
	order := make([]*cloud.CabinetView, len(cabinets))
	for i := range cabinets {
		order[i] = &cabinets[i]
	}
	slices.SortStableFunc(order, func(a, b *cloud.CabinetView) int {
		if needs[a.ID] != needs[b.ID] {
			return map[bool]int{true: -1, false: 1}[needs[a.ID]]
		}
		return cmp.Or(cmp.Compare(a.Store, b.Store), cmp.Compare(a.Number, b.Number))
	})
	shown := min(len(order), cabinetsShown)
	for _, cab := range order[:shown] {
		view.Cabinets = append(view.Cabinets, p.cabinetRow(ctx, v, cab, loc))
	}
	view.More, view.MoreNeed = len(order)-shown, max(len(needs)-shown, 0)
	return len(needs)
}

func (p *Pages) cabinetRow(ctx context.Context, v *view, cab *cloud.CabinetView, loc *time.Location) cabinetRow {
	row := v.cabinetRow(cab, p.Now())
	last, err := p.Visits.Latest(ctx, cab.ID, protocol.UUID{}, 1)
	if err != nil {
		p.Logger.Warn("last visit", "cabinet", cab.ID, "error", err)
	}
	for _, visit := range v.visitRows(last, nil, loc) {
		row.Last = &visit
	}
	return row
}

func (v *view) cabinetRow(cab *cloud.CabinetView, now time.Time) cabinetRow {
	row := cabinetRow{Cabinet: *cab, Seen: v.say("never"), Door: v.say("door.unknown"), Poll: "—", Backlog: "—"}
	row.Stale = cab.State == cloud.CabinetAway
	if seen := cab.Presence.LastSeen; !seen.IsZero() {
		row.Seen = v.ago(now.Sub(seen))
	}
	if t := cab.Presence.Telemetry; t != nil && !row.Stale {
		row.Door = v.say("door." + string(doorOf(t)))
		row.Poll, row.Backlog = strconv.FormatFloat(t.PollHz, 'f', 1, 64), strconv.FormatUint(t.Backlog, 10)
	}
	if h := cab.Halt(); h != nil {
		row.Why = v.sayHalt(*h)
		return row
	}
	for _, f := range v.faultsOf(*cab) {
		if !f.Person {
			continue
		}
		row.Why = f.More
		if cab.State == cloud.CabinetReady || cab.State == cloud.CabinetBusy {
			row.Why = f.What
		}
	}
	return row
}

// doorOf is the state of the cabinet's doors together: open or unknown where one of them is.
func doorOf(t *wire.Telemetry) wire.Door {
	door := wire.DoorStateShut
	for _, c := range t.Compartments {
		switch c.Door {
		case wire.DoorStateOpen:
			return wire.DoorStateOpen
		case wire.DoorStateShut:
		default:
			door = wire.DoorStateUnknown
		}
	}
	return door
}

func (v *view) visitRows(visits []cloud.Visit, cabinets []cloud.CabinetView, loc *time.Location) []visitRow {
	where := map[protocol.CabinetID]string{}
	for _, visit := range visits {
		where[visit.Cabinet] = string(visit.Cabinet)
	}
	for i := range cabinets {
		if _, wanted := where[cabinets[i].ID]; wanted {
			where[cabinets[i].ID] = v.lang.Pick(cabinets[i].StoreName) + " · " + v.say("cabinet.number", cabinets[i].Number)
		}
	}
	rows := make([]visitRow, 0, len(visits))
	for _, visit := range visits {
		state := visit.State()
		row := visitRow{
			Visit: visit, At: moment{At: visit.Created.In(loc)}, State: state, Word: v.say("short." + string(state)),
			Where: where[visit.Cabinet],
		}
		bill, units := v.billLines(visit.Lines, nil)
		row.Units, row.Lines = units, listed(bill)
		rows = append(rows, row)
	}
	return rows
}

// listed puts a bill into one line of text.
func listed(bill []billLine) string {
	var b []byte
	for i, l := range bill {
		if i > 0 {
			b = append(b, " · "...)
		}
		b = append(b, l.Name...)
		if l.Qty > 1 {
			b = fmt.Appendf(b, " × %d", l.Qty)
		}
	}
	return string(b)
}
