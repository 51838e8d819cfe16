package web_test

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/wire"
)

var wang = cloud.Principal{ID: id(210), Role: protocol.RoleRestocker, Name: "Wang Jianfen"}

// wagon is one round that is walked, and what was asked of it; the rounds of a trolley are there too.
type wagon struct {
	*trolley
	round  cloud.Round
	visits []cloud.Visit
	steps  []cloud.RoundStep
	opened []cloud.RefillVisit
	chores cloud.StopChores
	drafts map[protocol.CabinetID]cloud.Draft
}

// someRound is a round of two cabinets that are far from full.
func someRound(w *world, state cloud.RoundState) cloud.Round {
	r := cloud.Round{ID: id(220), Store: "qj", Day: "2026-11-22", State: state, Restocker: wang.ID, Walks: wang.Name, By: "manager", Created: noon}
	for _, cabinet := range []protocol.CabinetID{"qj-1", "qj-3"} {
		r.Stops = append(r.Stops, cloud.RoundStop{Cabinet: cabinet, Minutes: 8, State: cloud.StopAhead})
		for i, g := range w.goods[cabinet] {
			l := cloud.RoundLine{Cabinet: cabinet, Platform: g.Platform, SKU: g.Article.SKU, Planned: i % 4, Before: g.Units, After: g.Units}
			if state != cloud.RoundPlanned && state != cloud.RoundPicking {
				l.Picked = l.Planned
			}
			r.Lines = append(r.Lines, l)
		}
	}
	return r
}

func (t *wagon) List(ctx context.Context, q cloud.RoundQuery) ([]cloud.Round, error) {
	if t.round.ID.IsZero() || q.Open && t.round.State.Over() {
		return t.trolley.List(ctx, q)
	}
	if !q.Restocker.IsZero() && !t.round.Restocker.IsZero() && q.Restocker != t.round.Restocker {
		return nil, nil
	}
	return []cloud.Round{t.round}, nil
}

func (t *wagon) Round(ctx context.Context, id protocol.UUID) (cloud.RoundView, error) {
	if id != t.round.ID || id.IsZero() {
		return t.trolley.Round(ctx, id)
	}
	v := cloud.RoundView{Round: t.round, Steps: t.steps, Visits: t.visits, Names: map[protocol.SKU]cloud.Article{}, Stores: storesOfBoth, Cabinets: map[protocol.CabinetID]cloud.CabinetView{}, Drafts: t.drafts}
	for _, a := range articles {
		a.Barcodes = []cloud.Barcode{cloud.Barcode("0069" + a.SKU + "0000")}
		v.Names[a.SKU] = a
	}
	v.Picks = []picking.Pick{{Aisle: "1", SKU: "2004"}, {Aisle: "2", Turn: 3, SKU: "1001", Lots: []picking.Lot{{Units: 2, Until: "2026-11-24"}, {Units: 1}}}}
	v.Alike = map[protocol.SKU][]cloud.AlikeArticle{"1001": {{Article: articles[0], Named: true, Weighed: true}}}
	for _, s := range t.round.Stops {
		v.Cabinets[s.Cabinet] = *t.w.cabinet(s.Cabinet)
	}
	return v, nil
}

func (t *wagon) Step(ctx context.Context, s cloud.RoundStep) (cloud.RoundView, error) {
	if s.Round != t.round.ID {
		return t.trolley.Step(ctx, s)
	}
	t.steps = append(t.steps, s)
	return t.Round(ctx, s.Round)
}

func (t *wagon) Chores(context.Context, protocol.UUID, protocol.CabinetID) (cloud.StopChores, error) {
	return t.chores, nil
}

func (t *wagon) Refill(_ context.Context, v cloud.RefillVisit) (cloud.Visit, error) {
	t.opened = append(t.opened, v)
	return cloud.Visit{ID: id(221), Cabinet: v.Cabinet}, nil
}

