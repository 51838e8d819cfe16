package payment_test

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// stepping runs a test whose outbox is driven by hand, so that its books can be restored in between.
func stepping(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		defer func() {
			if err := errors.Join(r.money.Close(), r.db.Close()); err != nil {
				t.Error(err)
			}
		}()
		test(t, r)
	})
}

// drive does what is due, and again what that made due.
func (r *rig) drive() {
	r.t.Helper()
	for range 3 {
		r.must(r.service.Due(r.t.Context()))
		later(2 * time.Second)
	}
}

func (r *rig) copied(from *sqlstore.DB, restored time.Time) *sqlstore.DB {
	r.t.Helper()
	to, err := sqlite.Open(r.t.Context(), sqlite.Options{Path: blank.At(r.t, filepath.Join(r.t.TempDir(), "copy.db")), OneConnection: true})
	r.must(err)
	r.must(sqlstore.Copy(r.t.Context(), from, to, sqlstore.CopyOptions{Restored: restored, Told: func(string, int) {}}))
	return to
}

// backup keeps the books as they are; restore puts them in the place of those that came after. The provider stays what it is.
func (r *rig) backup() (restore func()) {
	r.t.Helper()
	kept := r.copied(r.db, time.Time{})
	return func() {
		r.t.Helper()
		later(time.Minute)
		to := r.copied(kept, time.Now())
		r.must(errors.Join(kept.Close(), r.db.Close()))
		r.db = to
		r.serve()
	}
}

// owes leaves ¥7.00 owed of a visit.
func (r *rig) owes() cloud.VisitRecord {
	r.t.Helper()
	v := r.begin(id(100))
	r.owing(v)
	return r.visit(v.ID)
}

// owing settles a visit whose capture is refused.
func (r *rig) owing(v cloud.VisitRecord) {
	r.t.Helper()
	r.poor()
	r.settle(v, 700)
	r.drive()
	r.rich()
}

// open counts the open incidents of a kind.
func (r *rig) open(kind cloud.IncidentKind) (n int) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		all, err := tx.Incidents.OpenByKind()
		n = all[kind]
		return err
	})
	return n
}

func (r *rig) resting() cloud.Resting {
	r.t.Helper()
	resting, err := r.service.Resting(r.t.Context(), 10)
	r.must(err)
	return resting
}

// took holds the provider to what it took of the resident, and the ledger to the same.
func (r *rig) took(want protocol.Fen) {
	r.t.Helper()
	if took, booked := r.money.Taken(id(100)), r.balance(ledger.Provider); took != want || booked != want {
		r.t.Errorf("the provider took %s, by the books %s, want %s", took, booked, want)
	}
}

// reviews leaves a visit to a person.
func (r *rig) reviews(guess protocol.Fen) cloud.VisitRecord {
	r.t.Helper()
	v := r.begin(id(100))
	r.update(func(tx cloud.Tx) error {
		return errors.Join(
			tx.Orders.Add(cloud.Order{Visit: v.ID, Why: cloud.CodeUncertain, Lines: r.lines(guess), Total: guess, At: time.Now(), Hash: v.ID[:]}),
			tx.Steps.End(v.ID, cloud.OutcomeNone, "", time.Now()), tx.Steps.Pay(v.ID, cloud.PaymentReview),
		)
	})
	return r.visit(v.ID)
}

func (r *rig) lines(total protocol.Fen) []cloud.OrderLine {
	return []cloud.OrderLine{{SKU: "1001", Name: cloud.Text{Zh: "水", En: "Water"}, Qty: 1, Price: total}}
}

// decide bills a case as a person does.
func (r *rig) decide(v cloud.VisitRecord, total protocol.Fen) {
	r.t.Helper()
	ref := ledger.DecisionRef(v.ID)
	r.update(func(tx cloud.Tx) error {
		return errors.Join(
			tx.Decisions.Add(cloud.Decision{Visit: v.ID, By: "li", At: time.Now(), Story: cloud.NoStory, Lines: r.lines(total), Total: total}),
			tx.Steps.Decide(v.ID, cloud.OutcomeSold),
			r.book.Post(tx, book.Fact{Ref: ref, Cabinet: r.cabinet}, ledger.Bill(v.ID, string(r.cabinet.Store), total)),
			r.service.Charge(tx, v, total, ref),
		)
	})
	r.drive()
}

