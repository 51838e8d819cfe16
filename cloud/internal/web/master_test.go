package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// planner answers with what a test tells it, and remembers what it was asked.
type planner struct {
	preview   cloud.Preview
	err       error // of Preview and Apply
	book      cloud.PriceBook
	asked     []cloud.Intake
	applied   []cloud.Intake
	at        uint64
	withdrawn []uint32
	ended     []cloud.MarkdownEnd
}

func (p *planner) EndMarkdown(_ context.Context, category, by string) error {
	p.ended = append(p.ended, cloud.MarkdownEnd{Markdown: cloud.Markdown{Category: category}, At: noon, By: by})
	return nil
}

func (p *planner) EndedMarkdowns(context.Context, int) ([]cloud.MarkdownEnd, error) {
	return p.ended, nil
}

func (p *planner) Preview(_ context.Context, in cloud.Intake) (cloud.Preview, error) {
	p.asked = append(p.asked, in)
	return p.preview, p.err
}

func (p *planner) Apply(_ context.Context, in cloud.Intake, revision uint64) (cloud.Preview, error) {
	p.applied, p.at = append(p.applied, in), revision
	return p.preview, p.err
}

func (p *planner) Withdraw(_ context.Context, number uint32, _ string) error {
	p.withdrawn = append(p.withdrawn, number)
	return nil
}

func (p *planner) Export(_ context.Context, kind cloud.MasterKind, _ cloud.Bound) ([]byte, error) {
	return []byte("sku," + string(kind)), nil
}

func (p *planner) Articles(context.Context) ([]cloud.Article, error) {
	all := slices.Clone(articles)
	all[1].Retired = true
	all[0].Unit, all[0].SD, all[0].Cost, all[0].Zone, all[0].VATPercent, all[0].CaseSize = 262_500, 1_500, 210, "chilled", 13, 24
	return all, nil
}

func (p *planner) Aisles(_ context.Context, store cloud.StoreID) ([]cloud.ShelfPlace, error) {
	if store != "qj" {
		return nil, nil
	}
	return []cloud.ShelfPlace{{Store: store, SKU: "1001", Aisle: "3", Turn: 2}, {Store: store, SKU: "2001", Aisle: "10"}}, nil
}

func (p *planner) Prices(context.Context, int) (cloud.PriceBook, error) { return p.book, nil }

func (p *planner) Costs(context.Context, protocol.SKU) ([]cloud.CostChange, error) {
	return []cloud.CostChange{{SKU: "2001", Cost: 200}, {SKU: "2001", From: noon.Add(-time.Hour), Cost: 210, By: "owner"}}, nil
}

// repricing is a chain whose prices change.
func repricing(w *world) {
	w.planner.book = cloud.PriceBook{
		Version: 12,
		Coming: []cloud.PriceChange{{
			Number: 5, From: noon.Add(5 * time.Hour), Entered: noon.Add(-time.Hour), By: "owner", Prices: map[protocol.SKU]protocol.Fen{"2001": 380, "1101": 320},
		}},
		Ended: []cloud.PriceChange{
			{Number: 4, From: noon.Add(-time.Hour), By: "manager", Prices: map[protocol.SKU]protocol.Fen{"1001": 200}, End: cloud.PriceEnd{At: noon, Version: 12}},
			{Number: 3, From: noon, Prices: map[protocol.SKU]protocol.Fen{"1001": 900}, End: cloud.PriceEnd{At: noon.Add(-time.Hour), By: "owner"}},
		},
	}
	w.planner.preview = cloud.Preview{
		Revision: 7, Unchanged: 3,
		Changes: []cloud.MasterChange{
			{Kind: cloud.MasterArticles, Key: "2001", Name: articles[0].Name, Fields: []cloud.FieldChange{{Field: "price_fen", From: "350", To: "380"}, {Field: "retired", From: "0", To: "1"}}},
			{Kind: cloud.MasterArticles, Key: "9009", Name: articles[1].Name, Added: true, Fields: []cloud.FieldChange{{Field: "zone", To: "chilled"}, {Field: "min_age", To: "0"}}},
			{Kind: cloud.MasterPlanograms, Key: "qj-1 S1", Name: cloud.Text{Zh: "门口", En: "Gate"}, Fields: []cloud.FieldChange{{Field: "sku", From: "2001 × 8, 1001", To: "2001"}}},
		},
		Warnings: []cloud.Warning{
			{Kind: cloud.WarnLeft, Cabinet: "qj-1", Platform: "S1", SKU: "1001", Units: 6},
			{Kind: cloud.WarnSameTime, SKU: "2001", At: noon},
			{Kind: cloud.WarnChanges, SKU: "2001", At: noon},
			{Kind: cloud.WarnAlike, Cabinet: "qj-1", Units: 87},
		},
		Plans: []cloud.PlanChange{{Cabinet: "qj-1", Proposal: somePlan()}},
	}
}

