package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// ledgerOfDays is a chain of two stores whose days were added up.
type ledgerOfDays struct {
	asked   []cloud.TotalQuery
	pending int
	blank   bool
	only    *cloud.Total // the one line that there is
}

func (l *ledgerOfDays) Totals(_ context.Context, q cloud.TotalQuery) (cloud.Totals, error) {
	if !q.From.Valid() || !q.To.Valid() || q.To < q.From {
		return cloud.Totals{}, protocol.Errorf(protocol.CodeMalformed, "days")
	}
	l.asked = append(l.asked, q)
	if l.blank {
		return cloud.Totals{}, nil
	}
	if l.only != nil {
		return cloud.Totals{Made: noon, Sum: *l.only, Lines: []cloud.TotalLine{{Store: "qj", Total: *l.only}}}, nil
	}
	big := cloud.Total{
		Visits: 900, Orders: 870, Gross: 1_234_567, Net: 1_100_000, Cost: 760_000, TakenBack: 1200, Owed: 3400, Waste: 23_400, Shrink: 5600, SoldOut: 31 * time.Hour, Reviewed: 42 * time.Minute,
		Walked: 5 * time.Hour, Served: coverage.Sum{Open: 15 * 3_600_000, Covered: 8 * 3_600_000, Uncovered: 3_600_000}, Lost: 5400,
	}
	small := cloud.Total{Visits: 90, Orders: 85, Gross: 90_000, Net: 80_000, Cost: 81_000, Owed: -100}
	told := cloud.Totals{Made: noon, Pending: l.pending, Causes: cloud.Causes{reconcile.CauseTheft: {Missing: 1990}, reconcile.CauseSensor: {Missing: 300, More: 450}}}
	add := func(store cloud.StoreID, cabinet protocol.CabinetID, day ledger.Day, t cloud.Total) {
		told.Lines = append(told.Lines, cloud.TotalLine{Store: store, Cabinet: cabinet, Day: day, Total: t})
		told.Sum = told.Sum.Add(t)
	}
	switch q.By {
	case cloud.TotalByDay:
		add("", "", q.From, small)
		add("", "", q.To, big)
	case cloud.TotalByCabinet:
		add("qj", "", "", small)
		add("qj", "qj-1", "", big)
	case cloud.TotalByStore:
		add(cloud.Chainwide, "", "", cloud.Total{Owed: 5})
		add("qj", "", "", small)
		add("xh", "", "", big)
	}
	return told, nil
}

func totalPages() []page {
	return []page{
		{name: "chain", path: "/chain", session: "manager"},
		{name: "chain-service", path: "/chain?span=four&figures=service&sort=gaps", session: "auditor"},
		{name: "chain-store", path: "/chain?span=today&store=qj", session: "manager", setUp: func(w *world) { w.totals.pending = 2 }},
		{name: "chain-empty", path: "/chain?span=month&month=2026-11&by=day", session: "manager", setUp: func(w *world) { w.totals.blank = true }},
		{name: "hours", path: "/hours", session: "manager"},
		{name: "hours-reader", path: "/hours", session: "technician"},
		{name: "stickers", path: "/stickers", session: "manager"},
	}
}

func TestTheChainTellsWhatItCameToBesideTheSpanBefore(t *testing.T) {
	today := ledger.Day("2026-11-22") // As the accounts have it.
	for query, want := range map[string][2]ledger.Day{
		"":                          {today.Add(-7), today.Add(-1)},
		"?span=today":               {today, today},
		"?span=yesterday":           {today.Add(-1), today.Add(-1)},
		"?span=four":                {today.Add(-28), today.Add(-1)},
		"?span=month&month=2026-10": {"2026-10-01", "2026-10-31"},
		"?span=month":               {"2026-11-01", today},
		"?span=month&month=2027-01": {today.Add(-7), today.Add(-1)},
		"?from=2026-11-03":          {"2026-11-03", "2026-11-03"},
	} {
		before := map[string][2]ledger.Day{
			"?span=month&month=2026-10": {"2026-09-01", "2026-09-30"}, "?span=month": {"2026-10-01", "2026-10-22"},
		}[query]
		if many := want[0].Until(want[1]) + 1; before[0] == "" {
			before = [2]ledger.Day{want[0].Add(-many), want[1].Add(-many)}
		}
		w := newWorld()
		v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
		mustSee(t, v.get("/chain"+query), http.StatusOK, "13,245.67", "12,345.67", "before: ¥", "Likely: taken and not paid for", "Added up at")
		got := [2][2]ledger.Day{{w.totals.asked[0].From, w.totals.asked[0].To}, {w.totals.asked[1].From, w.totals.asked[1].To}}
		if got != [2][2]ledger.Day{want, before} {
			t.Errorf("%q asks for %v, want %v and %v", query, got, want, before)
		}
	}
}

