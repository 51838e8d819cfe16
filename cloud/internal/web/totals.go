package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

func (p *Pages) totalRoutes() []httpx.Route {
	get := http.MethodGet
	return []httpx.Route{
		{Method: get, Path: "/chain", Access: httpx.Accountants(), Handler: p.totals},
		{Method: get, Path: "/chain/totals.csv", Access: httpx.Accountants(), Handler: p.totalsTable},
	}
}

// The spans that totals are told for.
const (
	spanToday = "today"
	spanNight = "yesterday"
	spanWeek  = "week"
	spanFour  = "four"
	spanMonth = "month"
	spanDays  = "days"
)

// totalsAsked is what the address asks for.
type totalsAsked struct {
	cloud.TotalQuery
	span, month  string
	before       cloud.TotalQuery // the span before
	sort, figure string
	up           bool
	page         int
	plans        bool // who reads may follow links to rounds
	bound        bool // who reads is limited to stores
}

// totalsAsked reads the address: the week where it says nothing.
func (p *Pages) totalsAsked(c echo.Context) (a totalsAsked, err error) {
	today, err := p.StoreDays.Today(c.Request().Context())
	if err != nil {
		return a, fmt.Errorf("totals: %w", err)
	}
	a.span, a.Store, a.By = cmp.Or(c.QueryParam("span"), spanWeek), cloud.StoreID(c.QueryParam("store")), cloud.TotalBy(c.QueryParam("by"))
	if a.By != cloud.TotalByStore && a.By != cloud.TotalByCabinet && a.By != cloud.TotalByDay {
		a.By = cloud.TotalByStore
		if a.Store != "" {
			a.By = cloud.TotalByCabinet
		}
	}
	a.figure, a.sort, a.up = cmp.Or(c.QueryParam("figures"), "money"), c.QueryParam("sort"), c.QueryParam("up") != ""
	a.page, _ = strconv.Atoi(c.QueryParam("page"))
	who, err := httpx.PrincipalOf(c)
	a.plans, a.bound = err == nil && httpx.Planners().Allows(who), who.Bound != ""
	a.month = c.QueryParam("month")
	if c.QueryParam("span") == "" && c.QueryParam("from") != "" {
		a.span, a.From, a.To = spanDays, ledger.Day(c.QueryParam("from")), ledger.Day(cmp.Or(c.QueryParam("to"), c.QueryParam("from")))
	}
	a.spans(today)
	return a, nil
}

// spans finds the days that are asked for, and those before them, which are as many.
func (a *totalsAsked) spans(today ledger.Day) {
	switch a.span {
	case spanToday:
		a.From, a.To = today, today
	case spanNight:
		a.From, a.To = today.Add(-1), today.Add(-1)
	case spanFour:
		a.From, a.To = today.Add(-28), today.Add(-1)
	case spanMonth:
		if a.ofMonth(today) {
			return
		}
		fallthrough
	case spanWeek:
		a.span, a.From, a.To = spanWeek, today.Add(-7), today.Add(-1)
	}
	many := a.From.Until(a.To) + 1
	a.before = cloud.TotalQuery{From: a.From.Add(-many), To: a.To.Add(-many), Store: a.Store, By: a.By}
}

// ofMonth takes a month, as far as it has come, and as much of the month before; false where the address names none that has begun.
func (a *totalsAsked) ofMonth(today ledger.Day) bool {
	first := ledger.Day(a.month + "-01")
	if a.month == "" {
		first = today[:8] + "01"
		a.month = string(first[:7])
	}
	if !first.Valid() || first > today {
		return false
	}
	next := first.Add(31)[:8] + "01"
	a.From, a.To = first, min(next.Add(-1), today)
	last := first.Add(-1)
	begin := last[:8] + "01"
	a.before = cloud.TotalQuery{From: begin, To: last, Store: a.Store, By: a.By}
	if a.To < next.Add(-1) {
		a.before.To = min(last, begin.Add(a.From.Until(a.To)))
	}
	return true
}

