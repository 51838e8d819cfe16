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
	Share       string
	Sum         []figureRow
	Fog         template.HTML
	Heat        template.HTML
	Axis        template.HTML
	Night       []nightRow
	Gaps        []gapRow
	MoreGaps    int
	Coming      []comingRow
	Blind       bool // nothing was learned yet: no cost is known
	Corrections []correctedRow
	Needs       []owedRow
	Settings    bool
	All         bool // the reader sees the whole chain
	Done, Bad   string
}

type owedRow struct {
	Category, Name string
	Owed           bool
}

type figureRow struct{ What, Long string }

type nightRow struct {
	Name, Word, Link string
	Stale            bool
	Strip            template.HTML
}

type gapRow struct {
	When, Long, What string
	Lost             protocol.Fen
	Causes           []causeRow
}

type causeRow struct{ Say, Knew, Link string }

type comingRow struct {
	What, When, Do string
	Link           string
	Lost           protocol.Fen
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
	id := cloud.StoreID(c.Param("store"))
	of, err := p.Coverage.Store(c.Request().Context(), id, weekShown)
	if err != nil {
		return screen{}, err
	}
	view := v.servedView(of)
	view.Done, view.Bad, view.All = done, bad, boundOf(c) == ""
	if who, err := httpx.PrincipalOf(c); err == nil {
		view.Settings = httpx.Planners().Allows(who)
	}
	path := coveragePath(id)
	s := screen{
		Template: "served", Face: "staff", Title: v.say("cover.title") + " · " + v.lang.Pick(of.Store.Name), Say: view.Lead, Path: path, Live: path + "/live", Refresh: 30, Nav: "coverage", Styles: []string{"print.css"}, Data: view,
	}
	if bad != "" {
		s.Status = http.StatusUnprocessableEntity
	}
	return s, nil
}

func (v *view) servedView(of cloud.Served) servedView {
	var sum coverage.Sum
	for _, d := range of.Days {
		sum = sum.Plus(d.Sum())
	}
	view := servedView{
		Store: of.Store, Share: v.served(sum), Fog: fogPattern(), Heat: v.heat(of.Days, of.Zone, coveragePath(of.Store.ID)), Blind: of.Age.Days == 0,
	}
	view.Lead = v.say("cover.lead", v.served(sum), v.lasted(sum.Uncovered), v.lasted(sum.Unknown))
	for key, ms := range map[string]int64{"open": sum.Open, "covered": sum.Covered, "uncovered": sum.Uncovered, "unknown": sum.Unknown} {
		view.Sum = append(view.Sum, figureRow{v.say("cover.state." + key), v.lasted(ms)})
	}
	slices.SortFunc(view.Sum, func(a, b figureRow) int { return cmp.Compare(a.What, b.What) })
	for _, e := range of.Essential {
		view.Needs = append(view.Needs, owedRow{e.Category, v.category(e.Category), e.Owed})
	}
	v.night(&view, of)
	for i := len(of.Gaps) - 1; i >= 0 && len(view.Gaps) < gapsShown; i-- {
		view.Gaps = append(view.Gaps, v.gapRow(of, of.Gaps[i]))
	}
	view.MoreGaps = max(len(of.Gaps)-gapsShown, 0)
	for _, c := range of.Coming {
		view.Coming = append(view.Coming, v.comingRow(of, c))
	}
	for _, c := range of.Corrections {
		view.Corrections = append(view.Corrections, correctedRow{
			When: v.clock(moment{At: c.At.In(of.Zone), Day: true}),
			What: v.say("cover.corrected", v.clock(moment{At: c.From.In(of.Zone), Day: true}), v.clock(moment{At: c.To.In(of.Zone)}), v.served(c.Before), v.served(c.After)),
			Why:  v.say("cover.fact."+string(c.Kind), v.servedCabinet(of, c.Cabinet)), Link: eventLink(of.Store.ID, c.Ref),
		})
	}
	return view
}

// night draws the last 24 hours: the store, each category, each cabinet.
func (v *view) night(view *servedView, of cloud.Served) {
	to := of.Now.UnixMilli()
	from := to - nightHours*time.Hour.Milliseconds()
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
			row.Stale = of.Now.Sub(of.Heard[protocol.CabinetID(id)]) > time.Hour
			if row.Stale {
				row.Word = v.say("cover.stale", v.clock(moment{At: of.Heard[protocol.CabinetID(id)].In(of.Zone), Day: true}))
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
		row.Causes = append(row.Causes, v.causeRow(of, c))
	}
	return row
}

func (v *view) causeRow(of cloud.Served, c coverage.Cause) causeRow {
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
	if c.Why == coverage.Halted {
		row.Link = "/cabinets/" + string(c.Cabinet) + "#acts"
	}
	if c.Made != 0 {
		row.Knew = v.say("cover.knew", v.clock(moment{At: time.UnixMilli(c.Since).In(of.Zone), Day: true}), v.clock(moment{At: time.UnixMilli(c.Made).In(of.Zone), Day: true}))
	}
	return row
}

func (v *view) comingRow(of cloud.Served, c cloud.ComingGap) comingRow {
	key := "cover.coming.maybe"
	if c.Likely {
		key = "cover.coming.likely"
	}
	at := time.UnixMilli(c.From).In(of.Zone)
	return comingRow{
		What: v.say(key, v.category(c.Category)), When: v.clock(moment{At: at, Day: true}), Lost: c.Lost,
		Do:   v.say("cover.coming.do", c.Number, c.Units, v.lang.Pick(of.Names[c.Bring.SKU]), string(c.Bring.Platform)),
		Link: "/rounds/new?store=" + url.QueryEscape(string(of.Store.ID)),
	}
}

// coveragePath is where it is told how a store was served.
func coveragePath(store cloud.StoreID) string { return "/coverage/" + url.PathEscape(string(store)) }

// eventLink opens to the event that a fact comes from; nothing where it was the cloud itself.
func eventLink(store cloud.StoreID, ref string) string {
	if !strings.HasPrefix(ref, "event:") {
		return ""
	}
	return coveragePath(store) + "/event?ref=" + url.QueryEscape(ref)
}

// eventView is one event of a cabinet's journal as it was written.
type eventView struct {
	Store cloud.Store
	Of    cloud.CoverageEvent
	At    string
	Text  string
	All   bool // the reader sees the whole chain
}

func (p *Pages) coverageEvent(c echo.Context) error {
	v := p.view(c)
	of, err := p.Coverage.Event(c.Request().Context(), cloud.StoreID(c.Param("store")), c.QueryParam("ref"))
	if err != nil {
		return err
	}
	view := eventView{Store: of.Store, Of: of, Text: of.Text, All: boundOf(c) == "", At: v.clock(moment{At: of.At.In(of.Zone), Day: true})}
	return p.show(c, screen{
		Template: "coverevent", Face: "staff", Title: v.say("cover.event"), Path: "/coverage/" + url.PathEscape(string(of.Store.ID)) + "/event?ref=" + url.QueryEscape(c.QueryParam("ref")), Nav: "coverage", Data: view,
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
