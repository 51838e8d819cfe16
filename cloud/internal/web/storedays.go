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

func (p *Pages) storeDays(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	today, err := p.StoreDays.Today(ctx)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	last := today
	if asked := ledger.Day(c.QueryParam("to")); asked.Valid() && asked < today {
		last = asked
	}
	all, err := p.storesOf(c)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	asked, _ := strconv.Atoi(c.QueryParam("page"))
	stores, first := cloud.PageOf(all, asked, cloud.StoresShown)
	of := make([]cloud.StoreID, 0, len(stores))
	for _, s := range stores {
		of = append(of, s.ID)
	}
	heads, err := p.StoreDays.Heads(ctx, last, daysShown, of...)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	if bound := boundOf(c); bound != "" { // What is the chain's own is not theirs.
		heads = slices.DeleteFunc(heads, func(h cloud.DayHead) bool { return !bound.Holds(h.Store) })
	}
	view, pending := v.storeDaysView(heads, stores, today)
	view.All, view.Page = boundOf(c) == "", first/cloud.StoresShown+1
	if len(all) > len(stores) {
		view.Stores, view.Fewer = v.say("day.stores", first+1, first+len(stores), len(all)), view.Page-1
		if first+len(stores) < len(all) {
			view.More = view.Page + 1
		}
	}
	view.Last, view.Newest, view.Earlier, view.Later = last, last == today, last.Add(-daysShown), min(last.Add(daysShown), today)
	s := screen{
		Template: "storedays", Face: "staff", Title: v.say("day.title"), Say: view.Head, Path: "/reconcile?to=" + string(last) + "&page=" + strconv.Itoa(view.Page), Nav: "reconcile", Data: view,
	}
	if pending {
		s.Poll, s.Refresh = true, 2
	}
	return p.show(c, s)
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
