package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/api"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/web"
)

// optionsOf are pages on the world.
func optionsOf(w *world) web.Options {
	o := web.Options{
		Visits: w, Fleet: w, Plans: w, Food: w, People: w, Money: w.purses, Debts: w.purses,
		Doors: w.shop, Tasks: w.shop, Handovers: w.shop, Goods: &w.stock, Planning: w.planner, Drafts: w.rolling, Rollouts: w.rolling, Assortment: w.planner,
		StoreDays: w.accounts, Statements: w.accounts, Disputes: w.desk, Support: w.desk, Debtors: w.desk, Callers: w.desk,
		Cases: w, Messages: w,
		Rounds: w.wagon, RoundCrew: w.trolley, Chores: w.wagon, RoundPlans: w.trolley, Refills: w.wagon, Demand: w.trolley, Coverage: w.served, Tonight: w.dusk,
		Photos: w.album, Policies: w.album, Rules: w.planner,
		Expiry: w.larder, Wastes: w.larder, Stocktakes: w.larder, Incidents: w.troubles, Totals: w.totals, Hours: w.signs,
		Halting: w.brake, Looking: w.brake, Standing: w.brake, Replays: w.brake, BaseURL: "https://cabinets.example.com",
		Privacy: w.keeper, OwnPhones: w.keeper, OwnData: w.keeper,
		Now: w.now, Pace: -1,
	}
	staffed(&o, w.staff)
	return o
}

func handlerOf(w *world, demo bool) http.Handler {
	o := optionsOf(w)
	o.Demo = demo
	return handlerWith(w, o)
}

func handlerWith(w *world, o web.Options) http.Handler {
	e := httpx.New(httpx.Options{People: w, Trail: w.staff, Places: w, Logger: quiet(), Now: w.now})
	web.New(o).Register(e)
	api.New(api.Options{Cases: w, Metrics: http.NotFoundHandler()}).Register(e) // The curves of a case are its.
	return e
}

// visitor is a browser without a script.
type visitor struct {
	t       *testing.T
	handler http.Handler
	lang    string
	session string
}

func (v visitor) do(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	v.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Accept-Language", v.lang)
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.session != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: v.session})
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	v.handler.ServeHTTP(rec, r)
	return rec
}

func (v visitor) get(path string) *httptest.ResponseRecorder {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil)
}

func (v visitor) post(path string, pairs ...string) *httptest.ResponseRecorder {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.do(http.MethodPost, path, form)
}

func mustSee(t *testing.T, rec *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if rec.Code != status {
		t.Fatalf("status %d, want %d; body %.300s", rec.Code, status, rec.Body)
	}
	body := strings.ReplaceAll(rec.Body.String(), "\u00a0", " ")
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}

func mustNotSee(t *testing.T, rec *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(rec.Body.String(), text) {
			t.Errorf("the page says %q", text)
		}
	}
}

var allStates = []cloud.VisitState{
	cloud.StateAuthorising, cloud.StateOpening, cloud.StateOpen, cloud.StateCounting, cloud.StateCharged, cloud.StateNothingTaken,
	cloud.StateReview, cloud.StateOwed, cloud.StateWaived, cloud.StateRefunded, cloud.StateRestocked, cloud.StateServiced,
	cloud.StateAborted, cloud.StateUnknown,
}

func TestEachStateOfAVisitSaysWhatMatters(t *testing.T) {
	cases := map[cloud.VisitState]struct{ zh, en []string }{
		cloud.StateAuthorising:  {[]string{"正在开锁", supportPhone}, []string{"Unlocking", supportPhone}},
		cloud.StateOpening:      {[]string{"拉门", `data-left="7"`, "不收钱", supportPhone}, []string{"Pull the door", "nothing is charged"}},
		cloud.StateOpen:         {[]string{"门开着", "¥21.10", "现在 4 件", "2 × ¥5.80", "把门关上"}, []string{"The door is open", "4 items so far", "¥21.10"}},
		cloud.StateCounting:     {[]string{"正在数", supportPhone}, []string{"Counting", supportPhone}},
		cloud.StateCharged:      {[]string{"付好了", "¥9.50", "不用再做什么", "预留的 ¥50 已放开", supportPhone}, []string{"Paid", "¥9.50", "Nothing else to do", "22 November, 02:14"}},
		cloud.StateNothingTaken: {[]string{"什么也没拿", "没有收钱"}, []string{"Nothing was taken", "Nothing was charged"}},
		cloud.StateReview:       {[]string{"没有收钱", "11 月 25 日 02:14", supportPhone}, []string{"Nothing was charged", "25 November, 02:14", supportPhone}},
		cloud.StateOwed:         {[]string{"¥9.50 还没付清", supportPhone}, []string{"This bill of ¥9.50 is not fully paid", supportPhone}},
		cloud.StateWaived:       {[]string{"没有收钱"}, []string{"Nothing was charged"}},
		cloud.StateRefunded:     {[]string{"退回了 ¥9.50"}, []string{"¥9.50 was refunded"}},
		cloud.StateRestocked:    {[]string{"补货记好了"}, []string{"Restocking recorded"}},
		cloud.StateServiced:     {[]string{"检修记好了"}, []string{"Service recorded"}},
		cloud.StateAborted:      {[]string{"又锁上了", "没有收钱", "预留的 ¥50 已经放开", "再试一次", supportPhone}, []string{"Nobody pulled", "Nothing was charged", "hold is released", supportPhone}},
		cloud.StateUnknown:      {[]string{"确认", "没有收钱", supportPhone}, []string{"Being confirmed", "Nothing was charged", supportPhone}},
	}
	for _, state := range allStates {
		w := newWorld()
		w.put(visitIn(state))
		for lang, texts := range map[string][]string{"zh-CN": cases[state].zh, "en": cases[state].en} {
			t.Run(fmt.Sprintf("%s in %s", state, lang), func(t *testing.T) {
				v := visitor{t: t, handler: handlerOf(w, true), lang: lang, session: "anna"}
				rec := v.get("/v/" + id(1).String())
				mustSee(t, rec, http.StatusOK, texts...)
				mustSee(t, rec, http.StatusOK, `<html lang="`+lang+`"`)
			})
		}
	}
}
