package web_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// trolley is rounds as a test makes them.
type trolley struct {
	w       *world
	state   cloud.RoundState
	blind   bool
	kind    cloud.RoundKind
	planned []cloud.PlanRound
	stepped []cloud.RoundStep
	kept    []cloud.RoundHabit
	past    string

	legs      []cloud.RoundLeg
	transfers []picking.Transfer
	later     map[protocol.CabinetID]cloud.Draft
}

var water = cloud.Article{SKU: "1001", Name: cloud.Text{Zh: "<水>", En: "<Water>"}, CaseSize: 4, Essential: true}

func lane(sku protocol.SKU) picking.Place {
	return picking.Place{Cabinet: "qj-1", Platform: "S1", SKU: sku}
}

func (t *trolley) round() cloud.Round {
	seven := 7
	return cloud.Round{
		ID: id(90), Kind: t.kind, Store: "qj", Day: "2026-11-22", Restocker: mei.ID, Walks: "mei", State: t.state, Created: noon, By: "manager",
		Stops: []cloud.RoundStop{
			{Cabinet: "qj-1", Minutes: 8, State: cloud.StopOpen, Came: noon, Settled: 1}, {Cabinet: "qj-2", Minutes: 6, State: cloud.StopSkipped, Why: "rain"},
		},
		Lines: []cloud.RoundLine{
			{Cabinet: "qj-1", Platform: "S1", SKU: "1001", Planned: 9, Picked: 8, Short: cloud.ShortGone, Counted: &seven, Weighed: 8, Before: 1, After: 9},
			{Cabinet: "qj-1", Platform: "S2", SKU: "1002"},
		},
		Legs: t.legs,
	}
}

// legsOfBoth are what a round takes to the other store, of which two were broken, and what it is to fetch there.
func legsOfBoth() []cloud.RoundLeg {
	four := 4
	return []cloud.RoundLeg{
		{PlannedLeg: cloud.PlannedLeg{Store: "xh", Way: cloud.LegTake, SKU: "1001", Units: 6}, Picked: 6, Handed: &four, Reason: cloud.HandDamaged, Why: "wet", Over: noon},
		{PlannedLeg: cloud.PlannedLeg{Store: "xh", Way: cloud.LegFetch, SKU: "1002", Units: 5}},
	}
}

var storesOfBoth = map[cloud.StoreID]cloud.Store{
	"qj": {ID: "qj", Name: cloud.Text{Zh: "钱江花园店", En: "Qianjiang Garden store"}}, "xh": {ID: "xh", Name: cloud.Text{Zh: "湘湖店", En: "Xianghu store"}},
}

func (t *trolley) List(context.Context, cloud.RoundQuery) ([]cloud.Round, error) {
	if t.state == "" {
		return nil, nil
	}
	return []cloud.Round{t.round()}, nil
}

func (t *trolley) Plan(_ context.Context, p cloud.PlanRound) (cloud.Round, error) {
	t.planned = append(t.planned, p)
	return cloud.Round{ID: id(90)}, nil
}

