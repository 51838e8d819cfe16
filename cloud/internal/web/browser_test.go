package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser starts one chromium for a test. Without chromium there is nothing to test with; in CI that is a failure.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is missing")
		}
		t.Skip("chromium is missing: apt-get install chromium fonts-noto-cjk")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// tab is one page in the browser that remembers what its console said.
type tab struct {
	t    *testing.T
	own  context.Context // for as long as the browser lives
	ctx  context.Context // for as long as this test may take
	base string
	mu   sync.Mutex
	said []string
}

// newTab opens a tab on a server with the world behind it; its cookies are its own address's.
func newTab(t *testing.T, browser context.Context, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // The tab lives as long as who opens it.
		t.Fatalf("open a tab: %v", err)
	}
	b := (&tab{own: ctx}).at(t, base)
	messages := chromedp.Console(b.own)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.said = append(b.said, string(m.Type)+": "+m.Text)
			b.mu.Unlock()
		}
	}()
	return b
}

// at is the same tab for another test, on a server of that test.
func (b *tab) at(t *testing.T, base string) *tab {
	ctx, cancel := context.WithTimeout(b.own, 3*time.Minute)
	t.Cleanup(cancel)
	return &tab{t: t, own: b.own, ctx: ctx, base: base}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

func run[T any](b *tab, a chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, a)
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return v
}

// until waits for an expression to become true, on whatever page the tab then is.
func (b *tab) until(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(40 * time.Second)
	for {
		_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(time.Until(deadline))))
		if err == nil {
			return
		}
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname + " " + document.body.innerText`))
			b.t.Fatalf("waiting for %s: %v; the page says %.400s", expression, err, text)
		}
	}
}

// sees waits until the page says a text.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.getElementById('main')?.innerText.includes(%q)", text))
}

func (b *tab) cookie(name, value string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.base + "/"})
	if err != nil {
		b.t.Fatalf("set cookie: %v", err)
	}
}

func (b *tab) quietConsole() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.said) > 0 {
		b.t.Errorf("the console says %s", strings.Join(b.said, "\n"))
	}
}

// place of the one button: top and bottom in the window.
func (b *tab) button() [2]float64 {
	b.t.Helper()
	return run(b, chromedp.Evaluate[[2]float64](`(() => { const r = document.getElementById("go").getBoundingClientRect(); return [r.top, r.bottom] })()`))
}

func (b *tab) phone() {
	b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait))
}

// line is a server whose line can be cut.
type line struct {
	*httptest.Server
	cut atomic.Bool
}

func serve(t *testing.T, w *world) *line {
	t.Helper()
	return serving(t, handlerOf(w, true))
}

func serving(t *testing.T, handler http.Handler) *line {
	t.Helper()
	l := &line{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if l.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(l.Close)
	t.Cleanup(l.CloseClientConnections)
	return l
}

func system(b *tab, theme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
	})
	if err != nil {
		b.t.Fatalf("emulate %s: %v", theme, err)
	}
}
