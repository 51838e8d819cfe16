package web

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// visitList is a table of visits, of one cabinet or of all.
type visitList struct {
	Rows       []visitRow
	OneCabinet bool
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

const visitsShown = 100

// visitsView is a list of visits that some figure counts.
type visitsView struct {
	Head    string
	Lead    string
	Store   cloud.Text
	OfStore string // the store's page; empty: of all
	Visits  visitList
	Later   string // the page of those before
}

// visits lists those of a store, of a cabinet or of all since a moment, the newest first.
func (p *Pages) visits(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("visits: %w", err)
	}
	q := cloud.CameQuery{
		Store: cloud.StoreID(c.QueryParam("store")), Cabinet: protocol.CabinetID(c.QueryParam("cabinet")), From: readClock(c.QueryParam("since")), To: readClock(c.QueryParam("before")), Limit: visitsShown,
	}
	if c.QueryParam("sold") != "" {
		q.Outcome = cloud.OutcomeSold
	}
	if q.From.IsZero() || p.Now().Sub(q.From) > listedBack {
		q.From = p.Now().Add(-24 * time.Hour)
	}
	came, err := p.Tonight.Came(ctx, q)
	if err != nil {
		return err
	}
	found := make([]cloud.Visit, 0, len(came))
	for _, one := range came {
		visit, err := p.Visits.Visit(ctx, one.Visit)
		if err != nil {
			return fmt.Errorf("visits: %w", err)
		}
		found = append(found, visit)
	}
	cabinets, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return fmt.Errorf("visits: %w", err)
	}
	view := visitsView{Head: v.say("visits.all"), Lead: v.say("visits.since", v.clock(moment{At: q.From.In(zone(chain)), Day: true})), Visits: visitList{Rows: v.visitRows(found, cabinets, zone(chain), p.Now())}}
	if q.Outcome != "" {
		view.Head = v.say("visits.sold")
	}
	for i := range cabinets {
		if q.Store != "" && cabinets[i].Store == q.Store {
			view.Store, view.OfStore = cabinets[i].StoreName, storePath(q.Store)
			break
		}
	}
	path := visitsPath(q)
	if len(came) == q.Limit { // Of what began in the same second nothing is left out.
		next := q
		next.To = came[len(came)-1].At.Truncate(time.Second).Add(time.Second)
		if next.To.Equal(q.To) {
			next.To = q.To.Add(-time.Second)
		}
		view.Later = visitsPath(next)
	}
	return p.show(c, screen{Template: "visitlist", Face: "staff", Title: view.Head, Path: path, Nav: "tonight", Styles: []string{"dash.css"}, Data: view})
}

// listedBack is how far back a list of visits goes: what is older is found by its cabinet, on the page of support.
const listedBack = 8 * 24 * time.Hour

func visitsPath(q cloud.CameQuery) string {
	query := url.Values{"since": {clockOf(q.From)}}
	for name, value := range map[string]string{"store": string(q.Store), "cabinet": string(q.Cabinet)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if q.Outcome == cloud.OutcomeSold {
		query.Set("sold", "1")
	}
	if !q.To.IsZero() {
		query.Set("before", clockOf(q.To))
	}
	return "/visits?" + query.Encode()
}

// readClock reads what clockOf wrote; what is none is no moment.
func readClock(text string) time.Time {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

func (v *view) visitRows(visits []cloud.Visit, cabinets []cloud.CabinetView, loc *time.Location, now time.Time) []visitRow {
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
			Visit: visit, At: lately(visit.Created, now, loc), State: state, Word: v.say("short." + string(state)),
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
