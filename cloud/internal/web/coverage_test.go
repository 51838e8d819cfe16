package web_test

import (
	"context"
	"net/http"
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
	return []coverage.Day{{Span: coverage.Span{From: at(0), To: at(134)}, Ends: at(1440), Pieces: []coverage.Piece{
		piece(0, 40, coverage.Covered, coverage.Covered, coverage.Covered), piece(40, 88, coverage.Uncovered, coverage.Uncovered, coverage.Covered, empty),
		piece(88, 134, coverage.Unknown, coverage.Unknown, coverage.Unknown, coverage.Cause{Why: coverage.NoWord, Cabinet: "qj-1"}),
	}}}
}

func (s *servedWorld) Store(_ context.Context, id cloud.StoreID, _ int) (cloud.Served, error) {
	if id != servedStore.ID {
		return cloud.Served{}, protocol.Errorf(cloud.CodeNotFound, "no store %q", id)
	}
	zone := time.FixedZone("CST", 8*3600)
	of := cloud.Served{
		Store: servedStore, Cabinets: []cloud.Cabinet{{ID: "qj-1", Number: 1, Place: cloud.Text{Zh: "二号门", En: "Gate 2"}}}, Zone: zone, Days: s.days(), Dates: []ledger.Day{"2026-11-22"}, Now: noon,
		Essential: []cloud.Essential{{Category: "dairy", Owed: true}, {Category: "<new>"}}, Names: map[protocol.SKU]cloud.Text{"1001": {Zh: "<奶>", En: "<Milk>"}},
		Heard: map[protocol.CabinetID]time.Time{"qj-1": noon.Add(-2 * time.Hour)}, Age: cloud.DemandAge{Days: 20},
	}
	if s.blank {
		of.Days, of.Age = nil, cloud.DemandAge{}
		return of, nil
	}
	if s.fresh {
		of.Age = cloud.DemandAge{}
	}
	of.Gaps = coverage.Gaps(of.Days, func(string, int64, int64) float64 { return 720 })
	of.Coming = []cloud.ComingGap{{Number: 1, Lost: 900, Coming: coverage.Coming{
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
		{name: "coverage-event", path: "/coverage/qj/event?ref=event:7", session: "manager"},
	}
}

func TestAStoreTellsItsGapsWithWhyAndWhoKnewWhen(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh": {"断了 48 分钟", "1 号柜 · 二号门：&lt;奶&gt; 卖完了（S1）", "11 月 22 日 00:40 起；11 月 22 日 00:55 得知", "少卖约 ¥7.20", "缺奶制品", "补 6 件 &lt;奶&gt;", "断网后补来了消息", "之后没有消息", "&lt;new&gt;"},
		"en": {"gaps 48 min", "&lt;Milk&gt; was sold out (S1)", "known here at 22 November, 00:55", "about ¥7.20 lost", "without dairy", "Bring 6 × &lt;Milk&gt; to cabinet 1", "told the rest later", "No word since"},
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
	mustSee(t, v.get("/coverage"), http.StatusOK, "<dd>¥7.20</dd>")
	mustSee(t, v.get("/coverage/qj/tables/gaps.csv"), http.StatusOK, gap, ",7.20\r\n")
	w.served.fresh = true
	page := v.get("/coverage")
	mustSee(t, page, http.StatusOK, "<dd>Unknown</dd>")
	mustNotSee(t, page, "<dd>¥")
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