// atTheDoor is a round whose first door stands open, with lanes that agree, that do not, and that wait.
func atTheDoor(w *world) {
	t := w.wagon
	t.round = someRound(w, cloud.RoundUnderWay)
	t.round.Stops[0].State, t.round.Stops[0].Came = cloud.StopOpen, noon
	two, three := 2, 3
	t.round.Lines[2].Counted, t.round.Lines[3].Counted = &two, &three
	t.round.Lines[3].Expired = 1
	t.chores = cloud.StopChores{
		Strays: []cloud.Astray{{Platform: "S2", SKU: "2001", Units: 1}}, Dirty: []protocol.PlatformID{"S1"}, Tags: []cloud.PriceTag{{SKU: "1001", Was: 200, Is: 250}},
	}
	t.visits = []cloud.Visit{{
		ID: id(221), Cabinet: "qj-1", Purpose: protocol.PurposeRefill, Phase: wire.PhaseOpen, Created: noon,
		Put: []wire.Put{{Platform: t.round.Lines[2].Platform, SKU: t.round.Lines[2].SKU, Units: 2}, {Platform: t.round.Lines[3].Platform, SKU: t.round.Lines[3].SKU, Units: 2}},
	}}
}

// asked is the same round after the door was shut: the scales have said 2 where 3 were counted.
func asked(w *world) {
	atTheDoor(w)
	t := w.wagon
	t.visits[0].Outcome, t.visits[0].Ended, t.visits[0].Put = cloud.OutcomeRestocked, noon, nil
	t.round.Stops[0].Settled = 1
	t.round.Lines[2].Weighed, t.round.Lines[3].Weighed = 2, 2
	for i := range t.round.Lines {
		t.round.Lines[i].Lots = []picking.Lot{{Units: 2, Until: "2026-11-24"}, {Units: 1, Until: "2026-12-09"}}
	}
	for i := range t.round.Stops {
		t.round.Stops[i].Metres, t.round.Stops[i].Due, t.round.Stops[i].Late = 210, noon, time.Minute
	}
}

// walkPages are the restocker's pages.
func walkPages() []page {
	round := "/walk/" + id(220).String()
	as := func(state cloud.RoundState) func(*world) {
		return func(w *world) { w.wagon.round = someRound(w, state) }
	}
	lane := round + "/at/qj-1#l-S2-1001"
	return []page{
		{name: "walks", path: "/walk", session: "wang", setUp: as(cloud.RoundPlanned)},
		{name: "walks-empty", path: "/walk", session: "wang"},
		{name: "walk-leave", path: "/walk/leave", session: "wang"},
		{name: "walk-planned", path: round, session: "wang", setUp: as(cloud.RoundPlanned)},
		{name: "walk-picking", path: round, session: "wang", setUp: as(cloud.RoundPicking)},
		{name: "walk-way", path: round, session: "wang", setUp: as(cloud.RoundUnderWay)},
		{name: "walk-home", path: round, session: "wang", setUp: func(w *world) {
			w.wagon.round = someRound(w, cloud.RoundUnderWay)
			w.wagon.round.Stops[0].State, w.wagon.round.Stops[1].State, w.wagon.round.Stops[1].Why = cloud.StopDone, cloud.StopSkipped, "rain"
		}},
		{name: "walk-hands", path: round, session: "wang", setUp: func(w *world) {
			w.wagon.round = someRound(w, cloud.RoundUnderWay)
			w.wagon.round.Stops[0].State, w.wagon.round.Stops[1].State, w.wagon.round.Legs = cloud.StopDone, cloud.StopDone, legsOfBoth()
		}},
		{name: "walk-done", path: round, session: "wang", setUp: func(w *world) {
			w.wagon.round = someRound(w, cloud.RoundDone)
			w.wagon.round.Rest = []cloud.RoundRest{{SKU: "2001", Expected: 3, Back: 1, Kept: 1, Answered: true}}
		}},
		{name: "walk-stop", path: round + "/at/qj-1", session: "wang", setUp: as(cloud.RoundUnderWay)},
		{name: "walk-stop-lanes", path: round + "/at/qj-3", session: "wang", setUp: as(cloud.RoundUnderWay)},
		{name: "walk-stop-open", path: round + "/at/qj-1", session: "wang", setUp: atTheDoor},
		{name: "walk-stop-draft", path: round + "/at/qj-1", session: "wang", setUp: turning},
		{name: "walk-lane-live", path: lane, session: "wang", setUp: atTheDoor},
		{name: "walk-lane-asked", path: lane, session: "wang", setUp: asked, do: []chromedp.Action[chromedp.Void]{
			chromedp.Click(chromedp.CSS(".lanepanel:target .dates summary")), chromedp.WaitVisible(chromedp.CSS(".lanepanel:target .daterow")),
		}},
	}
}

