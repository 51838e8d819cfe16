package web

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// daysShown is how many days the list has at once.
const daysShown = 7

// storeDaysView is the list of the stores' days.
type storeDaysView struct {
	Head    string
	Lead    string
	Well    bool
	Days    []dayGroup
	Earlier ledger.Day
	Later   ledger.Day
	Last    ledger.Day // the newest that is listed
	Newest  bool
	Stores  string // which of them are listed, where there are more
	Fewer   int    // pages of stores; 0: there is none
	More    int
	Page    int
	All     bool // the reader sees to all stores
}

// dayGroup is one day of every store.
type dayGroup struct {
	Name string
	Rows []dayRow
}

// dayRow is one day of one store in the list.
type dayRow struct {
	Head     cloud.DayHead
	Store    cloud.Text
	Known    bool
	Closed   string // who closed it; empty: it is open
	Billed   string
	Margin   string
	Differs  string
	Missing  bool
	Stated   string
	Unstated bool
	Open     int
	Late     bool
}

// daysAsked is the part of the list that the address asks for.
type daysAsked struct {
	today, last ledger.Day
	stores      []cloud.Store // of the page
	first, all  int           // where the page begins among all of them
	heads       []cloud.DayHead
}

func (p *Pages) daysAsked(c echo.Context) (a daysAsked, err error) {
	ctx := c.Request().Context()
	if a.today, err = p.StoreDays.Today(ctx); err != nil {
		return a, err
	}
	a.last = a.today
	if asked := ledger.Day(c.QueryParam("to")); asked.Valid() && asked < a.today {
		a.last = asked
	}
	all, err := p.storesOf(c)
	if err != nil {
		return a, err
	}
	asked, _ := strconv.Atoi(c.QueryParam("page"))
	a.stores, a.first = cloud.PageOf(all, asked, cloud.StoresShown)
	a.all = len(all)
	of := make([]cloud.StoreID, 0, len(a.stores))
	for _, s := range a.stores {
		of = append(of, s.ID)
	}
	a.heads, err = p.StoreDays.Heads(ctx, a.last, daysShown, of...)
	if bound := boundOf(c); bound != "" { // What is the chain's own is not theirs.
		a.heads = slices.DeleteFunc(a.heads, func(h cloud.DayHead) bool { return !bound.Holds(h.Store) })
	}
	return a, err
}

func (p *Pages) storeDays(c echo.Context) error {
	v := p.view(c)
	a, err := p.daysAsked(c)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	view, pending := v.storeDaysView(a.heads, a.stores, a.today)
	view.All, view.Page = boundOf(c) == "", a.first/cloud.StoresShown+1
	if a.all > len(a.stores) {
		view.Stores, view.Fewer = v.say("day.stores", a.first+1, a.first+len(a.stores), a.all), view.Page-1
		if a.first+len(a.stores) < a.all {
			view.More = view.Page + 1
		}
	}
	view.Last, view.Newest, view.Earlier, view.Later = a.last, a.last == a.today, a.last.Add(-daysShown), min(a.last.Add(daysShown), a.today)
	s := screen{
		Template: "storedays", Face: "staff", Title: v.say("day.title"), Say: view.Head, Path: "/reconcile?to=" + string(a.last) + "&page=" + strconv.Itoa(view.Page), Nav: "reconcile", Data: view,
	}
	if pending {
		s.Poll, s.Refresh = true, 2
	}
	return p.show(c, s)
}

// storeDaysTable gives the list as CSV. What is not added up yet is added up for it.
func (p *Pages) storeDaysTable(c echo.Context) error {
	a, err := p.daysAsked(c)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	for i, h := range a.heads {
		if h.Known {
			continue
		}
		d, err := p.StoreDays.Day(c.Request().Context(), h.Store, h.Day)
		if err != nil {
			return fmt.Errorf("reconcile: %w", err)
		}
		a.heads[i] = d.Head(p.Now())
	}
	w := dayWords{v: p.view(c)}
	t := table{head: w.heads("day", "store", "closedby", "orders", "gross", "net", "margin", "missingcost", "morecost", "stated", "faults", "openitems")}
	for _, h := range a.heads {
		closed := ""
		if h.Closed != nil {
			closed = h.Closed.By
		}
		stated := ""
		if h.Stated {
			stated = decimal(h.Paid.Net())
		}
		t.rows = append(t.rows, []string{
			string(h.Day), string(h.Store), closed, number(int64(h.Money.Orders)), decimal(h.Earned.Gross), decimal(h.Earned.Net), decimal(h.Earned.Margin()),
			decimal(h.Missing), decimal(h.More), stated, number(int64(h.Faults)), number(int64(h.Open)),
		})
	}
	return t.send(c, fmt.Sprintf("days-%s.csv", a.last))
}

