package web_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// page is one page in one state, as it is looked at.
type page struct {
	name, path, session string
	do                  []chromedp.Action[chromedp.Void]
	setUp               func(w *world)
}

func everyPage() []page {
	pages := []page{
		{name: "home", path: "/"},
		{name: "cabinet-ready", path: "/c/qj-1"},
		{name: "cabinet-phone", path: "/c/qj-1", do: []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS("#go")), chromedp.WaitVisible(chromedp.CSS("#phone"))}},
		{name: "cabinet-code", path: "/c/qj-1", do: []chromedp.Action[chromedp.Void]{
			chromedp.Click(chromedp.CSS("#go")), chromedp.WaitVisible(chromedp.CSS("#phone")), chromedp.SendKeys(chromedp.CSS("#phone"), "138 0000 1234"), chromedp.Click(chromedp.CSS("[name=consent]")),
			chromedp.Click(chromedp.CSS("#go")), chromedp.WaitVisible(chromedp.CSS("#code")),
		}},
		{name: "cabinet-failure", path: "/c/qj-1", session: "anna", do: []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS("#go")), chromedp.WaitVisible(chromedp.CSS(".failure"))}, setUp: func(w *world) {
			w.begin = func(cloud.BeginVisit) error { return protocol.Errorf(cloud.CodeDebt, "owes") }
		}},
		{name: "cabinet-unknown", path: "/c/nowhere"},
		{name: "cabinet-empty", path: "/c/qj-1", setUp: func(w *world) { w.goods["qj-1"] = nil }},
		{name: "cabinet-shows", path: "/c/qj-1", setUp: func(w *world) {
			w.cabinet("qj-1").State, w.cabinet("qj-1").Shows = cloud.CabinetAway, true
		}},
		{name: "visit-pass", path: "/v/" + id(1).String(), session: "anna", setUp: func(w *world) { w.put(visitShown("")) }},
		{name: "visit-pass-refused", path: "/v/" + id(1).String(), session: "anna", setUp: func(w *world) { w.put(visitShown(protocol.CodeDoorOpen)) }},
		{name: "visit-passed", path: "/v/" + id(1).String(), session: "anna", setUp: func(w *world) { w.put(visitPassed("")) }},
		{name: "visit-signin", path: "/v/" + id(1).String()},
		{name: "purse", path: "/purse", session: "anna", setUp: func(w *world) { w.purses.purse = somePurse() }},
		{name: "purse-empty", path: "/purse", session: "anna"},
		{name: "purse-failed", path: "/purse", session: "anna", do: []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS("#go")), chromedp.WaitVisible(chromedp.CSS("[role=alert]"))}, setUp: func(w *world) {
			w.purses.purse, w.purses.fails = somePurse(), protocol.Errorf(cloud.CodePaymentRefused, "no")
		}},
		{name: "purse-payout", path: "/purse", session: "anna", setUp: func(w *world) { w.purses.purse = cloud.Purse{Balance: 4350, Back: 3000} }},
		{name: "purse-payout-staff", path: "/purses/" + anna.ID.String(), session: "manager", setUp: func(w *world) { w.purses.purse = cloud.Purse{Balance: 4350, Back: 3000} }},
		{name: "purse-signin", path: "/purse"},
		{name: "purse-staff", path: "/purses/" + anna.ID.String(), session: "manager", setUp: func(w *world) { w.purses.purse = somePurse() }},
		{name: "debts", path: "/debts", session: "manager", setUp: func(w *world) { w.purses.rests = someResting() }},
		{name: "debts-none", path: "/debts", session: "manager"},
		{name: "debts-asking", path: "/debts", session: "manager", setUp: func(w *world) {
			w.purses.rests = someResting()
			w.purses.rests.Asked = false
		}},
		{name: "review-taken", path: pathOf(twins()), session: "manager", setUp: func(w *world) {
			recorded(w)
			w.taken = 500
		}, do: drawn()},
		{name: "cabinet-consent", path: "/c/qj-1", session: "anna", do: []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS("#go")), chromedp.WaitVisible(chromedp.CSS("[name=consent]"))}, setUp: func(w *world) {
			w.keeper.retention.Message = 200
		}},
		{name: "privacy", path: "/privacy"},
		{name: "mydata", path: "/mydata", session: "anna", do: []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS("[value=export]")), chromedp.WaitVisible(chromedp.CSS("#code"))}},
		{name: "mydata-open", path: "/mydata", session: "anna", do: []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS("[value=erase]")), chromedp.WaitVisible(chromedp.CSS("[role=alert]"))}, setUp: func(w *world) {
			w.keeper.unsettled = cloud.Unsettled{Visit: true, Case: true, Owed: 950, Purse: 2000}
		}},
		{name: "problem", path: "/problems/lock_failed"},
		{name: "staff-signin", path: "/staff/signin"},
		{name: "tonight-well", path: "/tonight", session: "manager"},
		{name: "tonight-empty", path: "/tonight", session: "manager", setUp: func(w *world) { w.cabinets, w.visits = nil, nil }},
		{name: "tonight-trouble", path: "/tonight", session: "manager", setUp: trouble},
		{name: "reviews", path: "/reviews", session: "manager", setUp: reviewed},
		{name: "reviews-empty", path: "/reviews", session: "manager"},
		{name: "review-twins", path: pathOf(twins()), session: "manager", setUp: recorded, do: drawn()},
		{name: "review-twins-2", path: pathOf(twins()), session: "manager", setUp: recorded, do: drawn()},
		{name: "review-waiting", path: pathOf(odd()), session: "manager", setUp: reviewed},
		{name: "review-unseen", path: "/reviews/" + id(81).String(), session: "manager", setUp: reviewed},
		{name: "review-decided", path: pathOf(twins()), session: "manager", setUp: func(w *world) {
			reviewed(w)
			w.decided = []cloud.DecideReview{{Visit: id(78), By: "Li Na", Story: 1, Note: "seen on the shelf"}}
		}},
		{name: "standing-shelves", path: "/cabinets/qj-1", session: "manager", setUp: trouble},
		{name: "standing-lanes", path: "/cabinets/qj-3", session: "manager", setUp: trouble},
		{name: "standing-acts", path: "/cabinets/qj-1", session: "technician", setUp: watched, do: []chromedp.Action[chromedp.Void]{
			chromedp.Click(chromedp.CSS("#act-off summary")), chromedp.WaitVisible(chromedp.CSS("#act-off button")),
		}},
		{name: "standing-halted", path: "/cabinets/qj-3", session: "manager", setUp: watched},
		{name: "replay", path: "/v/" + id(1).String() + "/replay", session: "manager", setUp: func(w *world) {
			w.put(visitIn(cloud.StateCharged))
			w.brake.again(visitIn(cloud.StateCharged))
		}},
		{name: "cabinet-halted", path: "/c/qj-3", setUp: watched},
		{name: "service", path: "/cabinets/qj-1/service", session: "technician", setUp: func(w *world) {
			trouble(w)
			w.shop.inUse()
		}},
		{name: "service-fresh", path: "/cabinets/qj-2/service", session: "technician"},
		{name: "service-read", path: "/cabinets/qj-1/service", session: "mei", setUp: func(w *world) { w.shop.inUse() }},
		{name: "visit-service-open", path: "/v/" + id(1).String(), session: "technician", setUp: func(w *world) { w.put(serviceVisit(cloud.StateOpen)) }},
		{name: "visit-service-unknown", path: "/v/" + id(1).String(), session: "technician", setUp: func(w *world) { w.put(serviceVisit(cloud.StateUnknown)) }},
		{name: "visit-service-pass", path: "/v/" + id(1).String(), session: "technician", setUp: func(w *world) { w.put(servicePass()) }},
		{name: "visit-service-done", path: "/v/" + id(1).String(), session: "technician", setUp: func(w *world) {
			w.put(serviceVisit(cloud.StateServiced))
			w.shop.inUse()
		}},
		{name: "master", path: "/master", session: "manager"},
		{name: "master-read", path: "/master/articles/2001", session: "technician"},
		{name: "master-articles", path: "/master/articles", session: "manager"},
		{name: "master-article", path: "/master/articles/2001", session: "manager"},
		{name: "master-prices", path: "/master/prices", session: "manager", setUp: repricing},
		{name: "master-stores", path: "/master/stores", session: "manager"},
		{name: "master-planograms", path: "/master/planograms", session: "manager"},
		{name: "master-aisles", path: "/master/aisles", session: "manager"},
		{name: "master-places", path: "/master/planograms/qj-1", session: "manager", setUp: func(w *world) { w.plans["qj-1"] = somePlan() }},
		{name: "master-preview", path: "/master/prices", session: "manager", setUp: repricing, do: []chromedp.Action[chromedp.Void]{
			chromedp.Click(chromedp.CSS(".reprice .lamp")), chromedp.WaitVisible(chromedp.CSS(".diff")),
		}},
		{name: "master-faults", path: "/master", session: "manager", setUp: func(w *world) { w.planner.err = someFaults() }, do: []chromedp.Action[chromedp.Void]{
			chromedp.Click(chromedp.CSS(".form .lamp")), chromedp.WaitVisible(chromedp.CSS(".diff")),
		}},
		{name: "dispute-form", path: "/v/" + id(1).String(), session: "anna", do: []chromedp.Action[chromedp.Void]{
			chromedp.Click(chromedp.CSS(".object summary")), chromedp.WaitVisible(chromedp.CSS("#words")),
		}, setUp: func(w *world) { w.put(visitIn(cloud.StateCharged)) }},
		{name: "dispute-told", path: "/v/" + id(1).String(), session: "anna", setUp: func(w *world) { partly(w, cloud.OpDone) }},
		{name: "disputes", path: "/disputes", session: "manager", setUp: func(w *world) { partly(w, cloud.OpRefused) }},
		{name: "dispute-open", path: "/disputes/" + id(62).String(), session: "manager", setUp: func(w *world) { partly(w, cloud.OpDone) }},
		{name: "dispute-decided", path: "/disputes/" + id(60).String(), session: "manager", setUp: func(w *world) { partly(w, cloud.OpRefused) }},
		{name: "support", path: "/support?cabinet=qj-1", session: "mei", setUp: trouble},
		{name: "owed", path: "/owed", session: "mei"},
		{name: "support-visit", path: "/support/" + id(1).String(), session: "mei", setUp: func(w *world) { w.put(visitIn(cloud.StateCharged)) }},
		{name: "incidents", path: "/incidents", session: "manager", setUp: troubled},
		{name: "incidents-well", path: "/incidents", session: "auditor"},
		{name: "incident", path: "/incidents/1", session: "technician", setUp: troubled},
		{name: "incident-over", path: "/incidents/5", session: "manager", setUp: troubled},
		{name: "people", path: "/people", session: "boss"},
		{name: "person", path: "/people/" + manager.ID.String(), session: "boss"},
		{name: "letter", path: "/people/" + manager.ID.String(), session: "boss", do: []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS("input[value=renew] + div .btn")), chromedp.WaitVisible(chromedp.CSS(".secret"))}},
		{name: "permissions", path: "/people/permissions", session: "manager"},
		{name: "audit", path: "/audit", session: "auditor"},
		{name: "account", path: "/account", session: "boss"},
		{name: "second-password", path: "/staff/second", session: "at-password"},
		{name: "second-code", path: "/staff/second", session: "at-second"},
		{name: "second-enrol", path: "/staff/second", session: "at-enrol"},
		{name: "standing-away", path: "/cabinets/xh-2", session: "manager", setUp: trouble},
	}
	for _, state := range []cloud.CabinetState{cloud.CabinetBusy, cloud.CabinetOpen, cloud.CabinetStopped, cloud.CabinetAway} {
		pages = append(pages, page{name: "cabinet-" + string(state), path: "/c/qj-1", setUp: func(w *world) { w.cabinet("qj-1").State = state }})
	}
	for _, state := range allStates {
		who := "anna"
		if state == cloud.StateRestocked {
			who = "manager"
		}
		pages = append(pages, page{name: "visit-" + string(state), path: "/v/" + id(1).String(), session: who, setUp: func(w *world) { w.put(visitIn(state)) }})
	}
	return slices.Concat(pages, accountPages(), roundPages(), datePages(), walkPages(), coveragePages(), totalPages(), rolloutPages(), nightPages())
}

