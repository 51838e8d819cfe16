package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
)

// dusk is the night of the world: what is sold, who came and what needs a person.
type dusk struct {
	w       *world
	needs   cloud.Needs
	looked  atomic.Int64 // how often somebody asked what needs a person
	asked   []cloud.CameQuery
	nothing bool
}

func (d *dusk) Sold(_ context.Context, store cloud.StoreID) (cloud.NightSold, error) {
	from := time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC) // Noon in Hangzhou.
	n := cloud.NightSold{From: from, To: from.Add(24 * time.Hour), Known: true, Bills: 57, Now: make([]protocol.Fen, 96), Before: make([]protocol.Fen, 96)}
	if d.nothing {
		return cloud.NightSold{}, nil
	}
	for i := range 96 {
		wave := protocol.Fen(1000 + 300*((i/8)%5))
		n.Before[i] = wave * 9
		if from.Add(time.Duration(i) * cloud.SoldStep).Before(noon) {
			n.Now[i] = wave * 10
		}
	}
	if store != "" {
		n.Cabinets = map[protocol.CabinetID]protocol.Fen{"qj-1": 104_200, "qj-2": 88_450}
	}
	return n, nil
}

func (d *dusk) Needs(ctx context.Context, _ cloud.StoreID) (cloud.Needs, error) {
	d.looked.Add(1)
	needs := d.needs
	if slices.ContainsFunc(needs.List, func(n cloud.Need) bool { return n.Kind == cloud.NeedReviews }) {
		return needs, nil
	}
	if longest, all, err := d.w.Queue(ctx, cloud.BoundTo(), 1); err != nil || all > 0 {
		needs.List = append(slices.Clone(needs.List), cloud.Need{Kind: cloud.NeedReviews, Reviews: all, Since: longest[0].Asked, Guess: longest[0].Guess})
		return needs, err
	}
	return needs, nil
}

func (d *dusk) Came(_ context.Context, q cloud.CameQuery) (came []cloud.Came, err error) {
	d.asked = append(d.asked, q)
	if q.Store != "" && q.Store != "qj" && q.Store != "xh" {
		return nil, protocol.Errorf(cloud.CodeNotFound, "no store")
	}
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	for _, v := range d.w.visits {
		came = append(came, cloud.Came{Visit: v.ID, Cabinet: v.Cabinet, Purpose: v.Purpose, Outcome: v.Outcome, At: v.Created, Ended: v.Ended})
	}
	return came, nil
}

// needy is a night when a neighbourhood is not served, a lock fails, bills wait and a round is late.
func needy(w *world) {
	trouble(w)
	troubled(w)
	w.served.gap = true
	lock := w.troubles.all[0]
	scale := w.troubles.all[3]
	gap := &coverage.Gap{
		Span: coverage.Span{From: noon.Add(-38 * time.Minute).UnixMilli(), To: noon.UnixMilli()}, Categories: []string{"dairy"}, Lost: 900,
		Causes: []coverage.Cause{{Why: coverage.SoldOut, Cabinet: "qj-1", Category: "dairy", Platform: "S1", SKU: "1001"}},
	}
	w.dusk.needs = cloud.Needs{More: 3, List: []cloud.Need{
		{Kind: cloud.NeedGap, Store: "qj", Since: noon.Add(-38 * time.Minute), Gap: gap, Hour: 9200, Costs: true, Urgent: true},
		{Kind: cloud.NeedIncident, Store: "qj", Cabinet: "qj-1", Since: lock.First, Incidents: []cloud.Incident{lock}, Hour: 2100, Costs: true, Urgent: true},
		{Kind: cloud.NeedIncident, Store: "qj", Cabinet: "qj-2", Since: scale.First, Incidents: []cloud.Incident{scale}, Whom: "Chen Jun", Taken: true},
		{Kind: cloud.NeedReviews, Since: noon.Add(-41 * time.Minute), Reviews: 3, Guess: 4260},
		{Kind: cloud.NeedRound, Store: "xh", Since: noon.Add(-2 * time.Hour), Whom: "Wang", Taken: true, Round: id(90), Stops: 2},
	}}
}

func nightPages() []page {
	return []page{
		{name: "tonight-needs", path: "/tonight", session: "manager", setUp: needy, do: []chromedp.Action[chromedp.Void]{chromedp.WaitVisible(chromedp.CSS(".curve canvas"))}},
		{name: "store", path: "/stores/qj", session: "manager", setUp: needy, do: []chromedp.Action[chromedp.Void]{chromedp.WaitVisible(chromedp.CSS(".curve canvas"))}},
		{name: "store-empty", path: "/stores/qj", session: "auditor", setUp: func(w *world) {
			w.cabinets, w.visits, w.served.blank, w.dusk.nothing = nil, nil, true, true
		}},
		{name: "needs", path: "/needs", session: "manager", setUp: needy},
		{name: "cabinets", path: "/cabinets", session: "manager", setUp: trouble},
		{name: "visits", path: "/visits?sold=1", session: "manager", setUp: trouble},
	}
}