func TestEachFigureOpensToWhatItWasMadeFrom(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "zh-CN", session: "manager"}
	mustSee(t, v.get("/chain?span=yesterday"), http.StatusOK, `/reconcile/xh/2026-11-21"`, `/reconcile/chain/2026-11-21"`, "/waste?", "/waste/entries?", "退款", "毛利率")
	mustSee(t, v.get("/chain?span=week&figures=service"), http.StatusOK, `href="/coverage/xh?days=7&amp;from=2026-11-15"`, `href="/coverage/xh/spans?days=7&amp;from=2026-11-15&amp;state=uncovered"`,
		`href="/forecast?store=xh"`, `href="/rounds"`, `href="/reviews/looked?from=2026-11-15&amp;store=xh&amp;to=2026-11-21"`)
	mustSee(t, v.get("/chain?span=month&month=2026-10"), http.StatusOK, `href="/chain?by=store&amp;figures=service&amp;month=2026-10&amp;span=month"`)
	mustSee(t, v.get("/chain?span=week&figures=service&store=qj&by=day"), http.StatusOK, `href="/coverage/qj?days=1&amp;from=2026-11-21"`, `href="/reviews/looked?from=2026-11-21&amp;store=qj&amp;to=2026-11-21"`)
	mustSee(t, v.get("/chain?span=week&store=qj&by=day"), http.StatusOK, `/reconcile/qj/2026-11-15"`)
	mustSee(t, v.get("/chain?span=week&store=qj"), http.StatusOK, `href="/cabinets/qj-1"`, "门店自己")
	csv := v.get("/chain/totals.csv?span=week&sort=sales")
	mustSee(t, csv, http.StatusOK, "xh,,,900,870,12345.67")
	if lines := strings.Split(strings.TrimSpace(csv.Body.String()), "\n"); len(lines) != 4 || !strings.Contains(lines[1], "xh") {
		t.Errorf("the table is\n%s", csv.Body)
	}
	mustSee(t, v.get("/chain?from=x"), http.StatusBadRequest)
	v.session = "auditor"
	if page := v.get("/chain?span=week&figures=service"); strings.Contains(page.Body.String(), `href="/rounds"`) {
		t.Error("an auditor is led to rounds")
	}
	v.session = "technician"
	mustSee(t, v.get("/chain"), http.StatusForbidden)
}

func TestSalesThatNobodyCouldExpectAreNotTold(t *testing.T) {
	served := coverage.Sum{Open: 20 * 3_600_000, Uncovered: 3_600_000}
	for name, c := range map[string]struct {
		total cloud.Total
		want  string
	}{
		"all gaps are priced":                       {cloud.Total{Served: served, Lost: 5400}, ",60,0,54.00,0,"},
		"there was no gap":                          {cloud.Total{Served: coverage.Sum{Open: 1}}, ",0,0,0.00,0,"},
		"nothing was learned yet":                   {cloud.Total{Served: served, Blind: time.Hour}, ",60,0,,60,"},
		"something was learned after the first gap": {cloud.Total{Served: served, Lost: 5400, Blind: time.Minute}, ",60,0,54.00,1,"},
		"nothing is told of the day yet":            {cloud.Total{}, ",0,0,,0,"},
	} {
		w := newWorld()
		w.totals.only = &c.total
		v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
		if csv := v.get("/chain/totals.csv?span=week").Body.String(); !strings.Contains(csv, c.want) {
			t.Errorf("%s: the table has no %q:\n%s", name, c.want, csv)
		}
	}
}

func TestLinesAreSortedAndCut(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	first := func(query string) string {
		t.Helper()
		body := v.get("/chain?" + query).Body.String()
		_, rows, _ := strings.Cut(body, "<tbody>")
		row, _, _ := strings.Cut(rows, "</tr>")
		return row
	}
	for query, want := range map[string]string{
		"": "Xianghu", "sort=margin": "Xianghu", "sort=margin&up=1": "Qianjiang", "sort=owed&up=1": "Qianjiang", "figures=service&sort=served": "Xianghu",
	} {
		if row := first(query); !strings.Contains(row, want) {
			t.Errorf("%q begins with %s", query, row)
		}
	}
}
