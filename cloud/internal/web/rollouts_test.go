package web_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// rolling answers with what a test tells it, and remembers what it was asked.
type rolling struct {
	drafts    []cloud.Draft
	views     []cloud.RolloutView
	preview   cloud.RolloutPreview
	asked     []cloud.AskRollout
	at        uint64
	withdrawn []uint32
	backed    []uint32
	of        cloud.Bound // by which roll-outs were read or taken back at last
	err       error       // of ApplyRollout
}

// storeAt is the store that a cabinet's id begins with.
func storeAt(cabinet protocol.CabinetID) cloud.StoreID {
	store, _, _ := strings.Cut(string(cabinet), "-")
	return cloud.StoreID(store)
}

func (r *rolling) Drafts(_ context.Context, q cloud.DraftQuery) (all []cloud.Draft, err error) {
	for _, d := range r.drafts {
		if (q.Cabinet == "" || d.Cabinet == q.Cabinet) && q.Of.Holds(storeAt(d.Cabinet)) && (!q.Waiting || d.Waits()) {
			all = append(all, d)
		}
	}
	return all, nil
}

func (r *rolling) WithdrawDraft(_ context.Context, number uint32, _ string) error {
	r.withdrawn = append(r.withdrawn, number)
	return nil
}

func (r *rolling) PreviewRollout(_ context.Context, a cloud.AskRollout) (cloud.RolloutPreview, error) {
	r.asked = append(r.asked, a)
	return r.preview, nil
}

func (r *rolling) ApplyRollout(_ context.Context, a cloud.AskRollout, revision uint64) (cloud.Rollout, error) {
	r.asked, r.at = append(r.asked, a), revision
	return cloud.Rollout{Number: 2}, r.err
}

func (r *rolling) Rollouts(_ context.Context, of cloud.Bound, _ int) ([]cloud.RolloutView, error) {
	r.of = of
	return r.views, nil
}

func (r *rolling) Rollout(_ context.Context, of cloud.Bound, number uint32) (cloud.RolloutView, error) {
	r.of = of
	for _, v := range r.views {
		if v.Number == number {
			v.Drafts = slices.DeleteFunc(slices.Clone(v.Drafts), func(d cloud.Draft) bool { return !of.Holds(storeAt(d.Cabinet)) })
			return v, nil
		}
	}
	return cloud.RolloutView{}, protocol.Errorf(cloud.CodeNotFound, "no roll-out %d", number)
}

func (r *rolling) WithdrawRollout(_ context.Context, number uint32, who cloud.Principal) error {
	r.of = who.Bound
	r.withdrawn = append(r.withdrawn, number)
	return nil
}

func (r *rolling) BackRollout(_ context.Context, number uint32, who cloud.Principal) (cloud.Rollout, error) {
	r.of = who.Bound
	r.backed = append(r.backed, number)
	return cloud.Rollout{Number: 3}, nil
}

