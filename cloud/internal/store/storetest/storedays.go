package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

func sale(n byte, day, late ledger.Day) ledger.Entry {
	return ledger.Entry{
		ID: id(n), At: now, Ref: ledger.EventRef("xs-01", id(1), uint64(n)), Store: "north", Cabinet: "xs-01", Day: day, Late: late,
		Postings: []ledger.Posting{
			{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: -2},
			{Account: ledger.Sold("xs-01"), Unit: "sku:1001", Amount: 2},
			{Account: ledger.Store("north"), Unit: ledger.Fen, Amount: -400},
			{Account: ledger.Due(id(n)), Unit: ledger.Fen, Amount: 400},
		},
	}
}

func daysClosed(t *testing.T, db cloud.DB) {
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ledger.Post(sale(10, "2026-11-19", "")), tx.Ledger.Post(sale(11, "2026-11-19", "")))
	})
	closed := cloud.ClosedDay{Store: "north", Day: "2026-11-19", By: "owner", Role: protocol.RoleOwner, At: now, Note: "x", Open: 2, Figures: []byte{1, 0, 2}, Sum: "ab"}
	update(t, db, func(tx cloud.Tx) error { return tx.Closed.Add(closed) })
	refused(t, db, cloud.CodeDayClosed, func(tx cloud.Tx) error { return tx.Closed.Add(closed) })
	before := closed
	before.Day = "2026-11-18"
	refused(t, db, cloud.CodeDayClosed, func(tx cloud.Tx) error { return tx.Closed.Add(before) })
	for _, day := range []ledger.Day{"2026-11-19", "2026-11-18"} {
		refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Try(func() error { return tx.Ledger.Post(sale(12, day, "")) }) })
	}
	update(t, db, func(tx cloud.Tx) error { return tx.Ledger.Post(sale(12, "2026-11-20", "2026-11-19")) })
	view(t, db, func(tx cloud.Tx) error {
		found, is, err := tx.Closed.Find("north", "2026-11-19")
		last, err2 := tx.Closed.Last("north")
		never, err3 := tx.Closed.Last("south")
		late, err4 := tx.Days.Late("north", "2026-11-19")
		here, err5 := tx.Days.Late("north", "2026-11-20")
		entries, err6 := tx.Days.Entries("north", "2026-11-20")
		if !is || last != "2026-11-19" || never != "" || len(late) != 4 || late[0].Booked != "2026-11-20" || len(here) != 4 || len(entries) != 1 {
			t.Errorf("closed %v up to %q and %q, %d late for it, %d late on the next, %d entries", is, last, never, len(late), len(here), len(entries))
		}
		same(t, found, closed)
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
}

func dayPiles(t *testing.T, db cloud.DB) {
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ledger.Post(sale(10, "2026-11-19", "")), tx.Ledger.Post(sale(11, "2026-11-19", "")), tx.Ledger.Post(sale(12, "2026-11-20", "")))
	})
	view(t, db, func(tx cloud.Tx) error {
		piles, err := tx.Days.Piles("north", "2026-11-19")
		got := map[ledger.Account]reconcile.Pile{}
		for _, p := range piles {
			got[p.Pile] = p
		}
		sold := got["sold:xs-01"]
		if len(piles) != 4 || sold.Amount != 4 || sold.Entries != 2 || !sold.Event || sold.Cabinet != "xs-01" || got["store:north:xs-01"].Amount != -800 {
			t.Errorf("got %+v", piles)
		}
		return err
	})
}

func dayDoubts(t *testing.T, db cloud.DB) {
	certain, doubtful := sale(10, "2026-11-19", ""), sale(11, "2026-11-20", "")
	doubt := cloud.DayDoubt{Ref: doubtful.Ref, Store: "north", Cabinet: "xs-01", First: "2026-11-18", Last: "2026-11-19"}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ledger.Post(certain), tx.Ledger.Post(doubtful), tx.Doubts.Add(doubt))
	})
	view(t, db, func(tx cloud.Tx) error {
		for day, want := range map[ledger.Day]int64{"2026-11-17": 0, "2026-11-18": 2, "2026-11-19": 2, "2026-11-20": 2, "2026-11-21": 0} {
			piles, err := tx.Doubts.Of("north", day)
			elsewhere, err2 := tx.Doubts.Of("south", day)
			var sold int64
			for _, p := range piles {
				if p.First != doubt.First || p.Last != doubt.Last || p.Booked != doubtful.Day || p.Cabinet != "xs-01" || !p.Event {
					t.Errorf("on %s: %+v", day, p)
				}
				if p.Pile.Pile == "sold:xs-01" {
					sold += p.Amount
				}
			}
			if sold != want || len(elsewhere) > 0 || err != nil || err2 != nil {
				t.Errorf("on %s: %d sold, elsewhere %+v, %v %v: want %d sold", day, sold, elsewhere, err, err2, want)
			}
		}
		return nil
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error {
		return tx.Try(func() error { return tx.Doubts.Add(doubt) })
	})
}

