package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/web"
	"allhours/protocol"
)

var bothLanguages = []string{"zh-CN", "en"}

func TestEachReasonForAClosedDoorIsToldInThreePartsWithANumberToCall(t *testing.T) {
	charged := map[string]string{"zh-CN": "收", "en": "charged"}
	for _, code := range []protocol.Code{
		cloud.CodeCabinetBusy, cloud.CodeCabinetAway, cloud.CodeDoorNotShut, protocol.CodeNotSelling, protocol.CodeOffSale, protocol.CodeLockedOut, cloud.CodeDebt,
		cloud.CodePaymentRefused, cloud.CodePaymentUnknown, cloud.CodeKeyReused, "never_heard_of",
	} {
		for _, lang := range bothLanguages {
			t.Run(fmt.Sprintf("begin refused with %s in %s", code, lang), func(t *testing.T) {
				w := newWorld()
				w.begin = func(cloud.BeginVisit) error { return protocol.Errorf(code, "no") }
				v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "anna"}
				rec := v.post("/c/qj-1/open", "key", "k1")
				kind, known := httpx.KindOf(code)
				if !known {
					kind.Status = http.StatusInternalServerError
				}
				mustSee(t, rec, kind.Status, `href="tel:`+supportPhone+`"`, charged[lang], "<h1")
			})
		}
	}
	for _, code := range []protocol.Code{
		protocol.CodeMalformed, protocol.CodeUnsupported, protocol.CodeExpired, protocol.CodeNotYet, protocol.CodeUnknownKey,
		protocol.CodeBadSignature, protocol.CodeOtherCabinet, protocol.CodeStaleChallenge, protocol.CodeUsed, protocol.CodeTimeUnknown,
		protocol.CodeBusy, protocol.CodeDoorOpen, protocol.CodeNotSelling, protocol.CodeLockFailed, protocol.CodeNotPulled,
		protocol.CodeScaleFault, protocol.CodeDiskFull, protocol.CodeTooWarm, protocol.CodeColdUnknown, protocol.CodePulseUnknown, protocol.CodeStale,
	} {
		for _, lang := range bothLanguages {
			t.Run(fmt.Sprintf("visit aborted with %s in %s", code, lang), func(t *testing.T) {
				w := newWorld()
				visit := visitIn(cloud.StateAborted)
				visit.Code = code
				w.put(visit)
				v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "anna"}
				mustSee(t, v.get("/v/"+visit.ID.String()), http.StatusOK, `href="tel:`+supportPhone+`"`, charged[lang], "¥50")
			})
		}
	}
}

func TestACabinetThatDoesNotOpenSaysWhyAndOffersNoButton(t *testing.T) {
	for state, want := range map[cloud.CabinetState][2]string{
		cloud.CabinetBusy: {"有人正在用这台柜", "Someone is at this cabinet"}, cloud.CabinetOpen: {"柜门没关严", "not quite shut"},
		cloud.CabinetStopped: {"暂停出售", "stopped selling"}, cloud.CabinetAway: {"没有消息", "no word from this cabinet"},
	} {
		for i, lang := range bothLanguages {
			t.Run(fmt.Sprintf("%s in %s", state, lang), func(t *testing.T) {
				w := newWorld()
				w.cabinet("qj-1").State = state
				v := visitor{t: t, handler: handlerOf(w, false), lang: lang}
				rec := v.get("/c/qj-1")
				mustSee(t, rec, http.StatusOK, want[i], supportPhone, `href="/c/qj-2"`)
				mustNotSee(t, rec, `action="/c/qj-1/open"`)
			})
		}
	}
}

