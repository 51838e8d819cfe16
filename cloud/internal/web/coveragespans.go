package web

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// spansShown is how many times a list has; those that are nearest to its end.
const spansShown = 500

// period is some days of a store; without a first day they end today.
type period struct {
	store cloud.StoreID
	from  ledger.Day
	days  int
}

// readPeriod reads what the address asks for: so many days until today where it says nothing.
func readPeriod(c echo.Context, usual int) period {
	p := period{store: cloud.StoreID(c.Param("store")), from: ledger.Day(c.QueryParam("from"))}
	if p.days, _ = strconv.Atoi(c.QueryParam("days")); p.days < 1 {
		p.days = usual
		if p.from != "" {
			p.days = 1
		}
	}
	p.days = min(p.days, cloud.ServedMost)
	return p
}

// periodOf is the period that is told.
func periodOf(of cloud.Served) period {
	p := period{store: of.Store.ID, days: len(of.Dates)}
	if len(of.Dates) > 0 {
		p.from = of.Dates[0]
	}
	return p
}

func (p period) query() cloud.ServedQuery {
	return cloud.ServedQuery{From: p.from, Days: p.days, Care: true}
}

// values ask for the same days again.
func (p period) values() url.Values {
	values := url.Values{}
	if p.from != "" {
		values.Set("from", string(p.from))
	}
	if p.days > 0 {
		values.Set("days", strconv.Itoa(p.days))
	}
	return values
}

// path is how the store was served in these days.
func (p period) path() string { return withQuery(coveragePath(p.store), p.values()) }

// withQuery is an address with what it asks for.
func withQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// spansAsked is which times of a period are listed.
type spansAsked struct {
	period
	state    string // empty: any
	category string
	cabinet  protocol.CabinetID // neither this nor a category: the store itself
	hour     int                // of each day, from 1 for the one after midnight; 0: all
}

func readSpans(c echo.Context) (spansAsked, error) {
	a := spansAsked{period: readPeriod(c, weekShown), state: c.QueryParam("state"), category: c.QueryParam("category"), cabinet: protocol.CabinetID(c.QueryParam("cabinet"))}
	if text := c.QueryParam("hour"); text != "" {
		hour, err := strconv.Atoi(text)
		if err != nil || hour < 0 || hour > 23 {
			return a, protocol.Errorf(protocol.CodeMalformed, "hour %q: want 0 to 23", text)
		}
		a.hour = hour + 1
	}
	if a.state != "" && !slices.Contains(coverStates(), a.state) {
		return a, protocol.Errorf(protocol.CodeMalformed, "state %q: there is none of that name", a.state)
	}
	return a, nil
}

// coverStates are the names of the states in the order in which they are told.
func coverStates() []string {
	return []string{coverage.Open.String(), coverage.Covered.String(), coverage.Uncovered.String(), coverage.Unknown.String()}
}

// path lists the times.
func (a spansAsked) path() string {
	values := a.values()
	for name, value := range map[string]string{"state": a.state, "category": a.category, "cabinet": string(a.cabinet)} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if a.hour > 0 {
		values.Set("hour", strconv.Itoa(a.hour-1))
	}
	return withQuery(coveragePath(a.store)+"/spans", values)
}

// in asks for those of one state.
func (a spansAsked) in(state coverage.State) spansAsked {
	a.state = state.String()
	return a
}

// spanOf is a time in which what is asked for was in one state.
type spanOf struct {
	coverage.Span
	state  coverage.State
	causes []coverage.Cause // each once, with its beginning
}

// spans lists the times that are asked for, the oldest first.
func (a spansAsked) spans(of cloud.Served) (all []spanOf) {
	cabinet := slices.IndexFunc(of.Cabinets, func(c cloud.Cabinet) bool { return c.ID == a.cabinet })
	for _, d := range of.Days {
		for i := range d.Pieces {
			p := &d.Pieces[i]
			state, is := a.stateOf(p, cabinet)
			if !is || a.state != "" && state.String() != a.state {
				continue
			}
			for _, span := range a.within(p.Span, of.Zone) {
				if n := len(all) - 1; n < 0 || all[n].state != state || all[n].To != span.From {
					all = append(all, spanOf{Span: span, state: state})
				}
				last := &all[len(all)-1]
				last.To = span.To
				last.blame(a, p.Causes)
			}
		}
	}
	return all
}