func TestTheRestockerSeesWhatTheScalesSayAndIsAskedOneQuestion(t *testing.T) {
	w := newWorld()
	asked(w)
	path := "/walk/" + id(220).String() + "/at/qj-1"
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "wang"}
	mustSee(t, v.get(path), http.StatusOK, "秤说 2，您说 3。哪个对？", "对上了", "秤对：2 件", "就是 3 件", "我再数一遍", `data-lane="l-S2-1001"`)
	v.lang = "en"
	mustSee(t, v.get(path), http.StatusOK, "The scales say 2, you said 3. Which is right?", "They agree", "1 lane does not agree")
	atTheDoor(w)
	mustSee(t, v.get(path), http.StatusOK, "The door is open. Shut it when you are done", "The scales say 2, you said 3", "count once more, or go on")
	mustNotSee(t, v.get(path), "Which is right?", `id="open"`)
}

func TestTheRestockerHandsGoodsOverAtAnotherStore(t *testing.T) {
	w := newWorld()
	w.wagon.round = someRound(w, cloud.RoundUnderWay)
	w.wagon.round.Legs = legsOfBoth()
	path := "/walk/" + id(220).String()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "wang"}
	mustSee(t, v.get(path), http.StatusOK, "Take to Xianghu store", "Handed over", "Damaged · wet", "Fetch from Xianghu store", "5 are due", `data-stop="fetch xh"`, "They are in the van")
	mustSee(t, v.post(path+"/steps", "kind", "hand", "key", "k", "store", "xh", "way", "fetch", "hand", "1002", "units-1002", "4", "reason-1002", "gone"), http.StatusSeeOther)
	step := w.wagon.steps[len(w.wagon.steps)-1]
	if want := []cloud.HandSaid{{SKU: "1002", Units: 4, Reason: cloud.HandGone}}; step.Kind != cloud.RoundHand || step.Store != "xh" || step.Way != cloud.LegFetch || !reflect.DeepEqual(step.Hands, want) {
		t.Errorf("the step is %+v", step)
	}
	w.wagon.round.State = cloud.RoundPicking
	mustSee(t, v.get(path), http.StatusOK, "6 for Xianghu store")
}

func TestTheRestockerIsLedAlongTheAislesAndTheStreets(t *testing.T) {
	w := newWorld()
	w.cabinet("qj-1").Hours = []cloud.Reach{{Hours: cloud.Hours{Open: 360, Close: 1320}}}
	w.cabinet("qj-1").Platforms[0].SKUs = []protocol.SKU{"2001"}
	w.wagon.round = someRound(w, cloud.RoundUnderWay)
	path := "/walk/" + id(220).String()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "wang"}
	page := v.get(path)
	mustSee(t, page, http.StatusOK, "没有记下位置，按柜号走", "06:00-22:00 能进", "货架 2 · 第 3 格", "先拿快到期的：2026-11-24 × 2", `data-codes="1001 6910010000"`, "别拿成 纯牛奶 250ml（2001）：名字差不多")
	if body := page.Body.String(); strings.Index(body, `id="p-2004"`) > strings.Index(body, `id="p-1001"`) {
		t.Error("aisle 1 does not come before aisle 2")
	}
	for i, s := range []cloud.RoundStop{{Metres: 210, Due: noon}, {Metres: 70, Due: noon, Late: time.Minute}} {
		stop := &w.wagon.round.Stops[i]
		stop.Metres, stop.Due, stop.Late = s.Metres, s.Due, s.Late
	}
	mustSee(t, v.get(path), http.StatusOK, "从店里走约 210 米，3 分钟", "从上一台走约 70 米，1 分钟 · 到的时候可能进不去了")
	mustNotSee(t, v.get(path), "按柜号走")
	w.wagon.round.Lines[2].Lots = []picking.Lot{{Units: 2, Until: "2026-11-24"}}
	mustSee(t, v.get(path+"/at/qj-1"), http.StatusOK, "到期日：2026-11-24 × 2", "名字差不多，也一样重", `min="2026-11-22"`)
}