// partly is a bill of which something came back, or should have, and that is objected to once more.
func partly(w *world, state cloud.OpState) {
	v := visitIn(cloud.StateCharged)
	if state == cloud.OpDone {
		v.Refunded = 350
	}
	v.Lines[1].Qty = 3
	v.Total = total(v.Lines)
	w.put(v)
	w.now = func() time.Time { return noon.Add(3 * time.Hour) }
	more := objection(nil)
	more.ID, more.At, more.Words = id(62), noon.Add(2*time.Hour), ""
	more.Lines = []cloud.DisputeLine{{SKU: "1301", Qty: 2, Why: cloud.ComplaintNotFresh}}
	w.desk.disputes = []cloud.Dispute{objection(someRuling(), refundOp(state)), more}
}

// recorded is a night whose cases have their recordings.
func recorded(w *world) {
	reviewed(w)
	w.recording = cloud.RecordingHere
}

// drawn waits until the curves are there.
func drawn() []chromedp.Action[chromedp.Void] {
	return []chromedp.Action[chromedp.Void]{chromedp.WaitVisible(chromedp.CSS("#plots canvas"))}
}

// trouble is a night on which not everything is well.
func trouble(w *world) {
	away, stopped, scale := w.cabinet("xh-2"), w.cabinet("xh-1"), w.cabinet("qj-1")
	away.State, away.Presence.LastSeen = cloud.CabinetAway, noon.Add(-38*60*1e9)
	stopped.State = cloud.CabinetStopped
	stopped.Presence.Telemetry.Compartments[0].Selling = false
	stopped.Presence.Telemetry.Compartments[0].Why = protocol.CodeScaleFault
	scale.Presence.Telemetry.Compartments[0].Weights[2].OK = false
	w.cabinet("qj-2").State = cloud.CabinetBusy
	w.cabinet("qj-2").Presence.Telemetry.Compartments[0].Door = wire.DoorStateOpen
	for i, state := range allStates {
		v := visitIn(state)
		v.ID, v.Cabinet, v.Created = id(byte(20+i)), w.cabinets[i%3].ID, noon.Add(-7*60*1e9*1)
		w.put(v)
	}
	w.plans["qj-1"] = somePlan()
	w.reviews = append(w.reviews, someReview())
	w.put(someReview().Visit)
}

