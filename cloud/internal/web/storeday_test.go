package web_test

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// accounts are the days of one store, as a test wants them.
type accounts struct {
	closed   *cloud.ClosedDay
	asked    []cloud.CloseDay
	refusal  error
	unknown  bool // nothing is added up yet
	imported string
}

const accountDay = ledger.Day("2026-11-20")

func (*accounts) Today(context.Context) (ledger.Day, error) { return accountDay.Add(2), nil }

func (a *accounts) Heads(_ context.Context, last ledger.Day, days int, _ ...cloud.StoreID) (all []cloud.DayHead, err error) {
	for n := range days {
		d, _ := a.Day(context.Background(), "qj", last.Add(-n))
		missing, more := d.Differs()
		head := cloud.DayHead{
			Store: "qj", Day: d.Day, Known: !a.unknown, Missing: missing, More: more, Faults: d.Faults(), Open: len(d.Open), Stated: true, Money: d.Money, Earned: d.Total(), Late: n % 2,
		}
		if n > 3 {
			head.Closed = &cloud.ClosedDay{By: "owner"}
		}
		all = append(all, head)
	}
	return all, nil
}

func (a *accounts) Day(_ context.Context, store cloud.StoreID, day ledger.Day) (cloud.StoreDay, error) {
	if store != "qj" {
		return cloud.StoreDay{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	good := reconcile.Goods{
		Cabinet: "qj-1", SKU: "2001", Opening: 8, Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -2, {Way: reconcile.WrittenOff, Reason: "expired"}: -1}, Closing: 5,
		Scales: &reconcile.Level{Qty: 3, Low: 3, High: 3, At: noon},
	}
	other := good
	other.Cabinet, other.Scales, other.Before = "qj-2", &reconcile.Level{Qty: 7, Low: 7, High: 7, At: noon}, 1
	d := cloud.StoreDay{
		Store: "qj", Day: day, Over: true, Goods: []reconcile.Goods{good, other}, Money: reconcile.Money{Orders: 2, Billed: 1400, Captured: 1000, DebtMade: 400}, Stated: true, Sum: "abc",
		Paid: reconcile.Paid{Lines: 3, Captured: 999, Fees: 6}, Matched: 2, StoreName: cloud.Text{Zh: "钱江花园店", En: "Qianjiang Garden store"},
		Differences: []reconcile.Difference{
			{Goods: good, Cause: reconcile.CauseTheft, Cost: -400, Evidence: []reconcile.Evidence{
				{Kind: reconcile.EvidenceVisit, Cabinet: "qj-1", ID: id(3).String(), Word: "review", At: noon}, {Kind: reconcile.EvidenceIncident, Cabinet: "qj-1", ID: "1", Word: "key_opening", At: noon},
			}},
			{Goods: other, Cause: reconcile.CauseLate, Cost: 400, Evidence: []reconcile.Evidence{{Kind: reconcile.EvidenceEvents, Cabinet: "qj-2", At: noon.Add(-30 * time.Hour)}}},
		},
		Pairs: []reconcile.Pair{
			{State: reconcile.AmountDiffers, Day: day, Stated: &reconcile.Stated{Kind: reconcile.Capture, Order: strings.Repeat("a", 32), Amount: 499, At: noon}, Booked: &reconcile.Booked{Kind: reconcile.Capture, Amount: 500, Day: day, Visit: id(3), Number: strings.Repeat("a", 32)}},
			{State: reconcile.MissingThere, Booked: &reconcile.Booked{Kind: reconcile.Refund, Amount: 350, Day: day, Visit: id(4), Number: strings.Repeat("b", 32)}},
		},
		Earned: map[protocol.CabinetID]reconcile.Earned{"qj-1": {Gross: 700, Net: 619, Cost: 400, Stock: 1000, Waste: 200}, "qj-2": {Gross: 700, Net: 619, Cost: 800}, "": {Waste: 494}},
		Open: []cloud.OpenItem{
			{Kind: cloud.OpenReview, Cabinet: "qj-1", Visit: id(3).String(), At: noon, Count: 1},
			{Kind: cloud.OpenPayment, Cabinet: "qj-1", Visit: id(4).String(), At: noon, Count: 1},
			{Kind: cloud.OpenVisit, Cabinet: "qj-1", Visit: id(4).String(), At: noon, Count: 1},
			{Kind: cloud.OpenEvents, Cabinet: "qj-2", Count: 1},
			{Kind: cloud.OpenClock, Cabinet: "qj-2", Count: 1},
			{Kind: cloud.OpenUnmatched, Count: 2},
			{Kind: cloud.OpenDiffering, Count: 2},
		},
		LateFor:  []cloud.LateSum{{Belonged: day, Booked: day.Add(2), Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -2, {Way: reconcile.Refilled}: 3}, Money: reconcile.Money{Billed: 700}}},
		Doubts:   []cloud.DoubtSum{{Cabinet: "qj-2", Booked: day, First: day.Add(-2), Last: day, Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -1}, Money: reconcile.Money{Billed: 350}}},
		Names:    map[protocol.SKU]cloud.Text{"2001": {Zh: "纯牛奶 250ml", En: "=Milk 250 ml"}},
		Cabinets: []cloud.Cabinet{{ID: "qj-1", Number: 1}, {ID: "qj-2", Number: 2}}, Articles: map[protocol.SKU]reconcile.Article{"2001": {Cost: 200, VATPercent: 13}},
	}
	if a.closed != nil {
		d.Closed, d.Open = a.closed, nil
	}
	return d, nil
}

