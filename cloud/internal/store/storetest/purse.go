package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

func debtsLessen(t *testing.T, db cloud.DB) {
	debt := func(n byte, amount protocol.Fen, at time.Time) cloud.Debt {
		return cloud.Debt{Visit: id(n), Person: id(100), Amount: amount, Since: at, Next: at.Add(time.Hour)}
	}
	update(t, db, func(tx cloud.Tx) error {
		for _, n := range []byte{1, 2} {
			v := record(n)
			v.Compartment, v.Key = protocol.Compartment(n), ""
			if err := tx.Visits.Add(v); err != nil {
				return err
			}
		}
		return errors.Join(tx.Debts.Add(debt(2, 300, now.Add(time.Minute))), tx.Debts.Add(debt(1, 700, now)))
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Debts.Add(debt(1, 5, now)) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Debts.Lessen(id(1), 701) })
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Debts.Lessen(id(1), 600), tx.Debts.Lessen(id(2), 300), tx.Debts.Plan(id(1), 1, now.Add(2*time.Hour)))
	})
	view(t, db, func(tx cloud.Tx) error {
		owed, err := tx.Debts.Of(id(100))
		want := debt(1, 100, now)
		want.Tries, want.Next = 1, now.Add(2*time.Hour)
		same(t, owed, []cloud.Debt{want})
		early, err2 := tx.Debts.Due(now.Add(time.Hour), 10)
		late, err3 := tx.Debts.Due(now.Add(2*time.Hour), 10)
		if len(early) != 0 || len(late) != 1 {
			t.Errorf("%d due early, %d late", len(early), len(late))
		}
		return errors.Join(err, err2, err3)
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Debts.Plan(id(1), 7, time.Time{}) })
	view(t, db, func(tx cloud.Tx) error {
		due, err := tx.Debts.Due(now.Add(1000*time.Hour), 10)
		if len(due) != 0 {
			t.Errorf("%d are due for ever", len(due))
		}
		return err
	})
	third := record(3)
	third.Compartment, third.Key = 3, ""
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(third), tx.Debts.Add(debt(3, 50, now.Add(-time.Hour))))
	})
	view(t, db, func(tx cloud.Tx) error { // What is charged no more comes first, what is paid not at all.
		all, err := tx.Debts.Open(protocol.VisitID{}, 10)
		behind, err2 := tx.Debts.Open(id(1), 10)
		if len(all) != 2 || all[0].Visit != id(1) || all[1].Visit != id(3) || len(behind) != 1 || behind[0].Visit != id(3) {
			t.Errorf("open are %+v, behind the first %+v", all, behind)
		}
		n, sum, err3 := tx.Debts.Total()
		if n != 2 || sum != 150 {
			t.Errorf("%d debts of %s in all", n, sum)
		}
		return errors.Join(err, err2, err3)
	})
}

func debtsRest(t *testing.T, db cloud.DB) {
	update(t, db, func(tx cloud.Tx) error {
		for _, n := range []byte{1, 2, 3} {
			v := record(n)
			v.Compartment, v.Key = protocol.Compartment(n), ""
			d := cloud.Debt{Visit: id(n), Person: id(100), Amount: 300, Since: now.Add(time.Duration(n) * time.Minute), Next: now.Add(time.Hour)}
			if n == 1 {
				d.Rests = cloud.RestContradicted
			}
			if err := errors.Join(tx.Visits.Add(v), tx.Debts.Add(d)); err != nil {
				return err
			}
		}
		return errors.Join(tx.Resting.Rest(id(2), cloud.RestRestored), tx.Resting.Rest(id(9), cloud.RestRestored))
	})
	holds := func(resting, due []byte) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			rests, err := tx.Resting.List(10)
			first, err2 := tx.Resting.List(1)
			all, err3 := tx.Resting.Count("")
			restored, err5 := tx.Resting.Count(cloud.RestRestored)
			charged, err4 := tx.Debts.Due(now.Add(time.Hour), 10)
			var got, next []byte
			for _, d := range rests {
				got = append(got, d.Visit[15])
				if d.Cabinet != record(1).Cabinet || d.Rests == "" || d.Amount != 300 {
					t.Errorf("%+v rests", d)
				}
			}
			for _, d := range charged {
				next = append(next, d.Visit[15])
			}
			same(t, got, resting)
			same(t, next, due)
			if restored > all || restored == all && all > 0 {
				t.Errorf("%d of %d rest since a restore", restored, all)
			}
			if all != len(resting) || len(first) != min(1, all) {
				t.Errorf("%d rest, %d are listed of one", all, len(first))
			}
			return errors.Join(err, err2, err3, err4, err5)
		})
	}
	holds([]byte{1, 2}, []byte{3})
	update(t, db, func(tx cloud.Tx) error {
		n, err := tx.Resting.WakeAll(cloud.RestRestored)
		if n != 1 {
			t.Errorf("%d were woken", n)
		}
		return err
	})
	holds([]byte{1}, []byte{2, 3})
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Resting.Rest(id(1), ""), tx.Debts.Lessen(id(2), 300)) })
	holds(nil, []byte{1, 3})
}