// stateOf is the state of the store, the category or the cabinet in a piece; false where it has none.
func (a spansAsked) stateOf(p *coverage.Piece, cabinet int) (coverage.State, bool) {
	switch {
	case a.cabinet != "":
		if cabinet < 0 || cabinet >= len(p.Cabinets) {
			return coverage.Unknown, false
		}
		return p.Cabinets[cabinet].State, p.Cabinets[cabinet].Here
	case a.category != "":
		i := slices.IndexFunc(p.Categories, func(s coverage.Served) bool { return s.Category == a.category })
		if i < 0 {
			return coverage.Unknown, false
		}
		return p.Categories[i].State, true
	}
	return p.State, true
}

// within is what of a time lies within the hour that is asked for.
func (a spansAsked) within(span coverage.Span, zone *time.Location) (all []coverage.Span) {
	if a.hour == 0 {
		return []coverage.Span{span}
	}
	eachHour(span, zone, func(hour int, part coverage.Span) {
		if hour == a.hour-1 {
			all = append(all, part)
		}
	})
	return all
}

// blame takes in the causes of a piece that are about what is asked for.
func (s *spanOf) blame(a spansAsked, causes []coverage.Cause) {
	if s.state != coverage.Uncovered && s.state != coverage.Unknown {
		return
	}
	for _, c := range causes {
		other := a.category != "" && c.Category != "" && c.Category != a.category || a.cabinet != "" && c.Cabinet != "" && c.Cabinet != a.cabinet
		lane := a.cabinet != "" && c.Category != "" // A cabinet with empty lanes can sell.
		if !other && !lane && !slices.Contains(s.causes, c) {
			s.causes = append(s.causes, c)
		}
	}
}

// spansView is a list of times.
type spansView struct {
	Store  cloud.Store
	Lead   string
	Back   string // the days that they are of
	All    bool   // the reader sees the whole chain
	Rows   []spanRow
	More   int
	Fog    template.HTML
	States []totalChoice
}

// spanRow is a time.
type spanRow struct {
	When, Long, Word, State string
	Causes                  []causeRow
}

func (p *Pages) coverageSpans(c echo.Context) error {
	v := p.view(c)
	a, err := readSpans(c)
	if err != nil {
		return err
	}
	of, err := p.Coverage.Store(c.Request().Context(), a.store, a.query())
	if err != nil {
		return err
	}
	view := v.spansView(of, a)
	view.All = boundOf(c) == ""
	return p.show(c, screen{
		Template: "coverspans", Face: "staff", Title: v.lang.Pick(of.Store.Name) + " · " + view.Lead, Say: view.Lead, Path: a.path(), Nav: "coverage", Styles: []string{"print.css"}, Data: view,
	})
}

func (v *view) spansView(of cloud.Served, a spansAsked) spansView {
	all := a.spans(of)
	var whole int64
	for _, s := range all {
		whole += s.Length()
	}
	told := periodOf(of)
	view := spansView{Store: of.Store, Back: a.period.path(), Fog: fogPattern(), More: max(len(all)-spansShown, 0)}
	what, when := v.spansSay(of, a), v.daySpan(told.from, told.from.Add(told.days-1))
	if a.hour > 0 {
		when = v.say("cover.spans.hour", when, fmt.Sprintf("%02d:00", a.hour-1))
	}
	view.Lead = v.count("cover.spans.lead", len(all), what, when, v.lasted(whole))
	for _, s := range slices.Backward(all) {
		if len(view.Rows) == spansShown {
			break
		}
		view.Rows = append(view.Rows, v.spanRow(of, a, s))
	}
	for _, state := range append([]string{""}, coverStates()...) {
		if a.cabinet != "" && state == coverage.Open.String() {
			continue // A cabinet can sell, whatever its store does.
		}
		other := a
		other.state = state
		view.States = append(view.States, totalChoice{Say: v.spanWord(a, state), Link: other.path(), Chosen: state == a.state})
	}
	return view
}

