package web_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// paperWide is the width of A4 within its margins, in the browser's pixels.
const paperWide = 703

// onPaper is what a browser says of a page that it has laid out for paper.
type onPaper struct {
	Pressed []string // what is pressed, filled in, or leads through the pages, and is printed all the same
	Cut     []string // what is wider than the paper
	Over    []string // cells whose words run into the next one
	Bare    []string // headings with nothing under them
	Dark    string   // the ground, where it is not white
	Told    string   // whose it is, and when it was so
}

const paperAt = `(() => {
	const seen = e => e.checkVisibility() && e.getBoundingClientRect().width > 1
	const named = all => all.filter(seen).slice(0, 3).map(e => e.outerHTML.slice(0, 140))
	const every = css => [...document.querySelectorAll(css)]
	const edge = innerWidth + 1
	return {
		Pressed: named(every("nav, button, .btn, select, input[type=radio], input[type=checkbox], input[type=date], summary:not(details[open] > *), .act")),
		Cut: named(every("main *").filter(e => !e.closest("svg, canvas, .uplot") && e.getBoundingClientRect().right > edge)),
		Over: named(every("td, th").filter(e => e.scrollWidth > e.clientWidth + 1)),
		Bare: named(every("section h2").filter(h => ![...h.closest("section").querySelectorAll("*")].some(e => !h.contains(e) && !e.contains(h) && seen(e)))),
		Dark: [document.body, document.querySelector("main")].map(e => getComputedStyle(e).backgroundColor).filter(c => c !== "rgba(0, 0, 0, 0)").join(" "),
		Told: document.querySelector(".printed").checkVisibility() ? document.querySelector(".printed").innerText : "",
	}
})()`

// TestPagesOnPaperAreWorthHolding prints what a chain's owner prints, out of a dark window and in both languages.
func TestPagesOnPaperAreWorthHolding(t *testing.T) {
	w := newWorld()
	eventful(w)
	boss := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "boss"}
	b := newTab(t, browser(t), serving(t, boss.handler).URL)
	b.cookie("session", "boss")
	system(b, "dark")
	for n, path := range []string{
		"/tonight", "/coverage", "/coverage/qj", "/stores/qj", "/reconcile", "/statements", "/rounds", "/rounds/variance", "/reviews", pathOf(twins()), "/incidents", "/incidents/1",
		"/expiry", "/waste", "/chain", "/cabinets", "/cabinets/qj-1", "/visits", "/audit", "/disputes", "/transfers", "/forecast", "/master/articles", "/master/planograms/qj-1", "/people", "/people/permissions", "/v/" + id(1).String(),
	} {
		t.Run(path, func(t *testing.T) {
			if rec := boss.get(path); rec.Code != http.StatusOK {
				t.Fatalf("%d", rec.Code)
			}
			mine := b.at(t, b.base)
			mine.cookie("lang", []string{"zh", "en"}[n%2])
			mine.do(chromedp.EmulateViewport(1440, 900), chromedp.Navigate(b.base+path))
			mine.looksWellOnPaper()
			mine.printsWhole()
		})
	}
}

func (b *tab) looksWellOnPaper() {
	b.t.Helper()
	b.medium("print")
	defer b.medium("")
	b.do(chromedp.EmulateViewport(paperWide, 1000))
	p := run(b, chromedp.Evaluate[onPaper](paperAt))
	for fault, found := range map[string][]string{"prints what is pressed": p.Pressed, "is cut at the edge": p.Cut, "runs into the next cell": p.Over, "has a heading of nothing": p.Bare} {
		if len(found) > 0 {
			b.t.Errorf("the paper %s: %s", fault, strings.Join(found, "\n"))
		}
	}
	if p.Dark != "" {
		b.t.Errorf("the paper is %s", p.Dark)
	}
	if !regexp.MustCompile(`^.+ · 2026-\d\d-\d\d \d\d:\d\d$`).MatchString(p.Told) {
		b.t.Errorf("the paper says %q of whose it is and of when", p.Told)
	}
}

// medium lays pages out for the screen or for paper, in the dark that the test is in.
func (b *tab) medium(name string) {
	b.t.Helper()
	dark := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name, Features: dark}); err != nil {
		b.t.Fatalf("lay out for %q: %v", name, err)
	}
}

// printsWhole prints: each sheet says something, and which one of how many it is.
func (b *tab) printsWhole() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(1440, 900))
	own := true
	printed, err := chromedp.Call(b.ctx, cdpage.PrintToPDF, cdpage.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69, PreferCSSPageSize: &own})
	if err != nil {
		b.t.Fatalf("print: %v", err)
	}
	file := filepath.Join(b.t.TempDir(), "page.pdf")
	if err := os.WriteFile(file, printed.Data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		b.t.Fatalf("read what was printed: %v", err)
	}
	sheets := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	number := regexp.MustCompile(`\d+ ?/ ?\d+\s*$`)
	for i, sheet := range sheets {
		if m := number.FindString(sheet); m == "" || len(strings.Fields(strings.TrimSuffix(sheet, m))) < 5 {
			b.t.Errorf("sheet %d of %d says no more than %q", i+1, len(sheets), strings.TrimSpace(sheet))
		}
	}
	if theme := run(b, chromedp.Evaluate[string](`document.documentElement.dataset.theme ?? ""`)); theme != "" {
		b.t.Errorf("after it was printed the page is %s for ever", theme)
	}
}
