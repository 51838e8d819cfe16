package web

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const (
	weekShown  = 8
	gapsShown  = 40
	nightHours = 24
)

// servedView is one store.
type servedView struct {
	Store       cloud.Store
	Lead        string
	Usual       bool // the days that are told where nobody asks for others
	When        string
	Earlier     string // as many days before
	Later       string // as many days after; empty: they have not begun
	Now         string // the usual days, where others are told
	Sum         []figureRow
	Categories  []partRow
	Cabinets    []partRow
	Fog         template.HTML
	Heat        template.HTML
	Axis        template.HTML
	NightOf     string // what the strips are of
	Night       []nightRow
	Gaps        []gapRow
	MoreGaps    int
	AllGaps     string
	Today       bool
	Coming      []comingRow
	Blind       bool // nothing was learned yet: no cost is known
	Corrections []correctedRow
	Needs       []owedRow
	Settings    bool
	All         bool // the reader sees the whole chain
	CSV         map[string]string
	Done, Bad   string
}

type owedRow struct {
	Category, Name string
	Owed           bool
}

type figureRow struct{ What, Long, Link string }

type nightRow struct {
	Name, Word, Link string
	Age              age // of a cabinet's newest word, where it is stale
	Strip            template.HTML
}

type gapRow struct {
	When, Long, What string
	Lost             protocol.Fen
	Causes           []causeRow
}

// causeRow is a cause, when it was known here, and who took it when.
type causeRow struct{ Say, Knew, Link, Care, CareLink string }

// comingRow is a gap that comes, and what would prevent it.
type comingRow struct {
	What, When string
	Do         []comingDo
	Lost       protocol.Fen
}

// comingDo is what would prevent a gap, or is done about it.
type comingDo struct {
	Say, Link string
	Plans     bool // the link is for who plans
}

type correctedRow struct{ When, What, Why, Link string }

func (p *Pages) storeCoverage(c echo.Context) error {
	s, err := p.servedScreen(c, "", "")
	if err != nil {
		return err
	}
	return p.show(c, s)
}

func (p *Pages) storeCoverageLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{changed: changed, pace: staffPace, again: 30 * time.Second, render: func() (screen, error) { return p.servedScreen(c, "", "") }})
}

func (p *Pages) servedScreen(c echo.Context, done, bad string) (screen, error) {
	v := p.view(c)
	asked := readPeriod(c, weekShown)
	of, err := p.Coverage.Store(c.Request().Context(), asked.store, asked.query())
	if err != nil {
		return screen{}, err
	}
	view := v.servedView(of)
	view.Done, view.Bad, view.All = done, bad, boundOf(c) == ""
	if who, err := httpx.PrincipalOf(c); err == nil {
		view.Settings = httpx.Planners().Allows(who)
	}
	s := screen{
		Template: "served", Face: "staff", Title: v.say("cover.title") + " · " + v.lang.Pick(of.Store.Name), Say: view.Lead, Path: asked.path(), Nav: "coverage", Styles: []string{"print.css", "dash.css"}, Data: view,
	}
	if of.Today {
		s.Live, s.Refresh = withQuery(coveragePath(asked.store)+"/live", asked.values()), 30
	}
	if bad != "" {
		s.Status = http.StatusUnprocessableEntity
	}
	return s, nil
}

func (v *view) servedView(of cloud.Served) servedView {
	sum, told := coveredIn(of.Days), periodOf(of)
	view := servedView{
		Store: of.Store, Usual: of.Today && told.days == weekShown, Today: of.Today, Fog: fogPattern(), Heat: v.heat(of), Blind: of.Age.Days == 0, Sum: v.stateFigures(sum, spansAsked{period: told}),
		AllGaps: spansAsked{period: told}.in(coverage.Uncovered).path(), CSV: make(map[string]string),
	}
	v.periodOf(&view, of, told)
	view.Lead = v.say("cover.lead.of", view.When, v.served(sum), v.lasted(sum.Uncovered), v.lasted(sum.Unknown))
	if view.Usual {
		view.Lead = v.say("cover.lead", v.served(sum), v.lasted(sum.Uncovered), v.lasted(sum.Unknown))
	}
	for _, table := range []string{"days", "parts", "gaps"} {
		view.CSV[table] = withQuery(coveragePath(of.Store.ID)+"/tables/"+table+".csv", told.values())
	}
	for _, e := range of.Essential {
		view.Needs = append(view.Needs, owedRow{e.Category, v.category(e.Category), e.Owed})
	}
	view.Categories, view.Cabinets = v.parts(of)
	v.night(&view, of)
	for i := len(of.Gaps) - 1; i >= 0 && len(view.Gaps) < gapsShown; i-- {
		view.Gaps = append(view.Gaps, v.gapRow(of, of.Gaps[i]))
	}
	view.MoreGaps = max(len(of.Gaps)-gapsShown, 0)
	for _, c := range of.Coming {
		view.Coming = append(view.Coming, v.comingRow(of, c))
	}
	for _, c := range of.Corrections {
		view.Corrections = append(view.Corrections, v.correctedRow(of, c))
	}
	return view
}

