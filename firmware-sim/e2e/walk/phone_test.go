package walk

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// limit is far longer than anything takes here; it only ends a test that would wait for ever.
const limit = 90 * time.Second

// handset is a restocker's phone: a browser of its own, with a wire of its own to the service.
type handset struct {
	*testing.T
	tab   context.Context
	wire  *wire
	whose string

	mu   sync.Mutex
	said []string // by the console, but for what a cut wire and a refused step make it say
}

func newHandset(t *testing.T, browser context.Context, service, whose string) *handset {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	h := &handset{T: t, tab: tab, wire: newWire(t, strings.TrimPrefix(service, "http://")), whose: whose}
	h.do(chromedp.Navigate("about:blank"), chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait))
	go h.listen(chromedp.Console(tab))
	return h
}

// expected is what a cut wire and a refused step make the console say, and a page that is left while the browser looks for a newer
// worker; that the worker serves is seen where pages are loaded without network.
var expected = []string{"net::ERR_", "the server responded with a status of 409", "when fetching the script"}

func (h *handset) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return
		}
		if slices.ContainsFunc(expected, func(part string) bool { return strings.Contains(m.Text, part) }) {
			continue
		}
		h.mu.Lock()
		h.said = append(h.said, string(m.Type)+": "+m.Text)
		h.mu.Unlock()
	}
}

func (h *handset) quiet() {
	h.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.said) > 0 {
		h.Errorf("the console of %s says %s", h.whose, strings.Join(h.said, "\n"))
	}
}

func (h *handset) do(steps ...chromedp.Action[chromedp.Void]) {
	h.Helper()
	if err := chromedp.Do(h.tab, steps...); err != nil {
		h.Fatalf("the phone of %s: %v", h.whose, err)
	}
}

// goes opens a page of the service.
func (h *handset) goes(path string) {
	h.Helper()
	h.do(chromedp.Navigate(h.wire.address() + path))
}

// until asks the page again and again; one that is being replaced by the next gives no answer for a moment.
func (h *handset) until(what, condition string) {
	h.Helper()
	end := time.After(limit)
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		holds, err := chromedp.Run(h.tab, chromedp.Evaluate[bool](condition))
		if err == nil && holds {
			return
		}
		select {
		case <-end:
			h.shot("failed")
			h.Fatalf("%s waited in vain until %s: %v\nthe page says:\n%s", h.whose, what, err, h.text())
		case <-tick.C:
		}
	}
}

func (h *handset) text() string {
	text, err := chromedp.Run(h.tab, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// taps presses what a finger could: it must be in sight, and nothing may lie over it.
func (h *handset) taps(css string) {
	h.Helper()
	h.until("it can tap "+css, fmt.Sprintf(`(() => {
		const e = [...document.querySelectorAll(%q)].find((e) => e.checkVisibility() && !e.disabled);
		if (!e) return false;
		e.scrollIntoView({ block: "center", behavior: "instant" });
		const r = e.getBoundingClientRect(), at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		if (!at || !e.contains(at) || r.height < 40) return false;
		e.click();
		return true;
	})()`, css))
}

// types writes into a field that is in sight.
func (h *handset) types(css, text string) {
	h.Helper()
	h.until("it can type into "+css, fmt.Sprintf(`(() => {
		const e = [...document.querySelectorAll(%q)].find((e) => e.checkVisibility());
		if (!e) return false;
		e.focus();
		e.value = %q;
		e.dispatchEvent(new Event("input", { bubbles: true }));
		e.dispatchEvent(new Event("change", { bubbles: true }));
		return true;
	})()`, css, text))
}

// airplane takes the phone's network away, or gives it back.
func (h *handset) airplane(on bool) {
	h.Helper()
	h.wire.set(on)
	if _, err := chromedp.Call(h.tab, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: on, DownloadThroughput: -1, UploadThroughput: -1}); err != nil {
		h.Fatalf("airplane mode: %v", err)
	}
}

// shot keeps a picture of the screen, and of the whole page, where the environment names a folder for them.
func (h *handset) shot(name string) {
	h.Helper()
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(h.tab, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600)
	}
	if err != nil {
		h.Errorf("picture %s: %v", name, err)
	}
}