// rolledOut are a roll-out of planograms, one of prices, and drafts in each state.
func rolledOut(w *world) {
	draft := func(n uint32, cabinet protocol.CabinetID, end cloud.DraftEnd) cloud.Draft {
		return cloud.Draft{
			Number: n, Cabinet: cabinet, Why: "冬天换热饮", Made: noon.Add(-26 * time.Hour), By: "manager", Rollout: 1, End: end,
			Plan: []cloud.DraftPlatform{{ID: "S1", SKUs: []protocol.SKU{"2001", "1301"}}, {ID: "S2"}},
		}
	}
	drafts := []cloud.Draft{
		draft(1, "qj-1", cloud.DraftEnd{}), draft(2, "qj-2", cloud.DraftEnd{At: noon.Add(-2 * time.Hour), Taken: true, By: "wang"}),
		draft(3, "xh-1", cloud.DraftEnd{At: noon.Add(-3 * time.Hour), By: "manager"}),
	}
	names := map[protocol.SKU]cloud.Article{}
	for _, a := range articles {
		names[a.SKU] = a
	}
	w.rolling.drafts = drafts
	w.rolling.views = []cloud.RolloutView{
		{
			Rollout: cloud.Rollout{Number: 2, Kind: cloud.RolloutPrices, Why: "进价涨了", Made: noon, By: "owner", What: cloud.RolloutWhat{
				Change: 4, Prices: map[protocol.SKU]protocol.Fen{"2001": 380}, Before: map[protocol.SKU]protocol.Fen{"2001": 350}, At: noon.Add(20 * time.Hour),
			}},
			Prices: &cloud.PriceChange{From: noon.Add(20 * time.Hour)}, DraftCount: cloud.DraftCount{Waiting: 6}, Names: names,
		},
		{
			Rollout: cloud.Rollout{Number: 1, Kind: cloud.RolloutSwap, Why: "冬天换热饮", Made: noon.Add(-26 * time.Hour), By: "manager", What: cloud.RolloutWhat{From: "1101", To: "1301"}},
			Drafts:  drafts, DraftCount: cloud.DraftCount{Waiting: 1, Taken: 1, Ended: 1}, Names: names,
		},
	}
	w.rolling.preview = cloud.RolloutPreview{Revision: 9, Names: names, Cabinets: []cloud.RolloutCabinet{
		{Cabinet: w.cabinets[0].Cabinet, Home: 6, Cost: 1260, Reviews: 4, Turns: []cloud.RolloutTurn{
			{Platform: "S1", SKU: "1101", Turn: cloud.TurnOut, Units: 6}, {Platform: "S1", SKU: "1301", Turn: cloud.TurnIn, Units: 8}, {Platform: "S2", SKU: "1301", Turn: cloud.TurnIn},
		}},
		{Cabinet: w.cabinets[1].Cabinet, Why: cloud.RolloutSame},
		{Cabinet: w.cabinets[3].Cabinet, Turns: []cloud.RolloutTurn{{Platform: "S1", SKU: "1101", Turn: cloud.TurnOut}}},
	}}
}

func TestARollOutIsSeenCabinetByCabinetBeforeItIsDone(t *testing.T) {
	w := newWorld()
	rolledOut(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	rec := v.post("/rollouts/new/swap", "swapped", "1101 Cola 330 ml can", "to", "1301", "why", "winter", "store", "qj", "cabinets", "xh-1,\n xh-2")
	mustSee(t, rec, http.StatusOK, "2 cabinets would change", "S1: Cola 330 ml can goes, 6 there by the books", "S1: Latte coffee 268 ml comes, filled up to 8", "6 units to bring home", `name="revision" value="9"`, "1 more is so already")
	a := w.rolling.asked[0]
	if a.Kind != cloud.RolloutSwap || a.What.From != "1101" || a.What.To != "1301" || a.Why != "winter" || a.By != "manager" ||
		!slices.Equal(a.What.Stores, []cloud.StoreID{"qj"}) || !slices.Equal(a.What.Cabinets, []protocol.CabinetID{"xh-1", "xh-2"}) {
		t.Errorf("asked for %+v", a)
	}
	ask := `{"Kind":"swap","What":{"from":"1101","to":"1301","stores":["qj"]},"Why":"winter","By":"somebody"}`
	if rec := v.post("/rollouts", "ask", ask, "revision", "9"); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/rollouts/2" || w.rolling.at != 9 || w.rolling.asked[1].By != "manager" {
		t.Errorf("applied: %d to %s at %d by %s", rec.Code, rec.Header().Get("Location"), w.rolling.at, w.rolling.asked[1].By)
	}
	w.rolling.err = protocol.Errorf(cloud.CodeChanged, "x")
	mustSee(t, v.post("/rollouts", "ask", ask, "revision", "9"), http.StatusOK, `role="alert"`, "2 cabinets would change")
	w.rolling.preview.Cabinets[0].Why = cloud.RolloutWaits
	rec = v.post("/rollouts/new/swap", "swapped", "1101", "to", "1301", "why", "winter", "store", "qj")
	mustSee(t, rec, http.StatusOK, "it has a draft that waits already", "1 cannot be changed, so none would be")
	mustNotSee(t, rec, `name="ask"`)
	mustSee(t, v.post("/rollouts/new/prices", "sku", "2001 Milk", "price", "3.8", "why", "x"), http.StatusOK)
	if got := w.rolling.asked[len(w.rolling.asked)-1].What.Prices; len(got) != 1 || got["2001"] != 380 {
		t.Errorf("asked for prices %v", got)
	}
}