func rememberedOnce(t *testing.T, db cloud.DB) {
	capture := cloud.Remembered{ID: id(20), Kind: cloud.OpCapture, On: id(10), Amount: 700, At: now}
	pay := cloud.Remembered{ID: id(21), Kind: cloud.OpPay, Amount: 300, At: now.Add(time.Second)}
	update(t, db, func(tx cloud.Tx) error {
		for _, c := range []struct {
			r     cloud.Remembered
			fresh bool
		}{{capture, true}, {pay, true}, {cloud.Remembered{ID: id(20), Kind: cloud.OpCapture, On: id(10), Amount: 1, At: now}, false}} {
			if fresh, err := tx.Remembered.Add(c.r); err != nil || fresh != c.fresh {
				t.Errorf("%+v is new: %v, %v", c.r, fresh, err)
			}
		}
		return nil
	})
	finds := func(wantCapture, wantPay bool) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			gotCapture, found, err := tx.Remembered.Capture(id(10))
			gotPay, paid, err2 := tx.Remembered.Any([]protocol.UUID{id(30), id(21)})
			_, none, err3 := tx.Remembered.Capture(protocol.UUID{})
			_, other, err4 := tx.Remembered.Any(nil)
			if found != wantCapture || paid != wantPay || none || other {
				t.Errorf("found a capture: %v, a payment: %v, of no hold: %v, of no number: %v", found, paid, none, other)
			}
			if found {
				same(t, gotCapture, capture)
			}
			if paid {
				same(t, gotPay, pay)
			}
			return errors.Join(err, err2, err3, err4)
		})
	}
	finds(true, true)
	update(t, db, func(tx cloud.Tx) error {
		op := cloud.PaymentOp{ID: id(20), Visit: id(1), Person: id(100), Kind: cloud.OpCapture, Amount: 700, On: id(10), State: cloud.OpPending, Next: now, Created: now}
		return errors.Join(tx.Visits.Add(record(1)), tx.Ops.Add(op))
	})
	finds(false, true)
}

func personalOps(t *testing.T, db cloud.DB) {
	op := func(n byte, kind cloud.OpKind, key string) cloud.PaymentOp {
		o := cloud.PaymentOp{
			ID: id(n), Visit: id(1), Person: id(100), Kind: kind, Amount: 700, Provider: "simulated", State: cloud.OpPending, Next: now,
			Created: now.Add(time.Duration(n) * time.Second), Key: key, By: "manager", Note: "why",
		}
		if kind == cloud.OpTopUp || kind == cloud.OpPayout {
			o.Visit = protocol.VisitID{}
		}
		return o
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(record(1)), tx.Ops.Add(op(20, cloud.OpTopUp, "a")), tx.Ops.Add(op(21, cloud.OpPay, "b")), tx.Ops.Add(op(22, cloud.OpHold, "")))
	})
	for name, again := range map[string]cloud.PaymentOp{
		"a key of a top-up twice": op(23, cloud.OpTopUp, "a"), "a second payment beside one under way": op(24, cloud.OpPay, "c"),
	} {
		if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Ops.Add(again) }); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	view(t, db, func(tx cloud.Tx) error {
		byKey, err := tx.Personal.ByKey(id(100), "a")
		same(t, byKey, []cloud.PaymentOp{op(20, cloud.OpTopUp, "a")})
		none, err2 := tx.Personal.ByKey(id(100), "")
		latest, err3 := tx.Personal.Latest(id(100), 10)
		same(t, latest, []cloud.PaymentOp{op(21, cloud.OpPay, "b"), op(20, cloud.OpTopUp, "a")})
		under, err4 := tx.Personal.UnderWay(id(100))
		if len(none) != 0 || len(under) != 2 || under[0].ID != id(20) {
			t.Errorf("%d without a key, under way %+v", len(none), under)
		}
		return errors.Join(err, err2, err3, err4)
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Ops.Move(id(21), cloud.OpRefused, 1, time.Time{}) })
	update(t, db, func(tx cloud.Tx) error { return tx.Ops.Add(op(25, cloud.OpPay, "d")) })
	update(t, db, func(tx cloud.Tx) error { return tx.Ops.Move(id(25), cloud.OpDone, 1, time.Time{}) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Ops.Add(op(26, cloud.OpPay, "e")) })
}