// periodOf says which days are told, and leads to those beside them.
func (v *view) periodOf(view *servedView, of cloud.Served, told period) {
	view.NightOf = v.say("cover.night")
	if told.from == "" {
		return
	}
	last := told.from.Add(told.days - 1)
	view.When = v.daySpan(told.from, last)
	before := told
	before.from = told.from.Add(-told.days)
	view.Earlier = before.path()
	if !of.Today {
		after := told
		after.from = last.Add(1)
		view.Later, view.Now, view.NightOf = after.path(), coveragePath(told.store), v.dayName(last)
	}
}

func (v *view) correctedRow(of cloud.Served, c cloud.CoverageCorrection) correctedRow {
	return correctedRow{
		When: v.clock(moment{At: c.At.In(of.Zone), Day: true}),
		What: v.say("cover.corrected", v.clock(moment{At: c.From.In(of.Zone), Day: true}), v.clock(moment{At: c.To.In(of.Zone)}), v.served(c.Before), v.served(c.After)),
		Why:  v.say("cover.fact."+string(c.Kind), v.servedCabinet(of, c.Cabinet)), Link: eventLink(of.Store.ID, c.Ref),
	}
}

// night draws the last 24 hours, or the last of the days where they are over: the store, each category, each cabinet.
func (v *view) night(view *servedView, of cloud.Served) {
	to := of.Now.UnixMilli()
	from := to - nightHours*time.Hour.Milliseconds()
	if n := len(of.Days); n > 0 && !of.Today {
		from, to = of.Days[n-1].From, of.Days[n-1].To
	}
	rows := map[string][]run{}
	var names []string
	add := func(key string, p coverage.Piece, s coverage.State) {
		if rows[key] == nil {
			names = append(names, key)
		}
		if n := len(rows[key]) - 1; n >= 0 && rows[key][n].state == s && rows[key][n].To == p.From {
			rows[key][n].To = p.To
			return
		}
		rows[key] = append(rows[key], run{p.Span, s})
	}
	for _, d := range of.Days {
		for _, p := range d.Pieces {
			if p.To <= from {
				continue
			}
			add("", p, p.State)
			for _, c := range p.Categories {
				add("c/"+c.Category, p, c.State)
			}
			for n, cab := range p.Cabinets {
				if cab.Here {
					add("k/"+string(of.Cabinets[n].ID), p, cab.State)
				}
			}
		}
	}
	view.Axis = axis(from, to, of.Zone)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(a[:min(len(a), 2)], b[:min(len(b), 2)]) })
	for _, key := range names {
		row := nightRow{Name: v.say("cover.whole")}
		last := rows[key][len(rows[key])-1].state
		row.Word = v.say("cover.state." + last.String())
		if category, is := strings.CutPrefix(key, "c/"); is {
			row.Name = v.category(category)
		}
		if id, is := strings.CutPrefix(key, "k/"); is {
			row.Name, row.Link = v.servedCabinet(of, protocol.CabinetID(id)), "/cabinets/"+id
			row.Word = v.say("cover.cabinet." + last.String())
			heard := of.Heard[protocol.CabinetID(id)]
			if a := v.age(heard, of.Now); a.Kind != ageLive && of.Today {
				row.Age = age{v.say("cover.stale", v.clock(moment{At: heard.In(of.Zone), Day: true})), a.Kind}
				row.Word = row.Age.Say
			}
		}
		row.Strip = strip(rows[key], from, to, row.Name+": "+row.Word)
		view.Night = append(view.Night, row)
	}
}