// address asks for the same again, with some of it changed.
func (a totalsAsked) address(change ...string) string {
	values := url.Values{"by": {string(a.By)}}
	if a.span == spanDays {
		values.Set("from", string(a.From))
		values.Set("to", string(a.To))
	} else {
		values.Set("span", a.span)
	}
	for key, value := range map[string]string{"store": string(a.Store), "figures": a.figure, "sort": a.sort, "month": a.month} {
		if value != "" {
			values.Set(key, value)
		}
	}
	if a.up {
		values.Set("up", "1")
	}
	for i := 0; i+1 < len(change); i += 2 {
		if values.Set(change[i], change[i+1]); change[i+1] == "" {
			values.Del(change[i])
		}
	}
	if values.Get("span") != spanMonth {
		values.Del("month")
	}
	if values.Get("span") != "" {
		values.Del("from")
		values.Del("to")
	}
	return values.Encode()
}

// totalsView is a chain, or a store, over some days.
type totalsView struct {
	Head, Lead, Before   string
	Fresh                string
	Pending              bool
	Spans                []totalChoice
	By                   []totalChoice
	Figures              []totalChoice
	Month, LastMonth     string
	Span, Store, Address string // as the form of months keeps them
	Sums                 []totalTile
	Columns              []totalHead
	Rows                 []totalRow
	Sum                  []totalCell
	Label                string
	Fewer, More          string // addresses
	Shown                string
	Causes               []totalCause
	CausesDay            string
	All                  string // of the stores, where one was chosen
	CSV                  string
}

// totalChoice is one of a few ways to look.
type totalChoice struct {
	Say, Link string
	Chosen    bool
}

// totalTile is one figure of all, beside what it was before.
type totalTile struct{ Name, Value, Before, Link string }

type totalHead struct {
	Say, Unit, Link, Sorted string
}

type totalRow struct {
	Name, Link string
	Cells      []totalCell
}

type totalCell struct {
	Label, Value, More, Link string
	Bad                      bool
}

type totalCause struct{ Say, Missing, More string }

func (p *Pages) totals(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	a, err := p.totalsAsked(c)
	if err != nil {
		return err
	}
	now, err := p.Totals.Totals(ctx, a.TotalQuery)
	if err != nil {
		return err
	}
	before, err := p.Totals.Totals(ctx, a.before)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("totals: %w", err)
	}
	names, err := p.totalNames(c, a)
	if err != nil {
		return err
	}
	view := v.totalsView(a, now, before, names)
	view.Month, view.LastMonth = cmp.Or(a.month, string(a.To[:7])), p.Now().In(zone(chain)).Format("2006-01")
	if !now.Made.IsZero() {
		view.Fresh = v.say("total.made", v.clock(moment{At: now.Made.In(zone(chain)), Day: true}))
	}
	if now.Pending > 0 {
		view.Fresh, view.Pending = v.sentences(view.Fresh, v.count("total.pending", now.Pending)), true
	}
	return p.show(c, screen{
		Template: "totals", Face: "staff", Title: v.say("total.title") + " · " + v.lang.Pick(chain.Name), Say: view.Head, Path: "/chain?" + view.Address, Nav: "chain",
		Styles: []string{"print.css"}, Poll: view.Pending, Refresh: map[bool]int{true: 60}[view.Pending], Data: view,
	})
}

// totalNames names what lines are of.
type totalNames struct {
	stores   map[cloud.StoreID]string
	cabinets map[protocol.CabinetID]string
}

func (p *Pages) totalNames(c echo.Context, a totalsAsked) (n totalNames, err error) {
	ctx, v := c.Request().Context(), p.view(c)
	stores, err := p.Fleet.Stores(ctx)
	if err != nil {
		return n, fmt.Errorf("totals: %w", err)
	}
	n = totalNames{map[cloud.StoreID]string{cloud.Chainwide: v.say("day.chain")}, map[protocol.CabinetID]string{}}
	for _, s := range stores {
		n.stores[s.ID] = v.lang.Pick(s.Name)
	}
	if a.By != cloud.TotalByCabinet {
		return n, nil
	}
	cabinets, err := p.Fleet.Cabinets(ctx)
	for _, cab := range cabinets {
		n.cabinets[cab.ID] = v.cabinetName(cab.Cabinet)
	}
	return n, err
}

// of is what a line is called.
func (n totalNames) of(v *view, a totalsAsked, l cloud.TotalLine) string {
	store := cmp.Or(n.stores[l.Store], string(l.Store))
	switch {
	case a.By == cloud.TotalByDay:
		return v.dayName(l.Day)
	case a.By == cloud.TotalByStore:
		return store
	}
	name := cmp.Or(n.cabinets[l.Cabinet], string(l.Cabinet), v.say("total.itself"))
	if a.Store == "" {
		name = store + " · " + name
	}
	return name
}

