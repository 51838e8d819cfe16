package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"allhours/cloud/internal/web"
)

const (
	slowPiece = 3_000                 // bytes of a page that come at once
	slowPause = 20 * time.Millisecond // between two of them: the browser draws what it has
	slowFile  = 200 * time.Millisecond
)

// slowly is a line on which a page comes piece by piece, and its scripts when it has long been there.
func slowly(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/live") {
			handler.ServeHTTP(rw, r)
			return
		}
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			rw.Header()[name] = values
		}
		if strings.HasSuffix(r.URL.Path, ".js") {
			pause(r, slowFile)
		}
		rw.WriteHeader(rec.Code)
		for body := rec.Body.Bytes(); len(body) > 0; {
			n := min(len(body), slowPiece)
			if _, err := rw.Write(body[:n]); err != nil {
				return
			}
			if body = body[n:]; strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
				http.NewResponseController(rw).Flush()
				pause(r, slowPause)
			}
		}
	})
}

func pause(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}

// TestNoPageMovesOnASlowLine opens each page where it comes piece by piece and its scripts come late.
func TestNoPageMovesOnASlowLine(t *testing.T) {
	w := newWorld()
	eventful(w)
	handler := handlerOf(w, true)
	routes := web.New(optionsOf(w)).Routes()
	b := newTab(t, browser(t), serving(t, slowly(handler)).URL)
	b.do(chromedp.EmulateViewport(1440, 900))
	b.cookie("lang", "en")
	stands := func(session string, pages ...string) {
		b.cookie("session", session)
		for _, path := range pages {
			b.do(chromedp.Navigate(b.base + path))
			b.stoodStill(path, run(b, chromedp.Evaluate[looked](lookAt, chromedp.EvalAwaitPromise)))
		}
	}
	stands("at-second", "/staff/second")
	stands("at-enrol", "/staff/second")
	seen := map[string]bool{"/walk/leave": true}
	for _, session := range []string{"boss", "manager", "wang"} {
		r := &walkedRole{t: t, who: w.sessions[session], routes: routes, visitor: visitor{t: t, handler: handler, lang: "en", session: session}, seen: seen, led: map[string]string{}}
		r.walkPages()
		stands(session, r.found...)
	}
}