// TestEveryPageIsAccessible looks at each page in each state with axe-core, in light and dark, Chinese and English.
// With SHOTS=DIR it also leaves pictures of what it saw.
func TestEveryPageIsAccessible(t *testing.T) {
	axe := readAxe(t)
	shared, cancel := chromedp.NewContext(browser(t)) // One tab for all: to open one takes as long as to look at a page.
	t.Cleanup(cancel)
	if err := chromedp.Do(shared, chromedp.Navigate("about:blank")); err != nil { // The tab lives as long as who opens it.
		t.Fatalf("open a tab: %v", err)
	}
	only := os.Getenv("ONLY")
	for i, p := range everyPage() {
		if only != "" && !strings.Contains(p.name, only) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			w := newWorld()
			if p.setUp != nil {
				p.setUp(w)
			}
			b := (&tab{own: shared}).at(t, serving(t, withAxe(axe, handlerOf(w, true))).URL)
			for k, look := range looks(i) {
				b.open(p, look)
				if k == 0 {
					violations(b, `new Promise((done, failed) => {
						const script = document.createElement("script")
						Object.assign(script, {src: "/axe.min.js", onload: done, onerror: failed})
						document.head.append(script)
					}).then(() => axe.run({resultTypes: ["violations"]}))`)
					system(b, "dark")
					violations(b, `axe.run({runOnly: ["color-contrast"], resultTypes: ["violations"]})`)
					system(b, look.theme)
					legible(b)
				}
				shoot(b, p.name, look)
			}
		})
	}
}