func (v *view) totalsView(a totalsAsked, now, before cloud.Totals, names totalNames) totalsView {
	view := totalsView{
		Head: v.say("total.head", now.Sum.Gross, v.share(now.Sum)), Before: v.say("total.before", v.daySpan(a.before.From, a.before.To)), Span: a.span, Store: string(a.Store),
		Address: a.address(), Lead: v.daySpan(a.From, a.To), Label: v.say("total.by." + string(a.By)), CausesDay: v.dayName(a.To), CSV: "/chain/totals.csv?" + a.address(),
	}
	if a.span == spanToday {
		view.Lead = v.sentences(view.Lead, v.say("total.sofar"))
	}
	if a.Store != "" {
		view.Head = v.say("total.head.store", cmp.Or(names.stores[a.Store], string(a.Store)), now.Sum.Gross, v.share(now.Sum))
		if !a.bound {
			view.All = "/chain?" + a.address("store", "", "by", string(cloud.TotalByStore))
		}
	}
	v.totalChoices(&view, a)
	v.totalRows(&view, a, now, names)
	of := cloud.TotalLine{Store: a.Store}
	for _, column := range totalColumns() {
		is, was := column.cell(v, now.Sum), column.cell(v, before.Sum)
		view.Sums = append(view.Sums, totalTile{v.say("total." + column.key), column.unit + is.Value, column.unit + was.Value, column.link(a, of)})
	}
	for _, cause := range []reconcile.Cause{
		reconcile.CauseTheft, reconcile.CauseUnknown, reconcile.CauseMisplaced, reconcile.CauseWeight, reconcile.CauseSensor, reconcile.CauseLate, reconcile.CauseBefore,
	} {
		if d := now.Causes[cause]; d != (cloud.Differing{}) {
			view.Causes = append(view.Causes, totalCause{v.say("cause." + string(cause)), yuan(d.Missing), yuan(d.More)})
		}
	}
	return view
}

// share is the margin of the turnover.
func (v *view) share(t cloud.Total) string { return v.rate(t.Margin(), t.Net) }

// daySpan is from one day to another.
func (v *view) daySpan(from, to ledger.Day) string {
	if from == to {
		return v.dayName(from)
	}
	return v.say("hours.span", v.dayName(from), v.dayName(to))
}

func (v *view) totalChoices(view *totalsView, a totalsAsked) {
	for _, span := range []string{spanToday, spanNight, spanWeek, spanFour, spanMonth} {
		view.Spans = append(view.Spans, totalChoice{v.say("total.span." + span), "/chain?" + a.address("span", span), a.span == span})
	}
	ways := []cloud.TotalBy{cloud.TotalByStore, cloud.TotalByCabinet, cloud.TotalByDay}
	if a.Store != "" {
		ways = ways[1:]
	}
	for _, by := range ways {
		view.By = append(view.By, totalChoice{v.say("total.by." + string(by)), "/chain?" + a.address("by", string(by)), a.By == by})
	}
	for _, figures := range []string{"money", "service"} {
		view.Figures = append(view.Figures, totalChoice{v.say("total.figures." + figures), "/chain?" + a.address("figures", figures, "sort", "", "up", ""), a.figure == figures})
	}
}

// totalsShown is how many lines a page has.
const totalsShown = 50

