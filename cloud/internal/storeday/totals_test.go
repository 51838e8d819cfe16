package storeday_test

import (
	"log/slog"
	"maps"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/totals"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// TestTotalsAreTheSumOfTheirLinesAndOfTheStoreDays plays three days, of which one is closed and one goes on while it is added up.
func TestTotalsAreTheSumOfTheirLinesAndOfTheStoreDays(t *testing.T) {
	r := newRig(t)
	service := totals.New(totals.Options{DB: r.db, Book: r.book, Days: r.days, Now: func() time.Time { return r.now }, Logger: slog.New(slog.DiscardHandler)})
	due := func() {
		t.Helper()
		if err := service.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.now = at(0, 23, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 8)...)
	r.sell(at(-1, 10, 0), "1001", 1, 200, true)
	r.now = at(2, 12, 0)
	if err := r.close(day.Add(-1), "nobody was here"); err != nil {
		t.Fatal(err)
	}
	r.sell(at(0, 10, 0), "1001", 2, 200, true)
	r.sell(at(0, 11, 0), "1001", 4, 200, false)
	due()
	if told := r.totals(service, cloud.TotalByStore); told.Sum.Gross != 1400 || told.Sum.Orders != 3 || told.Sum.Visits != 3 || told.Sum.Owed != 800 || told.Pending != 0 {
		t.Errorf("until noon %+v", told.Sum)
	}
	r.post("movement:1", at(1, 13, 0), ledger.Posting{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: -1}, ledger.Posting{Account: "off:expired", Unit: "sku:1001", Amount: 1})
	r.post("movement:2", at(1, 14, 0), ledger.Posting{Account: ledger.Shop(string(store)), Unit: "sku:1002", Amount: -2}, ledger.Posting{Account: ledger.Lost, Unit: "sku:1002", Amount: 2})
	r.count(at(1, 23, 50), 3)
	r.update(func(tx cloud.Tx) error {
		return tx.CoverageDays.Tell(cloud.CoverageDay{Store: store, Day: day.Add(1), Sum: coverage.Sum{Open: 5, Uncovered: 3}, Lost: 90, Blind: 2, Made: r.now})
	})
	if told := r.totals(service, cloud.TotalByStore); told.Pending != 1 || told.Sum.Waste != 0 {
		t.Errorf("before it is added up again: %d wait, waste %s", told.Pending, told.Sum.Waste)
	}
	due()
	for _, by := range []cloud.TotalBy{cloud.TotalByStore, cloud.TotalByCabinet, cloud.TotalByDay} {
		r.addsUp(r.totals(service, by))
	}
	days := r.totals(service, cloud.TotalByDay)
	for _, l := range days.Lines {
		d := r.day(l.Day)
		e := d.Total()
		if l.Gross != e.Gross || l.Net != e.Net || l.Cost != e.Cost || l.Waste != e.Waste || l.Shrink != e.Shrink || l.Orders != d.Money.Orders || l.TakenBack != d.Money.TakenBack || l.Refunded != d.Money.Refunded || l.Owed != d.Money.Owed() {
			t.Errorf("%s came to %+v, its store day to %+v and %+v", l.Day, l.Total, e, d.Money)
		}
	}
	if days.Sum.Served != (coverage.Sum{Open: 5, Uncovered: 3}) || days.Sum.Lost != 90 || days.Sum.Blind != 2*time.Millisecond || days.Sum.Waste != 100 {
		t.Errorf("in all %+v", days.Sum)
	}
	missing, more := r.day(day.Add(1)).Differs()
	var differs cloud.Differing
	for _, d := range r.causes(service, day.Add(1)) {
		differs = cloud.Differing{Missing: differs.Missing + d.Missing, More: differs.More + d.More}
	}
	if differs != (cloud.Differing{Missing: missing, More: more}) || more == 0 {
		t.Errorf("differs by %+v, the store day by %s and %s", differs, missing, more)
	}
}

func (r *rig) totals(service *totals.Service, by cloud.TotalBy) cloud.Totals {
	r.t.Helper()
	told, err := service.Totals(r.t.Context(), cloud.TotalQuery{From: day.Add(-1), To: day.Add(1), By: by})
	if err != nil {
		r.t.Fatal(err)
	}
	return told
}

func (r *rig) causes(service *totals.Service, of ledger.Day) map[reconcile.Cause]cloud.Differing {
	r.t.Helper()
	told, err := service.Totals(r.t.Context(), cloud.TotalQuery{From: of, To: of, By: cloud.TotalByStore, Store: store})
	if err != nil {
		r.t.Fatal(err)
	}
	return maps.Clone(told.Causes)
}

func (r *rig) addsUp(told cloud.Totals) {
	r.t.Helper()
	var sum cloud.Total
	for _, l := range told.Lines {
		sum = sum.Add(l.Total)
	}
	if sum != told.Sum || len(told.Lines) == 0 {
		r.t.Errorf("%d lines come to %+v, told is %+v", len(told.Lines), sum, told.Sum)
	}
}

// TestALaneIsSoldOutWhileTheBooksHaveNothingOfIt: from the last unit that is taken until some are brought.
func TestALaneIsSoldOutWhileTheBooksHaveNothingOfIt(t *testing.T) {
	r := newRig(t)
	r.now = at(1, 0, 0)
	r.post("count:1", at(-1, 9, 0), ledger.Count("xs-01", "S1", "1001", 2)...)
	r.sell(at(0, 6, 0), "1001", 2, 200, true)
	r.post(r.event(), at(0, 9, 30), ledger.Posting{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: 4}, ledger.Posting{Account: ledger.Supplier, Unit: "sku:1001", Amount: -4})
	var lines []cloud.DayTotal
	r.update(func(tx cloud.Tx) (err error) {
		lines, err = r.days.Totals(tx, store, day)
		return err
	})
	for _, l := range lines {
		if l.Cabinet == "xs-01" && l.SoldOut != 3*time.Hour+30*time.Minute {
			t.Errorf("sold out for %s", l.SoldOut)
		}
	}
	if len(lines) != 2 || lines[0].Cabinet != "" || lines[1].Cabinet != protocol.CabinetID("xs-01") {
		t.Errorf("lines %+v", lines)
	}
}