func (a *accounts) Pairs(ctx context.Context, store cloud.StoreID, day ledger.Day) ([]reconcile.Pair, error) {
	d, err := a.Day(ctx, store, day)
	return d.Pairs, err
}

func (*accounts) Entries(_ context.Context, _ cloud.StoreID, day ledger.Day) ([]ledger.Entry, error) {
	return []ledger.Entry{{ID: id(9), At: noon, Ref: "op:1", Cabinet: "qj-1", Day: day, Postings: ledger.Capture(id(3), 400)}}, nil
}

func (a *accounts) Close(_ context.Context, c cloud.CloseDay) (cloud.ClosedDay, error) {
	a.asked = append(a.asked, c)
	return cloud.ClosedDay{}, a.refusal
}

func (a *accounts) Import(_ context.Context, f cloud.StatementFile) (cloud.StatementImport, []cloud.BadRow, error) {
	raw, err := io.ReadAll(f.Text)
	a.imported = string(raw)
	if strings.HasPrefix(a.imported, "bad") {
		return cloud.StatementImport{}, []cloud.BadRow{{Line: 3, Column: "amount_fen", Why: `"<b>": want whole fen`}, {Line: 4, Why: "7 fields: want 8"}}, nil
	}
	return cloud.StatementImport{Name: f.Name, Lines: 12, Added: 5}, nil, err
}

func (*accounts) Imports(context.Context, int) ([]cloud.StatementImport, error) {
	return []cloud.StatementImport{{Name: "2026-11-20.csv", By: "owner", At: noon, Lines: 12, Added: 5}}, nil
}

func (*accounts) Lines(_ context.Context, day ledger.Day) ([]cloud.StatementLine, error) {
	return []cloud.StatementLine{{Stated: reconcile.Stated{At: noon, Kind: reconcile.Capture, Order: "c7", Amount: 700, Fee: 4, Merchant: "=m"}, Currency: "CNY", Day: day, Store: "qj"}}, nil
}

func (*accounts) Unknown(context.Context, int) ([]cloud.StatementLine, error) {
	return []cloud.StatementLine{{Stated: reconcile.Stated{At: noon, Kind: reconcile.Capture, Order: strings.Repeat("c", 32), Amount: 700}}}, nil
}

func accountPages() []page {
	path := "/reconcile/qj/" + string(accountDay)
	return []page{
		{name: "accounts", path: "/reconcile", session: "manager"},
		{name: "account-day", path: path, session: "manager"},
		{name: "account-closed", path: path, session: "manager", setUp: func(w *world) {
			w.accounts.closed = &cloud.ClosedDay{By: "owner", At: noon, Note: "in repair", Open: 2, Sum: strings.Repeat("ab", 32)}
		}},
		{name: "statements", path: "/statements", session: "manager"},
	}
}

func accountant(t *testing.T, lang string) (visitor, *accounts) {
	w := newWorld()
	return visitor{t: t, handler: handlerOf(w, true), lang: lang, session: "manager"}, w.accounts
}

func TestADayTellsWhatDiffersAndWhy(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh": {"账上 5，秤上 3，少 2", "可能：被拿走没付钱", "可能：柜子的消息还没到齐", "✓ 对", "✗ 不对", "金额不同", "卖出", "还没了结", "关账并签名", "<td>店里和途中</td>"},
		"en": {"Book 5, scales 3: 2 missing", "Likely: taken and not paid for", "the cabinet has not told everything", "adds up", "amount differs", "2 sold", "Still open", "Cabinet 2: booked on", "Close and sign"},
	} {
		v, _ := accountant(t, lang)
		mustSee(t, v.get("/reconcile/qj/"+string(accountDay)), http.StatusOK, append(want, `href="/v/`+id(3).String()+`"`, `href="/cabinets/qj-1"`, `value="abc"`)...)
	}
}