func TestWithoutAScriptTheJourneyGoesAsFarAsTheReceipt(t *testing.T) {
	w := newWorld()
	var log bytes.Buffer
	e := httpx.New(httpx.Options{People: w, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	o := optionsOf(w)
	o.Demo, o.Logger = true, slog.New(slog.NewTextHandler(&log, nil))
	web.New(o).Register(e)
	v := visitor{t: t, handler: e, lang: "en"}
	mustSee(t, v.get("/c/qj-1"), http.StatusOK, "Are you in front of it?", `action="/c/qj-1/open"`, `name="key"`)
	mustSee(t, v.post("/c/qj-1/open", "key", "k1"), http.StatusOK, "Phone number", `action="/c/qj-1/code"`, `value="k1"`)
	mustSee(t, v.post("/c/qj-1/code", "key", "k1", "phone", "12", "consent", notice), http.StatusOK, "That is not a phone number", supportPhone)
	mustSee(t, v.post("/c/qj-1/code", "key", "k1", "phone", "138 0000 1234", "consent", notice), http.StatusOK, "138 0000 1234", "Demo:", demoCode, `value="k1"`)
	mustSee(t, v.post("/c/qj-1/session", "key", "k1", "phone", testPhone, "code", "000000"), http.StatusOK, "The code is wrong", supportPhone)
	rec := v.post("/c/qj-1/session", "key", "k1", "phone", testPhone, "code", demoCode)
	mustSee(t, rec, http.StatusSeeOther)
	visitPath := rec.Header().Get("Location")
	if len(w.begun) != 1 || w.begun[0].Key != "k1" || w.begun[0].Person != anna.ID || w.begun[0].Cabinet != "qj-1" {
		t.Errorf("begun %+v: want one visit with the form's key", w.begun)
	}
	cookie := rec.Result().Cookies()
	if len(cookie) != 1 || !cookie[0].HttpOnly {
		t.Fatalf("cookies %v: want one session that no script can read", cookie)
	}
	v.session = cookie[0].Value
	mustSee(t, v.get(visitPath), http.StatusOK, "Unlocking", `<noscript><meta http-equiv="refresh" content="1"></noscript>`)
	if again := v.get("/c/qj-1"); again.Code != http.StatusSeeOther || again.Header().Get("Location") != visitPath {
		t.Errorf("a visit under way is not led back to: %d %q", again.Code, again.Header().Get("Location"))
	}
	advance(t, w, cloud.StateCharged)
	rec = v.get(visitPath)
	mustSee(t, rec, http.StatusOK, "Paid", "¥9.50", "Nothing else to do")
	mustNotSee(t, rec, `http-equiv="refresh"`)
	for _, personal := range []string{"13800001234", "138 0000", demoCode, "anna"} {
		if strings.Contains(log.String(), personal) || strings.Contains(visitPath, personal) {
			t.Errorf("%q stands in the log or in an address", personal)
		}
	}
	if log.Len() == 0 {
		t.Error("nothing was logged: the canary has not been tried")
	}
}

func TestOutsideOfTheDemoNoCodeIsShownAndNoCabinetListed(t *testing.T) {
	v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "zh-CN"}
	mustNotSee(t, v.post("/c/qj-1/code", "phone", "13800001234", "consent", notice), demoCode, "演示")
	mustNotSee(t, v.get("/"), "/c/qj-1", "演示")
	v.handler = handlerOf(newWorld(), true)
	mustSee(t, v.get("/"), http.StatusOK, `href="/c/qj-1"`, `class="qr"`, "演示", "/tonight")
}

func TestAVisitIsShownToItsResidentAndToStaffOnly(t *testing.T) {
	w := newWorld()
	w.put(visitIn(cloud.StateCharged))
	path := "/v/" + id(1).String()
	for who, want := range map[string]int{"anna": http.StatusOK, "manager": http.StatusOK, "bert": http.StatusNotFound, "": http.StatusUnauthorized} {
		v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: who}
		rec := v.get(path)
		if rec.Code != want {
			t.Errorf("%q gets %d, want %d", who, rec.Code, want)
		}
		if want != http.StatusOK {
			mustNotSee(t, rec, "9.50", "Milk")
		}
		if live := v.get(path + "/live"); want != http.StatusOK && (live.Code == http.StatusOK || strings.Contains(live.Body.String(), "9.50")) {
			t.Errorf("%q may follow it: %d", who, live.Code)
		}
	}
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "anna"}
	for _, other := range []string{"/v/" + id(9).String(), "/v/nonsense"} {
		mustSee(t, v.get(other), http.StatusNotFound, "There is no such visit", supportPhone)
	}
}

