package api

import (
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/desired"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/masterdata"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/rollout"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// plan puts the plan of storetest into the books, under the real rules.
func (r *rig) plan(db cloud.DB) (*masterdata.Service, *desired.Service, *rollout.Service) {
	r.t.Helper()
	newID := func() protocol.UUID { return protocol.UUID{6: 0x70, 8: 0x80, 15: 1} }
	states := desired.New(desired.Options{
		DB: db, Book: book.New(time.Now, newID), Signer: grant.Signer{KeyID: 1, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))},
		Presence: presence.New(), Hub: watch.New(), Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	m := storetest.Plan()
	for i := range m.Articles {
		m.Articles[i].Category, m.Articles[i].Zone, m.Articles[i].CaseSize = "drinks", "ambient", 12
	}
	if err := states.Apply(r.t.Context(), m); err != nil {
		r.t.Fatal(err)
	}
	out := rollout.New(rollout.Options{DB: db, Desired: states, Catalog: catalog.New(), Presence: presence.New(), Now: time.Now})
	return masterdata.New(masterdata.Options{DB: db, Desired: states, Now: time.Now}), states, out
}

func TestATableIsSeenBeforeItIsTakenIn(t *testing.T) {
	r := newRig(t)
	manager := r.manager()
	const table = "sku,price_yuan\n1001,2.50\n1002,3.50\n"
	var seen, done, again previewAnswer
	manager.want(200, "POST", "/api/v1/import/prices", table, &seen)
	if seen.Applied || len(seen.Changes) != 1 || seen.Changes[0].Fields[0] != (fieldAnswer{"price_fen", "200", "250"}) || seen.Unchanged != 1 || seen.Changes[0].Name != "水" {
		t.Fatalf("seen: %+v", seen)
	}
	at := "/api/v1/import/prices?revision=" + decimalOf(seen.Revision)
	manager.want(200, "POST", at, table, &done)
	if !done.Applied || len(done.Changes) != 1 {
		t.Errorf("done: %+v", done)
	}
	manager.want(200, "POST", at, table, &again)
	if len(again.Changes) != 0 {
		t.Errorf("sent twice: %+v", again)
	}
	manager.refused(409, cloud.CodeChanged, "POST", at, "sku,price_yuan\n1001,9\n")
	manager.refused(404, cloud.CodeNotFound, "POST", "/api/v1/import/visits", table)
	manager.refused(400, protocol.CodeMalformed, "POST", "/api/v1/import/prices?from=tomorrow", table)
	manager.refused(400, protocol.CodeMalformed, "POST", "/api/v1/import/prices?revision=0", table)
	manager.refused(413, httpx.CodeTooLarge, "POST", "/api/v1/import/prices", strings.Repeat("x", 7<<20))
	r.technician().refused(403, cloud.CodeForbidden, "POST", "/api/v1/import/prices", table)
	r.resident(anna).refused(403, cloud.CodeForbidden, "GET", "/api/v1/articles", "")
}

func decimalOf(n uint64) string {
	text := ""
	for ; n > 0; n /= 10 {
		text = string(rune('0'+n%10)) + text
	}
	return text
}

func TestEveryFaultOfATableIsInTheProblem(t *testing.T) {
	r := newRig(t)
	var p httpx.Problem
	r.manager().want(422, "POST", "/api/v1/import/prices", "sku,price_yuan\n1001,2.505\n7777,1\n", &p, "Accept-Language", "zh")
	want := []httpx.FaultPart{
		{Line: 2, Column: "price_yuan", Found: "2.505", Why: `要填 0.01 到 10000.00 的数，最多 2 位小数，这里是 "2.505"`},
		{Line: 3, Column: "sku", Found: "7777", Why: `没有商品 "7777"`},
	}
	if len(p.Faults) != 2 || p.Faults[0] != want[0] || p.Faults[1] != want[1] || p.Code != cloud.CodeBadData {
		t.Errorf("got %+v", p)
	}
}

func TestWhatIsExportedIsImportedWithoutAChange(t *testing.T) {
	r := newRig(t)
	manager := r.manager()
	for _, kind := range cloud.MasterKinds() {
		answer := manager.send("GET", "/api/v1/export/"+string(kind), "")
		table, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
			t.Fatalf("%s: %d %v", kind, answer.StatusCode, err)
		}
		var seen previewAnswer
		manager.want(200, "POST", "/api/v1/import/"+string(kind), string(table), &seen)
		if len(seen.Changes) != 0 || seen.Unchanged == 0 {
			t.Errorf("%s: %+v", kind, seen)
		}
	}
	manager.refused(404, cloud.CodeNotFound, "GET", "/api/v1/export/visits", "")
}