// spansSay is what is listed.
func (v *view) spansSay(of cloud.Served, a spansAsked) string {
	who := v.say("cover.whole")
	switch {
	case a.cabinet != "":
		who = v.servedCabinet(of, a.cabinet)
	case a.category != "":
		who = v.category(a.category)
	}
	return v.say("cover.spans.of", who, v.spanWord(a, a.state))
}

// spanWord is a state of what is listed in a word; any where there is none.
func (v *view) spanWord(a spansAsked, state string) string {
	switch {
	case state == "":
		return v.say("cover.spans.any")
	case a.cabinet != "":
		return v.say("cover.cabinet." + state)
	case a.category != "":
		return v.say("cover.of." + state)
	}
	return v.say("cover.state." + state)
}

func (v *view) spanRow(of cloud.Served, a spansAsked, s spanOf) spanRow {
	from, to := time.UnixMilli(s.From).In(of.Zone), time.UnixMilli(s.To).In(of.Zone)
	row := spanRow{When: v.clock(moment{At: from, Day: true}) + "–" + v.clock(moment{At: to, Day: !sameDay(from, to)}), Long: v.lasted(s.Length()), Word: v.spanWord(a, s.state.String()), State: s.state.String()}
	for _, c := range s.causes {
		row.Causes = append(row.Causes, v.causeRow(of, c, s.Span))
	}
	return row
}

// sameDay reports two moments of one day; the midnight that ends a day belongs to it.
func sameDay(from, to time.Time) bool {
	return from.Format(time.DateOnly) == to.Add(-time.Millisecond).Format(time.DateOnly)
}

// coveredIn adds days up.
func coveredIn(days []coverage.Day) (sum coverage.Sum) {
	for _, d := range days {
		sum = sum.Plus(d.Sum())
	}
	return sum
}

// stateFigures are how long something was in each state; each opens the list of these times.
func (v *view) stateFigures(sum coverage.Sum, a spansAsked) (all []figureRow) {
	for _, f := range []struct {
		state coverage.State
		ms    int64
	}{{coverage.Open, sum.Open}, {coverage.Covered, sum.Covered}, {coverage.Uncovered, sum.Uncovered}, {coverage.Unknown, sum.Unknown}} {
		if f.state == coverage.Open && a.cabinet != "" {
			continue
		}
		row := figureRow{What: v.spanWord(a, f.state.String()), Long: v.lasted(f.ms)}
		if f.ms > 0 {
			row.Link = a.in(f.state).path()
		}
		all = append(all, row)
	}
	return all
}

// partRow is how one category, or one cabinet, was served in a period.
type partRow struct {
	Name, Link, Share string
	Figures           []figureRow
}

// parts are all categories that were owed, and all cabinets that stood with the store.
func (v *view) parts(of cloud.Served) (categories, cabinets []partRow) {
	told := periodOf(of)
	for _, name := range categoriesOf(of) {
		sum := of.CategorySum(name)
		categories = append(categories, partRow{Name: v.category(name), Share: v.served(sum), Figures: v.stateFigures(sum, spansAsked{period: told, category: name})})
	}
	for n, c := range of.Cabinets {
		if sum := of.CabinetSum(n); sum.Whole() > 0 {
			row := partRow{Name: v.cabinetName(c), Link: "/cabinets/" + url.PathEscape(string(c.ID)), Share: v.served(sum)}
			row.Figures = v.stateFigures(sum, spansAsked{period: told, cabinet: c.ID})
			cabinets = append(cabinets, row)
		}
	}
	return categories, cabinets
}

// categoriesOf are the categories that were owed for some of the time, in order.
func categoriesOf(of cloud.Served) (names []string) {
	for _, d := range of.Days {
		for i := range d.Pieces {
			for _, c := range d.Pieces[i].Categories {
				if !slices.Contains(names, c.Category) {
					names = append(names, c.Category)
				}
			}
		}
	}
	slices.SortFunc(names, cmp.Compare)
	return names
}
