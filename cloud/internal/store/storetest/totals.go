package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
)

// totalsKept: a day is due when something is booked or told of it, and is so no more once it was added up as it is.
func totalsKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	post := func(n byte, ref ledger.Ref, day ledger.Day) {
		t.Helper()
		update(t, db, func(tx cloud.Tx) error {
			return tx.Ledger.Post(ledger.Entry{ID: id(n), At: now, Ref: ref, Store: "north", Cabinet: "xs-01", Day: day, Postings: []ledger.Posting{
				{Account: "stock:xs-01:S1", Unit: "sku:1001", Amount: 8}, {Account: "opening", Unit: "sku:1001", Amount: -8},
			}})
		})
	}
	due := func(want ...cloud.DueDay) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			all, err := tx.Totals.Due(9)
			same(t, all, append([]cloud.DueDay{}, want...))
			n, err2 := tx.Totals.Waiting("north", "2026-11-19", "2026-11-21")
			same(t, n, len(want))
			return errors.Join(err, err2)
		})
	}
	post(1, "count:xs-01/S1", "2026-11-20")
	post(2, "count:xs-01/S2", "2026-11-20")
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Totals.Look("north", "2026-11-19"), tx.CoverageDays.Tell(cloud.CoverageDay{Store: "north", Day: "2026-11-21", Made: now}))
	})
	due(cloud.DueDay{Store: "north", Day: "2026-11-21", Times: 1}, cloud.DueDay{Store: "north", Day: "2026-11-20", Times: 2}, cloud.DueDay{Store: "north", Day: "2026-11-19", Times: 1})
	shop := cloud.Total{Walked: time.Hour, Served: coverage.Sum{Open: 1, Covered: 2, Uncovered: 3, Unknown: 4}, Lost: 7, Blind: 3 * time.Second}
	box := cloud.Total{
		Visits: 5, Orders: 4, Gross: 1000, Net: 900, Cost: 600, TakenBack: 50, Refunded: 40, Owed: -3, Waste: 20, Shrink: -10, SoldOut: 2 * time.Hour, Reviewed: time.Minute,
	}
	causes := cloud.Causes{reconcile.CauseTheft: {Missing: 120, More: 1}}
	save := func(day ledger.Day, times int64, at time.Time) {
		t.Helper()
		update(t, db, func(tx cloud.Tx) error {
			return tx.Totals.Save(cloud.DueDay{Store: "north", Day: day, Times: times}, []cloud.DayTotal{
				{Store: "north", Day: day, Total: shop, Causes: cloud.Causes{}}, {Store: "north", Day: day, Cabinet: "xs-01", Total: box, Causes: causes},
			}, at)
		})
	}
	save("2026-11-20", 1, now) // Something was booked while it was added up.
	save("2026-11-20", 2, now.Add(time.Minute))
	save("2026-11-21", 1, now)
	due(cloud.DueDay{Store: "north", Day: "2026-11-19", Times: 1})
	view(t, db, func(tx cloud.Tx) error {
		q := cloud.TotalQuery{From: "2026-11-20", To: "2026-11-21", By: cloud.TotalByStore}
		stores, err := tx.Totals.Sums(q)
		same(t, stores, []cloud.TotalLine{{Store: "north", Total: shop.Add(box).Add(shop).Add(box)}})
		q.Store, q.By = "north", cloud.TotalByCabinet
		cabinets, err2 := tx.Totals.Sums(q)
		same(t, cabinets, []cloud.TotalLine{{Store: "north", Total: shop.Add(shop)}, {Store: "north", Cabinet: "xs-01", Total: box.Add(box)}})
		q.By = cloud.TotalByDay
		days, err3 := tx.Totals.Sums(q)
		same(t, days, []cloud.TotalLine{{Day: "2026-11-20", Total: shop.Add(box)}, {Day: "2026-11-21", Total: shop.Add(box)}})
		q.Store = "south"
		none, err4 := tx.Totals.Sums(q)
		same(t, none, []cloud.TotalLine{})
		oldest, err5 := tx.Totals.Oldest("", "2026-11-20", "2026-11-21")
		same(t, oldest, now)
		made, err6 := tx.Totals.Made("2026-11-20")
		same(t, made, map[cloud.StoreID]time.Time{"north": now.Add(time.Minute)})
		differs, err7 := tx.Totals.Causes("north", "2026-11-21")
		same(t, differs, causes)
		lay, err8 := tx.Work.Lay("stock:xs-01:", "2026-11-20")
		same(t, lay, []ledger.Posting{{Account: "stock:xs-01:S1", Unit: "sku:1001", Amount: 16}})
		before, err9 := tx.Work.Lay("stock:xs-01:", "2026-11-19")
		same(t, before, []ledger.Posting{})
		return errors.Join(err, err2, err3, err4, err5, err6, err7, err8, err9)
	})
}

// specialHoursKept: they are found by store and by day, until somebody takes them back.
func specialHoursKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	shut := cloud.SpecialHours{ID: id(1), Stores: []cloud.StoreID{"north"}, From: "2026-11-20", To: "2026-11-22", Hours: []cloud.Hours{}, Reason: "stock-taking", By: "li", Made: now}
	late := cloud.SpecialHours{ID: id(2), Stores: []cloud.StoreID{"north"}, From: "2026-11-22", To: "2026-11-22", Hours: []cloud.Hours{{Open: 600, Close: 60}}, Reason: "feast", By: "li", Made: now.Add(time.Minute)}
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Special.Add(shut), tx.Special.Add(late)) })
	update(t, db, func(tx cloud.Tx) error { return tx.Special.End(id(1), "wang", now.Add(time.Hour)) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Special.End(id(1), "li", now) })
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error { _, err := tx.Special.Find(id(9)); return err })
	shut.Ended, shut.Ender = now.Add(time.Hour), "wang"
	view(t, db, func(tx cloud.Tx) error {
		all, err := tx.Special.List(9)
		same(t, all, []cloud.SpecialHours{late, shut})
		of, err2 := tx.Special.Of("north")
		alone, alone2 := shut, late
		alone.Stores, alone2.Stores = nil, nil
		same(t, of, []cloud.SpecialHours{alone, alone2})
		none, err3 := tx.Special.Of("south")
		same(t, none, []cloud.SpecialHours{})
		on, err4 := tx.Special.On("2026-11-22")
		same(t, on, []cloud.SpecialHours{late})
		before, err5 := tx.Special.On("2026-11-21")
		same(t, before, []cloud.SpecialHours{})
		one, err6 := tx.Special.Find(id(1))
		same(t, one, shut)
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
}
