// Package path walks the whole path once, through the built programs that `make run` starts: a real browser signs in and
// opens, hands at the control port take goods and shut the door, and the receipt must equal the truth.
package path

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"allhours/firmware-sim/e2e/chromium"
	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/street"
)

func TestAResidentOpensTakesShutsAndIsBilledWhatWasTaken(t *testing.T) {
	browser := chromium.Start(t)
	dir := t.TempDir()
	n := startStreet(t, dir)
	var numbers []string
	for _, cabinet := range oneOfEachLayout(t, n) {
		number := fmt.Sprintf("+86137%08d", time.Now().UnixNano()%1e8)
		numbers = append(numbers, number)
		t.Run(cabinet, func(t *testing.T) { buyThroughTheBrowser(t, browser, n, cabinet, number) })
	}
	t.Run("the manager sees the visits", func(t *testing.T) { lookAsTheManager(t, browser, n) })
	t.Run("no program has written a number down", func(t *testing.T) { readEverything(t, n, dir, numbers) })
	t.Run("a second run goes on from there", func(t *testing.T) { stopAndGoOn(t, n, dir) })
}

// oneOfEachLayout picks a cabinet with shelves and one with lanes.
func oneOfEachLayout(t *testing.T, n *street.Neighbourhood) []string {
	t.Helper()
	layouts, err := n.Layouts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	picked := map[string]string{}
	for _, cabinet := range n.Cabinets {
		picked[layouts[cabinet]] = cabinet
	}
	if picked["shelves"] == "" || picked["lanes"] == "" || len(n.Cabinets) != 6 {
		t.Fatalf("want six cabinets, some with shelves and some with lanes, got %v", layouts)
	}
	return []string{picked["shelves"], picked["lanes"]}
}

func buyThroughTheBrowser(t *testing.T, browser context.Context, n *street.Neighbourhood, cabinet, number string) {
	tab := newTab(t, browser)
	before, err := n.Truth(t.Context(), cabinet)
	if err != nil {
		t.Fatal(err)
	}
	signInAndOpen(t, tab, n.Service+"/c/"+cabinet, number)
	hands := phone.Hands{Sim: n.Sim}
	platform, sku := before.Fullest()
	other, otherSKU := before.FullestBut(sku)
	moves := []phone.Action{
		{Do: "pull"},
		{Do: "take", Platform: platform, SKU: sku, Qty: 2, AfterMS: 900},
		{Do: "take", Platform: other, SKU: otherSKU, Qty: 1, AfterMS: 900},
		{Do: "put", Platform: platform, SKU: sku, Qty: 1, AfterMS: 900},
	}
	if err := hands.Shop(t.Context(), cabinet, moves...); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, tab, "the basket shows both articles while the door is open",
		fmt.Sprintf(`!!document.querySelector('li[data-key="%s"]') && !!document.querySelector('li[data-key="%s"]')`, sku, otherSKU))
	if err := hands.Shop(t.Context(), cabinet, phone.Action{Do: "shut", AfterMS: 900}); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, tab, "the receipt is shown", `!!document.querySelector('.paid')`)
	after, err := n.Truth(t.Context(), cabinet)
	if err != nil {
		t.Fatal(err)
	}
	compareReceipt(t, tab, street.Taken(before, after))
}