func TestWhatIsTakenOutIsSaidWithItsReasonAndASilentScaleAsksForACount(t *testing.T) {
	w := newWorld()
	asked(w)
	lines := w.wagon.round.Lines
	lines[0].Picked, lines[0].Blind = 3, true
	lines[1].Picked, lines[1].Expired, lines[1].Removed, lines[1].Reason, lines[1].Weighed, lines[1].Counted = 3, 2, 2, ledger.Damaged, 1, new(int)
	*lines[1].Counted = 1
	path := "/walk/" + id(220).String()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "wang"}
	mustSee(t, v.get(path+"/at/qj-1"), http.StatusOK, "这个秤没有数。该放 3 件，您放了几件？", "+3 −2", `<option value="damaged" selected>`, "秤应该看到 1", "取出坏的、到期的")
	mustSee(t, v.get(path), http.StatusOK, "格要您说哪个数对")
	mustSee(t, v.post(path+"/steps", "kind", "count", "key", "k1", "cabinet", "qj-1", "platform", "S2", "sku", "1001", "units", "3", "removed", "2", "reason", "leaked"), http.StatusSeeOther)
	mustSee(t, v.post(path+"/steps", "kind", "count", "key", "k2", "cabinet", "qj-1", "platform", "S2", "sku", "1001", "units", "3", "removed", "0", "reason", "leaked"), http.StatusSeeOther)
	if got := w.wagon.steps; got[0].Removed != 2 || got[0].Reason != ledger.Leaked || got[0].Units != 3 || got[1].Reason != "" {
		t.Errorf("took %+v", got)
	}
	lines[0].Counted = new(int)
	mustSee(t, v.get(path+"/at/qj-1"), http.StatusOK, "按您数的记")
}

func TestTheWrongCabinetIsNoticedBeforeADoorOpens(t *testing.T) {
	w := newWorld()
	w.wagon.round = someRound(w, cloud.RoundUnderWay)
	path := "/walk/" + id(220).String() + "/at/qj-1/open"
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "wang"}
	mustSee(t, v.post(path, "key", "k1"), http.StatusConflict, "You are at another cabinet")
	mustSee(t, v.post(path, "key", "k1", "code", "https://night.example/c/qj-2"), http.StatusConflict, "You are at another cabinet")
	if len(w.wagon.opened) != 0 {
		t.Fatalf("opened %+v", w.wagon.opened)
	}
	mustSee(t, v.post(path, "key", "k1", "code", "https://night.example/c/qj-1"), http.StatusSeeOther)
	mustSee(t, v.post(path, "key", "k2", "number", "1"), http.StatusSeeOther)
	if got := w.wagon.opened; len(got) != 2 || got[0].Number != 0 || got[1].Number != 1 || got[1].Cabinet != "qj-1" || got[1].Key != "k2" {
		t.Errorf("opened %+v", got)
	}
}

func TestWithoutAScriptTheSameFormsTakeTheSteps(t *testing.T) {
	w := newWorld()
	w.wagon.round = someRound(w, cloud.RoundUnderWay)
	path := "/walk/" + id(220).String() + "/steps"
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "wang"}
	lane := []string{"kind", "count", "cabinet", "qj-1", "platform", "S2", "sku", "1001"}
	mustSee(t, v.post(path, append(lane, "key", "k1", "units", "3", "more", "1")...), http.StatusSeeOther)
	mustSee(t, v.post(path, append(lane, "key", "k2", "units", "3", "less", "1")...), http.StatusSeeOther)
	mustSee(t, v.post(path, "kind", "pick", "key", "k3", "sku", "1001", "all", "8", "units", "0", "short", "gone"), http.StatusSeeOther)
	mustSee(t, v.post(path, "kind", "finish", "key", "k4", "rest", "1001", "back-1001", "2", "kept-1001", "1", "differ-1001", "1"), http.StatusSeeOther)
	mustSee(t, v.post(path, "kind", "cancel", "key", "k5", "why", "x"), http.StatusForbidden)
	dated := url.Values{"kind": {"date"}, "key": {"k6"}, "cabinet": {"qj-1"}, "platform": {"S2"}, "sku": {"1001"}, "of": {"2", "", "1"}, "until": {"2026-12-01", "", "2026-12-03"}}
	mustSee(t, v.do(http.MethodPost, path, dated), http.StatusSeeOther)
	got := w.wagon.steps
	if len(got) != 5 || got[0].Units != 4 || got[1].Units != 2 || got[2].Units != 8 || got[2].Short != "" || got[0].By != wang.Name || got[0].Key != "k1" {
		t.Fatalf("took %+v", got)
	}
	if dates := got[4].Dates; len(dates) != 2 || dates[0] != (picking.Lot{Units: 2, Until: "2026-12-01"}) || dates[1] != (picking.Lot{Units: 1, Until: "2026-12-03"}) {
		t.Errorf("dates are %+v", dates)
	}
	if rest := got[3].Rest; len(rest) != 1 || rest[0] != (cloud.RestSaid{SKU: "1001", Back: 2, Kept: 1, Differ: true}) {
		t.Errorf("left in the van: %+v", rest)
	}
	if place := (picking.Place{Cabinet: "qj-1", Platform: "S2", SKU: "1001"}); (cloud.RoundLine{Cabinet: got[0].Cabinet, Platform: got[0].Platform, SKU: got[0].SKU}).Place() != place {
		t.Errorf("counted at %+v", got[0])
	}
}

