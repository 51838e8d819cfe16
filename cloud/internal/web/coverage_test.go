package web_test

import (
	"cmp"
	"context"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// servedWorld is one store that had a gap, an unknown time and a correction.
type servedWorld struct {
	needs  []string
	refuse error
	blank  bool
	gap    bool // it is not served now
	fresh  bool // nothing was learned yet of what is sold when
	asked  []cloud.ServedQuery
	served int64         // until which minute of the day it was served; 0: 40
	silent time.Duration // how old the cabinet's newest word is; 0: two hours
}

var servedStore = cloud.Store{ID: "qj", Name: cloud.Text{Zh: "钱江<店>", En: "Qianjiang <store>"}, Hours: []cloud.Hours{{Open: 420, Close: 1320}}, At: cloud.Spot{Latitude: 30_184_200, Longitude: 120_264_000}}

func (s *servedWorld) days() []coverage.Day {
	zone := time.FixedZone("CST", 8*3600)
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, zone).UnixMilli()
	at := func(minutes int64) int64 { return midnight + minutes*60_000 }
	piece := func(from, to int64, state, dairy, cab coverage.State, causes ...coverage.Cause) coverage.Piece {
		return coverage.Piece{
			Span: coverage.Span{From: at(from), To: at(to)}, State: state, Categories: []coverage.Served{{Category: "dairy", State: dairy}, {Category: "<new>", State: coverage.Covered}},
			Cabinets: []coverage.Stood{{Here: true, State: cab}}, Causes: causes,
		}
	}
	empty := coverage.Cause{
		Why: coverage.SoldOut, Cabinet: "qj-1", Compartment: 1, Category: "dairy", Platform: "S1", SKU: "1001", Ref: "event:qj-1/01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f/7", Since: at(40), Made: at(55),
	}
	served := cmp.Or(s.served, 40)
	return []coverage.Day{{Span: coverage.Span{From: at(0), To: at(134)}, Ends: at(1440), Pieces: []coverage.Piece{
		piece(0, served, coverage.Covered, coverage.Covered, coverage.Covered), piece(served, 88, coverage.Uncovered, coverage.Uncovered, coverage.Covered, empty),
		piece(88, 134, coverage.Unknown, coverage.Unknown, coverage.Unknown, coverage.Cause{Why: coverage.NoWord, Cabinet: "qj-1"}),
	}}}
}

func (s *servedWorld) Store(_ context.Context, store cloud.StoreID, q cloud.ServedQuery) (cloud.Served, error) {
	s.asked = append(s.asked, q)
	if q.From != "" && !q.From.Valid() {
		return cloud.Served{}, protocol.Errorf(protocol.CodeMalformed, "day %q", q.From)
	}
	if store != servedStore.ID {
		return cloud.Served{}, protocol.Errorf(cloud.CodeNotFound, "no store %q", store)
	}
	zone := time.FixedZone("CST", 8*3600)
	of := cloud.Served{
		Store: servedStore, Cabinets: []cloud.Cabinet{{ID: "qj-1", Number: 1, Place: cloud.Text{Zh: "二号门", En: "Gate 2"}}}, Zone: zone, Days: s.days(), Dates: []ledger.Day{"2026-11-22"}, Now: noon, Today: q.From == "" || q.From == "2026-11-22",
		Essential: []cloud.Essential{{Category: "dairy", Owed: true}, {Category: "<new>"}}, Names: map[protocol.SKU]cloud.Text{"1001": {Zh: "<奶>", En: "<Milk>"}},
		Heard: map[protocol.CabinetID]time.Time{"qj-1": noon.Add(-cmp.Or(s.silent, 2*time.Hour))}, Age: cloud.DemandAge{Days: 20},
	}
	if s.blank {
		of.Days, of.Age = nil, cloud.DemandAge{}
		return of, nil
	}
	if s.fresh {
		of.Age = cloud.DemandAge{}
	}
	of.Gaps = coverage.Gaps(of.Days, func(string, int64, int64) float64 { return 720 })
	of.Care = []cloud.IncidentStory{
		{Incident: cloud.Incident{Number: 31, Cabinet: "qj-1", Kind: cloud.IncidentAway, First: noon.Add(-45 * time.Minute), Opened: noon.Add(-40 * time.Minute)}, Steps: []cloud.IncidentStep{
			{Number: 31, Did: cloud.IncidentOpened, At: noon.Add(-40 * time.Minute)}, {Number: 31, Did: cloud.IncidentAcknowledged, At: noon.Add(-31 * time.Minute), By: "陈<军>"},
		}},
	}
	of.Coming = []cloud.ComingGap{{Lost: 900, Round: &cloud.ComingRound{ID: id(60), Day: "2026-11-22", Walks: "王<强>", Units: 4}, Coming: coverage.Coming{
		Idle:     &coverage.Stocked{Cabinet: "qj-1", SKU: "1001", Shut: 12},
		Category: "dairy", From: noon.Add(5 * time.Hour).UnixMilli(), Likely: true, Units: 6, Bring: coverage.Stocked{Cabinet: "qj-1", Platform: "S1", SKU: "1001"},
	}}}
	of.Corrections = []cloud.CoverageCorrection{{
		Store: "qj", Day: "2026-11-21", At: noon, From: noon.Add(-9 * time.Hour), To: noon.Add(-8 * time.Hour), Before: coverage.Sum{Covered: 9, Unknown: 1}, After: coverage.Sum{Covered: 9, Uncovered: 1},
		Kind: coverage.Late, Cabinet: "qj-1", Ref: "event:qj-1/01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f/8",
	}}
	return of, nil
}

