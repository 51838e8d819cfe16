package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

func ledgerBalances(t *testing.T, db cloud.DB) {
	entry := func(n byte, amount int64) ledger.Entry {
		return ledger.Entry{ID: id(n), At: now, Ref: ledger.OpRef(id(n)), Store: "north", Cabinet: "xs-01", Day: "2026-11-28", Postings: []ledger.Posting{
			{Account: ledger.Hold(id(1)), Unit: ledger.Fen, Amount: amount},
			{Account: ledger.Resident(id(2)), Unit: ledger.Fen, Amount: -amount},
		}}
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ledger.Post(entry(10, 5000)), tx.Ledger.Post(entry(11, 70)))
	})
	again := entry(10, 5000)
	again.ID = id(12)
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Ledger.Post(again) })
	unbalanced := entry(13, 5)
	unbalanced.Postings[0].Amount = 6
	if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Ledger.Post(unbalanced) }); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("an unbalanced entry: %v", err)
	}
	view(t, db, func(tx cloud.Tx) error {
		held, err := tx.Ledger.Balance(ledger.Hold(id(1)), ledger.Fen)
		none, err2 := tx.Ledger.Balance(ledger.Hold(id(3)), ledger.Fen)
		found, err3 := tx.Ledger.Balances("resident:")
		if held != 5070 || none != 0 {
			t.Errorf("held %d, none %d", held, none)
		}
		same(t, found, []ledger.Posting{{Account: ledger.Resident(id(2)), Unit: ledger.Fen, Amount: -5070}})
		return errors.Join(err, err2, err3)
	})
}

func ledgerDays(t *testing.T, db cloud.DB) {
	sold := func(n byte, day ledger.Day, units int64) ledger.Entry {
		return ledger.Entry{ID: id(n), At: now, Ref: ledger.OpRef(id(n)), Store: "north", Cabinet: "xs-01", Day: day, Postings: []ledger.Posting{
			{Account: ledger.Stock("xs-01", "S1"), Unit: "sku:1001", Amount: -units},
			{Account: ledger.Undecided(id(n)), Unit: "sku:1001", Amount: units - 1},
			{Account: ledger.Sold("xs-01"), Unit: "sku:1001", Amount: 1},
		}}
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ledger.Post(sold(1, "2026-11-26", 2)), tx.Ledger.Post(sold(2, "2026-11-28", 5)), tx.Ledger.Post(sold(3, "2026-11-27", 4)))
	})
	if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Ledger.Post(sold(4, "27.11.2026", 4)) }); err == nil {
		t.Error("a day that is none was booked to")
	}
	view(t, db, func(tx cloud.Tx) error {
		for before, want := range map[protocol.UUID]int64{id(1): 0, id(2): -2, id(3): -7, {}: -11} {
			if held, err := tx.Ledger.Held("xs-01", "sku:1001", before); err != nil || held != want {
				t.Errorf("before %s the cabinet held %d, %v: want %d", before, held, err, want)
			}
		}
		return nil
	})
	view(t, db, func(tx cloud.Tx) error {
		for day, want := range map[ledger.Day][2]int64{
			"2026-11-25": {0, 0}, "2026-11-26": {-2, -2}, "2026-11-27": {-4, -6}, "2026-11-28": {-5, -11}, "2026-12-01": {0, -11},
		} {
			changes, err := tx.Ledger.Changes(ledger.StockPrefix("xs-01"), day)
			closing, err2 := tx.Ledger.Closing(ledger.StockPrefix("xs-01"), day)
			if err := errors.Join(err, err2); err != nil {
				return err
			}
			if got := [2]int64{total(changes), total(closing)}; got != want {
				t.Errorf("%s changed and closed with %d, want %d", day, got, want)
			}
		}
		all, err := tx.Ledger.Closing(ledger.PileOf("undecided", "xs-01"), "2026-11-28")
		same(t, all, []ledger.Posting{{Account: "undecided:xs-01", Unit: "sku:1001", Amount: 8}})
		return err
	})
}

func total(postings []ledger.Posting) (sum int64) {
	for _, p := range postings {
		sum += p.Amount
	}
	return sum
}

func finalOps(t *testing.T, db cloud.DB) {
	op := cloud.PaymentOp{ID: id(20), Visit: id(1), Person: id(100), Kind: cloud.OpHold, Amount: 5000, State: cloud.OpPending, Next: now, Created: now}
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Visits.Add(record(1)), tx.Ops.Add(op)) })
	due := func(at time.Time) int {
		n := 0
		view(t, db, func(tx cloud.Tx) error {
			found, err := tx.Ops.Due(at, 10)
			n = len(found)
			return err
		})
		return n
	}
	if early, late := due(now.Add(-time.Second)), due(now); early != 0 || late != 1 {
		t.Errorf("due early %d, late %d", early, late)
	}
	update(t, db, func(tx cloud.Tx) error { return tx.Ops.Move(op.ID, cloud.OpUnknown, 1, now) })
	update(t, db, func(tx cloud.Tx) error { return tx.Ops.Move(op.ID, cloud.OpDone, 2, time.Time{}) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Ops.Move(op.ID, cloud.OpRefused, 3, now) })
	if n := due(now.Add(time.Hour)); n != 0 {
		t.Errorf("%d final operations are due", n)
	}
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Ops.Of(id(1))
		op.State, op.Attempts, op.Next = cloud.OpDone, 2, time.Time{}
		same(t, found, []cloud.PaymentOp{op})
		_, unknown := tx.Ops.Find(id(99))
		if unknown == nil {
			t.Error("an operation that was never there is found")
		}
		return err
	})
}

func sellerFound(t *testing.T, db cloud.DB) {
	post := func(n byte, store string, postings ...ledger.Posting) {
		t.Helper()
		update(t, db, func(tx cloud.Tx) error {
			return tx.Ledger.Post(ledger.Entry{ID: id(n), At: now, Ref: ledger.OpRef(id(n)), Store: store, Cabinet: "xs-01", Day: "2026-11-28", Postings: postings})
		})
	}
	is := func(what string, want cloud.StoreID) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			store, found, err := tx.Sellers.Of(id(1))
			if store != want || found != (want != "") {
				t.Errorf("%s: it is of %q, %t", what, store, found)
			}
			return err
		})
	}
	post(9, "west", ledger.Reserve(id(7), id(2), 5000)...)
	is("of which nothing is booked", "")
	post(10, "north", ledger.Reserve(id(1), id(2), 5000)...)
	post(11, "east", ledger.Free(id(1), id(2), 100)...)
	is("that is held", "north")
	post(12, "south", ledger.Bill(id(1), "south", 700)...)
	post(13, "north", ledger.Capture(id(1), 700)...)
	is("that was billed", "south")
}