func TestStaffPagesAreForStaff(t *testing.T) {
	for _, path := range []string{"/tonight", "/tonight/live", "/stores/qj", "/stores/qj/live", "/needs", "/needs/live", "/cabinets", "/cabinets/live", "/visits", "/reviews", "/reviews/live", pathOf(twins()), "/cabinets/qj-1", "/cabinets/qj-1/live"} {
		v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "en"}
		if rec := v.get(path); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/staff/signin?next="+url.QueryEscape(path) {
			t.Errorf("%s without a session: %d %q", path, rec.Code, rec.Header().Get("Location"))
		}
		v.session = "anna"
		rec := v.get(path)
		mustSee(t, rec, http.StatusForbidden, "This is not for your account")
		mustNotSee(t, rec, "kg")
	}
	v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "en"}
	mustSee(t, v.post("/staff/signin", "name", "manager", "password", "wrong"), http.StatusUnauthorized, "Name or password is wrong", supportPhone)
	rec := v.post("/staff/signin", "name", "manager", "password", goodPassword, "next", "//evil.example")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/tonight" {
		t.Errorf("sign-in leads to %d %q", rec.Code, rec.Header().Get("Location"))
	}
}

func TestEveryRouteNamesItsRoles(t *testing.T) {
	w := newWorld()
	e := httpx.New(httpx.Options{People: w, Logger: quiet()})
	web.New(optionsOf(w)).Register(e)
	if open := httpx.Unguarded(e); len(open) > 0 {
		t.Errorf("routes without roles: %v", open)
	}
}

func TestTheManagerReadsASentenceFirst(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "manager"}
	mustSee(t, v.get("/tonight"), http.StatusOK, "6 台柜都能用。", "没有账等人看。")
	mustSee(t, v.get("/cabinets"), http.StatusOK, "6 台柜都能用。", "12 秒前", "14.6")
	trouble(w)
	mustSee(t, v.get("/tonight"), http.StatusOK, "6 台柜里，3 台要人去。", "1 笔账等人看。")
	mustSee(t, v.get("/cabinets"), http.StatusOK, "6 台柜里，3 台要人去。", "38 分钟前", "S3 的秤不回话")
	mustSee(t, v.get(pathOf(someReview())), http.StatusOK, "71 %", "27 %", "都不是：2 %", "¥9.50",
		"S1 轻了 263 g：拿走 1 件纯牛奶 250ml", "认不出的东西", "等了 41 分钟", "11 月 25 日 01:14 后不收", "S3 的秤乱跳")
	v.lang = "en"
	mustSee(t, v.get("/tonight"), http.StatusOK, "3 of 6 cabinets need a person.")
	mustSee(t, v.get(pathOf(someReview())), http.StatusOK, "Waived at 25 November, 01:14", "S1 lost 263 g: one Milk 250 ml")
	w.cabinets = w.cabinets[:1]
	w.reviews = nil
	mustSee(t, v.get("/tonight"), http.StatusOK, "1 of 1 cabinets needs a person.")
}

func TestWhatIsStaleOrUnknownIsCalledSo(t *testing.T) {
	w := newWorld()
	trouble(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	away := v.get("/cabinets/xh-2")
	mustSee(t, away, http.StatusOK, "No word for 38 min; how it stands now is unknown", "? kg", "No word from it")
	mustNotSee(t, away, "4.12 kg")
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "4.12 kg", "? kg", "The scale of S3 does not answer", "Selling, but one thing is not settled")
	mustSee(t, v.get("/cabinets/xh-1"), http.StatusOK, "Not selling: A scale in the cabinet is out of order")
	w.cabinet("xh-2").Presence = cloud.Presence{}
	mustSee(t, v.get("/cabinets/xh-2"), http.StatusOK, "No word from it yet", "Never")
}

func TestTheManagerSeesWhatTheScalesConfuseAndWhatToMove(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "They can, and they can bear them.")
	w.plans["qj-1"] = somePlan()
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "about 87 would go to review", "S1 is 1.40 kg over its capacity", "31.40 kg are planned",
		"1 × Milk 250 ml<br>1 × Latte coffee 268 ml", "1 × Cola 330 ml can &#43; 1 × Yogurt 200 g cup<br>1 × Milk 250 ml", "One more pair",
		"Move 2 kinds at the next refill, and about 6 remain", "S1 → S3</b> Latte coffee 268 ml", "Confused wherever they lie: Yogurt 200 g cup")
	v.lang = "zh-CN"
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "约 87 单因为重量相近要人看", "S1 超重 1.40 kg", "1 × 纯牛奶 250ml<br>1 × 拿铁咖啡 268ml", "约剩 6 单")
	mustNotSee(t, v.get("/cabinets/qj-2"), "超重")
}