func (s *servedWorld) Stores(context.Context) ([]cloud.ServedHead, error) {
	if s.blank {
		return []cloud.ServedHead{{Store: servedStore}}, nil
	}
	sum := s.days()[0].Sum()
	head := cloud.ServedHead{
		Store: servedStore, Known: true, Now: coverage.Unknown, Night: sum, Week: sum, Lost: 720, LostTonight: 720, Costs: !s.fresh, Tonight: s.days()[0].Pieces, From: noon.Add(-24 * time.Hour), To: noon,
	}
	if s.gap {
		head.Now, head.Gap, head.Names = coverage.Uncovered, &coverage.Gap{}, map[protocol.SKU]cloud.Text{"1001": {Zh: "<奶>", En: "<Milk>"}}
	}
	other := head
	other.Store, other.Now, other.Gap, other.Night = cloud.Store{ID: "xh", Name: cloud.Text{Zh: "湘湖店", En: "Xianghu store"}, At: cloud.Spot{Latitude: 30_171_000, Longitude: 120_249_000}}, coverage.Covered, nil, coverage.Sum{Open: 15, Covered: 9}
	return []cloud.ServedHead{head, other}, nil
}

func (s *servedWorld) Event(_ context.Context, _ cloud.StoreID, ref string) (cloud.CoverageEvent, error) {
	if ref == "" {
		return cloud.CoverageEvent{}, protocol.Errorf(cloud.CodeNotFound, "no event")
	}
	return cloud.CoverageEvent{Store: servedStore, Zone: time.UTC, Cabinet: "qj-1", Seq: 7, At: noon, Text: `{"seq": 7, "type": "stock.level"}`}, nil
}

func (s *servedWorld) SetNeeds(_ context.Context, _ cloud.StoreID, categories []string, _ string) error {
	s.needs = categories
	return s.refuse
}

func coveragePages() []page {
	return []page{
		{name: "coverage", path: "/coverage", session: "manager"},
		{name: "coverage-store", path: "/coverage/qj", session: "manager"},
		{name: "coverage-past", path: "/coverage/qj?from=2026-11-09&days=7", session: "auditor"},
		{name: "coverage-spans", path: "/coverage/qj/spans?from=2026-11-22&days=1", session: "manager"},
		{name: "reviews-looked", path: "/reviews/looked?store=qj&from=2026-11-15&to=2026-11-21", session: "auditor", setUp: reviewed},
		{name: "coverage-event", path: "/coverage/qj/event?ref=event:7", session: "manager"},
	}
}

// TestEachCellOfTheHeatMapOpensItsHour: one that was served as well as one that was not, and the name of a day all of its hours.
func TestEachCellOfTheHeatMapOpensItsHour(t *testing.T) {
	w := newWorld()
	w.served.served = 60
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	for _, path := range []string{"/coverage/qj", "/stores/qj"} {
		mustSee(t, v.get(path), http.StatusOK, `<a href="/coverage/qj/spans?days=1&amp;from=2026-11-22&amp;hour=0" tabindex="-1" aria-label="2026-11-22 00:00: served for 1 h 0 min">`,
			`<a href="/coverage/qj/spans?days=1&amp;from=2026-11-22&amp;hour=1" aria-label="2026-11-22 01:00: a gap of 28 min">`, `<a href="/coverage/qj/spans?days=1&amp;from=2026-11-22"><text`)
	}
	mustSee(t, v.get("/coverage/qj/spans?days=1&from=2026-11-22&hour=0"), http.StatusOK, "Cabinets serve", "once, 1 h 0 min in all")
}

