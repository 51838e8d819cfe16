package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
)

func ledgerBalances(t *testing.T, db cloud.DB) {
	entry := func(n byte, amount int64) ledger.Entry {
		return ledger.Entry{ID: id(n), At: now, Ref: ledger.OpRef(id(n)), Postings: []ledger.Posting{
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