func (v *view) storeDaysView(heads []cloud.DayHead, stores []cloud.Store, today ledger.Day) (view storeDaysView, pending bool) {
	names := make(map[cloud.StoreID]cloud.Text, len(stores))
	for _, s := range stores {
		names[s.ID] = s.Name
	}
	names[cloud.Chainwide] = cloud.Text{Zh: v.say("day.chain"), En: v.say("day.chain")}
	open, faults := make(map[ledger.Day]bool), 0
	var missing protocol.Fen
	for _, h := range heads {
		if n := len(view.Days); n == 0 || view.Days[n-1].Name != v.dayName(h.Day) {
			view.Days = append(view.Days, dayGroup{Name: v.dayName(h.Day)})
		}
		last := &view.Days[len(view.Days)-1]
		last.Rows = append(last.Rows, v.dayRow(h, names[h.Store]))
		pending = pending || !h.Known
		if h.Closed == nil && h.Day < today {
			open[h.Day] = true
		}
		faults += h.Faults
		if h.Day == heads[0].Day {
			missing += h.Missing
		}
	}
	view.Well = len(open) == 0 && faults == 0
	view.Head = v.say("day.allclosed")
	if len(open) > 0 {
		view.Head = v.count("day.notclosed", len(open))
	}
	view.Lead = v.say("day.nofaults")
	if faults > 0 {
		view.Lead = v.count("day.faults", faults)
	}
	if missing > 0 {
		view.Lead = v.sentences(view.Lead, v.say("day.missing.now", missing))
	}
	return view, pending
}

func (v *view) dayRow(h cloud.DayHead, store cloud.Text) dayRow {
	if store == (cloud.Text{}) {
		store = cloud.Text{Zh: string(h.Store), En: string(h.Store)}
	}
	row := dayRow{Head: h, Store: store, Known: h.Known, Open: h.Open, Late: h.Late > 0}
	if h.Closed != nil {
		row.Closed = h.Closed.By
	}
	if !h.Known {
		return row
	}
	row.Billed, row.Margin, row.Differs, row.Missing = yuan(h.Money.Billed), yuan(h.Earned.Margin()), v.differs(h.Missing, h.More), h.Missing > 0
	switch {
	case h.Faults > 0:
		row.Stated, row.Unstated = v.count("day.stated.faults", h.Faults), true
	case !h.Stated && h.Paid.Lines > 0:
		row.Stated = v.say("day.stated.partly")
	case h.Stated:
		row.Stated = v.say("day.stated.well")
	default:
		row.Stated = v.say("day.stated.none")
	}
	return row
}

// differs tells what is missing and what is too much, at cost, without the unit.
func (v *view) differs(missing, more protocol.Fen) string {
	switch {
	case missing == 0 && more == 0:
		return "0.00"
	case more == 0:
		return "−" + yuan(missing)
	case missing == 0:
		return "+" + yuan(more)
	}
	return "−" + yuan(missing) + " +" + yuan(more)
}

// dayName is a day as one speaks of it.
func (v *view) dayName(d ledger.Day) string {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	week := v.say("day.week." + []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[at.Weekday()])
	if v.lang == httpx.English {
		return week + ", " + at.Format("2 January")
	}
	return fmt.Sprintf("%d 月 %d 日 %s", int(at.Month()), at.Day(), week)
}

// signed writes a number with its sign, as a change.
func signed(n int64) string {
	switch {
	case n > 0:
		return "+" + strconv.FormatInt(n, 10)
	case n < 0:
		return "−" + strconv.FormatInt(-n, 10)
	}
	return "0"
}

// minus writes sums that are taken off.
func minus(f protocol.Fen) string {
	if f < 0 {
		return "−" + yuan(-f)
	}
	return yuan(f)
}