func TestWhatKeepsADayOpenIsToldOnItsPage(t *testing.T) {
	v, a := accountant(t, "en")
	path := "/reconcile/qj/" + string(accountDay)
	mustSee(t, v.post(path+"/close", "note", "x", "sum", "abc"), http.StatusSeeOther)
	if len(a.asked) != 1 || a.asked[0].By != "manager" || a.asked[0].Sum != "abc" || a.asked[0].Note != "x" {
		t.Errorf("asked %+v", a.asked)
	}
	a.refusal = protocol.Errorf(cloud.CodeFiguresMoved, "moved")
	mustSee(t, v.post(path+"/close", "note", "my words", "sum", "abc"), http.StatusConflict, "The figures changed while you looked", `value="my words"`)
}

func TestTheListSaysWhatIsNotAddedUpYet(t *testing.T) {
	v, a := accountant(t, "en")
	mustSee(t, v.get("/reconcile"), http.StatusOK, "days are not closed", "Closed by owner", `href="/reconcile/qj/2026-11-22"`)
	a.unknown = true
	mustSee(t, v.get("/reconcile"), http.StatusOK, "Being added up", "data-poll")
}

// TestTablesAreSafeInASpreadsheet: what somebody wrote is never calculated, and numbers stay numbers.
func TestTablesAreSafeInASpreadsheet(t *testing.T) {
	v, _ := accountant(t, "en")
	for name, want := range map[string]string{
		"goods.csv": "'=Milk 250 ml", "differences.csv": "-4.00", "money.csv": "14.00", "margin.csv": "6.19", "statement.csv": "amount differs", "entries.csv": "-400",
	} {
		rec := v.get("/reconcile/qj/" + string(accountDay) + "/" + name)
		body, marked := strings.CutPrefix(rec.Body.String(), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || !marked || len(rows) < 2 || !strings.Contains(body, want) {
			t.Errorf("%s: marked %v, %d rows, %v: want %q", name, marked, len(rows), err, want)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "@") {
					t.Errorf("%s has the cell %q", name, cell)
				}
			}
		}
	}
	mustSee(t, v.get("/reconcile/qj/"+string(accountDay)+"/other.csv"), http.StatusNotFound)
}

func TestTablesOfSeveralDaysAndLists(t *testing.T) {
	v, _ := accountant(t, "en")
	path := "/reconcile/qj/" + string(accountDay)
	next := accountDay.Add(1)
	for name, days := range map[string]string{
		path + "/entries.csv?to=" + string(next):                                   string(next),
		path + "/money.csv?to=" + string(next):                                     string(next),
		path + "/statement.csv?to=" + string(next):                                 string(next),
		"/reconcile/days.csv?to=" + string(accountDay):                             string(accountDay),
		"/statements/lines.csv?from=" + string(accountDay) + "&to=" + string(next): "c7",
		"/disputes/lines.csv":                                                      "objection",
	} {
		rec := v.get(name)
		body, marked := strings.CutPrefix(rec.Body.String(), "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if rec.Code != http.StatusOK || err != nil || !marked || len(rows) < 1 || !strings.Contains(body, days) {
			t.Errorf("%s: %d, %v\n%s", name, rec.Code, err, body)
		}
	}
	for _, name := range []string{
		path + "/entries.csv?to=" + string(accountDay.Add(-1)), path + "/money.csv?to=" + string(accountDay.Add(31)), path + "/statement.csv?to=tomorrow", "/statements/lines.csv?to=" + string(next),
	} {
		mustSee(t, v.get(name), http.StatusBadRequest)
	}
	v.session = "anna"
	for _, name := range []string{"/reconcile/days.csv", "/statements/lines.csv?from=" + string(accountDay), "/disputes/lines.csv"} {
		mustSee(t, v.get(name), http.StatusForbidden)
	}
}

func TestAStatementIsTakenInOrEachBadPlaceIsTold(t *testing.T) {
	v, a := accountant(t, "en")
	mustSee(t, v.upload("/statements/import", nil, strings.Repeat("good line\n", 20_000)), http.StatusOK, "12 lines in the file, 5 of them new")
	if len(a.imported) != 200_000 {
		t.Errorf("%d bytes arrived", len(a.imported))
	}
	rec := v.upload("/statements/import", nil, "bad")
	mustSee(t, rec, http.StatusUnprocessableEntity, "Nothing was taken in: 2", "amount_fen", "7 fields: want 8")
	mustNotSee(t, rec, "<b>&#34;", `"<b>"`)
	mustSee(t, v.post("/statements/import"), http.StatusBadRequest)
}