func TestWeightsAreNotShownToResidents(t *testing.T) {
	v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "en", session: "anna"}
	mustNotSee(t, v.get("/c/qj-1"), "4.12", " kg", "mg")
}

func TestHostileNamesStayText(t *testing.T) {
	const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	w := newWorld()
	trouble(w)
	evil := cloud.Text{Zh: hostile, En: hostile}
	for i := range w.cabinets {
		w.cabinets[i].Place, w.cabinets[i].StoreName = evil, evil
	}
	for i := range w.goods["qj-1"] {
		w.goods["qj-1"][i].Article.Name, w.goods["qj-1"][i].Article.Category = evil, hostile
	}
	visit := visitIn(cloud.StateCharged)
	visit.Lines[0].Name = evil
	w.put(visit)
	w.reviews[0].Place, w.reviews[0].Why, w.reviews[0].Answer.Faults[0].Reason = evil, hostile, hostile
	for path, who := range map[string]string{
		"/": "", "/c/qj-1": "", "/v/" + visit.ID.String(): "anna", "/tonight": "manager", "/stores/qj": "manager", "/cabinets": "manager", "/visits": "manager", "/reviews": "manager", pathOf(w.reviews[0]): "manager", "/cabinets/qj-1": "manager",
		"/staff/signin?next=" + url.QueryEscape("/"+hostile): "", "/c/" + url.PathEscape(hostile): "", "/problems/" + url.PathEscape(hostile): "",
	} {
		v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: who}
		mustNotSee(t, v.get(path), "<script>alert", "<img", `"'><`)
	}
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en"}
	mustNotSee(t, v.post("/c/qj-1/code", "phone", hostile, "key", hostile, "consent", notice), "<script>alert", "<img")
	mustNotSee(t, v.post("/staff/signin", "name", hostile, "password", "x", "next", hostile), "<script>alert", "<img")
}

func TestNoPageHasAnythingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?:\s[^>]*)?>[^<]`)
	foreign := regexp.MustCompile(`(?:src|href)="(?:https?:)?//`)
	counted := regexp.MustCompile(`data-left="\d*[^"\d][^"]*"`) // app.js counts down whatever has such an attribute.
	for _, p := range everyPage() {
		w := newWorld()
		if p.setUp != nil {
			p.setUp(w)
		}
		rec := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: p.session}.get(p.path)
		if found := inline.FindString(rec.Body.String()); found != "" {
			t.Errorf("%s has %q", p.name, found)
		}
		if found := foreign.FindString(rec.Body.String()); found != "" {
			t.Errorf("%s loads from elsewhere: %q", p.name, found)
		}
		if found := counted.FindString(rec.Body.String()); found != "" {
			t.Errorf("%s counts down %q: want a number", p.name, found)
		}
		if policy := rec.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s has the policy %q", p.name, policy)
		}
		if rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept by the browser", p.name)
		}
	}
}

func TestTheResidentsPageInAllIsSmall(t *testing.T) {
	const most = 60_000 // bytes, nothing compressed
	w := newWorld()
	visit := visitIn(cloud.StateOpen)
	w.put(visit)
	v := visitor{t: t, handler: handlerOf(w, true), lang: "zh-CN", session: "bert"}
	rec := v.get("/c/qj-1")
	size := rec.Body.Len()
	assets := regexp.MustCompile(`"(/static/[^"]+)"`).FindAllStringSubmatch(rec.Body.String(), -1)
	if len(assets) != 3 {
		t.Fatalf("the page loads %d files: want style, script and icon", len(assets))
	}
	for _, m := range assets {
		file := v.get(m[1])
		mustSee(t, file, http.StatusOK)
		size += file.Body.Len()
		if cache := file.Header().Get("Cache-Control"); !strings.Contains(cache, "immutable") {
			t.Errorf("%s is kept by the browser as %q", m[1], cache)
		}
	}
	t.Logf("resident's page with style, script and icon: %d bytes", size)
	if size > most {
		t.Errorf("the page weighs %d bytes, at most %d are allowed", size, most)
	}
}