func TestAStoreTellsItsGapsWithWhyAndWhoKnewWhen(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh": {"断了 48 分钟", "1 号柜 · 二号门：&lt;奶&gt; 卖完了（S1）", "11 月 22 日 00:40 起；11 月 22 日 00:55 得知", "少卖约 ¥7.20", "缺奶制品", "补 2 件 &lt;奶&gt;", "王&lt;强&gt;）会带来 4 件", "1 号柜里还有 12 件 &lt;奶&gt;，但柜子现在不能卖", "断网后补来了消息", "之后没有消息", "&lt;new&gt;"},
		"en": {"gaps 48 min", "&lt;Milk&gt; was sold out (S1)", "known here at 22 November, 00:55", "about ¥7.20 lost", "without dairy", "Bring 2 × &lt;Milk&gt; to cabinet 1", "(王&lt;强&gt;) brings 4", "Cabinet 1 has 12 × &lt;Milk&gt; and cannot sell now", "told the rest later", "No word since"},
	} {
		w := newWorld()
		v := visitor{t: t, handler: handlerOf(w, true), lang: lang, session: "manager"}
		mustSee(t, v.get("/coverage/qj"), http.StatusOK, append(want, `/coverage/qj/event?ref=event%3Aqj-1`, `name="category"`)...)
		mustSee(t, v.get("/coverage"), http.StatusOK, `href="/coverage/qj"`, "cstrip", "cring")
		mustSee(t, v.get("/coverage/qj/event?ref=event:7"), http.StatusOK, "stock.level")
		mustSee(t, v.get("/coverage/none"), http.StatusNotFound)
		w.served.blank = true
		mustSee(t, v.get("/coverage/qj"), http.StatusOK)
		mustSee(t, v.get("/coverage"), http.StatusOK)
	}
}

// TestWhatAGapCostsIsNotKnownBeforeAnythingWasLearned: nothing lost would be a lie.
func TestWhatAGapCostsIsNotKnownBeforeAnythingWasLearned(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	const gap = "2026-11-22 00:40:00,2026-11-22 01:28:00,48,"
	mustSee(t, v.get("/coverage"), http.StatusOK, `#gaps">¥7.20</a></dd>`)
	mustSee(t, v.get("/coverage/qj/tables/gaps.csv"), http.StatusOK, gap, ",7.20\r\n")
	w.served.fresh = true
	page := v.get("/coverage")
	mustSee(t, page, http.StatusOK, `#gaps">Unknown</a></dd>`)
	mustNotSee(t, page, `#gaps">¥`)
	table := v.get("/coverage/qj/tables/gaps.csv")
	mustSee(t, table, http.StatusOK, gap, ",\r\n")
	mustNotSee(t, table, "7.20", "0.00")
}

func TestWhatAStoreOwesIsSaidByThoseWhoPlan(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	mustSee(t, v.post("/coverage/qj/needs", "category", "dairy"), http.StatusOK, "Kept.")
	if len(w.served.needs) != 1 || w.served.needs[0] != "dairy" {
		t.Errorf("kept %v", w.served.needs)
	}
	mustSee(t, v.post("/coverage/qj/needs"), http.StatusOK)
	if w.served.needs == nil || len(w.served.needs) != 0 {
		t.Errorf("nothing that is owed was kept as %v", w.served.needs)
	}
	w.served.refuse = protocol.Errorf(protocol.CodeMalformed, "no")
	mustSee(t, v.post("/coverage/qj/needs", "category", "x"), http.StatusUnprocessableEntity, "Not kept")
	v.session = "technician"
	mustSee(t, v.post("/coverage/qj/needs", "category", "dairy"), http.StatusForbidden)
}

var (
	spanLink = regexp.MustCompile(`<a class="line" href="(/coverage/qj/spans[^"]+)">([^<]+)</a>`)
	hourLink = regexp.MustCompile(`<a href="(/coverage/qj/spans[^"]+)" aria-label="[^"]*: (?:a gap of )?([0-9]+ min)[^"]*">`)
	spanLead = regexp.MustCompile(`: (once|[0-9]+ times), ([^<]+) in all</p>`)
)

