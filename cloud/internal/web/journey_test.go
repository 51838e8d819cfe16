package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"allhours/cloud"
	"allhours/protocol"
)

// advance brings the visit that the browser has begun into a state.
func advance(t *testing.T, w *world, state cloud.VisitState) {
	t.Helper()
	w.mu.Lock()
	if len(w.visits) == 0 {
		t.Fatal("no visit was begun")
	}
	begun := w.visits[0]
	w.mu.Unlock()
	next := visitIn(state)
	next.ID, next.Person, next.Cabinet, next.Created = begun.ID, begun.Person, begun.Cabinet, begun.Created
	w.put(next)
}

// liveWorld is a world whose clock is the wall's, so that the countdown counts.
func liveWorld() *world {
	w := newWorld()
	w.now = time.Now
	return w
}

func TestAResidentOpensTakesShutsAndIsBilled(t *testing.T) {
	w := liveWorld()
	b := newTab(t, browser(t), serve(t, w).URL)
	b.phone()
	b.cookie("lang", "zh")
	b.do(chromedp.Navigate(b.base+"/c/qj-1"), chromedp.WaitVisible(chromedp.ID("go")))
	b.sees("你在这台柜前吗")
	ready := b.button()
	if ready[1] > 740 || ready[1]-ready[0] < 48 {
		t.Fatalf("the button lies at %v: want at least 48 px inside of 740", ready)
	}

	b.do(chromedp.Click(chromedp.ID("go")), chromedp.WaitVisible(chromedp.ID("phone")))
	if at := b.button(); at != ready {
		t.Errorf("the button moved from %v to %v when the phone was asked for", ready, at)
	}
	b.do(chromedp.SendKeys(chromedp.ID("phone"), "138 0000 1234"), chromedp.Click(chromedp.CSS("[name=consent]")), chromedp.Click(chromedp.ID("go")), chromedp.WaitVisible(chromedp.ID("code")))
	b.sees("演示：不发短信，验证码是 " + demoCode)
	if at := b.button(); at != ready {
		t.Errorf("the button moved from %v to %v when the code was asked for", ready, at)
	}
	b.do(chromedp.SendKeys(chromedp.ID("code"), demoCode), chromedp.Click(chromedp.ID("go")))
	b.sees("正在开锁")
	b.until(`location.pathname.startsWith("/v/")`)

	advance(t, w, cloud.StateOpening)
	b.sees("锁松开了，拉门")
	b.until(`document.querySelector("[data-left]").textContent <= 8`)
	advance(t, w, cloud.StateOpen)
	b.sees("现在 4 件")
	b.sees("¥21.10")
	b.until(`document.getElementById("say").textContent.includes("¥21.10")`)
	advance(t, w, cloud.StateCounting)
	b.sees("正在数")
	advance(t, w, cloud.StateCharged)
	b.sees("付好了")
	b.sees("¥9.50")
	b.sees("不用再做什么")
	b.quietConsole()
}

func TestAReturningResidentIsOneTapFromAnOpenDoor(t *testing.T) {
	w := liveWorld()
	b := newTab(t, browser(t), serve(t, w).URL)
	b.phone()
	b.cookie("lang", "en")
	b.cookie("session", "anna")
	b.do(chromedp.Navigate(b.base+"/c/qj-1"), chromedp.Click(chromedp.ID("go")))
	b.sees("Unlocking")
	if len(w.begun) != 1 || w.begun[0].Person != anna.ID || w.begun[0].Key == "" {
		t.Errorf("begun %+v: want one visit of the resident's with a key", w.begun)
	}
	t.Run("and a failure has the number to call and the button where it was", func(t *testing.T) {
		b.do(chromedp.Navigate("about:blank")) // A page that still follows its visit would say that it is gone.
		w.visits = nil
		w.begin = func(cloud.BeginVisit) error { return protocol.Errorf(cloud.CodeDoorNotShut, "ajar") }
		b.do(chromedp.Navigate(b.base+"/c/qj-1"), chromedp.WaitVisible(chromedp.ID("go")))
		before := b.button()
		b.do(chromedp.Click(chromedp.ID("go")))
		b.sees("The door is not quite shut")
		b.sees("Nothing was charged.")
		b.sees(supportPhone)
		if at := b.button(); at != before {
			t.Errorf("the button moved from %v to %v", before, at)
		}
	})
	b.quietConsole()
}