func dayLevels(t *testing.T, db cloud.DB) {
	level := func(at time.Time, qty int64) cloud.DayLevel {
		return cloud.DayLevel{Cabinet: "xs-01", Platform: "S1", At: at, Counts: map[protocol.SKU]reconcile.Level{"1001": {Qty: qty, Low: qty, High: qty + 1}}}
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Scales.Save("2026-11-20", level(now, 5)), tx.Scales.Save("2026-11-20", level(now.Add(-time.Hour), 9)), tx.Scales.Save("2026-11-19", level(now, 1)))
	})
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Scales.Of("xs-01", "2026-11-20")
		same(t, found, []cloud.DayLevel{level(now, 5)})
		return err
	})
}

func statementLines(t *testing.T, db cloud.DB) {
	line := cloud.StatementLine{
		Stated:   reconcile.Stated{Key: "k", At: now, Kind: reconcile.Capture, Order: "n", Amount: 400, Fee: 2, Merchant: "m"},
		Currency: "CNY", Day: "2026-11-20", Op: id(21).String(), Store: "north",
	}
	stray := line
	stray.Key, stray.Op, stray.Store = "other", "", ""
	file := cloud.StatementImport{Sum: "sum", Name: "s.csv", By: "owner", At: now, Lines: 2, First: "2026-11-19", Last: "2026-11-20"}
	op := cloud.PaymentOp{ID: id(22), Visit: id(1), Person: id(100), Kind: cloud.OpCapture, Amount: 400, On: id(21), State: cloud.OpDone, Created: now}
	entry := ledger.Entry{ID: id(30), At: now, Ref: ledger.OpRef(op.ID), Store: "north", Cabinet: "xs-01", Day: "2026-11-20", Postings: ledger.Capture(id(1), 400)}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(record(1)), tx.Ops.Add(op), tx.Ledger.Post(entry))
	})
	update(t, db, func(tx cloud.Tx) error {
		first, err := tx.Statements.Put(file, []cloud.StatementLine{line})
		again, err2 := tx.Statements.Put(file, []cloud.StatementLine{line})
		_, err3 := tx.Statements.Put(file, []cloud.StatementLine{stray})
		if !first[line.Key] || len(again) > 0 {
			t.Errorf("added %v, and again %v", first, again)
		}
		unbooked, err4 := tx.Statements.Unbooked(file.Sum)
		fees := func(store cloud.StoreID) cloud.StatedFees {
			return cloud.StatedFees{Statement: "sum", Store: store, Day: "2026-11-20", At: now, Amount: 2}
		}
		same(t, unbooked, []cloud.StatedFees{fees(""), fees("north")})
		booked := ledger.Entry{ID: id(31), At: now, Ref: fees("north").Ref(), Store: "north", Day: "2026-11-20", Postings: ledger.Fees(2)}
		err5 := tx.Ledger.Post(booked)
		left, err6 := tx.Statements.Unbooked(file.Sum)
		same(t, left, []cloud.StatedFees{fees("")})
		return errors.Join(err, err2, err3, err4, err5, err6, tx.Statements.Cover(file))
	})
	view(t, db, func(tx cloud.Tx) error {
		of, err := tx.Stated.Of("north", "2026-11-20")
		naming, err2 := tx.Stated.Naming(id(21).String())
		unknown, err3 := tx.Stated.Unknown(10)
		some, err4 := tx.Stated.Covers("2026-11-20")
		none, err5 := tx.Stated.Covers("2026-11-21")
		imports, err8 := tx.Statements.Imports(10)
		booked, err6 := tx.Days.Booked("north", "2026-11-20")
		as, found, err7 := tx.Days.BookedAs(reconcile.Capture, id(21).String())
		same(t, of, []cloud.StatementLine{line})
		same(t, naming, of)
		same(t, unknown, []cloud.StatementLine{stray})
		file.Added = 2
		same(t, imports, []cloud.StatementImport{file})
		if !some || none || !found || len(booked) != 1 || as != booked[0] || as.Op != op.ID || as.Amount != 400 {
			t.Errorf("any %v %v, booked %+v, as %+v", some, none, booked, as)
		}
		return errors.Join(err, err2, err3, err4, err5, err6, err7, err8)
	})
}