func TestAManagerOfOneStoreRollsOutThere(t *testing.T) {
	w, handler := neighbourhood()
	rolledOut(w)
	v := visitor{t: t, handler: handler, lang: "en", session: "zhao"}
	list := v.get("/rollouts")
	mustSee(t, list, http.StatusOK, `href="/rollouts/new/plan"`, `href="/rollouts/new/swap"`, "Only the cabinets of your stores are here", `action="/drafts/1/withdraw"`)
	mustNotSee(t, list, `href="/rollouts/new/prices"`)
	form := v.get("/rollouts/new/plan")
	mustSee(t, form, http.StatusOK, `name="store" value="qj"`, `value="qj-1"`)
	mustNotSee(t, form, `value="xh"`, `value="xh-1"`)
	mustSee(t, v.get("/master"), http.StatusOK, `href="/rollouts"`)
	mustSee(t, v.post("/rollouts/new/swap", "swapped", "1101", "to", "1301", "why", "winter", "store", "qj"), http.StatusOK)
	mustSee(t, v.post("/rollouts", "ask", `{"Kind":"swap","Of":"","What":{"from":"1101","to":"1301","stores":["qj"]},"Why":"winter"}`, "revision", "9"), http.StatusSeeOther)
	for _, a := range w.rolling.asked {
		if a.Of != "qj" {
			t.Errorf("asked for %+v, want it limited to the reader's store", a)
		}
	}
	for _, path := range []string{"/rollouts/1/withdraw", "/rollouts/1/back"} {
		w.rolling.of = ""
		mustSee(t, v.post(path), http.StatusSeeOther)
		if w.rolling.of != "qj" {
			t.Errorf("%s is done with the limit %q", path, w.rolling.of)
		}
	}
	mustSee(t, v.get("/rollouts/new/prices"), http.StatusForbidden, "That is about stores that are not yours", "Prices are the same in all stores")
	mustSee(t, v.post("/rollouts/new/prices", "sku", "2001", "price", "3.8", "why", "x"), http.StatusForbidden)
	prices := v.get("/rollouts/2")
	mustSee(t, prices, http.StatusOK, "Prices are the same in all stores")
	mustNotSee(t, prices, `action="/rollouts/2/`)
	w.rolling.views[1].Others = 2
	wide := v.get("/rollouts/1")
	mustSee(t, wide, http.StatusOK, "It also changes 2 cabinets of other stores", `action="/drafts/1/withdraw"`)
	mustNotSee(t, wide, `action="/rollouts/1/`)
	mustSee(t, v.post("/drafts/3/withdraw"), http.StatusForbidden)
	mustSee(t, v.post("/drafts/1/withdraw"), http.StatusSeeOther)
	if !slices.Equal(w.rolling.withdrawn, []uint32{1, 1}) {
		t.Errorf("withdrawn %v", w.rolling.withdrawn)
	}
}