func TestACaseThatWasDecidedAfterABackupWaitsForAPerson(t *testing.T) {
	stepping(t, func(t *testing.T, r *rig) {
		v, other := r.reviews(700), r.reviews(300)
		restore := r.backup()
		r.decide(v, 700)
		r.is(v.ID, cloud.PaymentCaptured)
		restore()
		r.drive()
		if n := r.open(cloud.IncidentPaymentMismatch); n != 1 {
			t.Errorf("%d incidents tell of it", n)
		}
		r.view(func(tx cloud.Tx) error {
			late, err := tx.CaseTimes.Late(time.Now(), 10)
			if len(late) != 1 || late[0].Visit != other.ID {
				t.Errorf("time waives %+v", late)
			}
			taken, err2 := r.service.TakenBefore(tx, v)
			if taken != 700 {
				t.Errorf("%s were taken before", taken)
			}
			return errors.Join(err, err2)
		})
		r.decide(v, 900)
		r.is(v.ID, cloud.PaymentOwed)
		r.took(700)
		r.view(func(tx cloud.Tx) error {
			taken, err := r.service.TakenBefore(tx, v)
			if taken != 0 {
				t.Errorf("%s were taken before, and are booked", taken)
			}
			return err
		})
		if d := r.purse(id(100)).Debts; len(d) != 1 || d[0].Amount != 200 || d[0].Rests != cloud.RestRestored {
			t.Errorf("what goes beyond it is owed as %+v", d)
		}
	})
}

func TestDebtsRestAfterARestoreUntilSomebodyHasLooked(t *testing.T) {
	stepping(t, func(t *testing.T, r *rig) {
		v := r.owes()
		restore := r.backup()
		r.must(r.service.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "li", Role: protocol.RoleManager, Note: "a kindness"}))
		restore()
		_, err := r.service.ResumeAll(t.Context())
		err2 := r.service.Resume(t.Context(), v.ID)
		if protocol.CodeOf(err) != cloud.CodeConflict || protocol.CodeOf(err2) != cloud.CodeConflict || r.resting().Asked {
			t.Errorf("before the provider was asked: %v, %v", err, err2)
		}
		r.drive()
		later(40 * 24 * time.Hour)
		r.drive()
		r.took(0)
		if resting := r.resting(); resting.All != 1 || len(resting.Debts) != 1 || resting.Debts[0].Visit != v.ID || resting.Debts[0].Cabinet != r.cabinet.ID || !resting.Asked {
			t.Errorf("what rests is %+v", resting)
		}
		if n := r.open(cloud.IncidentDebtsRest); n != 1 {
			t.Errorf("%d incidents tell of it", n)
		}
		n, err := r.service.ResumeAll(t.Context())
		if n != 1 || err != nil || r.open(cloud.IncidentDebtsRest) != 0 || r.resting().All != 0 {
			t.Errorf("%d are charged again, %v", n, err)
		}
		if err := r.service.Resume(t.Context(), v.ID); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("one that does not rest: %v", err)
		}
		r.drive()
		r.took(700)
	})
}

func TestWhatRestsIsWaivedAgainAsItWas(t *testing.T) {
	stepping(t, func(t *testing.T, r *rig) {
		v := r.owes()
		restore := r.backup()
		restore()
		r.drive()
		r.must(r.service.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "li", Role: protocol.RoleManager, Note: "as before"}))
		r.is(v.ID, cloud.PaymentWaived)
		if n := r.open(cloud.IncidentDebtsRest); n != 0 {
			t.Error("the books say that a debt rests which is waived")
		}
	})
}