// axeSum is the checksum of the file that testdata/README.md names.
const axeSum = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"

func readAxe(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(raw)); sum != axeSum {
		t.Fatalf("axe.min.js has the checksum %s, want %s", sum, axeSum)
	}
	return string(raw)
}

// withAxe is a server that has it beside the pages, which take scripts from nowhere else.
func withAxe(axe string, pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/axe.min.js" {
			pages.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, axe)
	})
}

func (b *tab) open(p page, l look) {
	b.t.Helper()
	b.cookie("lang", l.lang)
	b.cookie("session", p.session)
	system(b, l.theme)
	b.do(chromedp.EmulateViewport(l.width, l.height))
	b.do(chromedp.Navigate(b.base + p.path))
	b.do(p.do...)
}

type look struct {
	lang, theme   string
	width, height int64
}

// looks alternates languages and widths between pages; each is looked at in light, then in dark. Pictures are taken of
// all that a page may look like.
func looks(i int) []look {
	some := []look{{"zh", "light", 360, 740}}
	if i%2 == 1 {
		some = []look{{"en", "light", 1440, 900}}
	}
	if os.Getenv("SHOTS") != "" {
		some = slices.Concat(some, []look{
			{"zh", "light", 360, 740}, {"en", "dark", 360, 740}, {"en", "light", 768, 1024}, {"zh", "dark", 768, 1024}, {"zh", "light", 1440, 900}, {"en", "dark", 1440, 900},
		})
	}
	return some
}