func TestWhatNeedsAPersonIsToldWithItsCostAndWhoHasIt(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh-CN": {"钱江&lt;店&gt;断着：缺奶制品", "&lt;奶&gt; 卖完了", "¥92 / 时", "¥21 / 时", "Chen Jun 在管", "还没有人接手", "3 笔账等人看", "合计 ¥42.60", "补货晚了", "还有 2 站没走", "还有 3 件没列出来", "01:36 起"},
		"en":    {"Qianjiang &lt;store&gt; is not served: without dairy", "¥92 / h", "with Chen Jun", "nobody has it", "3 bills wait to be decided", "2 stops are ahead", "and 3 more", "since 01:36"},
	} {
		w := newWorld()
		needy(w)
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		rec := v.get("/tonight")
		mustSee(t, rec, http.StatusOK, append(want, `action="/incidents/1"`, `href="/incidents"`, `href="/reviews"`, `href="/stores/qj"`)...)
		mustNotSee(t, rec, `action="/incidents/4"`) // Somebody has it.
		v.session = "auditor"
		mustNotSee(t, v.get("/tonight"), `action="/incidents/1"`, `href="/rounds/`)
	}
}

// TestAVisitOfAnotherDayIsShownWithItsDay: at 02:14 the time alone would be that of tomorrow.
func TestAVisitOfAnotherDayIsShownWithItsDay(t *testing.T) {
	w := newWorld()
	for n, ago := range []time.Duration{time.Hour, 65 * time.Hour} {
		sold := visitIn(cloud.StateCharged)
		sold.ID, sold.Cabinet, sold.Created = id(byte(40+n)), "qj-1", noon.Add(-ago)
		w.put(sold)
	}
	for lang, day := range map[string]string{"zh": "11 月 19 日 09:14", "en": "19 November, 09:14"} {
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		for _, path := range []string{"/cabinets/qj-1", "/visits", "/tonight"} {
			page := v.get(path)
			mustSee(t, page, http.StatusOK, ">01:14</a>", ">"+day+"</a>")
			mustNotSee(t, page, ">09:14</a>")
		}
	}
}

// TestMoneyThatBelongsToNoCabinetHasItsPlace and is no part of a gap.
func TestMoneyThatBelongsToNoCabinetHasItsPlace(t *testing.T) {
	w := newWorld()
	lost := cloud.Incident{Number: 9, Kind: cloud.IncidentAheadLost, Subject: "x", Count: 1, First: noon, Last: noon, Opened: noon}
	w.troubles.all = []cloud.Incident{lost}
	w.dusk.needs = cloud.Needs{List: []cloud.Need{{Kind: cloud.NeedIncident, Since: noon, Incidents: []cloud.Incident{lost}}}}
	for lang, want := range map[string]string{"zh": "连锁的收款", "en": "The chain&#39;s payments"} {
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		for _, path := range []string{"/tonight", "/incidents", "/incidents/9"} {
			mustSee(t, v.get(path), http.StatusOK, want)
		}
	}
}