func TestADebtThatWasPaidAfterABackupIsNotChargedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		after func(r *rig, v cloud.VisitRecord) // the backup
		again func(r *rig, v cloud.VisitRecord) // when the provider was asked; nil: the debt was made before
	}{
		"at the second try": {
			after: func(r *rig, _ cloud.VisitRecord) {
				r.poor()
				_, _ = r.pays("1")
				r.rich()
				_, err := r.pays("2")
				r.must(err)
			},
		},
		"and made after it": {
			after: func(r *rig, v cloud.VisitRecord) {
				r.owing(v)
				_, err := r.pays("1")
				r.must(err)
			},
			again: func(r *rig, v cloud.VisitRecord) {
				if n := r.open(cloud.IncidentPayLost); n != 1 {
					r.t.Errorf("%d incidents tell of the payment", n)
				}
				r.owing(v)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			stepping(t, func(t *testing.T, r *rig) {
				v := r.begin(id(100))
				if c.again == nil {
					r.owing(v)
				}
				restore := r.backup()
				c.after(r, v)
				r.drive()
				restore()
				r.drive()
				if c.again != nil {
					c.again(r, v)
				}
				later(40 * 24 * time.Hour)
				r.drive()
				r.is(v.ID, cloud.PaymentCaptured)
				r.took(700)
				if p := r.purse(id(100)); p.Owed != 0 || len(p.Debts) != 0 {
					t.Errorf("%+v is owed", p.Debts)
				}
				if n := r.open(cloud.IncidentPayLost) + r.open(cloud.IncidentPaymentMismatch) + r.open(cloud.IncidentDebtsRest); n != 0 {
					t.Errorf("%d incidents are left", n)
				}
			})
		})
	}
}

func TestADebtThatWasLessenedAndPaidAfterABackupIsLookedAt(t *testing.T) {
	stepping(t, func(t *testing.T, r *rig) {
		v := r.owes()
		restore := r.backup()
		r.update(func(tx cloud.Tx) error {
			return errors.Join(r.book.Post(tx, book.Fact{Ref: "ruling", Cabinet: r.cabinet}, ledger.Forgive(v.Person, 200)), r.service.Lessen(tx, v, 200))
		})
		_, err := r.pays("1")
		r.must(err)
		restore()
		r.drive()
		r.took(500)
		r.is(v.ID, cloud.PaymentOwed)
		if d := r.purse(id(100)).Debts; len(d) != 1 || d[0].Amount != 200 || d[0].Rests != cloud.RestContradicted {
			t.Errorf("%+v is owed", d)
		}
		if n := r.mismatches(); n != 1 {
			t.Errorf("%d incidents tell of it", n)
		}
		if _, err := r.pays("2"); protocol.CodeOf(err) != cloud.CodePaymentUnknown {
			t.Errorf("the resident pays what may not be owed: %v", err)
		}
		if err := r.service.Resume(t.Context(), v.ID); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("what is left of it is charged: %v", err)
		}
		r.must(r.service.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "li", Role: protocol.RoleManager, Note: "as ruled"}))
		r.is(v.ID, cloud.PaymentCaptured)
		r.took(500)
	})
}

func TestADebtPaidTwiceAroundARestoreIsTold(t *testing.T) {
	stepping(t, func(t *testing.T, r *rig) {
		r.owes()
		restore := r.backup()
		_, err := r.pays("1")
		r.must(err)
		restore()
		r.fill(1000, "cash", true)
		_, err = r.pays("2") // Of the balance: the provider was not asked yet.
		r.must(err)
		r.drive()
		if n := r.mismatches(); n != 1 {
			t.Errorf("%d incidents tell of it", n)
		}
	})
}

func TestAPayoutThatWasRefusedAfterABackupBlocksNoOther(t *testing.T) {
	stepping(t, func(t *testing.T, r *rig) {
		r.fill(3000, "1", false)
		restore := r.backup()
		r.does(func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
			if k == cloud.OpRefund {
				return payment.FaultRefuse
			}
			return payment.FaultNone
		})
		if got := r.payOut(1000, "2"); got != cloud.CodePaymentRefused {
			t.Fatalf("the first: %s", got)
		}
		r.rich()
		if got := r.payOut(500, "3"); got != protocol.CodeOK {
			t.Fatalf("the second: %s", got)
		}
		restore()
		r.drive()
		r.has("as the provider has it", 2500, 2500, 2500, 0)
		if got := r.payOut(1000, "4"); got != protocol.CodeOK {
			t.Errorf("another: %s", got)
		}
		r.has("after another", 1500, 1500, 1500, 0)
	})
}