func TestTheLanguageIsTheReadersChoice(t *testing.T) {
	handler := handlerOf(newWorld(), false)
	for accept, want := range map[string]string{
		"": "zh-CN", "en-GB,en;q=0.9": "en", "zh-TW,en;q=0.5": "zh-CN", "fr,en;q=0.2": "en", "de": "zh-CN",
	} {
		mustSee(t, visitor{t: t, handler: handler, lang: accept}.get("/c/qj-1"), http.StatusOK, `<html lang="`+want+`"`)
	}
	v := visitor{t: t, handler: handler, lang: "zh-CN"}
	rec := v.post("/prefs", "lang", "en", "back", "/c/qj-1")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/c/qj-1" || !strings.HasPrefix(rec.Header().Get("Set-Cookie"), "lang=en;") {
		t.Errorf("the choice is answered with %d %v", rec.Code, rec.Header())
	}
	chosen := v.do(http.MethodGet, "/c/qj-1", nil, "Cookie", "lang=en; theme=dark")
	mustSee(t, chosen, http.StatusOK, `<html lang="en" data-theme="dark">`)
	mustSee(t, v.do(http.MethodGet, "/c/qj-1", nil, "Cookie", `lang=tlh; theme="><b`), http.StatusOK, `<html lang="zh-CN">`)
}

func TestEachProblemTypeHasAPage(t *testing.T) {
	v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "en"}
	mustSee(t, v.get("/problems/cabinet_busy"), http.StatusOK, "Someone is at this cabinet now", "Wait until they shut the door")
	mustSee(t, v.get("/problems/nonsense"), http.StatusNotFound, "There is no such page")
	mustSee(t, v.get("/nonsense"), http.StatusNotFound, "There is no such page", supportPhone)
}

func TestAPageOfAnotherSiteCannotOpenADoor(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "anna"}
	rec := v.do(http.MethodPost, "/c/qj-1/open", url.Values{"key": {"k"}}, "Sec-Fetch-Site", "cross-site")
	mustSee(t, rec, http.StatusForbidden, "another site")
	if len(w.begun) > 0 {
		t.Error("a visit was begun")
	}
}

func TestTheInsideIsSentAloneWhereTheScriptAsksForIt(t *testing.T) {
	w := newWorld()
	w.begin = func(cloud.BeginVisit) error { return protocol.Errorf(cloud.CodeDebt, "owes") }
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "anna"}
	rec := v.do(http.MethodPost, "/c/qj-1/open", url.Values{}, "X-Part", "1")
	mustSee(t, rec, http.StatusOK, `<main id="main"`, "An earlier bill is still owed")
	mustNotSee(t, rec, "<html", "<header")
}

// bigWorld is a fleet of ten thousand cabinets, of which every hundredth is away.
func bigWorld() *world {
	w := newWorld()
	for n := len(w.cabinets); n < 10_000; n++ {
		cab := w.cabinets[n%6]
		cab.ID, cab.Number = protocol.CabinetID(fmt.Sprintf("big-%d", n)), n
		if n%100 == 0 {
			cab.State = cloud.CabinetAway
		}
		w.cabinets = append(w.cabinets, cab)
	}
	return w
}

func TestALargeFleetIsListedFromItsTroublesDown(t *testing.T) {
	v := visitor{t: t, handler: handlerOf(bigWorld(), false), lang: "en", session: "manager"}
	mustSee(t, v.get("/tonight"), http.StatusOK, "99 of 10000 cabinets need a person.", "9,901 / 10,000")
	rec := v.get("/cabinets")
	mustSee(t, rec, http.StatusOK, "1–100 of 10,000", `href="/cabinets?page=2"`)
	if rows := strings.Count(rec.Body.String(), "<tr data-key"); rows != 100 {
		t.Errorf("%d rows are listed, want 100", rows)
	}
}

func BenchmarkTonightOfTenThousandCabinets(b *testing.B) {
	handler := handlerOf(bigWorld(), false)
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "/tonight", nil)
		r.AddCookie(&http.Cookie{Name: "session", Value: "manager"})
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
}