// axis draws the hours above the strips, in hundredths of their width: letters are as large on a phone as on a desk.
func axis(from, to int64, zone *time.Location) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="caxis" aria-hidden="true">`)
	first := time.UnixMilli(from).In(zone)
	for at := time.Date(first.Year(), first.Month(), first.Day(), first.Hour()+1, 0, 0, 0, zone); at.UnixMilli() < to; at = at.Add(time.Hour) {
		if x := float64(at.UnixMilli()-from) / float64(to-from) * 100; at.Hour()%4 == 0 && x > 6 && x < 94 {
			fmt.Fprintf(&b, `<text class="c-text" x="%.1f%%" y="14" text-anchor="middle">%s</text>`, x, at.Format("15:04"))
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers
}

func (v *view) servedCabinet(of cloud.Served, id protocol.CabinetID) string {
	for _, c := range of.Cabinets {
		if c.ID == id {
			return v.cabinetName(c)
		}
	}
	return cmp.Or(string(id), v.say("cover.whole"))
}

func (v *view) gapRow(of cloud.Served, g coverage.Gap) gapRow {
	from, to := time.UnixMilli(g.From).In(of.Zone), time.UnixMilli(g.To).In(of.Zone)
	row := gapRow{When: v.clock(moment{At: from, Day: true}) + "–" + v.clock(moment{At: to}), Long: v.lasted(g.Length()), Lost: protocol.Fen(g.Lost), What: v.say("cover.gap.all")}
	if !g.All {
		var names []string
		for _, c := range g.Categories {
			names = append(names, v.category(c))
		}
		row.What = v.say("cover.gap.lacks", strings.Join(names, v.say("cover.and")))
	}
	for _, c := range g.Causes {
		row.Causes = append(row.Causes, v.causeRow(of, c, g.Span))
	}
	return row
}

func (v *view) causeRow(of cloud.Served, c coverage.Cause, span coverage.Span) causeRow {
	what := string(c.SKU)
	if name, known := of.Names[c.SKU]; known {
		what = v.lang.Pick(name)
	}
	if c.Why == coverage.NoLane {
		what = v.category(c.Category)
	}
	if c.Why == coverage.Halted {
		what = v.say("halt.reason." + c.Code)
	}
	row := causeRow{Say: v.say("cover.why."+string(c.Why), v.servedCabinet(of, c.Cabinet), what, string(c.Platform)), Link: eventLink(of.Store.ID, c.Ref)}
	if care := of.Around(c, span); care != nil {
		row.Care, row.CareLink = v.sayCare(of, *care), incidentPath(care.Incident.Number)
	}
	cabinet := "/cabinets/" + url.PathEscape(string(c.Cabinet))
	switch {
	case c.Why == coverage.Halted:
		row.Link = cabinet + "#acts"
	case row.Link == "" && row.CareLink != "":
		row.Link = row.CareLink
	case row.Link == "" && c.Cabinet != "":
		row.Link = cabinet
	}
	if c.Made != 0 {
		row.Knew = v.say("cover.knew", v.clock(moment{At: time.UnixMilli(c.Since).In(of.Zone), Day: true}), v.clock(moment{At: time.UnixMilli(c.Made).In(of.Zone), Day: true}))
	}
	return row
}

// sayCare tells when an incident was noticed, and who took it when.
func (v *view) sayCare(of cloud.Served, care cloud.IncidentStory) string {
	at := func(t time.Time) string { return v.clock(moment{At: t.In(of.Zone), Day: true}) }
	i := care.Incident
	switch step, took := care.Took(); {
	case took && step.Did == cloud.IncidentAssigned:
		return v.say("cover.care.assigned", i.Number, at(i.Opened), step.By, step.Whom, at(step.At))
	case took:
		return v.say("cover.care.taken", i.Number, at(i.Opened), step.By, at(step.At))
	case i.Closed.IsZero():
		return v.say("cover.care.open", i.Number, at(i.Opened))
	}
	return v.say("cover.care.over", i.Number, at(i.Opened), at(i.Closed))
}

// comingRow is a gap that comes: the round that brings what would lack, what else is to be brought, and what lies where nothing is sold.
func (v *view) comingRow(of cloud.Served, c cloud.ComingGap) comingRow {
	key := "cover.coming.maybe"
	if c.Likely {
		key = "cover.coming.likely"
	}
	row := comingRow{What: v.say(key, v.category(c.Category)), When: v.clock(moment{At: time.UnixMilli(c.From).In(of.Zone), Day: true}), Lost: c.Lost}
	units := c.Units
	if r := c.Round; r != nil {
		units -= r.Units
		row.Do = append(row.Do, comingDo{v.say("cover.coming.round", v.dayName(r.Day), cmp.Or(r.Walks, v.say("rounds.nobody")), r.Units), "/rounds/" + r.ID.String(), true})
	}
	if units > 0 && !c.Bring.Idle {
		row.Do = append(row.Do, comingDo{
			v.say("cover.coming.do", v.servedNumber(of, c.Bring.Cabinet), units, v.lang.Pick(of.Names[c.Bring.SKU]), string(c.Bring.Platform)),
			"/rounds/new?store=" + url.QueryEscape(string(of.Store.ID)), true,
		})
	}
	if lies := c.Idle; lies != nil {
		row.Do = append(row.Do, comingDo{v.say("cover.coming.idle", v.servedNumber(of, lies.Cabinet), lies.Shut, v.lang.Pick(of.Names[lies.SKU])), "/cabinets/" + url.PathEscape(string(lies.Cabinet)), false})
	}
	if len(row.Do) == 0 { // Nothing lies anywhere, and no door can sell.
		row.Do = append(row.Do, comingDo{v.say("cover.coming.mend", v.servedNumber(of, c.Bring.Cabinet)), "/cabinets/" + url.PathEscape(string(c.Bring.Cabinet)), false})
	}
	return row
}

// servedNumber is the number by which people call a cabinet.
func (v *view) servedNumber(of cloud.Served, id protocol.CabinetID) int {
	i := slices.IndexFunc(of.Cabinets, func(c cloud.Cabinet) bool { return c.ID == id })
	if i < 0 {
		return 0
	}
	return of.Cabinets[i].Number
}

// coveragePath is where it is told how a store was served.
func coveragePath(store cloud.StoreID) string { return "/coverage/" + url.PathEscape(string(store)) }

// eventLink opens to the event that a fact comes from, or to what the cloud wrote of itself; nothing where it has neither.
func eventLink(store cloud.StoreID, ref string) string {
	kind, _, _ := strings.Cut(ref, ":")
	if !slices.Contains([]string{"event", string(coverage.Service), string(coverage.Payment)}, kind) {
		return ""
	}
	return coveragePath(store) + "/event?ref=" + url.QueryEscape(ref)
}

// eventView is one event of a cabinet's journal as it was written, or a fact of the cloud's own.
type eventView struct {
	Store      cloud.Store
	Head, Lead string
	Text       string
	All        bool // the reader sees the whole chain
}

func (p *Pages) coverageEvent(c echo.Context) error {
	v := p.view(c)
	of, err := p.Coverage.Event(c.Request().Context(), cloud.StoreID(c.Param("store")), c.QueryParam("ref"))
	if err != nil {
		return err
	}
	at := v.clock(moment{At: of.At.In(of.Zone), Day: true})
	view := eventView{Store: of.Store, Head: v.say("cover.event"), Lead: v.say("cover.event.lead", of.Cabinet, of.Seq, at), Text: of.Text, All: boundOf(c) == ""}
	if of.Cabinet == "" {
		view.Head, view.Lead = v.say("cover.event.own"), v.say("cover.event.own.lead", at)
	}
	return p.show(c, screen{
		Template: "coverevent", Face: "staff", Title: view.Head, Path: "/coverage/" + url.PathEscape(string(of.Store.ID)) + "/event?ref=" + url.QueryEscape(c.QueryParam("ref")), Nav: "coverage", Data: view,
	})
}

func (p *Pages) setNeeds(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "form: %v", err)
	}
	categories := append([]string{}, form["category"]...)
	return p.ruled(c, func(by string) error {
		return p.Coverage.SetNeeds(c.Request().Context(), cloud.StoreID(c.Param("store")), categories, by)
	})
}

// ruled has a rule kept, and shows the store as it is judged then.
func (p *Pages) ruled(c echo.Context, do func(by string) error) error {
	v := p.view(c)
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	done, bad := v.say("cover.kept"), ""
	if err := do(who.Name); protocol.CodeOf(err) == protocol.CodeMalformed {
		done, bad = "", v.say("cover.bad")
	} else if err != nil {
		return err
	}
	s, err := p.servedScreen(c, done, bad)
	if err != nil {
		return err
	}
	return p.show(c, s)
}
