package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"allhours/cloud"
	"allhours/cloud/picking"
)

func TestAManagerSaysHowRefillsArePlanned(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/rounds/policy"), http.StatusOK, "All stores", `name="service"`, `value="90"`, `max="99.9"`, `name="nighthour"`, `value="20"`, "Nobody has changed it yet.")
	fields := []string{
		"store", "qj", "version", "3", "service", "92.5", "essential", "99", "days", "5", "least", "1", "waste", "2.5", "keep", "40", "nighthour", "12.5", "minute", "0.6", "expired", "8",
		"worth", "4", "roundup", "25", "photo", "1",
	}
	want := picking.Policy{Service: 0.925, Essential: 0.99, Days: 5, Least: 1, Waste: 2.5, Keep: 0.4, NightHour: 1250, Minute: 60, ExpiredOut: 800, Worth: 4, RoundUp: 25, Photo: true}
	if rec := v.post("/rounds/policy", fields...); rec.Code != http.StatusSeeOther || len(w.album.set) != 1 {
		t.Fatalf("%d: %s", rec.Code, rec.Body)
	}
	if got := w.album.set[0]; got.Store != "qj" || got.Version != 3 || got.By != "manager" || got.Policy == nil || *got.Policy != want {
		t.Errorf("set %+v, %+v", got, got.Policy)
	}
	if code := v.post("/rounds/policy", "store", "qj", "version", "4", "follow", "1").Code; code != http.StatusSeeOther || w.album.set[1].Policy != nil {
		t.Errorf("%d, set %+v", code, w.album.set[1])
	}
	for what, change := range map[string][2]string{
		"surer than sure": {"service", "100"}, "half a day": {"days", "2.5"}, "no number": {"waste", "much"}, "nothing": {"keep", ""}, "below nothing": {"minute", "-1"},
	} {
		bad := append([]string{}, fields...)
		for i := 0; i < len(bad); i += 2 {
			if bad[i] == change[0] {
				bad[i+1] = change[1]
			}
		}
		if code := v.post("/rounds/policy", bad...).Code; code != http.StatusBadRequest || len(w.album.set) != 2 {
			t.Errorf("%s: %d", what, code)
		}
	}
	first, second := picking.Usual(), picking.Usual()
	second.Days, second.Photo = 9, true
	w.album.policy = cloud.PolicyOf{Policy: second, Chain: first, Own: true, Version: 2, History: []cloud.RefillPolicy{
		{Version: 2, At: noon, By: "li", Policy: &second}, {Version: 1, At: noon, By: "mei", Policy: &first},
	}}
	mustSee(t, v.get("/rounds/policy?store=qj"), http.StatusOK, "Follow the chain again", "The default is 7.", "7 → 9 · what is thrown away must be photographed", `name="photo" value="1" checked`, "li", "mei")
	mustSee(t, v.get("/rounds/policy?store=west"), http.StatusNotFound)
	v.session = "wang"
	mustSee(t, v.get("/rounds/policy"), http.StatusForbidden)
}

func TestTransfersAreProposedChosenAndFollowed(t *testing.T) {
	w := newWorld()
	w.trolley.transfers = []picking.Transfer{{From: lane("1001"), To: picking.Place{Cabinet: "qj-2", Platform: "S1", SKU: "1001"}, Units: 4, Why: picking.Expiring}}
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	field := "move qj-1 S1 1001 qj-2 S1"
	mustSee(t, v.get("/rounds/new?store=qj"), http.StatusOK, `name="`+field+`"`, "Will not be sold there before its date", `name="movefrom"`)
	rec := v.post("/rounds/new", "store", "qj", "key", "k", "cabinet", "qj-1", field, "3")
	if got := w.trolley.planned; rec.Code != http.StatusSeeOther || len(got) != 1 || len(got[0].Transfers) != 0 {
		t.Fatalf("the other cabinet is not visited: %d, %+v", rec.Code, got)
	}
	form := url.Values{
		"store": {"qj"}, "key": {"k2"}, "cabinet": {"qj-1", "qj-2"}, field: {"3"},
		"movefrom": {"qj-2 S1 1001", "qj-1 S1 1001"}, "moveto": {"qj-1 S1 1001", "qj-2 S1 1001"}, "moveunits": {"", "2"},
	}
	rec = v.do(http.MethodPost, "/rounds/new", form)
	want := []cloud.RoundTransfer{{From: lane("1001"), To: w.trolley.transfers[0].To, Units: 3}, {From: lane("1001"), To: w.trolley.transfers[0].To, Units: 2}}
	if got := w.trolley.planned[1].Transfers; rec.Code != http.StatusSeeOther || !slices.Equal(got, want) {
		t.Errorf("%d, transfers %+v", rec.Code, got)
	}

	w.wagon.round = someRound(w, cloud.RoundUnderWay)
	r := &w.wagon.round
	from, to := r.Lines[0].Place(), picking.Place{}
	for _, l := range r.Lines {
		if l.Cabinet == "qj-3" {
			to = l.Place()
		}
	}
	r.Transfers = []cloud.RoundTransfer{{From: from, To: to, Units: 2}}
	mustSee(t, v.get("/rounds/"+r.ID.String()), http.StatusOK, "Between the cabinets", "Not taken yet")
	v.session = "wang"
	mustSee(t, v.get("/walk/"+r.ID.String()+"/at/qj-1"), http.StatusOK, "Take out 2 for cabinet 3")
	mustSee(t, v.get("/walk/"+r.ID.String()+"/at/qj-3"), http.StatusOK, "Put in 2 that you have from cabinet 1")
	r.Stops[0].State, r.Lines[0].Weighed = cloud.StopDone, r.Lines[0].Picked-1
	v.session = "manager"
	mustSee(t, v.get("/rounds/"+r.ID.String()), http.StatusOK, "1 of 2 taken")
}

func TestAManagerOfOneStoreSaysItForThatStore(t *testing.T) {
	w, handler := neighbourhood()
	v := visitor{t: t, handler: handler, lang: "en", session: "zhao"}
	chain := v.get("/rounds/policy")
	mustSee(t, chain, http.StatusOK, "which whoever sees to the whole chain sets", `href="/rounds/policy?store=qj"`, "<span>90</span>")
	mustNotSee(t, chain, `name="service"`, "/rounds/policy?store=xh", `action="/rounds/policy"`)
	mustSee(t, v.get("/rounds/policy?store=qj"), http.StatusOK, `name="service"`, `action="/rounds/policy"`)
	mustSee(t, v.get("/rounds/policy?store=xh"), http.StatusForbidden)
	for _, store := range []string{"", "xh"} {
		mustSee(t, v.post("/rounds/policy", "store", store, "version", "4", "follow", "1"), http.StatusForbidden)
	}
	if len(w.album.set) != 0 {
		t.Errorf("set %+v", w.album.set)
	}
	mustSee(t, v.post("/rounds/policy", "store", "qj", "version", "4", "follow", "1"), http.StatusSeeOther)
	if len(w.album.set) != 1 || w.album.set[0].Store != "qj" {
		t.Errorf("set %+v", w.album.set)
	}
	mustSee(t, v.get("/rounds?store=qj"), http.StatusOK, `href="/rounds/policy"`)
	mustSee(t, v.get("/rounds/new"), http.StatusOK, `href="/rounds/policy?store=qj"`)
}
