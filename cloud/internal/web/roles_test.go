package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/web"
)

// eventful is a night with something on every page.
func eventful(w *world) {
	reviewed(w)
	needy(w)
	watched(w)
	w.purses.purse = somePurse()
	w.shop.inUse()
	partly(w, cloud.OpRefused)
}

// walkedRole is somebody who goes through all pages that they may see.
type walkedRole struct {
	t      *testing.T
	who    cloud.Principal
	routes []httpx.Route
	visitor
	found []string // a page of each route, in the order in which they were found
	seen  map[string]bool
	led   map[string]string // the page that led to a path
}

// mostTries is how many links of one route are followed where the world has nothing behind them.
const mostTries = 3

// walkPages finds the pages of a role: those without a name in their address, then what they lead to, one for each route. Each
// link that it meets must be one of the routes, and of those that the role may use.
func (r *walkedRole) walkPages() {
	r.t.Helper()
	next, tried := []string{"/"}, map[string]int{}
	for _, route := range r.routes {
		if route.Method == http.MethodGet && route.Access.Allows(r.who) && !strings.ContainsAny(route.Path, ":.") && !strings.HasSuffix(route.Path, "/live") {
			next = append(next, route.Path)
		}
	}
	for len(next) > 0 {
		path := next[0]
		next = next[1:]
		if r.seen[path] {
			continue
		}
		r.seen[path] = true
		route := r.routeOf(path)
		if route == nil || !route.Access.Allows(r.who) {
			r.t.Errorf("a link leads %s to %s, which is no page of theirs", r.who.Role, path)
			continue
		}
		if tried[route.Path]++; tried[route.Path] > mostTries {
			continue
		}
		rec := r.get(path)
		if from := r.led[path]; rec.Code >= http.StatusInternalServerError || rec.Code == http.StatusForbidden && from != "" {
			r.t.Errorf("%s %s finds %s by a link of %s: %d", r.who.Role, r.who.Name, path, from, rec.Code)
		}
		if rec.Code != http.StatusOK {
			continue
		}
		tried[route.Path] = mostTries
		if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
			r.found = append(r.found, path)
			for _, link := range linksOf(rec.Body.String()) {
				if next = append(next, link); r.led[link] == "" {
					r.led[link] = path
				}
			}
		}
	}
}

// routeOf is the route that a path is of, the plainest where there are several; nil: there is none.
func (r *walkedRole) routeOf(path string) (best *httpx.Route) {
	path, _, _ = strings.Cut(path, "?")
	pieces := strings.Split(path, "/")
	for i, route := range r.routes {
		parts := strings.Split(route.Path, "/")
		if route.Method != http.MethodGet || len(parts) != len(pieces) || best != nil && strings.Count(best.Path, ":") <= strings.Count(route.Path, ":") {
			continue
		}
		same := true
		for k, part := range parts {
			same = same && (part == pieces[k] || strings.HasPrefix(part, ":"))
		}
		if same {
			best = &r.routes[i]
		}
	}
	return best
}

var link = regexp.MustCompile(`<a\b[^>]*\shref="(/[^"#]*)`)

func linksOf(page string) (links []string) {
	for _, m := range link.FindAllStringSubmatch(page, -1) {
		if path := html.UnescapeString(m[1]); !strings.HasPrefix(path, "/api/") { // What a program reads is no page.
			links = append(links, path)
		}
	}
	return links
}

// looked is what a browser says of a page that it has drawn.
type looked struct {
	Over  float64  // by how much it is wider than the screen
	Wide  []string // because of these
	Shift float64  // how much of it moved by itself
	Moved []string // these did, from where to where
	Heads int
	Lang  string
}

const lookAt = `new Promise(done => {
	let shift = 0
	const moved = [], at = r => [r.x, r.y, r.width, r.height].map(Math.round).join(" ")
	const name = n => n ? (n.outerHTML ?? "text " + n.textContent).slice(0, 120) : "what is gone"
	new PerformanceObserver(list => {
		for (const e of list.getEntries()) if (!e.hadRecentInput) {
			shift += e.value
			for (const s of e.sources) moved.push(at(s.previousRect) + " -> " + at(s.currentRect) + " " + name(s.node))
		}
	}).observe({type: "layout-shift", buffered: true})
	const wide = () => [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120))
	requestAnimationFrame(() => requestAnimationFrame(() => {
		const over = document.documentElement.scrollWidth - innerWidth
		done({Over: over, Wide: over > 0 ? wide() : [], Shift: shift, Moved: moved, Heads: document.querySelectorAll("h1").length, Lang: document.documentElement.lang})
	}))
})`

// TestEachRoleWalksThroughItsPages goes through every page that a role may see, at a desk, on a small one, on a tablet and on a phone, in both
// languages and in light and dark by turns: none is wider than the screen, moves by itself or writes to the console, and no link is dead,
// also for those who are limited to a store.
func TestEachRoleWalksThroughItsPages(t *testing.T) {
	w := newWorld()
	eventful(w)
	w.sessions[zhao.Name], w.sessions[qi.Name] = zhao, qi
	handler := handlerOf(w, true)
	routes := web.New(optionsOf(w)).Routes()
	b := newTab(t, browser(t), serving(t, handler).URL)
	for n, session := range []string{"manager", "boss", "technician", "mei", "auditor", "wang", zhao.Name, qi.Name} {
		t.Run(session, func(t *testing.T) {
			lang, theme := []string{"zh", "en"}[n%2], []string{"light", "dark"}[n/2%2]
			r := &walkedRole{t: t, who: w.sessions[session], routes: routes, visitor: visitor{t: t, handler: handler, lang: lang, session: session}, seen: map[string]bool{"/walk/leave": true}, led: map[string]string{}}
			r.walkPages()
			if len(r.found) < 15 {
				t.Errorf("%s finds only %d pages: %v", session, len(r.found), r.found)
			}
			mine := b.at(t, b.base)
			mine.cookie("session", session)
			mine.cookie("lang", lang)
			system(mine, theme)
			for _, path := range r.found {
				mine.lookAt(path)
			}
			t.Logf("%s walked through %d pages and %d links", session, len(r.found), len(r.seen))
		})
	}
	b.quietConsole()
}

// lookAt opens a page at a desk, and makes the window as narrow as others' are.
func (b *tab) lookAt(path string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(b.base+path))
	desk := run(b, chromedp.Evaluate[looked](lookAt, chromedp.EvalAwaitPromise))
	all := map[string]looked{"at a desk": desk}
	for size, wide := range map[string]int64{"at a small desk": 1280, "on a tablet": 820, "on a phone": 360} {
		b.do(chromedp.EmulateViewport(wide, 740))
		all[size] = run(b, chromedp.Evaluate[looked](lookAt, chromedp.EvalAwaitPromise))
	}
	for size, l := range all {
		if l.Over > 0 {
			b.t.Errorf("%s is %.0f px too wide %s: %s", path, l.Over, size, strings.Join(l.Wide, "\n"))
		}
		if l.Heads != 1 {
			b.t.Errorf("%s has %d headings %s", path, l.Heads, size)
		}
	}
	b.stoodStill(path, desk)
}

func (b *tab) stoodStill(path string, l looked) {
	b.t.Helper()
	if l.Shift > mostShift {
		b.t.Errorf("%s moves by itself, by %.3f of the screen: %s", path, l.Shift, strings.Join(l.Moved, "\n"))
	}
}

// mostShift is less than what anybody would notice.
const mostShift = 0.005
