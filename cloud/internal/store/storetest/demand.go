package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// soldFlows books a count, a sale of a bill, one that is undecided, and goods that were written off.
func soldFlows(t *testing.T, db cloud.DB) {
	planned(t, db)
	lane := ledger.Stock("xs-01", "S1")
	post := func(tx cloud.Tx, n byte, ref string, at time.Time, to ledger.Account, units int64) error {
		e := ledger.Entry{
			ID: id(n), At: at, Ref: ledger.Ref(ref), Store: "north", Cabinet: "xs-01", Day: "2026-11-21",
			Postings: []ledger.Posting{{Account: lane, Unit: "sku:1001", Amount: units}, {Account: to, Unit: "sku:1001", Amount: -units}},
		}
		return tx.Ledger.Post(e)
	}
	update(t, db, func(tx cloud.Tx) error {
		first, err := tx.Demand.First()
		if first != "" {
			t.Errorf("the first day of nothing is %q", first)
		}
		return errors.Join(err,
			post(tx, 1, "count:xs-01/1", now, ledger.Opening, 9),
			post(tx, 2, "event:xs-01/j/1", now.Add(2*time.Hour), ledger.Sold("xs-01"), -2),
			post(tx, 3, "event:xs-01/j/2", now.Add(time.Hour), ledger.Undecided(id(50)), -1),
			post(tx, 4, "movement:5", now.Add(3*time.Hour), ledger.Lost, -1),
		)
	})
	at := picking.Place{Cabinet: "xs-01", Platform: "S1", SKU: "1001"}
	view(t, db, func(tx cloud.Tx) error {
		flows, err := tx.Demand.Flows("north", "2026-11-21")
		same(t, flows, []cloud.GoodsFlow{
			{At: now, Place: at, Units: 9},
			{At: now.Add(time.Hour), Place: at, Units: -1, Sold: true},
			{At: now.Add(2 * time.Hour), Place: at, Units: -2, Sold: true},
			{At: now.Add(3 * time.Hour), Place: at, Units: -1},
		})
		none, err2 := tx.Demand.Flows("south", "2026-11-21")
		first, err3 := tx.Demand.First()
		if len(none) != 0 || first != "2026-11-21" {
			t.Errorf("of another store %+v; the first day is %q", none, first)
		}
		return errors.Join(err, err2, err3)
	})
}

func pastSales(t *testing.T, db cloud.DB) {
	planned(t, db)
	sale := func(day ledger.Day, hour, units int) cloud.PastSale {
		return cloud.PastSale{Cabinet: "xs-01", Day: day, Hour: hour, SKU: "1001", Units: units}
	}
	update(t, db, func(tx cloud.Tx) error {
		return tx.Demand.AddPast([]cloud.PastSale{sale("2026-11-01", 21, 2), sale("2026-11-01", 9, 1), sale("2026-11-03", 0, 4)})
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Demand.AddPast([]cloud.PastSale{sale("2026-11-01", 21, 5)}) })
	view(t, db, func(tx cloud.Tx) error {
		past, err := tx.Demand.Past("2026-11-01")
		same(t, past, []cloud.PastSale{sale("2026-11-01", 9, 1), sale("2026-11-01", 21, 5)})
		spans, err2 := tx.Demand.PastSpans()
		same(t, spans, []cloud.PastSpan{{Cabinet: "xs-01", SKU: "1001", From: "2026-11-01", To: "2026-11-03"}})
		first, err3 := tx.Demand.First()
		if first != "2026-11-01" {
			t.Errorf("the first day is %q", first)
		}
		return errors.Join(err, err2, err3)
	})
}