func TestARollOutIsReadBySomeAndTakenBackByFewer(t *testing.T) {
	w := newWorld()
	rolledOut(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	reader := v
	reader.session = "technician"
	for _, path := range []string{"/rollouts", "/rollouts/1", "/rollouts/2"} {
		mustSee(t, v.get(path), http.StatusOK, `href="/master" aria-current="page"`)
		mustNotSee(t, reader.get(path), "<button class=\"btn\">", "/withdraw")
	}
	mustSee(t, v.get("/rollouts/1"), http.StatusOK, "Withdraw it in the 1 that still waits", "Take it back in the 1 where it is in force", "set up on", "withdrawn on")
	mustSee(t, v.get("/master/planograms/qj-1"), http.StatusOK, `action="/drafts/1/withdraw"`, "waits for the next refill", `name="draft"`)
	for path, to := range map[string]string{"/rollouts/1/withdraw": "/rollouts/1", "/rollouts/1/back": "/rollouts/3", "/drafts/1/withdraw": "/rollouts"} {
		if code := reader.post(path).Code; code != http.StatusForbidden {
			t.Errorf("a technician gets %d of POST %s", code, path)
		}
		if rec := v.post(path); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != to {
			t.Errorf("POST %s: %d to %s", path, rec.Code, rec.Header().Get("Location"))
		}
	}
	for _, path := range []string{"/rollouts/9", "/rollouts/x", "/rollouts/new/other"} {
		if code := v.get(path).Code; code != http.StatusNotFound {
			t.Errorf("%d of %s, which is not there", code, path)
		}
	}
	form := v.post("/master/planograms/qj-1", "platform", "S1", "sku-S1", "2001", "draft", " winter ")
	mustSee(t, form, http.StatusOK, "at the next refill: winter")
	if in := w.planner.asked[0]; in.Draft != "winter" {
		t.Errorf("asked for a draft because of %q", in.Draft)
	}
}

func rolloutPages() []page {
	return []page{
		{name: "rollouts", path: "/rollouts", session: "manager", setUp: rolledOut},
		{name: "rollouts-own", path: "/rollouts", session: zhao.Name, setUp: func(w *world) {
			w.sessions[zhao.Name] = zhao
			rolledOut(w)
		}},
		{name: "rollouts-empty", path: "/rollouts", session: "technician"},
		{name: "rollout", path: "/rollouts/1", session: "manager", setUp: rolledOut},
		{name: "rollout-prices", path: "/rollouts/2", session: "manager", setUp: rolledOut},
		{name: "rollout-new", path: "/rollouts/new/swap", session: "manager", setUp: rolledOut},
		{name: "rollout-new-prices", path: "/rollouts/new/prices", session: "manager", setUp: rolledOut},
	}
}

// turning is a round whose first stop sets a draft up.
func turning(w *world) {
	t := w.wagon
	t.round = someRound(w, cloud.RoundUnderWay)
	t.round.Stops[0].State, t.round.Stops[0].Draft = cloud.StopOpen, 4
	out, in := &t.round.Lines[0], cloud.RoundLine{Cabinet: "qj-1", Platform: t.round.Lines[0].Platform, SKU: "3101", Planned: 8, Picked: 8, Turn: cloud.TurnIn}
	out.Turn, out.Before, out.Planned, out.Picked = cloud.TurnOut, 6, 0, 0
	t.round.Lines = slices.Insert(t.round.Lines, 1, in)
	t.drafts = map[protocol.CabinetID]cloud.Draft{"qj-1": {Number: 4, Cabinet: "qj-1", Why: "冬天换热饮", By: "manager", Plan: []cloud.DraftPlatform{{ID: in.Platform}}}}
}

func TestARestockerSeesWhatTheNewPlanogramChangesAndSaysWhetherItIsSetUp(t *testing.T) {
	w := newWorld()
	turning(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "wang"}
	stop := "/walk/" + id(220).String() + "/at/qj-1"
	mustSee(t, v.get(stop), http.StatusOK, "New planogram here", "take out 6 × ", "put in 8 × Ham and egg sandwich", `name="plan" value="set"`, `name="plan" value="left"`, "goes: take all of it along", `value="-6"`)
	mustSee(t, v.get("/walk/"+id(220).String()), http.StatusOK, "New planogram here")
	if rec := v.post("/walk/"+id(220).String()+"/steps", "kind", "close", "cabinet", "qj-1", "key", "k1", "plan", "set"); rec.Code != http.StatusSeeOther {
		t.Errorf("closed: %d", rec.Code)
	}
	if n := len(w.wagon.steps); n != 1 || w.wagon.steps[0].Plan != cloud.PlanSet {
		t.Errorf("the steps are %+v", w.wagon.steps)
	}
	w.wagon.drafts, w.wagon.round.Stops[0].Draft = nil, 0
	mustNotSee(t, v.get(stop), "New planogram here", `name="plan"`)
}