func TestEntriesAreChangedOneByOne(t *testing.T) {
	r := newRig(t)
	manager := r.manager()
	const cola = `{"name_zh":"可乐","name_en":"Cola","category":"soft-drink","zone":"ambient","unit_mg":346000,"sd_mg":1500,"price_fen":300,"cost_fen":180,
		"shelf_life_days":365,"essential":false,"vat_percent":13,"min_age":0,"case_size":24}`
	var p previewAnswer
	manager.want(200, "PUT", "/api/v1/articles/1101", cola, &p)
	if len(p.Changes) != 1 || !p.Changes[0].Added {
		t.Errorf("an article: %+v", p)
	}
	var a articleAnswer
	manager.want(200, "GET", "/api/v1/articles/1101", "", &a)
	if a.NameZh != "可乐" || a.Price != 300 {
		t.Errorf("it is %+v", a)
	}
	manager.want(200, "PUT", "/api/v1/cabinets/xs-01/planogram", `{"platforms":[{"id":"S2","goods":[{"sku":"1101","par":10},{"sku":"1003"}]}]}`, &p)
	if len(p.Changes) != 1 || p.Changes[0].Fields[0].To != "1101 × 10, 1003 ≤ 40" {
		t.Errorf("places: %+v", p)
	}
	manager.want(200, "PUT", "/api/v1/cabinets/xs-01/planogram", `{"platforms":[{"id":"S2","goods":[{"sku":"1101","par":10,"room":16},{"sku":"1003"}]}]}`, &p)
	if len(p.Changes) != 1 || p.Changes[0].Fields[0].To != "1101 × 10 ≤ 16, 1003 ≤ 40" {
		t.Errorf("room: %+v", p)
	}
	manager.want(200, "PUT", "/api/v1/articles/1101", strings.Replace(cola, `"case_size"`, `"barcodes":["4006381333931"],"case_size"`, 1), &p)
	manager.want(200, "PUT", "/api/v1/articles/1101", cola, &p)
	manager.want(200, "GET", "/api/v1/articles/1101", "", &a)
	if len(p.Changes) != 0 || len(a.Barcodes) != 1 {
		t.Errorf("bar codes that are not spoken of: %+v, %v", p, a.Barcodes)
	}
	manager.want(200, "PUT", "/api/v1/stores/north/aisles", `{"aisles":[{"sku":"1101","aisle":"3","turn":2},{"sku":"1003","aisle":"1"}]}`, &p)
	var aisles aislesBody
	manager.want(200, "GET", "/api/v1/stores/north/aisles", "", &aisles)
	if len(p.Changes) != 2 || len(aisles.Aisles) != 2 || aisles.Aisles[1] != (aisleBody{"1101", "3", 2}) {
		t.Errorf("aisles: %+v, %+v", p, aisles)
	}
	manager.refused(404, cloud.CodeNotFound, "GET", "/api/v1/stores/none/aisles", "")
	manager.want(200, "PUT", "/api/v1/cabinets/xs-01/place", `{"latitude":30.2,"longitude":120.25,"hours":[{"open":"06:00","close":"22:00"}]}`, &p)
	manager.refused(422, cloud.CodeBadData, "PUT", "/api/v1/cabinets/xs-01/place", `{"latitude":30.2,"hours":[]}`)
	if len(p.Changes) != 1 || p.Changes[0].Table != cloud.MasterCabinets || len(p.Changes[0].Fields) != 3 {
		t.Errorf("a place: %+v", p)
	}
	manager.want(200, "PUT", "/api/v1/stores/west", `{"name_zh":"西店","name_en":"West","hours":[{"open":"08:00","close":"20:00"}]}`, &p)
	old := strings.Replace(cola, `"min_age":0`, `"min_age":18`, 1)
	manager.refused(422, cloud.CodeBadData, "PUT", "/api/v1/articles/1101", old)
	manager.refused(422, cloud.CodeBadData, "PUT", "/api/v1/articles/1102", `{}`)
	manager.refused(400, protocol.CodeMalformed, "PUT", "/api/v1/articles/1102", `[]`)
	manager.refused(404, cloud.CodeNotFound, "GET", "/api/v1/articles/1102", "")
	r.technician().want(200, "GET", "/api/v1/articles/1101", "", nil)
	r.technician().refused(403, cloud.CodeForbidden, "PUT", "/api/v1/articles/1101", cola)
}

func TestPricesToComeAreListedAndWithdrawn(t *testing.T) {
	r := newRig(t)
	manager := r.manager()
	from := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	manager.want(200, "PUT", "/api/v1/prices", `{"prices_fen":{"1001":250},"from":"`+from.Format(time.RFC3339)+`"}`, nil)
	var all pricesAnswer
	manager.want(200, "GET", "/api/v1/prices", "", &all)
	if all.Version != 1 || all.Prices["1001"] != 200 || len(all.Coming) != 1 || !all.Coming[0].From.Equal(from) || all.Coming[0].By != "manager" {
		t.Fatalf("%+v", all)
	}
	path := "/api/v1/prices/" + decimalOf(uint64(all.Coming[0].Number))
	r.technician().refused(403, cloud.CodeForbidden, "DELETE", path, "")
	manager.want(204, "DELETE", path, "", nil)
	manager.refused(409, cloud.CodeConflict, "DELETE", path, "")
	manager.refused(404, cloud.CodeNotFound, "DELETE", "/api/v1/prices/one", "")
	manager.refused(422, cloud.CodeBadData, "PUT", "/api/v1/prices", `{"prices_fen":{"1001":250},"from":"2020-01-01T00:00:00Z"}`)
}
