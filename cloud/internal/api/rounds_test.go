package api

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// trolley is one round, and what was asked of it.
type trolley struct {
	mu     sync.Mutex
	round  cloud.Round
	asked  cloud.RoundQuery
	plans  []cloud.PlanRound
	steps  []cloud.RoundStep
	opened []cloud.RefillVisit
}

// someWalk is a round with everything in it that one may have.
func someWalk() cloud.Round {
	four, at := 4, time.UnixMilli(1_700_000_000_000)
	return cloud.Round{
		ID: protocol.UUID{5, 6: 0x70, 8: 0x80}, Store: "north", Day: "2026-11-21", Restocker: protocol.UUID{8}, Walks: "wang", State: cloud.RoundUnderWay,
		Created: at, By: "li", Locked: at, Left: at, Ended: at,
		Stops: []cloud.RoundStop{
			{Cabinet: "xs-01", Minutes: 8, State: cloud.StopOpen, Came: at, Gone: at, Settled: 1}, {Cabinet: "xs-02", State: cloud.StopSkipped, Why: "rain"},
		},
		Lines: []cloud.RoundLine{
			{Cabinet: "xs-01", Platform: "S1", SKU: "1001", Planned: 5, Picked: 4, Short: cloud.ShortGone, Counted: &four, Weighed: 3, Before: 2, After: 5, Answer: picking.CountAgain},
			{Cabinet: "xs-02", Platform: "S1", SKU: "1001", Planned: 5},
		},
		Rest: []cloud.RoundRest{{SKU: "1001", Expected: 1, Back: 1}},
	}
}