func prepaidBounded(t *testing.T, db cloud.DB) {
	post := func(n byte, postings []ledger.Posting) error {
		return db.Update(t.Context(), func(tx cloud.Tx) error {
			return tx.Ledger.Post(ledger.Entry{ID: id(n), At: now, Ref: ledger.OpRef(id(n)), Day: "2026-11-20", Postings: postings})
		})
	}
	if err := post(30, ledger.TopUp(id(100), 700, ledger.Provider)); err != nil {
		t.Fatal(err)
	}
	if err := post(31, ledger.Earmark(id(100), 701)); err == nil {
		t.Error("more was reserved than was paid ahead")
	}
	if err := errors.Join(post(32, ledger.Earmark(id(100), 700)), post(33, ledger.Spend(id(1), id(100), 600))); err != nil {
		t.Fatal(err)
	}
	if err := post(34, ledger.Spend(id(1), id(100), 101)); err == nil {
		t.Error("more was spent than was reserved")
	}
	if err := post(35, ledger.Unmark(id(100), 101)); err == nil {
		t.Error("more came back than was reserved")
	}
	if err := post(36, ledger.Unmark(id(100), 100)); err != nil {
		t.Error(err)
	}
}

func payoutsBounded(t *testing.T, db cloud.DB) {
	op := func(n byte, kind cloud.OpKind, amount protocol.Fen, on byte) cloud.PaymentOp {
		o := cloud.PaymentOp{
			ID: id(n), Person: id(100), Kind: kind, Amount: amount, Provider: "simulated", State: cloud.OpSent, Next: now,
			Created: now.Add(time.Duration(n) * time.Second), Key: "k",
		}
		if kind == cloud.OpTopUp {
			o.State, o.Key = cloud.OpDone, string(rune(n))
		}
		if on > 0 {
			o.On = id(on)
		}
		return o
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ops.Add(op(40, cloud.OpTopUp, 500, 0)), tx.Ops.Add(op(41, cloud.OpTopUp, 300, 0)), tx.Ledger.Post(ledger.Entry{
			ID: id(42), At: now, Ref: ledger.OpRef(id(40)), Day: "2026-11-20", Postings: ledger.TopUp(id(100), 700, ledger.Provider),
		}))
	})
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ops.Add(op(50, cloud.OpPayout, 200, 41)), tx.Ops.Add(op(51, cloud.OpPayout, 400, 40)))
	})
	for what, more := range map[string]cloud.PaymentOp{
		"of a top-up that is used up": op(52, cloud.OpPayout, 101, 41), "of more than the balance": op(53, cloud.OpPayout, 101, 0),
		"of nothing": op(54, cloud.OpPayout, 0, 0), "of what is no top-up": op(55, cloud.OpPayout, 1, 50),
	} {
		more.Key = what
		if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Ops.Add(more) }); err == nil {
			t.Errorf("a payout %s was taken", what)
		}
	}
	left := func(want ...cloud.PaidAhead) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Personal.PaidAhead(id(100), "simulated", 10)
			same(t, got, want)
			return err
		})
	}
	left(cloud.PaidAhead{ID: id(41), Left: 100, Times: 1}, cloud.PaidAhead{ID: id(40), Left: 100, Times: 1})
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Ops.Move(id(50), cloud.OpRefused, 1, time.Time{}), tx.Ops.Move(id(51), cloud.OpDone, 1, time.Time{}))
	})
	left(cloud.PaidAhead{ID: id(41), Left: 300, Times: 1}, cloud.PaidAhead{ID: id(40), Left: 100, Times: 1})
	view(t, db, func(tx cloud.Tx) error {
		of, err := tx.Personal.PaidAhead(id(100), "another", 10)
		if len(of) > 0 {
			t.Errorf("another provider has %+v", of)
		}
		return err
	})
}