func (t *trolley) Round(_ context.Context, of protocol.UUID) (cloud.RoundView, error) {
	if of != id(90) {
		return cloud.RoundView{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return cloud.RoundView{
		Round: t.round(), Names: map[protocol.SKU]cloud.Article{"1001": water},
		Cabinets: map[protocol.CabinetID]cloud.CabinetView{"qj-1": *t.w.cabinet("qj-1"), "qj-2": *t.w.cabinet("qj-2")},
		Stores:   storesOfBoth,
		Steps:    []cloud.RoundStep{{At: noon, By: "manager", Kind: cloud.RoundPlan}},
	}, nil
}

func (t *trolley) Step(_ context.Context, s cloud.RoundStep) (cloud.RoundView, error) {
	t.stepped = append(t.stepped, s)
	return cloud.RoundView{}, nil
}

func (t *trolley) Restockers(context.Context) ([]cloud.Principal, error) {
	return []cloud.Principal{mei}, nil
}

func (t *trolley) age() cloud.DemandAge {
	if t.blind {
		return cloud.DemandAge{Foreseen: true}
	}
	return cloud.DemandAge{Days: 45, From: "2026-10-07", Through: "2026-11-20", Learned: noon, Foreseen: true}
}

func (t *trolley) Needs(_ context.Context, store cloud.StoreID) (cloud.StoreNeeds, error) {
	if store != "qj" {
		return cloud.StoreNeeds{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	stop := cloud.StopNeed{Cabinet: t.w.cabinet("qj-1").Cabinet, Minutes: 8, Choice: picking.Choice{Chosen: true, Why: picking.Pays, Worth: 1234, Stop: picking.Stop{Skip: picking.Loss{Units: 2.5, NightHours: 3}}}}
	stop.Lines = []cloud.LaneNeed{{
		Need:    picking.Need{Place: lane("1001"), Bring: 9, Why: []picking.Reason{{Code: picking.Service, Units: 8, Percent: 98, Hours: 27}, {Code: picking.Case, Units: 9}}},
		Article: water, Lasts: forecast.Range{Early: 5, Likely: 9, Late: 80},
	}, {Need: picking.Need{Place: lane("1002"), Book: 4}}}
	under := cloud.StopNeed{Cabinet: t.w.cabinet("qj-2").Cabinet, Round: id(91)}
	s := cloud.Store{ID: "qj", Name: cloud.Text{Zh: "钱江花园店", En: "Qianjiang Garden store"}, Hours: []cloud.Hours{{Open: 420, Close: 1320}}}
	return cloud.StoreNeeds{
		Store: s, Habit: cloud.UsualHabit(s), Next: noon, Then: noon.AddDate(0, 0, 1), Age: t.age(), Stops: []cloud.StopNeed{stop, under}, Unkept: []protocol.SKU{"1001"},
		Transfers: t.transfers,
	}, nil
}

func (t *trolley) Keep(_ context.Context, h cloud.RoundHabit) error {
	t.kept = append(t.kept, h)
	return nil
}

func (t *trolley) PickList(context.Context, protocol.UUID) (cloud.PickList, error) {
	lots := []picking.Lot{{Units: 9, Until: "2026-12-01"}}
	return cloud.PickList{
		Round: t.round(), Names: map[protocol.SKU]cloud.Article{"1001": water}, Numbers: map[protocol.CabinetID]int{"qj-1": 1},
		Picks:   []picking.Pick{{Aisle: "3", Turn: 4, SKU: "1001", Units: 9, Cases: 2, Singles: 1, Lots: lots, Totes: []picking.Share{{Cabinet: "qj-1", Units: 9, Lots: lots}}}},
		Changes: []picking.Change{{SKU: "1001", Cabinet: "qj-1", Was: 9, Is: 12}}, Later: t.later,
	}, nil
}

func (t *trolley) Variances(context.Context, cloud.StoreID, ledger.Day, ledger.Day) ([]cloud.RoundVariance, error) {
	return []cloud.RoundVariance{
		{Round: id(90), Day: "2026-11-20", Walks: "mei", Cabinet: "qj-1", Lines: 10, Planned: 30, Picked: 29, Put: 28, Asked: 1, Adjusted: 2},
		{Round: id(91), Day: "2026-11-19", Walks: "mei", Cabinet: "qj-1", Lines: 10, Planned: 20, Picked: 20, Put: 20},
	}, nil
}

func (t *trolley) Demand(context.Context, cloud.StoreID) (cloud.StoreDemand, error) {
	d := cloud.StoreDemand{Store: cloud.Store{ID: "qj", Name: cloud.Text{Zh: "钱江花园店", En: "Qianjiang Garden store"}}, Age: t.age()}
	d.Lanes = []cloud.LaneDemand{{Place: lane("1001"), Number: 1, Article: water, Book: 3, Day: 2.5, Week: 17.5, P90: 5, Empty: forecast.Range{Early: 10, Likely: 20, Late: forecast.Beyond}}}
	if t.blind {
		return d, nil
	}
	d.Trial = &cloud.DemandTrial{Days: 45, Cabinets: 3, Losses: []forecast.Loss{
		{Method: "model", Cases: 10, P50: 4, P90: 2}, {Method: "last week", Weeks: 1, Plain: true, Cases: 10, P50: 6, P90: 6}, {Method: "four weeks", Weeks: 4, Plain: true, Cases: 10, P50: 5, P90: 3},
	}}
	return d, nil
}

func (t *trolley) Past(_ context.Context, text []byte) (int, error) {
	if t.past = string(text); t.past == "bad" {
		return 0, &cloud.BadData{Faults: []cloud.Fault{{Line: 3, Column: "sku", Found: "<b>", Why: cloud.Text{Zh: "没有这个商品", En: "there is no such article"}}}, More: 2}
	}
	return 2, nil
}

func roundPages() []page {
	underWay := func(w *world) { w.trolley.state = cloud.RoundPicking }
	return []page{
		{name: "rounds", path: "/rounds", session: "manager", setUp: underWay},
		{name: "rounds-between", path: "/rounds", session: "manager", setUp: func(w *world) {
			underWay(w)
			w.trolley.legs = legsOfBoth()
		}},
		{name: "rounds-new", path: "/rounds/new?store=qj", session: "manager", setUp: func(w *world) {
			w.trolley.transfers = []picking.Transfer{{From: lane("1001"), To: picking.Place{Cabinet: "qj-2", Platform: "S1", SKU: "1001"}, Units: 4, Why: picking.Expiring}}
		}},
		{name: "rounds-new-blind", path: "/rounds/new?store=qj", session: "manager", setUp: func(w *world) { w.trolley.blind = true }},
		{name: "round", path: "/rounds/" + id(90).String(), session: "manager", setUp: underWay},
		{name: "round-print", path: "/rounds/" + id(90).String() + "/print", session: "manager", setUp: underWay},
		{name: "round-variance", path: "/rounds/variance", session: "manager"},
		{name: "forecast", path: "/forecast", session: "manager"},
		{name: "policy-chain", path: "/rounds/policy", session: zhao.Name, setUp: func(w *world) { w.sessions[zhao.Name] = zhao }},
		{name: "policy", path: "/rounds/policy?store=qj", session: "manager", setUp: func(w *world) {
			first, second := picking.Usual(), picking.Usual()
			second.Days = 9
			w.album.policy = cloud.PolicyOf{Policy: second, Chain: first, Own: true, Version: 2, History: []cloud.RefillPolicy{
				{Version: 2, At: noon, By: "li", Policy: &second}, {Version: 1, At: noon, By: "mei", Policy: &first},
			}}
		}},
	}
}

func roundPlanner(t *testing.T, lang string) (visitor, *trolley) {
	w := newWorld()
	return visitor{t: t, handler: handlerOf(w, true), lang: lang, session: "manager"}, w.trolley
}

func TestTheNextRoundIsProposedWithItsReasonsAndWhatSkippingCosts(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh": {"&lt;水&gt;", "98% 把握够卖 27 小时：8 件 → 凑整箱：9 件", "损失 ¥12.34", "夜里必需品缺货 3.0 小时", "5 小时 到 3 天", "其余 1 个货道够用", "已经在另一轮里", "学了 45 天"},
		"en": {"&lt;Water&gt;", "to last 27 h with 98 %: 8 → up to a whole case: 9", "Skipping costs ¥12.34", "sold out for 3.0 night hours", "5 h to 3 d", "The other 1 lanes last", "On another round already", "has learned 45 days"},
	} {
		v, _ := roundPlanner(t, lang)
		mustSee(t, v.get("/rounds/new?store=qj"), http.StatusOK, append(want, `value="qj-1" checked`, `value="qj-2">`, `name="bring qj-1 S1 1001" value="9"`, `value="20:00"`)...)
	}
	v, tr := roundPlanner(t, "en")
	tr.blind = true
	rec := v.get("/rounds/new?store=qj")
	mustSee(t, rec, http.StatusOK, "no forecast", "No forecast yet: it lacks something")
	mustNotSee(t, rec, "Skipping costs ¥")
	mustSee(t, v.get("/rounds/new?store=other"), http.StatusNotFound)
}

func TestAManagerPlansChangesAndCancelsARound(t *testing.T) {
	v, tr := roundPlanner(t, "en")
	mustSee(t, v.post("/rounds/new", "store", "qj", "key", "k1"), http.StatusUnprocessableEntity, "Tick one cabinet")
	rec := v.post("/rounds/new", "store", "qj", "key", "k1", "cabinet", "qj-1", "restocker", mei.ID.String(), "bring qj-1 S1 1001", "12", "bring qj-2 S1 1001", "5")
	mustSee(t, rec, http.StatusSeeOther)
	if len(tr.planned) != 1 || tr.planned[0].Key != "k1" || tr.planned[0].Restocker != mei.ID || !slices.Equal(tr.planned[0].Lines, []cloud.PlannedLine{{Place: lane("1001"), Units: 12}}) {
		t.Errorf("planned %+v", tr.planned)
	}
	path := "/rounds/" + id(90).String() + "/step"
	mustSee(t, v.post(path, "kind", "assign", "restocker", mei.ID.String()), http.StatusSeeOther)
	mustSee(t, v.post(path, "kind", "cancel", "why", "rain"), http.StatusSeeOther)
	mustSee(t, v.post(path, "kind", "depart"), http.StatusBadRequest)
	if len(tr.stepped) != 2 || tr.stepped[0].Restocker != mei.ID || tr.stepped[1].Why != "rain" || tr.stepped[1].By != "manager" {
		t.Errorf("steps %+v", tr.stepped)
	}
	mustSee(t, v.post("/rounds/habit", "store", "qj", "at", "19:30", "day", "0", "minutes", "90"), http.StatusSeeOther)
	mustSee(t, v.post("/rounds/habit", "store", "qj", "at", "late"), http.StatusBadRequest)
	if want := (cloud.RoundHabit{Store: "qj", Minute: 1170, Days: 1, Minutes: 90, By: "manager"}); len(tr.kept) != 1 || tr.kept[0] != want {
		t.Errorf("kept %+v", tr.kept)
	}
	mustSee(t, v.post("/rounds/new", "store", "qj", "key", "k2", "legway", "take", "legstore", "xh", "legsku", "1001", "legunits", "6"), http.StatusSeeOther)
	if want := (cloud.PlannedLeg{Store: "xh", Way: cloud.LegTake, SKU: "1001", Units: 6}); len(tr.planned) != 2 || !slices.Equal(tr.planned[1].Legs, []cloud.PlannedLeg{want}) {
		t.Errorf("planned %+v", tr.planned)
	}
	mustSee(t, v.post("/rounds/new", "store", "qj", "key", "k3", "legway", "take", "legstore", "xh", "legsku", "1001", "legunits", "many"), http.StatusBadRequest)
	v.session = "technician"
	for _, other := range []string{"/rounds", "/rounds/new", "/forecast", "/rounds/variance"} {
		if rec := v.get(other); rec.Code != http.StatusForbidden {
			t.Errorf("a technician gets %s: %d", other, rec.Code)
		}
	}
}

func TestARoundIsShownWithWhatWasShortAskedAndChanged(t *testing.T) {
	v, tr := roundPlanner(t, "en")
	path := "/rounds/" + id(90).String()
	tr.state = cloud.RoundPicking
	mustSee(t, v.get(path), http.StatusOK, "1 short: none left on the shelf", "said 7, scales 8", "rain", "9, now 12", "It is locked", "1 question waits", "1 other lanes", path+"/print", "Cancel the round", path+"/live")
	tr.later = map[protocol.CabinetID]cloud.Draft{"qj-1": {Number: 7, Cabinet: "qj-1", Made: noon, By: "li", Why: "winter"}}
	mustSee(t, v.get(path), http.StatusOK, "by li: winter. This round leaves it")
	mustSee(t, v.get("/rounds"), http.StatusOK, "1 round is not over", "1 / 2", "mei", `href="`+path+`"`)
	mustSee(t, v.get(path+"/print"), http.StatusOK, "2 cases of 4 &#43; 1", "2026-12-01 × 9", "No. 1: 9", "Tote 1 of 2", `class="qr"`, id(90).String()+" qj-1", `/static/print.`)
	mustSee(t, v.get(path+"/picks.csv"), http.StatusOK, "3,4,1001,<Water>,qj-1,9,2,1,2026-12-01")
	mustSee(t, v.get(path+"/lines.csv"), http.StatusOK, "qj-1,S1,1001,<Water>,9,8,gone,7,8,0,8,1,9")
	mustSee(t, v.get(path+"/other.csv"), http.StatusNotFound)
	mustSee(t, v.get("/rounds/variance"), http.StatusOK, "5.0 %", "mei", "<td>Cabinet 1 · Qianjiang Garden, gate 2</td>", `<th>Who</th>`, `<th>Cabinet</th>`)
	mustSee(t, v.get("/rounds/variance.csv"), http.StatusOK, "2026-11-20,"+id(90).String()+",mei,qj-1,10,30,29,28,1,2")
	tr.state = cloud.RoundDone
	rec := v.get(path)
	mustNotSee(t, rec, "Cancel the round", "data-live", `value="assign"`)
}

func TestTheForecastSaysWhatItKnowsAndHowFarItWasOff(t *testing.T) {
	v, tr := roundPlanner(t, "en")
	mustSee(t, v.get("/forecast"), http.StatusOK, "10 forecasts (3 cabinets, 45 days)", "0.600", "1.200", "50 %", "75 %", "10 h or more", "17.5", "essential")
	mustSee(t, v.get("/forecast/lanes.csv"), http.StatusOK, "qj-1,S1,1001,<Water>,3,2.50,5,17.50,10,20,")
	tr.blind = true
	mustSee(t, v.get("/forecast"), http.StatusOK, "no forecast", "Being tried on past days", "data-poll")
}

func TestWhatARoundCarriesBetweenStoresIsSeenAtBothEnds(t *testing.T) {
	v, tr := roundPlanner(t, "en")
	tr.state, tr.legs = cloud.RoundUnderWay, legsOfBoth()
	path := "/rounds/" + id(90).String()
	mustSee(t, v.get(path), http.StatusOK, "Take to Xianghu store", "Handed over", "Damaged · wet", "Fetch from Xianghu store", "5 units to be handed over and counted")
	mustSee(t, v.get("/rounds?store=xh"), http.StatusOK, "Between stores", " 4 / 6", "mei")
	mustNotSee(t, v.get("/rounds?store=other"), "Between stores")
	mustSee(t, v.get("/rounds/new?store=qj"), http.StatusOK, "Other stores", "Xianghu store", "Fetch from")
	tr.legs[0].Handed, tr.legs[0].Why = nil, "nobody was there"
	mustSee(t, v.get(path), http.StatusOK, "Left out: nobody was there")
}