func TestTheJourneyWorksWithTheKeyboardAlone(t *testing.T) {
	w := liveWorld()
	b := newTab(t, browser(t), serve(t, w).URL)
	b.cookie("lang", "en")
	b.do(chromedp.Navigate(b.base + "/c/qj-1"))
	b.tabTo("go")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.activeElement.id === "phone"`)
	b.do(chromedp.KeyEvent("13800001234" + kb.Tab + " " + kb.Enter))
	b.until(`document.activeElement.id === "code"`)
	b.do(chromedp.KeyEvent(demoCode + kb.Enter))
	b.sees("Unlocking")
	b.until(`document.activeElement.tagName === "H1"`)
	advance(t, w, cloud.StateCharged)
	b.sees("Nothing else to do")
	b.quietConsole()
}

// tabTo presses the tab key until an element has the focus.
func (b *tab) tabTo(id string) {
	b.t.Helper()
	for range 20 {
		b.do(chromedp.KeyEvent(kb.Tab))
		if run(b, chromedp.Evaluate[string](`document.activeElement.id`)) == id {
			return
		}
	}
	b.t.Fatalf("20 tabs do not lead to #%s", id)
}

func TestALostLineIsToldAndTheBillComesAnyway(t *testing.T) {
	w := liveWorld()
	server := serve(t, w)
	b := newTab(t, browser(t), server.URL)
	b.phone()
	b.cookie("lang", "en")
	b.cookie("session", "anna")
	b.do(chromedp.Navigate(b.base+"/c/qj-1"), chromedp.Click(chromedp.ID("go")))
	advanceWhenBegun(b, w, cloud.StateOpen)
	b.sees("The door is open")

	server.cut.Store(true)
	server.CloseClientConnections()
	b.until(`document.getElementById("net").textContent.includes("the bill will come anyway")`)
	advance(t, w, cloud.StateCharged)
	server.cut.Store(false)
	b.sees("¥9.50")
	b.until(`document.getElementById("net").textContent === ""`)
}

func advanceWhenBegun(b *tab, w *world, state cloud.VisitState) {
	b.t.Helper()
	b.until(`location.pathname.startsWith("/v/")`)
	advance(b.t, w, state)
}

func TestASessionThatEndsInAVisitAsksForASignInOnly(t *testing.T) {
	w := liveWorld()
	server := serve(t, w)
	b := newTab(t, browser(t), server.URL)
	b.phone()
	b.cookie("lang", "en")
	b.cookie("session", "anna")
	b.do(chromedp.Navigate(b.base+"/c/qj-1"), chromedp.Click(chromedp.ID("go")))
	advanceWhenBegun(b, w, cloud.StateOpen)
	b.sees("The door is open")
	w.change(func() { delete(w.sessions, "anna") })
	server.CloseClientConnections()
	b.sees("Sign in to see this visit")
	b.sees("No hurry")
	w.change(func() { w.sessions["anna"] = anna })
	b.do(chromedp.SendKeys(chromedp.ID("phone"), "13800001234"), chromedp.Click(chromedp.CSS("[name=consent]")), chromedp.Click(chromedp.ID("go")), chromedp.WaitVisible(chromedp.ID("code")))
	b.do(chromedp.SendKeys(chromedp.ID("code"), demoCode), chromedp.Click(chromedp.ID("go")))
	b.sees("The door is open")
}

func TestTheManagersPageFollowsTheFleet(t *testing.T) {
	w := newWorld()
	b := newTab(t, browser(t), serve(t, w).URL)
	b.cookie("lang", "zh")
	b.do(chromedp.Navigate(b.base + "/tonight"))
	b.do(chromedp.SendKeys(chromedp.ID("name"), "manager"), chromedp.SendKeys(chromedp.ID("password"), goodPassword), chromedp.Submit(chromedp.ID("name")))
	b.sees("6 台柜都能用。")
	b.do(chromedp.Navigate(b.base + "/cabinets"))
	b.sees("6 台柜都能用。")
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('tr[data-key="qj-2"]').marked = true`))
	w.change(func() { w.cabinet("xh-2").State = cloud.CabinetAway })
	b.sees("6 台柜里，1 台要人去。")
	b.sees("没有消息")
	if !run(b, chromedp.Evaluate[bool](`document.querySelector('tr[data-key="qj-2"]').marked === true`)) {
		t.Error("a row that did not change was drawn anew")
	}
	if first := run(b, chromedp.Evaluate[string](`document.querySelector("tbody tr").dataset.key`)); first != "xh-2" {
		t.Errorf("the first row is %s: want the cabinet that needs a person", first)
	}
	b.do(chromedp.Click(chromedp.CSS(`tr[data-key="qj-1"] a`)))
	b.sees("2 号门")
	b.do(chromedp.Navigate(b.base + "/tonight"))
	w.put(visitIn(cloud.StateOpen))
	b.sees("21.10")
	b.quietConsole()
}

func TestAPageFollowsTheSystemsColoursUntilTheReaderChooses(t *testing.T) {
	b := newTab(t, browser(t), serve(t, newWorld()).URL)
	ground := `getComputedStyle(document.body).backgroundColor`
	system(b, "dark")
	b.do(chromedp.Navigate(b.base + "/c/qj-1"))
	if got := run(b, chromedp.Evaluate[string](ground)); got != "rgb(15, 20, 27)" {
		t.Errorf("in the dark the page is %s", got)
	}
	b.do(chromedp.Click(chromedp.CSS(".when-dark")))
	b.until(ground + ` === "rgb(250, 248, 244)"`)
	b.do(chromedp.Click(chromedp.CSS(`[name=lang]`)))
	b.until(`document.documentElement.lang === "zh-CN" || document.documentElement.lang === "en"`)
	b.until(ground + ` === "rgb(250, 248, 244)"`)
	b.quietConsole()
}