// TestFiguresOfAStoreOpenToTheTimesThatTheyAreMadeOf follows each figure to its list, and adds the list up.
func TestFiguresOfAStoreOpenToTheTimesThatTheyAreMadeOf(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	page := html.UnescapeString(v.get("/coverage/qj").Body.String())
	figures := spanLink.FindAllStringSubmatch(page, -1)
	if len(figures) != 3+3+1+2 { // Of the store, of two categories, and of the cabinet; what was not for a minute opens nothing.
		t.Fatalf("%d figures open a list: %q", len(figures), figures)
	}
	for _, f := range figures {
		body := v.get(f[1]).Body.String()
		lead := spanLead.FindStringSubmatch(body)
		if lead == nil || lead[2] != f[2] {
			t.Errorf("%s, where %s is told, opens a list of %q", f[1], f[2], lead)
			continue
		}
		many := 1
		if n, found := strings.CutSuffix(lead[1], " times"); found {
			many, _ = strconv.Atoi(n)
		}
		if rows := strings.Count(body, `class="csw"`); rows != many {
			t.Errorf("%s tells of %s and lists %d", f[1], lead[1], rows)
		}
	}
	hours := hourLink.FindAllStringSubmatch(page, -1)
	if len(hours) != 3 {
		t.Fatalf("%d hours open a list: %q", len(hours), hours)
	}
	for _, h := range hours {
		mustSee(t, v.get(h[1]), http.StatusOK, h[2]+" · ", "the hour from")
	}
	unknown := v.get("/coverage/qj/spans?from=2026-11-22&days=1&state=unknown")
	mustSee(t, unknown, http.StatusOK, "46 min · Unknown", "nothing is known of that time", `href="/incidents/31"`, "陈&lt;军&gt; took it 22 November, 01:43")
	cabinet := v.get("/coverage/qj/spans?from=2026-11-22&days=1&cabinet=qj-1&state=covered")
	mustSee(t, cabinet, http.StatusOK, "once, 1 h 28 min in all", "Can sell")
	mustSee(t, v.get("/coverage/qj/spans?state=x"), http.StatusBadRequest)
	mustSee(t, v.get("/coverage/qj/spans?hour=24"), http.StatusBadRequest)
	mustSee(t, v.get("/coverage/none/spans"), http.StatusNotFound)
}

func TestAStoreIsToldForTheDaysThatAreAskedFor(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	for query, want := range map[string]cloud.ServedQuery{
		"": {Days: 8, Care: true}, "?from=2026-11-09&days=7": {From: "2026-11-09", Days: 7, Care: true}, "?from=2026-11-09": {From: "2026-11-09", Days: 1, Care: true}, "?days=9999": {Days: cloud.ServedMost, Care: true},
	} {
		w.served.asked = nil
		page := v.get("/coverage/qj" + query)
		if len(w.served.asked) != 1 || w.served.asked[0] != want {
			t.Errorf("%q asks for %+v, want %+v", query, w.served.asked, want)
		}
		mustSee(t, page, http.StatusOK, "/coverage/qj/tables/parts.csv?days=1&amp;from=2026-11-22")
	}
	past := v.get("/coverage/qj?from=2026-11-09&days=7")
	mustSee(t, past, http.StatusOK, `href="/coverage/qj"`, "The last eight days")
	mustNotSee(t, past, "What comes", `data-live`)
	mustSee(t, v.get("/coverage/qj?from=x"), http.StatusBadRequest)
	csv := v.get("/coverage/qj/tables/parts.csv?from=2026-11-22&days=1")
	mustSee(t, csv, http.StatusOK, "2026-11-22,Essential category,dairy,0,40,48,46,", "2026-11-22,Cabinet,")
	if from := w.served.asked[len(w.served.asked)-1]; from.From != "2026-11-22" || from.Days != 1 {
		t.Errorf("the table asks for %+v", from)
	}
}

func TestAListOfStoresIsLive(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	mustSee(t, v.get("/coverage"), http.StatusOK, `/coverage/live?page=1`)
}

// TestHowOldAWordIsLooksTheSameEverywhere: in the table of cabinets, on the strips of their store and on their own page.
func TestHowOldAWordIsLooksTheSameEverywhere(t *testing.T) {
	for age, kind := range map[time.Duration]string{time.Hour: "hours", 5 * time.Hour: "half", 9 * time.Hour: "old"} {
		w := newWorld()
		w.cabinet("qj-1").Presence.LastSeen, w.served.silent = noon.Add(-age), age
		v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
		for _, path := range []string{"/cabinets", "/coverage/qj", "/cabinets/qj-1"} {
			mustSee(t, v.get(path), http.StatusOK, `class="age age-`+kind+`"`)
		}
	}
}