func TestEachFigureOpensTheListThatItCounts(t *testing.T) {
	w := newWorld()
	needy(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	page := v.get("/tonight")
	mustSee(t, page, http.StatusOK, "5 / 6", "1 not heard from", "more than last Saturday by now", `data-hours="12,13,`)
	for _, m := range regexp.MustCompile(`<dd><a class="line" href="([^"]+)">`).FindAllStringSubmatch(page.Body.String(), -1) {
		path := strings.ReplaceAll(m[1], "&amp;", "&")
		mustSee(t, v.get(path), http.StatusOK, "<h1")
	}
	mustSee(t, v.get("/cabinets?state=away"), http.StatusOK, `href="/cabinets/xh-2"`, `href="/cabinets?state=need"`)
	mustNotSee(t, v.get("/cabinets?state=away"), `href="/cabinets/qj-1"`)
	mustSee(t, v.get("/cabinets?state=door"), http.StatusOK, `href="/cabinets/qj-2"`)
	mustNotSee(t, v.get("/cabinets?store=qj"), `href="/cabinets/xh-1"`)
	mustSee(t, v.get("/visits?sold=1&store=none"), http.StatusNotFound)
	if q := w.dusk.asked[len(w.dusk.asked)-1]; q.Outcome != cloud.OutcomeSold || q.Store != "none" {
		t.Errorf("asked for %+v", q)
	}
}

func TestAStoreTellsItsNightItsWeekAndWhatComes(t *testing.T) {
	w := newWorld()
	needy(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/stores/qj"), http.StatusOK, "cheat", "lanenight", "¥1,042", "dairy will probably be sold out", "No round is planned", "is not closed", "power on", "kinds out", "not served now")
	mustSee(t, v.get("/stores/none"), http.StatusNotFound)
	v.lang = "zh-CN"
	mustSee(t, v.get("/stores/qj"), http.StatusOK, "3 台柜子", "缺 ", "有电", "过去 24 小时")
}

func TestAWordThatIsOldLooksOld(t *testing.T) {
	for since, want := range map[time.Duration]string{12 * time.Second: "age-live", 3 * time.Hour: "age-hours", 7 * time.Hour: "age-half", 9 * time.Hour: "age-old"} {
		w := newWorld()
		w.cabinets = w.cabinets[:1]
		w.cabinets[0].Presence.LastSeen = noon.Add(-since)
		v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
		mustSee(t, v.get("/cabinets"), http.StatusOK, `class="age `+want+`"`)
	}
}

func TestOnlyThePartThatChangedIsSent(t *testing.T) {
	w := newWorld()
	needy(w)
	server := httptest.NewServer(handlerOf(w, false))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	lines := follow(t, server.URL+"/tonight/live")
	first := nextEvent(t, lines)
	if !strings.Contains(first, `<main id="main"`) || !strings.Contains(first, `id="part-map"`) {
		t.Fatalf("the first event is %.200s", first)
	}
	w.change(func() { w.dusk.needs.List = w.dusk.needs.List[3:] })
	second := nextEvent(t, lines)
	if !strings.Contains(second, "event: pieces") || !strings.Contains(second, `id="part-needs"`) || strings.Contains(second, `id="part-map"`) || strings.Contains(second, "<main") {
		t.Errorf("what is sent of a change is %.400s", second)
	}
}

func TestOfListsTooOnlyThePartThatChangedIsSent(t *testing.T) {
	for path, stays := range map[string]string{"/reviews/live": `id="main"`, "/incidents/live": `id="part-find"`} {
		w := newWorld()
		needy(w)
		server := httptest.NewServer(handlerOf(w, false))
		t.Cleanup(server.Close)
		t.Cleanup(server.CloseClientConnections)
		lines := follow(t, server.URL+path)
		if first := nextEvent(t, lines); !strings.Contains(first, `<main id="main"`) || !strings.Contains(first, `id="part-list"`) {
			t.Fatalf("the first event of %s is %.200s", path, first)
		}
		w.change(func() { w.troubles.all, w.reviews = w.troubles.all[1:], nil })
		second := nextEvent(t, lines)
		if !strings.Contains(second, "event: pieces") || !strings.Contains(second, `id="part-list"`) || strings.Contains(second, stays) || strings.Contains(second, "<main") {
			t.Errorf("what %s sends of a change is %.400s", path, second)
		}
	}
}

func TestTheQueueOfAStoreHasItsCasesAlone(t *testing.T) {
	w, handler := neighbourhood()
	reviewed(w)
	other := someReview()
	other.Visit.ID, other.Visit.Cabinet = id(90), "xh-1"
	w.reviews = append(w.reviews, other)
	w.put(other.Visit)
	theirs := `href="/reviews/` + id(90).String()
	v := visitor{t: t, handler: handler, lang: "en", session: "manager"}
	mustSee(t, v.get("/reviews"), http.StatusOK, theirs, "/reviews/"+id(78).String(), "Half are decided within")
	mustSee(t, v.get("/reviews?store=xh"), http.StatusOK, theirs, `href="/stores/xh"`, `href="/reviews"`)
	mustNotSee(t, v.get("/reviews?store=xh"), "/reviews/"+id(78).String())
	mustSee(t, v.get("/reviews?store=moon"), http.StatusNotFound)
	v.session = "zhao" // of the store qj
	mustSee(t, v.get("/reviews"), http.StatusOK, "/reviews/"+id(78).String())
	mustNotSee(t, v.get("/reviews"), theirs)
}

func TestAPageIsWorkedOutOnceForAllWhoLookAtIt(t *testing.T) {
	w := newWorld()
	needy(w)
	o := optionsOf(w)
	o.Pace = time.Hour
	handler := handlerWith(w, o)
	for range 20 {
		mustSee(t, visitor{t: t, handler: handler, lang: "en", session: "manager"}.get("/tonight"), http.StatusOK)
	}
	if n := w.dusk.looked.Load(); n != 1 {
		t.Errorf("it was worked out %d times for 20 readers", n)
	}
	mustSee(t, visitor{t: t, handler: handler, lang: "zh-CN", session: "manager"}.get("/tonight"), http.StatusOK, "今晚")
	mustNotSee(t, visitor{t: t, handler: handler, lang: "en", session: "auditor"}.get("/tonight"), `action="/incidents/1"`)
}

// follow opens a stream and gives its lines.
func follow(t *testing.T, url string) *bufio.Scanner {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "session", Value: "manager"})
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return lines
}

// nextEvent waits for the next event that is more than a beat.
func nextEvent(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	var event strings.Builder
	for lines.Scan() {
		if line := lines.Text(); line != "" {
			fmt.Fprintln(&event, line)
			continue
		}
		if text := event.String(); strings.Contains(text, "data:") && !strings.Contains(text, "event: beat") {
			return text
		}
		event.Reset()
	}
	t.Fatalf("the stream ended: %v", lines.Err())
	return ""
}
