package web

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// cabinetsShown is how many cabinets a page of the list has.
const cabinetsShown = 100

// cabinetFilters narrow the list of cabinets; each is what a number of other pages counts.
var cabinetFilters = []string{"", "need", "door", string(cloud.CabinetAway), string(cloud.CabinetStopped)}

// cabinetsView is a list of cabinets, those first that need a person.
type cabinetsView struct {
	Head    string
	Well    bool
	Store   cloud.Text
	OfStore string // the store's page
	Filters []filterView
	Rows    []cabinetRow
	Range   string // which of them are listed, where there are more
	Earlier string
	Later   string
}

// filterView is one way to narrow a list.
type filterView struct {
	Say, Path string
	Chosen    bool
	Count     string
}

// cabinetRow is one cabinet in the manager's list.
type cabinetRow struct {
	Cabinet cloud.CabinetView
	Why     string // a person is needed, where the state does not say so itself
	Door    string
	Seen    age
	Stale   bool
	Last    *visitRow
	Poll    string
	Backlog string
}

func (p *Pages) cabinets(c echo.Context) error {
	d, err := p.drawCabinets(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) cabinetsLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: staffRefresh}, func() (drawn, error) { return p.drawCabinets(c) })
}

// cabinetsAsked is what the address asks for.
type cabinetsAsked struct {
	store cloud.StoreID
	state string
	page  int
}

func readCabinets(c echo.Context) cabinetsAsked {
	asked := cabinetsAsked{store: cloud.StoreID(c.QueryParam("store")), state: c.QueryParam("state")}
	if !slices.Contains(cabinetFilters, asked.state) {
		asked.state = ""
	}
	asked.page, _ = strconv.Atoi(c.QueryParam("page"))
	asked.page = max(asked.page, 1)
	return asked
}

func (a cabinetsAsked) query(page int) string {
	query := url.Values{}
	for name, value := range map[string]string{"store": string(a.store), "state": a.state} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if page > 1 {
		query.Set("page", strconv.Itoa(page))
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

func (p *Pages) drawCabinets(c echo.Context) (drawn, error) {
	asked := readCabinets(c)
	query := asked.query(asked.page)
	return p.draw(c, "/cabinets"+query, func(ctx context.Context, v *view, _ rights) (screen, error) {
		chain, err := p.Fleet.Chain(ctx)
		if err != nil {
			return screen{}, fmt.Errorf("cabinets: %w", err)
		}
		cabinets, err := p.Fleet.Cabinets(ctx)
		if err != nil {
			return screen{}, fmt.Errorf("cabinets: %w", err)
		}
		view := p.cabinetsView(ctx, v, asked, cabinets, zone(chain))
		return screen{
			Template: "cabinets", Face: "staff", Title: v.say("cabinets.title"), Say: view.Head, Path: "/cabinets" + query, Live: "/cabinets/live" + query, Refresh: 5, Nav: "tonight",
			Styles: []string{"dash.css"}, Parts: []part{{"list", view}},
		}, nil
	})
}

// cabinetsView narrows, orders and cuts the list. Only the rows that are shown are made: a fleet may have ten thousand cabinets.
func (p *Pages) cabinetsView(ctx context.Context, v *view, asked cabinetsAsked, cabinets []cloud.CabinetView, loc *time.Location) cabinetsView {
	var view cabinetsView
	needs := make(map[protocol.CabinetID]bool)
	counts := make(map[string]int, len(cabinetFilters))
	var found []*cloud.CabinetView
	all := 0
	for i := range cabinets {
		cab := &cabinets[i]
		if asked.store != "" && cab.Store != asked.store {
			continue
		}
		all++
		view.Store = cab.StoreName
		if v.needsPerson(cab) {
			needs[cab.ID] = true
		}
		for _, f := range cabinetFilters {
			if fits(cab, f, needs[cab.ID]) {
				if counts[f]++; f == asked.state {
					found = append(found, cab)
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *cloud.CabinetView) int {
		if needs[a.ID] != needs[b.ID] {
			return map[bool]int{true: -1, false: 1}[needs[a.ID]]
		}
		return cmp.Or(cmp.Compare(a.Store, b.Store), cmp.Compare(a.Number, b.Number))
	})
	view.Head, view.Well = v.sentence(all, len(needs)), len(needs) == 0
	if asked.store != "" {
		view.OfStore = storePath(asked.store)
	} else {
		view.Store = cloud.Text{}
	}
	for _, f := range cabinetFilters {
		view.Filters = append(view.Filters, filterView{
			Say: v.say("cabinets.filter." + cmp.Or(f, "all")), Path: cabinetsPath(asked.store, f), Chosen: f == asked.state, Count: grouped(int64(counts[f])),
		})
	}
	page, first := cloud.PageOf(found, asked.page, cabinetsShown)
	for _, cab := range page {
		view.Rows = append(view.Rows, p.cabinetRow(ctx, v, cab, loc))
	}
	if len(found) > len(page) {
		n := first/cabinetsShown + 1
		view.Range = v.say("list.range", grouped(int64(first+1)), grouped(int64(first+len(page))), grouped(int64(len(found))))
		if n > 1 {
			view.Earlier = "/cabinets" + asked.query(n-1)
		}
		if first+len(page) < len(found) {
			view.Later = "/cabinets" + asked.query(n+1)
		}
	}
	return view
}

func fits(cab *cloud.CabinetView, filter string, need bool) bool {
	switch filter {
	case "":
		return true
	case "need":
		return need
	case "door":
		return cab.State != cloud.CabinetAway && cab.Presence.Telemetry != nil && doorOf(cab.Presence.Telemetry) == wire.DoorStateOpen
	}
	return string(cab.State) == filter
}

func (p *Pages) cabinetRow(ctx context.Context, v *view, cab *cloud.CabinetView, loc *time.Location) cabinetRow {
	row := v.cabinetRow(cab, p.Now())
	last, err := p.Visits.Latest(ctx, cab.ID, protocol.UUID{}, 1)
	if err != nil {
		p.Logger.Warn("last visit", "cabinet", cab.ID, "error", err)
	}
	for _, visit := range v.visitRows(last, nil, loc, p.Now()) {
		row.Last = &visit
	}
	return row
}

func (v *view) cabinetRow(cab *cloud.CabinetView, now time.Time) cabinetRow {
	row := cabinetRow{Cabinet: *cab, Seen: v.age(cab.Presence.LastSeen, now), Door: v.say("door.unknown"), Poll: "—", Backlog: "—"}
	row.Stale = cab.State == cloud.CabinetAway
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