func violations(b *tab, script string) {
	b.t.Helper()
	raw := run(b, chromedp.Evaluate[string](script+`.then(r => JSON.stringify(r.violations.map(v => ({id: v.id, nodes: v.nodes.map(n => n.html.slice(0, 160) + " " + n.failureSummary.slice(0, 200))}))))`, chromedp.EvalAwaitPromise))
	var found []struct {
		ID    string
		Nodes []string
	}
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		b.t.Fatalf("axe: %v", err)
	}
	for _, v := range found {
		b.t.Errorf("axe %s: %s", v.ID, strings.Join(v.Nodes, "\n"))
	}
}

// legible holds the letters of drawings to the small size of the page: a drawing that shrinks with a phone takes its letters along.
func legible(b *tab) {
	b.t.Helper()
	small := run(b, chromedp.Evaluate[string](`JSON.stringify([...document.querySelectorAll("main svg text")]
		.filter(t => t.checkVisibility() && t.closest("svg").checkVisibility())
		.map(t => [t.closest("svg").getAttribute("class") + " " + t.textContent, parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a])
		.filter(([, size]) => size < 13.5))`))
	if small != "[]" {
		b.t.Errorf("letters below the small size of the page: %s", small)
	}
}

func shoot(b *tab, name string, l look) {
	b.t.Helper()
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	picture := run(b, chromedp.CaptureScreenshot())
	if l.width != 360 {
		picture = run(b, chromedp.FullScreenshot(100))
	}
	file := filepath.Join(dir, fmt.Sprintf("%s-%d-%s-%s.png", name, l.width, l.theme, l.lang))
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