func someFaults() error {
	return &cloud.BadData{More: 3, Faults: []cloud.Fault{
		{Line: 2, Column: "price_yuan", Found: "2.005", Why: cloud.Text{Zh: "要填 0.01 到 10000.00 的数", En: "want a number from 0.01 to 10000.00"}},
		{Line: 7, Why: cloud.Text{Zh: "一共 14 列，这一行有 13 格", En: "want 14 fields as there are columns, got 13"}},
	}}
}

func TestWhatTheChainPlansIsReadBySomeAndChangedByFewer(t *testing.T) {
	w := newWorld()
	repricing(w)
	pages := []string{"/master", "/master/articles", "/master/articles/2001", "/master/prices", "/master/stores", "/master/stores/qj", "/master/planograms", "/master/planograms/qj-1", "/master/aisles"}
	for _, lang := range []string{"zh", "en"} {
		manager := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		technician, resident := manager, manager
		technician.session, resident.session = "technician", "anna"
		for _, path := range pages {
			mustSee(t, manager.get(path), http.StatusOK, `href="/master" aria-current="page"`)
			rec := technician.get(path)
			mustSee(t, rec, http.StatusOK)
			mustNotSee(t, rec, `class="btn lamp"`, "/withdraw")
			if code := resident.get(path).Code; code != http.StatusForbidden {
				t.Errorf("a resident gets %d of %s", code, path)
			}
		}
		for _, path := range []string{"/master/articles", "/master/prices", "/master/import", "/master/apply", "/master/prices/5/withdraw", "/master/planograms/qj-1", "/master/aisles", "/master/cabinets/qj-1"} {
			if code := technician.post(path).Code; code != http.StatusForbidden {
				t.Errorf("a technician gets %d of POST %s", code, path)
			}
		}
		for _, path := range []string{"/master/articles/new", "/master/stores/new"} {
			mustSee(t, manager.get(path), http.StatusOK, `class="btn lamp"`)
		}
		for _, path := range []string{"/master/articles/0", "/master/stores/none", "/master/planograms/none", "/master/aisles?store=none"} {
			if code := manager.get(path).Code; code != http.StatusNotFound {
				t.Errorf("%d of %s, which is not there", code, path)
			}
		}
	}
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/master/articles?q=MILK"), http.StatusOK, "Milk 250 ml", "Milk chocolate", "2 articles", "262")
	mustNotSee(t, v.get("/master/articles?q=MILK"), "Cola")
	mustSee(t, v.get("/master/articles/2001"), http.StatusOK, `value="3.50"`, `value="262.5"`, "¥2.10", "From the beginning", "owner")
	mustSee(t, v.get("/master/prices"), http.StatusOK, "Version 12 holds", "¥3.80 from 22 November, 07:14", "Withdrawn 22 November, 01:14 by owner, never held", "Cola 330 ml can")
	mustSee(t, v.get("/master/stores"), http.StatusOK, "07:00-12:00 13:00-22:00")
	mustSee(t, v.get("/master/export/prices"), http.StatusOK, "sku,prices")
}

// tableOf is what was asked for without what table programs want: the mark of UTF-8, and their ends of lines.
func tableOf(in cloud.Intake) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(in.Text), "\uFEFF"), "\r\n", "\n")
}