// totalRows fills the table: what is asked for, sorted and cut.
func (v *view) totalRows(view *totalsView, a totalsAsked, now cloud.Totals, names totalNames) {
	columns := slices.DeleteFunc(totalColumns(), func(c totalColumn) bool { return c.of != a.figure })
	if len(columns) == 0 {
		return
	}
	for _, c := range columns {
		head := totalHead{Say: v.say("total." + c.key), Unit: c.unit, Link: "/chain?" + a.address("sort", c.key, "up", "", "page", ""), Sorted: "none"}
		if a.sort == c.key {
			head.Sorted = "descending"
			if a.up {
				head.Sorted = "ascending"
			} else {
				head.Link = "/chain?" + a.address("up", "1")
			}
		}
		view.Columns = append(view.Columns, head)
		view.Sum = append(view.Sum, c.named(v, a, cloud.TotalLine{Store: a.Store, Total: now.Sum}))
	}
	lines := slices.Clone(now.Lines)
	a.order(lines)
	shown, first := cloud.PageOf(lines, a.page, totalsShown)
	for _, l := range shown {
		row := totalRow{Name: names.of(v, a, l), Link: a.link(l)}
		for _, c := range columns {
			row.Cells = append(row.Cells, c.named(v, a, l))
		}
		view.Rows = append(view.Rows, row)
	}
	if len(lines) > len(shown) {
		view.Shown = v.say("total.shown", first+1, first+len(shown), len(lines))
	}
	if page := first/totalsShown + 1; first > 0 {
		view.Fewer = "/chain?" + a.address("page", strconv.Itoa(page-1))
	}
	if page := first/totalsShown + 1; first+len(shown) < len(lines) {
		view.More = "/chain?" + a.address("page", strconv.Itoa(page+1))
	}
}

// order sorts lines as it is asked for; where nothing is, days go back from the newest, and others by what they sold.
func (a totalsAsked) order(lines []cloud.TotalLine) {
	by := slices.IndexFunc(totalColumns(), func(c totalColumn) bool { return c.key == a.sort })
	slices.SortStableFunc(lines, func(x, y cloud.TotalLine) int {
		if by < 0 && a.By == cloud.TotalByDay {
			return cmp.Compare(y.Day, x.Day)
		}
		value := totalColumns()[max(by, 0)].value
		if a.up {
			x, y = y, x
		}
		return cmp.Compare(value(y.Total), value(x.Total))
	})
}

// link opens a line to what it was made of: a store to its cabinets, a cabinet to its own page, a day to the store's day.
func (a totalsAsked) link(l cloud.TotalLine) string {
	switch {
	case a.By == cloud.TotalByDay && a.Store == "":
		return "/chain?" + a.address("span", "", "from", string(l.Day), "to", string(l.Day), "by", string(cloud.TotalByStore))
	case a.By == cloud.TotalByDay:
		return storeDayPath(a.Store, l.Day)
	case a.By == cloud.TotalByCabinet && l.Cabinet != "":
		return "/cabinets/" + url.PathEscape(string(l.Cabinet))
	case l.Store == "":
		return ""
	}
	return "/chain?" + a.address("store", string(l.Store), "by", string(cloud.TotalByCabinet), "page", "")
}

func storeDayPath(store cloud.StoreID, day ledger.Day) string {
	return "/reconcile/" + url.PathEscape(string(store)) + "/" + string(day)
}

func (p *Pages) totalsTable(c echo.Context) error {
	v := p.view(c)
	a, err := p.totalsAsked(c)
	if err != nil {
		return err
	}
	told, err := p.Totals.Totals(c.Request().Context(), a.TotalQuery)
	if err != nil {
		return err
	}
	t := table{head: v.heads("store", "cabinet", "day", "visits", "orders", "gross", "net", "costs", "margin", "takenback", "refunded", "owed", "wasted", "shrunk",
		"openminutes", "coveredminutes", "gapminutes", "unknownminutes", "lostsales", "blindminutes", "soldoutminutes", "reviewminutes", "roundminutes")}
	lines := slices.Clone(told.Lines)
	a.order(lines)
	ms := wholeMinutes
	whole := func(d time.Duration) string { return ms(d.Milliseconds()) }
	for _, l := range lines {
		lost := "" // Nobody knows.
		if fen, known := l.Priced(); known {
			lost = decimal(fen)
		}
		t.rows = append(t.rows, []string{
			string(l.Store), string(l.Cabinet), string(l.Day), strconv.Itoa(l.Visits), strconv.Itoa(l.Orders), decimal(l.Gross), decimal(l.Net), decimal(l.Cost), decimal(l.Margin()),
			decimal(l.TakenBack), decimal(l.Refunded), decimal(l.Owed), decimal(l.Waste), decimal(l.Shrink), ms(l.Served.Open), ms(l.Served.Covered), ms(l.Served.Uncovered), ms(l.Served.Unknown),
			lost, whole(l.Blind), whole(l.SoldOut), whole(l.Reviewed), whole(l.Walked),
		})
	}
	return t.send(c, fmt.Sprintf("totals-%s-%s.csv", a.From, a.To))
}