func (t *trolley) Needs(_ context.Context, store cloud.StoreID) (cloud.StoreNeeds, error) {
	if store != "north" {
		return cloud.StoreNeeds{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	lane := cloud.LaneNeed{
		Need: picking.Need{
			Place: picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}, Book: 2, Bring: 6, Proposed: 7, Lost: 1.5,
			Why: []picking.Reason{{Code: picking.Service, Units: 6, Percent: 90, Hours: 30}},
		},
		Par: 8, Lasts: forecast.Range{Early: 3, Likely: 9, Late: forecast.Beyond},
	}
	choice := picking.Choice{Chosen: true, Why: picking.Pays, Worth: 500}
	at := t.round.Created
	return cloud.StoreNeeds{
		Trip:      picking.Trip{Stops: []picking.Arrival{{Cabinet: "xs-01", Metres: 420, Come: 3600, Begin: 3900}}, Metres: 840, Back: 7200},
		Transfers: []picking.Transfer{{From: lane.Place, To: picking.Place{Cabinet: "xs-02", Platform: "S1", SKU: "1001"}, Units: 4, Why: picking.Expiring}},
		Next:      at, Then: at.AddDate(0, 0, 1), Age: cloud.DemandAge{Days: 20, From: "2026-11-01", Through: "2026-11-20", Learned: at},
		Stops: []cloud.StopNeed{{Cabinet: cloud.Cabinet{ID: "xs-01"}, Minutes: 8, Lines: []cloud.LaneNeed{lane}, Choice: choice, Round: t.round.ID}},
	}, nil
}

func (t *trolley) Keep(context.Context, cloud.RoundHabit) error { return nil }

func (t *trolley) PickList(context.Context, protocol.UUID) (cloud.PickList, error) {
	return cloud.PickList{}, nil
}

func (t *trolley) Variances(context.Context, cloud.StoreID, ledger.Day, ledger.Day) ([]cloud.RoundVariance, error) {
	return nil, nil
}

func (t *trolley) Plan(_ context.Context, p cloud.PlanRound) (cloud.Round, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plans = append(t.plans, p)
	return t.round, nil
}

func (t *trolley) Round(_ context.Context, id protocol.UUID) (cloud.RoundView, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id != t.round.ID {
		return cloud.RoundView{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return cloud.RoundView{
		Round: t.round, Steps: []cloud.RoundStep{{ID: id, At: t.round.Created, By: "wang", Key: "k", Kind: cloud.RoundPick, RoundStepBody: cloud.RoundStepBody{
			SKU: "1001", Units: 4, Short: cloud.ShortGone, Rest: []cloud.RestSaid{{SKU: "1001", Differ: true}},
		}}},
		Visits:   []cloud.Visit{{ID: protocol.VisitID{6, 6: 0x70, 8: 0x80}, Cabinet: "xs-01"}},
		Names:    map[protocol.SKU]cloud.Article{"1001": {Name: lines[0].Name, CaseSize: 12, Barcodes: []cloud.Barcode{"96385074"}}},
		Picks:    []picking.Pick{{Aisle: "3", SKU: "1001", Units: 4, Singles: 4, Lots: []picking.Lot{{Units: 4}}, Totes: []picking.Share{{Cabinet: "xs-01", Units: 4, Lots: []picking.Lot{{Units: 4}}}}}},
		Alike:    map[protocol.SKU][]cloud.AlikeArticle{"1001": {{Article: cloud.Article{SKU: "1002"}, Named: true}}},
		Cabinets: map[protocol.CabinetID]cloud.CabinetView{"xs-01": cabinetView("xs-01")},
	}, nil
}

func (t *trolley) List(_ context.Context, q cloud.RoundQuery) ([]cloud.Round, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = q
	return []cloud.Round{t.round}, nil
}

func (t *trolley) Step(ctx context.Context, s cloud.RoundStep) (cloud.RoundView, error) {
	t.mu.Lock()
	t.steps = append(t.steps, s)
	t.mu.Unlock()
	return t.Round(ctx, s.Round)
}

func (t *trolley) Refill(_ context.Context, v cloud.RefillVisit) (cloud.Visit, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v.Number == 9 {
		return cloud.Visit{}, protocol.Errorf(cloud.CodeWrongCabinet, "none")
	}
	t.opened = append(t.opened, v)
	return cloud.Visit{ID: protocol.VisitID{6, 6: 0x70, 8: 0x80}, Cabinet: v.Cabinet}, nil
}

func TestARoundIsPlannedByManagersAndWalkedByRestockers(t *testing.T) {
	r := newRig(t)
	manager, restocker, technician := r.manager(), r.staff("restocker"), r.technician()
	const plan = `{"store":"north","cabinets":["xs-01"],"lines":[{"cabinet":"xs-01","platform":"S1","sku":"1001","units":3}]}`
	base := "/api/v1/rounds"
	one := base + "/" + r.trolley.round.ID.String()
	restocker.refused(http.StatusForbidden, cloud.CodeForbidden, "POST", base, plan)
	technician.refused(http.StatusForbidden, cloud.CodeForbidden, "GET", one, "")
	manager.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", base, plan) // It has no key.
	manager.want(http.StatusCreated, "POST", base, plan, nil, "Idempotency-Key", "k1")
	if len(r.trolley.plans) != 1 || r.trolley.plans[0].By != "manager" || r.trolley.plans[0].Key != "k1" || r.trolley.plans[0].Lines[0].Units != 3 {
		t.Errorf("planned %+v", r.trolley.plans)
	}
	restocker.want(http.StatusOK, "GET", base+"?open=true", "", nil)
	if r.trolley.asked.Restocker.IsZero() || !r.trolley.asked.Open {
		t.Errorf("a restocker's list is asked for as %+v", r.trolley.asked)
	}
	restocker.refused(http.StatusForbidden, cloud.CodeForbidden, "POST", one+"/steps", `{"kind":"cancel","why":"x"}`, "Idempotency-Key", "k2")
	restocker.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", one+"/steps", `{"kind":"start"}`)
	var told roundAnswer
	restocker.want(http.StatusOK, "POST", one+"/steps", `{"kind":"pick","sku":"1001","units":4,"short":"gone"}`, &told, "Idempotency-Key", "k3")
	if got := r.trolley.steps; len(got) != 1 || got[0].Kind != cloud.RoundPick || got[0].Units != 4 || got[0].Short != cloud.ShortGone || got[0].By != "restocker" || got[0].Key != "k3" {
		t.Errorf("stepped %+v", got)
	}
	if len(told.Lines) != 2 || told.Lines[0].Finding.Verdict != picking.Ask || *told.Lines[0].Weighed != 3 || told.Lines[1].Weighed != nil {
		t.Errorf("told %+v", told.Lines)
	}
	restocker.want(http.StatusOK, "POST", one+"/steps", `{"kind":"date","cabinet":"xs-01","platform":"S1","sku":"1001","dates":[{"units":4,"until":"2026-12-01"}]}`, nil, "Idempotency-Key", "k7")
	if got := r.trolley.steps; len(got) != 2 || len(got[1].Dates) != 1 || got[1].Dates[0] != (picking.Lot{Units: 4, Until: "2026-12-01"}) {
		t.Errorf("dated %+v", got)
	}
	var list struct{ Picks []pickAnswer }
	restocker.want(http.StatusOK, "GET", one+"/picks", "", &list)
	if p := list.Picks; len(p) != 1 || p[0].Aisle != "3" || p[0].Barcodes[0] != "96385074" || p[0].Alike[0].SKU != "1002" || p[0].CaseSize != 12 {
		t.Errorf("picks %+v", p)
	}
	technician.refused(http.StatusForbidden, cloud.CodeForbidden, "GET", one+"/picks", "")
	restocker.want(http.StatusCreated, "POST", one+"/open", `{"cabinet":"xs-01","number":3}`, nil, "Idempotency-Key", "k4")
	restocker.refused(http.StatusConflict, cloud.CodeWrongCabinet, "POST", one+"/open", `{"cabinet":"xs-01","number":9}`, "Idempotency-Key", "k5")
	restocker.refused(http.StatusNotFound, cloud.CodeUnknownCabinet, "POST", one+"/open", `{"cabinet":"/"}`, "Idempotency-Key", "k6")
	restocker.refused(http.StatusNotFound, cloud.CodeNotFound, "GET", base+"/x", "")
	if len(r.trolley.opened) != 1 || r.trolley.opened[0].Number != 3 || r.trolley.opened[0].Key != "k4" {
		t.Errorf("opened %+v", r.trolley.opened)
	}
}

func TestTheNeedsOfAStoreTellTheWalkAndWhatIsCarriedOnIt(t *testing.T) {
	r := newRig(t)
	var needs needsAnswer
	r.manager().want(200, "GET", "/api/v1/needs?store=north", "", &needs)
	trip := needs.Trip
	if trip == nil || trip.Metres != 840 || len(trip.Stops) != 1 || trip.Stops[0].Metres != 420 || trip.Stops[0].Begin.Sub(trip.Stops[0].Come) != 5*time.Minute || trip.Back.Sub(trip.Stops[0].Come) != time.Hour {
		t.Errorf("the walk is %+v", trip)
	}
	if len(needs.Transfers) != 1 || needs.Transfers[0].Units != 4 {
		t.Errorf("carried are %+v", needs.Transfers)
	}
}
