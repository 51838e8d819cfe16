package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"allhours/cloud"
	"allhours/protocol/settle"
)

// TestCasesAreDecidedWithTheKeyboardAlone goes from the queue through its cases without a click.
func TestCasesAreDecidedWithTheKeyboardAlone(t *testing.T) {
	w := newWorld()
	recorded(w)
	b := newTab(t, browser(t), serve(t, w).URL)
	b.cookie("lang", "en")
	b.cookie("session", "manager")
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(b.base+"/reviews"))
	b.sees("5 bills wait for a person.")
	press := func(key string) { b.do(chromedp.KeyEvent(key)) }
	on := func(r cloud.Review) {
		b.until(`location.pathname === "` + pathOf(r) + `" && document.readyState === "complete"`)
	}
	checked := func(value string) {
		b.until(`document.querySelector("#decide input[name=how]:checked")?.value === "` + value + `"`)
	}

	press("j")
	b.until(`document.activeElement.matches("[data-case]")`)
	press("j")
	b.until(`document.activeElement.getAttribute("href") === "` + pathOf(odd()) + `"`)
	press("k")
	press(kb.Enter)
	on(twins())
	b.until(`document.querySelectorAll("#plots canvas").length === 3`)
	press("?")
	b.until(`document.getElementById("keys").open`)

	press("2")
	checked("1")
	press(kb.Enter)
	on(odd()) // the next case opens
	press(kb.ArrowRight)
	on(someReview())
	press("e")
	checked("lines")
	b.until(`document.activeElement.type === "number" && document.getElementById("qtys").open`)
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("qty-2001").value = "2"; document.getElementById("qty-1301").value = "0"`))
	press(kb.Enter)
	on(afterPowerCut())
	press("w")
	checked("waive")

	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.decided) != 2 || w.decided[0].Story != 1 || len(w.decided[1].Lines) != 1 || w.decided[1].Lines[0] != (settle.Line{SKU: "2001", Qty: 2}) {
		t.Errorf("decided %+v", w.decided)
	}
	if len(w.looks) < 3 || w.looks[0].By != "manager" {
		t.Errorf("looks %+v", w.looks)
	}
	b.quietConsole()
}