func demandParts(t *testing.T, db cloud.DB) {
	part := func(name protocol.CabinetID, day ledger.Day) cloud.DemandPart {
		return cloud.DemandPart{Part: name, Through: day, Body: []byte(fmt.Sprintf(`{"of":%q}`, name))}
	}
	update(t, db, func(tx cloud.Tx) error {
		return tx.Learned.Save([]cloud.DemandPart{part("", "2026-11-20"), part("b", "2026-11-20"), part("a", "2026-11-20"), part("c", "2026-11-20")})
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Learned.Save([]cloud.DemandPart{part("b", "2026-11-21")}) })
	view(t, db, func(tx cloud.Tx) error {
		two, err := tx.Learned.After("", 2)
		same(t, two, []cloud.DemandPart{part("a", "2026-11-20"), part("b", "2026-11-21")})
		rest, err2 := tx.Learned.After("b", 2)
		same(t, rest, []cloud.DemandPart{part("c", "2026-11-20")})
		head, found, err3 := tx.Learned.Find("")
		_, none, err4 := tx.Learned.Find("z")
		same(t, head, part("", "2026-11-20"))
		if !found || none {
			t.Errorf("found %v, and what is not there %v", found, none)
		}
		return errors.Join(err, err2, err3, err4)
	})
}

func roundHabits(t *testing.T, db cloud.DB) {
	planned(t, db)
	h := cloud.RoundHabit{Store: "north", Minute: 1170, Days: 0b1001, Minutes: 90, Totes: 6, By: "li", At: now}
	update(t, db, func(tx cloud.Tx) error { return tx.Habits.Save(h) })
	h.Minute, h.Days, h.By, h.At = 600, cloud.EveryDay, "wang", now.Add(time.Hour)
	update(t, db, func(tx cloud.Tx) error { return tx.Habits.Save(h) })
	view(t, db, func(tx cloud.Tx) error {
		found, known, err := tx.Habits.Find("north")
		_, other, err2 := tx.Habits.Find("south")
		same(t, found, h)
		if !known || other {
			t.Errorf("known %v, of another store %v", known, other)
		}
		return errors.Join(err, err2)
	})
}

// roundFigures tell of rounds that are done how well what was said and weighed agreed, and what lies on the store's shelf.
func roundFigures(t *testing.T, db cloud.DB) {
	planned(t, db)
	done, open := someRound(80, "k1"), someRound(81, "k2")
	done.State = cloud.RoundDone
	zero, three := 0, 3
	done.Lines = []cloud.RoundLine{
		{Cabinet: "xs-01", Platform: "S1", SKU: "1001", Planned: 4, Picked: 3, Counted: &three, Weighed: 5, Adjusted: -2, Answer: picking.SaidRight},
		{Cabinet: "xs-01", Platform: "S1", SKU: "1002", Counted: &zero},
		{Cabinet: "xs-01", Platform: "S2", SKU: "1001", Weighed: -4, Turn: cloud.TurnOut},
		{Cabinet: "xs-01", Platform: "S2", SKU: "1003", Planned: 2, Picked: 2, Weighed: 1, Removed: 1, Reason: ledger.Expired},
	}
	update(t, db, func(tx cloud.Tx) error {
		shelf := ledger.Entry{
			ID: id(1), At: now, Ref: "movement:1", Store: "north", Day: "2026-11-21",
			Postings: []ledger.Posting{{Account: ledger.Supplier, Unit: "sku:1001", Amount: -5}, {Account: ledger.Shop("north"), Unit: "sku:1001", Amount: 5}},
		}
		gone := shelf
		gone.ID, gone.Ref = id(2), "movement:2"
		gone.Postings = []ledger.Posting{{Account: ledger.Shop("north"), Unit: "sku:1001", Amount: -5}, {Account: ledger.Lost, Unit: "sku:1001", Amount: 5}}
		return errors.Join(tx.Rounds.Add(done), tx.Rounds.Add(open), tx.Ledger.Post(shelf), tx.Ledger.Post(gone))
	})
	view(t, db, func(tx cloud.Tx) error {
		all, err := tx.Figures.Variances("north", "2026-11-01", "2026-11-21")
		same(t, all, []cloud.RoundVariance{{Round: id(80), Day: "2026-11-21", Walks: "wang", Cabinet: "xs-01", Lines: 3, Planned: 6, Picked: 5, Put: 5, Asked: 1, Adjusted: 2}})
		none, err2 := tx.Figures.Variances("north", "2026-11-22", "2026-11-30")
		shelf, err3 := tx.Figures.Shelf("north")
		other, err4 := tx.Figures.Shelf("south")
		same(t, shelf, map[protocol.SKU]int{"1001": 0})
		if len(none) != 0 || len(other) != 0 {
			t.Errorf("of other days %+v, of another store %+v", none, other)
		}
		return errors.Join(err, err2, err3, err4)
	})
}