// signInAndOpen is what a new resident does: one button, the phone number, a tick, the code that the demo shows.
func signInAndOpen(t *testing.T, tab context.Context, url, number string) {
	do(t, tab, chromedp.EmulateViewport(360, 740), chromedp.Navigate(url), chromedp.Click(chromedp.CSS("#go")))
	do(t, tab, chromedp.WaitVisible(chromedp.CSS("#phone")), chromedp.SendKeys(chromedp.CSS("#phone"), number),
		chromedp.Click(chromedp.CSS("[name=consent]")), chromedp.Click(chromedp.CSS("#go")))
	do(t, tab, chromedp.WaitVisible(chromedp.CSS("#code")))
	code, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector('.demo').textContent.match(/\d{6}/)[0]`))
	if err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.SendKeys(chromedp.CSS("#code"), code), chromedp.Click(chromedp.CSS("#go")))
	waitUntil(t, tab, "the page says that the lock is released", `!!document.querySelector('.ring') || !!document.querySelector('[data-left]')`)
}

// compareReceipt holds what the page and the API say to what really left the cabinet.
func compareReceipt(t *testing.T, tab context.Context, taken []phone.Line) {
	t.Helper()
	v, err := chromedp.Run(tab, chromedp.Evaluate[phone.Visit](
		`fetch('/api/v1/visits/' + location.pathname.split('/').pop()).then(r => r.json())`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	if v.State != "charged" || !phone.SameLines(v.Lines, taken) {
		t.Errorf("visit %s is %s with %v, really taken: %v", v.ID, v.State, v.Lines, taken)
	}
	shown, err := chromedp.Run(tab, chromedp.Text(chromedp.CSS(".paid h1")))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("¥%d.%02d", v.Total/100, v.Total%100); shown != want {
		t.Errorf("the receipt shows %q, the API says %s", shown, want)
	}
}

func lookAsTheManager(t *testing.T, browser context.Context, n *street.Neighbourhood) {
	tab := newTab(t, browser)
	name, password, err := n.Manager()
	if err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(n.Service+"/tonight"),
		chromedp.WaitVisible(chromedp.CSS("#password")),
		chromedp.SendKeys(chromedp.CSS("#name"), name), chromedp.SendKeys(chromedp.CSS("#password"), password+"\n"))
	waitUntil(t, tab, "tonight lists the visits", `document.querySelectorAll('tbody tr a[href^="/v/"]').length >= 2`)
	do(t, tab, chromedp.Navigate(n.Service+"/cabinets"))
	waitUntil(t, tab, "the list has six cabinets", `document.querySelectorAll('tbody tr[data-key^="xs-"]').length >= 6`)
}

// readEverything looks for phone numbers in what the programs of both sides have written: databases, journals, logs, and what the
// service tells Prometheus. They are known there by their ends.
func readEverything(t *testing.T, n *street.Neighbourhood, dir string, numbers []string) {
	places := map[string][]byte{}
	if err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		places[path], err = os.ReadFile(path)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(n.Service + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if places["/metrics"], err = io.ReadAll(answer.Body); err != nil {
		t.Fatal(err)
	}
	for _, number := range numbers {
		known := 0
		for place, text := range places {
			if bytes.Contains(text, []byte("137****"+number[len(number)-4:])) {
				known++
			}
			for name, form := range phone.Disguises(number) {
				if bytes.Contains(text, []byte(form)) {
					t.Errorf("%s has a number as %s", place, name)
				}
			}
		}
		if known < 2 { // the log and the database, or its log
			t.Errorf("of %d places %d know who came", len(places), known)
		}
	}
}

// stopAndGoOn ends the street and starts it on the same folder: goods and bills are where they were.
func stopAndGoOn(t *testing.T, n *street.Neighbourhood, dir string) {
	cabinet := n.Cabinets[0]
	before, err := n.Truth(t.Context(), cabinet)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	again := startStreet(t, dir)
	after, err := again.Truth(t.Context(), cabinet)
	if err != nil {
		t.Fatal(err)
	}
	if moved := street.Taken(before, after); len(moved) != 0 {
		t.Errorf("goods moved while nobody was there: %v", moved)
	}
	if err := again.Stop(); err != nil {
		t.Fatal(err)
	}
}

func startStreet(t *testing.T, dir string) *street.Neighbourhood {
	t.Helper()
	bin, err := filepath.Abs("../../../bin")
	if err != nil {
		t.Fatal(err)
	}
	n, err := street.Start(t.Context(), street.Options{Bin: bin, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// newTab opens a tab with cookies of its own. The first action of a tab must not run under a shorter context, which
// would take the tab with it.
func newTab(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return tab
}

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, 30*time.Second)
	defer cancel()
	for i, step := range steps {
		if err := chromedp.Do(ctx, step); err != nil {
			t.Fatalf("step %d of %d: %v\nthe page says:\n%s", i+1, len(steps), err, pageText(tab))
		}
	}
}

func pageText(tab context.Context) string {
	ctx, cancel := context.WithTimeout(tab, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// waitUntil asks the page again and again; a page that is being replaced by the next one gives no answer for a moment.
func waitUntil(t *testing.T, tab context.Context, what, condition string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](condition))
		if err == nil && holds {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s: %v\nthe page says:\n%s", what, err, pageText(tab))
		case <-tick.C:
		}
	}
}
