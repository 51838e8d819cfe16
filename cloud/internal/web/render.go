package web

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

//go:embed templates/*.html
var templateFiles embed.FS

// partHeader is sent by the script, which wants the inside of a page only.
const partHeader = "X-Part"

// screen is one page in one state. The script swaps its inside; the frame around it stays.
type screen struct {
	Template string // of the inside
	Face     string // resident, staff or plain: how wide the page is and what stands at its top
	Title    string
	Say      string // what a screen reader is told when the page changes by itself
	Path     string // where the same page can be had again by GET
	Live     string // address of its event stream; empty: it changes no more
	Poll     bool   // no stream, but worth asking again
	Refresh  int    // seconds after which a browser without script asks again; 0: never
	Status   int
	Styles   []string // static files beside those of every page
	Scripts  []string // run in this order, after the page is there
	Nav      string   // staff: the current one of the main pages
	Data     any
	Parts    []part // what the inside is laid out of, instead of Data: each of them is replaced by itself
	Drawn    string // what was drawn, in short, so that a stream need not send it again
}

// part is one of the pieces that a page is laid out of.
type part struct {
	Key  string // its template is called by the page's and this one, and its element by this one
	Data any
}

// frame is a screen with what surrounds it.
type frame struct {
	screen
	Theme string
	Told  string   // when it was so as it is shown, at the chain's clocks: paper has no browser around it that knows
	Past  []string // first and last day of what was made up; nil: nothing was
	Chain cloud.Chain
	Who   string // who is signed in, "" for nobody

	Stores   []saidLink // that who is signed in is limited to; none: they see the whole chain
	Plans    bool       // who is signed in may read what the chain plans
	Rounds   bool       // plans rounds
	Accounts bool       // reads what the books come to
	Cases    bool       // may see objections, and residents' visits
	Calls    bool       // looks for the visits of who calls
	Walks    bool       // walks rounds
	Crew     bool       // sees who works here
	Own      bool       // has a page about their own sign-in
	Main     template.HTML
}

// view is the set of templates in one language.
type view struct {
	lang  httpx.Lang
	texts texts
	set   *template.Template
}

func newView(l httpx.Lang, a *assets) (*view, error) {
	all, err := readTexts()
	if err != nil {
		return nil, err
	}
	v := &view{lang: l, texts: all}
	v.set, err = template.New("").Funcs(v.funcs(a)).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	return v, nil
}

func (v *view) inside(s screen) ([]byte, error) {
	main, err := v.fill(s.Template, s.Data)
	if err != nil {
		return nil, err
	}
	inside, err := v.fill("main", frame{screen: s, Main: main})
	return []byte(inside), err
}

// fill executes a template, which escapes what it is given.
func (v *view) fill(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := v.set.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // escaped by the template
}

// toldAt is read alike in every language.
const toldAt = "2006-01-02 15:04"

// show answers with a screen: all of it, or only its inside where the script asked for that.
func (p *Pages) show(c echo.Context, s screen) error {
	inside, err := p.view(c).inside(s)
	if err != nil {
		return err
	}
	return p.answer(c, s, inside)
}

// answer is show for an inside that is drawn already.
func (p *Pages) answer(c echo.Context, s screen, inside []byte) error {
	v, h := p.view(c), c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Add(echo.HeaderVary, partHeader)
	h.Add(echo.HeaderVary, "Cookie, Accept-Language")
	if c.Request().Header.Get(partHeader) != "" {
		// The script shows the words whatever the status, which would only end in the browser's console.
		return c.HTMLBlob(http.StatusOK, inside)
	}
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return fmt.Errorf("show %s: %w", s.Template, err)
	}
	f := frame{screen: s, Theme: themeOf(c), Told: p.Now().In(zone(chain)).Format(toldAt), Past: p.madeUp(chain), Chain: chain, Main: template.HTML(inside)} //nolint:gosec // rendered above
	if who, err := httpx.PrincipalOf(c); err == nil {
		f.lead(who)
		if f.Stores, err = p.ownStores(c.Request().Context(), v, who); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	if err := v.set.ExecuteTemplate(&out, "page", f); err != nil {
		return fmt.Errorf("render frame of %s: %w", s.Template, err)
	}
	return c.HTMLBlob(max(s.Status, http.StatusOK), out.Bytes())
}

// lead offers who is signed in the main pages that are for them.
func (f *frame) lead(who cloud.Principal) {
	f.Who, f.Plans, f.Rounds, f.Accounts, f.Cases = who.Name, httpx.PlanReaders().Allows(who), httpx.Planners().Allows(who), httpx.Accountants().Allows(who), httpx.CaseReaders().Allows(who)
	f.Calls = f.Cases && who.Bound == "" // Who calls is looked for among the residents of all stores.
	f.Walks, f.Crew, f.Own = who.Role == protocol.RoleRestocker, httpx.TeamReaders().Allows(who), httpx.Themselves().Allows(who)
}

// ownStores are the pages of the stores that somebody is limited to.
func (p *Pages) ownStores(ctx context.Context, v *view, who cloud.Principal) (all []saidLink, err error) {
	if who.Bound == "" {
		return nil, nil
	}
	stores, err := p.Fleet.Stores(ctx)
	for _, s := range stores {
		if who.Bound.Holds(s.ID) {
			all = append(all, saidLink{v.lang.Pick(s.Name), storePath(s.ID)})
		}
	}
	return all, err
}

// madeUp is the first and the last day of a simulated past.
func (p *Pages) madeUp(chain cloud.Chain) []string {
	if !p.Past.Any() {
		return nil
	}
	there := zone(chain)
	return []string{p.Past.From.In(there).Format(time.DateOnly), p.Past.Until.In(there).Format(time.DateOnly)}
}

func (p *Pages) view(c echo.Context) *view { return p.views[chooseLang(c)] }

const (
	langCookie  = "lang"
	themeCookie = "theme"
)

var themes = []string{"light", "dark"}

// themeOf is the reader's own choice; empty means the system's.
func themeOf(c echo.Context) string {
	if cookie, err := c.Cookie(themeCookie); err == nil && slices.Contains(themes, cookie.Value) {
		return cookie.Value
	}
	return ""
}