func TestAFormIsATableOfOneLine(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh", session: "manager"}
	mustSee(t, v.post("/master/articles", "sku", "1001", "name_zh", " 水, 一瓶 ", "price_yuan", "2.50", "essential", "1"), http.StatusOK, "会改 0 处")
	in := w.planner.asked[0]
	want := "sku,name_zh,name_en,category,zone,gross_g,sd_g,price_yuan,cost_yuan,vat_percent,case_size,barcodes,shelf_life_days,min_age,essential,retired\n" +
		"1001,\"水, 一瓶\",,,,,,2.50,,,,,,,1,0\n"
	if in.Kind != cloud.MasterArticles || tableOf(in) != want {
		t.Errorf("asked for %s:\n%s", in.Kind, in.Text)
	}
	w.planner.err = someFaults()
	rec := v.post("/master/articles", "sku", "1001", "price_yuan", "2.005", "retired", "1")
	mustSee(t, rec, http.StatusUnprocessableEntity, "要填 0.01 到 10000.00 的数", `value="2.005"`, `name="retired" value="1" checked`)
}

func TestPricesThatAreFilledInAndTheirTimeAreAskedFor(t *testing.T) {
	w := newWorld()
	repricing(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	rec := v.post("/master/prices", "price-2001", " 3.80 ", "price-1101", "", "price-1001", "2.20", "from", "2026-12-01T00:00")
	mustSee(t, rec, http.StatusOK, "3 entries would change", "It holds from 1 December, 00:00 on.", "<del>3.50</del>", "<b>3.80</b>", "Price, yuan", `name="revision" value="7"`,
		"<b>Yes</b>", "<b>Chilled</b>", "Milk 250 ml × 8 · Spring water 550 ml", "6 of Spring water 550 ml still lie on S1", "3 entries are as they are already", "entered later, and stands")
	mustNotSee(t, rec, "Minimum age")
	in := w.planner.asked[0]
	if tableOf(in) != "sku,price_yuan\n1001,2.20\n2001,3.80\n" || !in.From.Equal(time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("asked for %s from %s", in.Text, in.From)
	}
	w.planner.err = someFaults()
	mustSee(t, v.post("/master/prices", "price-2001", "2.005"), http.StatusUnprocessableEntity, `data-th="Which">2001<`, ">Price, yuan<")
	w.planner.err = nil
	if code := v.post("/master/prices", "price-2001", "3.80", "from", "tomorrow").Code; code != http.StatusBadRequest {
		t.Errorf("a time that is none: %d", code)
	}
	if code := v.post("/master/prices/5/withdraw").Code; code != http.StatusSeeOther || !slices.Equal(w.planner.withdrawn, []uint32{5}) {
		t.Errorf("withdrawn: %d, %v", code, w.planner.withdrawn)
	}
}

func TestPlacesThatAreEmptiedAreEmpty(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/master/planograms/qj-1"), http.StatusOK, `name="sku-S1"`, `name="par-S5"`, `name="room-S5"`, `action="/master/cabinets/qj-1"`)
	form := url.Values{"platform": {"S1", "S2"}, "sku-S1": {"2001 Milk 250 ml", "", "1001"}, "par-S1": {"8", "", ""}, "room-S1": {"12", "", "9"}, "sku-S2": {" ", ""}, "par-S2": {"", ""}}
	mustSee(t, v.do(http.MethodPost, "/master/planograms/qj-1", form), http.StatusOK)
	if got := tableOf(w.planner.asked[0]); got != "cabinet,platform,sku,par,room\nqj-1,S1,2001,8,12\nqj-1,S1,1001,,9\nqj-1,S2,,,\n" {
		t.Errorf("asked for\n%s", got)
	}
}

func TestWhereThingsLieAndStandIsFilledIn(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh", session: "manager"}
	page := v.get("/master/aisles")
	mustSee(t, page, http.StatusOK, "饮用天然水 550ml 在哪个货架", `name="turn" value="2"`, "2 种商品记下了货架")
	if body := page.Body.String(); strings.Index(body, `data-key="1001"`) > strings.Index(body, `data-key="2001"`) || strings.Index(body, `data-key="2001"`) > strings.Index(body, `data-key="1101"`) {
		t.Error("aisle 3 does not come before aisle 10, and that before those without one")
	}
	form := url.Values{"store": {"qj"}, "sku": {"1001", "2001"}, "aisle": {" 4 ", ""}, "turn": {"7", ""}}
	mustSee(t, v.do(http.MethodPost, "/master/aisles", form), http.StatusOK)
	mustSee(t, v.post("/master/cabinets/qj-1", "latitude", " 30.2 ", "longitude", "120.2", "hours", "06:00-22:00"), http.StatusOK)
	want := []string{"store,sku,aisle,turn\nqj,1001,4,7\nqj,2001,,\n", "cabinet,latitude,longitude,hours\nqj-1,30.2,120.2,06:00-22:00\n"}
	for i, in := range w.planner.asked {
		if tableOf(in) != want[i] || in.Kind != []cloud.MasterKind{cloud.MasterAisles, cloud.MasterCabinets}[i] {
			t.Errorf("asked for %s\n%s", in.Kind, in.Text)
		}
	}
}

// upload sends a form with a file, as a browser does.
func (v visitor) upload(path string, fields map[string]string, file string) *httptest.ResponseRecorder {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := form.WriteField(name, value); err != nil {
			v.t.Fatal(err)
		}
	}
	if file != "" {
		part, err := form.CreateFormFile("file", "table.csv")
		if err != nil {
			v.t.Fatal(err)
		}
		if _, err := part.Write([]byte(file)); err != nil {
			v.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		v.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Accept-Language", v.lang)
	r.AddCookie(&http.Cookie{Name: "session", Value: v.session})
	rec := httptest.NewRecorder()
	v.handler.ServeHTTP(rec, r)
	return rec
}

func TestATableIsUploadedLookedAtAndTakenIn(t *testing.T) {
	w := newWorld()
	repricing(w)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	file := "sku,price_yuan\n" + strings.Repeat("2001,3.80\n", 20_000) // far above what other pages take
	mustSee(t, v.upload("/master/import", map[string]string{"kind": "prices", "from": "2026-12-01T00:00", "text": "x"}, file), http.StatusOK, "3 entries would change")
	mustSee(t, v.upload("/master/import", map[string]string{"kind": "stores", "from": "2026-12-01T00:00", "text": "id"}, ""), http.StatusOK)
	if a := w.planner.asked; string(a[0].Text) != file || a[0].From.IsZero() || string(a[1].Text) != "id" || !a[1].From.IsZero() {
		t.Errorf("asked for %.40s from %s, then %s from %s", a[0].Text, a[0].From, a[1].Text, a[1].From)
	}
	fields := map[string]string{"kind": "prices", "revision": "7", "from": "2026-12-01T00:00:00+08:00", "text": file, "back": "/master/prices"}
	rec := v.upload("/master/apply", fields, "")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/master/prices?done=3" || w.planner.at != 7 {
		t.Errorf("%d to %s, at revision %d", rec.Code, rec.Header().Get("Location"), w.planner.at)
	}
	if a := w.planner.applied[0]; a.By != "manager" || string(a.Text) != file || !a.From.Equal(w.planner.asked[0].From) {
		t.Errorf("applied %.40s by %s from %s", a.Text, a.By, a.From)
	}
	mustSee(t, v.get("/master/prices?done=3"), http.StatusOK, "3 entries changed.")
	w.planner.err = protocol.Errorf(cloud.CodeChanged, "at another revision")
	w.planner.preview.Revision = 8
	mustSee(t, v.upload("/master/apply", fields, ""), http.StatusOK, "Somebody changed something a moment ago", `name="revision" value="8"`)
	w.planner.err = someFaults()
	mustSee(t, v.upload("/master/import", map[string]string{"kind": "prices", "text": "sku\n<b>"}, ""), http.StatusUnprocessableEntity,
		"5 faults; nothing was changed", "<code>2.005</code>", "want 14 fields", "3 more are not listed", "sku\n&lt;b&gt;</textarea>")
	for name, fields := range map[string]map[string]string{
		"no revision": {"kind": "prices"}, "no table": {"kind": "visits", "revision": "7"}, "no time": {"kind": "prices", "revision": "7", "from": "x"},
	} {
		if code := v.upload("/master/apply", fields, "").Code; code != http.StatusBadRequest {
			t.Errorf("%s: %d", name, code)
		}
	}
}