func TestTheRestockersPagesCanBeInstalledAndMayUseTheCamera(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "wang"}
	page := v.get("/walk")
	mustSee(t, page, http.StatusOK, `<link rel="manifest" href="/walk.webmanifest"`, "现在没有要走的")
	if policy := page.Header().Get("Permissions-Policy"); !strings.Contains(policy, "camera=(self)") {
		t.Errorf("the camera is allowed as %q", policy)
	}
	mustSee(t, v.get("/walk.webmanifest"), http.StatusOK, `"start_url":"/walk"`, `"display":"standalone"`, `/static/icon-512.`)
	worker := v.get("/walk-worker.js")
	mustSee(t, worker, http.StatusOK, `/static/walk.`, "walk-shell-")
	mustNotSee(t, worker, `["shell"]`, `"build"`)
	for _, who := range []string{"anna", "technician"} {
		v.session = who
		mustSee(t, v.get("/walk"), http.StatusForbidden)
	}
	v.session = "wang"
	mustSee(t, v.get("/tonight"), http.StatusOK, `href="/walk/leave"`, `href="/walk"`)
	if out := v.post("/signout"); out.Header().Get("Location") != "/walk/leave" || out.Header().Get("Clear-Site-Data") != "" {
		t.Errorf("what was not sent yet goes without a question: %v", out.Header())
	}
	if out := v.post("/signout", "left", "1"); out.Header().Get("Clear-Site-Data") != `"storage"` {
		t.Errorf("signing out leaves what the pages have kept: %v", out.Header())
	}
}

func TestWhatIsToBeDoneBesideFillingIsToldAtTheStop(t *testing.T) {
	w := newWorld()
	asked(w)
	path := "/walk/" + id(220).String()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "wang"}
	mustSee(t, v.get(path+"/at/qj-1"), http.StatusOK, "S2 上放错的 1 件", "S1 漏过东西", "要换 1 张价签", "¥2.00 → ¥2.50")
	mustSee(t, v.post(path+"/steps", "kind", "stray", "key", "k1", "cabinet", "qj-1", "platform", "S2", "sku", "2001", "units", "1"), http.StatusSeeOther)
	if got := w.wagon.steps; len(got) != 1 || got[0].Kind != cloud.RoundStray || got[0].Units != 1 {
		t.Errorf("took %+v", got)
	}
}

func TestTwoRestockersMayWalkOneRound(t *testing.T) {
	w := newWorld()
	w.wagon.round = someRound(w, cloud.RoundUnderWay)
	w.wagon.round.Restocker, w.wagon.round.Walks = id(211), "Zhou Lan"
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "wang"}
	mustSee(t, v.get("/walk"), http.StatusOK, "现在没有要走的", "别人在走的 1 轮", "Zhou Lan", `href="/walk/`+id(220).String()+`"`)
}

func TestAPageOnWhichNothingHappensIsNotSentAgain(t *testing.T) {
	w := newWorld()
	atTheDoor(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "wang"}
	for _, path := range []string{"/walk/" + id(220).String(), "/walk/" + id(220).String() + "/at/qj-1"} {
		before := v.get(path).Body.String()
		if again := v.get(path).Body.String(); again != before {
			t.Errorf("%s differs from itself", path)
		}
		w.wagon.steps = append(w.wagon.steps, cloud.RoundStep{})
		if after := v.get(path).Body.String(); after == before {
			t.Errorf("%s has the keys of before a step", path)
		}
	}
}
