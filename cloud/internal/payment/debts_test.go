package payment_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// poor makes the provider refuse what takes money, until it is told otherwise.
func (r *rig) poor() {
	r.does(func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
		if k == cloud.OpCapture || k == cloud.OpPay {
			return payment.FaultRefuse
		}
		return payment.FaultNone
	})
}

func (r *rig) rich() { r.does(nil) }

func (r *rig) pays(key string) (cloud.Purse, error) {
	return r.service.PayDebts(r.t.Context(), cloud.PayDebts{Person: id(100), Key: key})
}

func TestADebtIsPaidByTheResident(t *testing.T) {
	for name, c := range map[string]struct {
		do     func(r *rig) error
		want   protocol.Code
		owed   protocol.Fen
		taken  protocol.Fen
		charge int // payments of the first debt
	}{
		"all of it, visit by visit": {func(r *rig) error { _, err := r.pays("1"); return err }, protocol.CodeOK, 0, 1000, 1},
		"twice with one key, it is charged once": {func(r *rig) error {
			_, err := r.pays("1")
			_, err2 := r.pays("1")
			return errors.Join(err, err2)
		}, protocol.CodeOK, 0, 1000, 1},
		"again when it is paid, there is nothing to pay": {func(r *rig) error {
			_, err := r.pays("1")
			r.must(err)
			_, err = r.pays("2")
			return err
		}, cloud.CodeConflict, 0, 1000, 1},
		"refused, it is still owed": {func(r *rig) error { r.poor(); _, err := r.pays("1"); return err }, cloud.CodePaymentRefused, 1000, 0, 1},
		"refused and tried again, it is paid": {func(r *rig) error {
			r.poor()
			_, _ = r.pays("1")
			r.rich()
			_, err := r.pays("2")
			return err
		}, protocol.CodeOK, 0, 1000, 2},
		"without an answer, it is asked for and not charged anew": {func(r *rig) error {
			r.does(func(cloud.OpKind, protocol.UUID) payment.Fault { return payment.FaultTimeout })
			_, err := r.pays("1")
			_, err2 := r.pays("2")
			if protocol.CodeOf(err2) != cloud.CodePaymentUnknown {
				r.t.Errorf("pressed again: %v", err2)
			}
			r.rich()
			return err
		}, cloud.CodePaymentUnknown, 0, 1000, 1},
		"by what was paid ahead, where that is enough": {func(r *rig) error {
			_, err := r.service.TopUp(r.t.Context(), cloud.TopUp{Person: id(100), Amount: 700, Key: "t", By: "manager", Note: "cash"})
			r.must(err)
			_, err = r.pays("1")
			return err
		}, protocol.CodeOK, 0, 300, 1}, // The older debt of 700 out of the balance, the other one by the provider.
		"a key of a top-up pays nothing": {func(r *rig) error {
			_, err := r.service.TopUp(r.t.Context(), cloud.TopUp{Person: id(100), Amount: 100, Key: "1", By: "manager", Note: "cash"})
			r.must(err)
			_, err = r.pays("1")
			return err
		}, cloud.CodeKeyReused, 1000, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				r.poor()
				first, second := r.buys(id(100), 700), r.buys(id(100), 300)
				r.is(first.ID, cloud.PaymentOwed)
				r.rich()
				if err := c.do(r); protocol.CodeOf(err) != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
				later(time.Minute)
				if p := r.purse(id(100)); p.Owed != c.owed || len(p.UnderWay) != 0 {
					t.Errorf("%s are owed: %+v", p.Owed, p)
				}
				if taken, booked := r.money.Taken(id(100)), r.balance(ledger.Provider); taken != c.taken || booked != taken {
					t.Errorf("taken %s, booked %s, want %s", taken, booked, c.taken)
				}
				if n := len(r.ops(first.ID, cloud.OpPay)); n != c.charge {
					t.Errorf("%d payments, want %d", n, c.charge)
				}
				want := cloud.PaymentOwed
				if c.owed == 0 {
					want = cloud.PaymentCaptured
				}
				r.is(first.ID, want)
				r.is(second.ID, want)
			})
		})
	}
}

func TestADebtIsChargedByItselfOnASchedule(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.poor()
		v := r.buys(id(100), 700)
		began := time.Now()
		later(25 * time.Hour)
		var after []time.Duration
		for _, op := range r.ops(v.ID, cloud.OpPay) {
			after = append(after, op.Created.Sub(began).Round(time.Hour))
		}
		day := 24 * time.Hour
		if want := []time.Duration{time.Hour, day}; !slices.Equal(after, want) {
			t.Errorf("charged after %v, want %v", after, want)
		}
		debt := r.purse(id(100)).Debts[0]
		for debt.Tries = 2; !payment.NextTry(debt).IsZero(); debt.Tries++ {
			after = append(after, payment.NextTry(debt).Sub(debt.Since))
		}
		if want := []time.Duration{3 * day, 7 * day, 14 * day, 21 * day, 28 * day}; !slices.Equal(after[2:], want) {
			t.Errorf("to be charged after %v, want %v", after[2:], want)
		}
		r.is(v.ID, cloud.PaymentOwed)
		r.rich()
		if _, err := r.pays("1"); err != nil {
			t.Error(err)
		}
		r.is(v.ID, cloud.PaymentCaptured)
	})
}

func TestAfterTheLastTryItsResidentIsToldThatThereIsNone(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.poor()
		v := r.buys(id(100), 700)
		for tries := range 7 {
			want := []cloud.MessageKind{cloud.MessageDebt}
			if got := r.told; !slices.Equal(got, want) {
				t.Errorf("after %d tries: told %v, want %v", tries, got, want)
			}
			later(time.Until(r.purse(id(100)).Debts[0].Next) + time.Hour)
		}
		if n := len(r.ops(v.ID, cloud.OpPay)); n != 7 || !r.purse(id(100)).Debts[0].Next.IsZero() {
			t.Errorf("charged %d times, next at %v: want 7 times and no more", n, r.purse(id(100)).Debts[0].Next)
		}
		if _, err := r.pays("1"); protocol.CodeOf(err) != cloud.CodePaymentRefused {
			t.Errorf("by hand: %v, want %s", err, cloud.CodePaymentRefused)
		}
		if want := []cloud.MessageKind{cloud.MessageDebt, cloud.MessageDebtLast}; !slices.Equal(r.told, want) {
			t.Errorf("told %v, want %v", r.told, want)
		}
	})
}

func TestADebtIsNotTriedAgainBeforeItIsKnownWhatBecameOfTheFirstTry(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.poor()
		v := r.buys(id(100), 700)
		r.does(func(cloud.OpKind, protocol.UUID) payment.Fault { return payment.FaultLost })
		later(26 * time.Hour)
		if ops := r.ops(v.ID, cloud.OpPay); len(ops) != 1 || ops[0].State.Final() {
			t.Errorf("%+v", ops)
		}
		if err := r.service.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "kind"}); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("waived while it is charged: %v", err)
		}
		r.rich()
		later(10 * time.Minute)
		r.is(v.ID, cloud.PaymentCaptured)
		if taken := r.money.Taken(id(100)); taken != 700 {
			t.Errorf("taken %s", taken)
		}
	})
}

func TestStaffWaivesADebtWithANote(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.poor()
		v := r.buys(id(100), 700)
		waive := func(note string) error {
			return r.service.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: note})
		}
		if err := waive(""); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("without a note: %v", err)
		}
		r.update(func(tx cloud.Tx) error {
			return errors.Join(
				r.service.Book.Post(tx, book.Fact{Ref: "dispute:1"}, ledger.Forgive(v.Person, 200)),
				r.service.Lessen(tx, v, 200),
			)
		})
		if p := r.purse(id(100)); p.Owed != 500 || p.Debts[0].Amount != 500 {
			t.Errorf("after a part was forgiven: %+v", p)
		}
		r.must(waive("the door was broken"))
		if err := waive("again"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("waived twice: %v", err)
		}
		r.is(v.ID, cloud.PaymentWaived)
		if p := r.purse(id(100)); p.Owed != 0 || len(p.Latest) != 1 || p.Latest[0].By != "manager" || p.Latest[0].Note != "the door was broken" {
			t.Errorf("%+v", p)
		}
		if waived := r.balance(ledger.Waived); waived != 700 {
			t.Errorf("waived %s", waived)
		}
	})
}

func TestARestThatIsForgivenLeavesWhatWasTakenCaptured(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := r.buys(id(100), 5400)
		r.is(v.ID, cloud.PaymentOwed)
		r.must(r.service.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "kind"}))
		r.is(v.ID, cloud.PaymentCaptured)
		if p := r.purse(id(100)); p.Owed != 0 || r.balance(ledger.Waived) != 400 || r.money.Taken(id(100)) != 5000 {
			t.Errorf("owed %s, waived %s, taken %s", p.Owed, r.balance(ledger.Waived), r.money.Taken(id(100)))
		}
	})
}

func TestABalanceIsUsedWhereItReachesTheHold(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		fill := func(amount protocol.Fen) {
			_, err := r.service.TopUp(t.Context(), cloud.TopUp{Person: id(100), Amount: amount, Key: r.newID().String()})
			r.must(err)
		}
		is := func(what string, balance, reserved, taken protocol.Fen) {
			t.Helper()
			if p := r.purse(id(100)); p.Balance != balance || p.Reserved != reserved || r.money.Taken(id(100)) != taken || r.balance(ledger.Provider) != taken {
				t.Errorf("%s: balance %s, reserved %s, taken %s, booked %s", what, p.Balance, p.Reserved, r.money.Taken(id(100)), r.balance(ledger.Provider))
			}
		}
		fill(4999)
		r.is(r.buys(id(100), 100).ID, cloud.PaymentCaptured)
		is("a balance below the hold is left alone", 4999, 0, 5099)
		fill(2001)
		v := r.begin(id(100))
		is("the hold is reserved of the balance", 2000, 5000, 7100)
		other := r.begin(id(100))
		is("a second hold, that the rest does not reach, is the provider's", 2000, 5000, 7100)
		if held := r.money.Held(id(100)); held != 5000 {
			t.Errorf("the provider holds %s", held)
		}
		r.settle(v, 700)
		later(time.Second)
		is("what was not taken comes back", 6300, 0, 7100)
		r.settle(other, 0)
		later(time.Second)
		r.is(v.ID, cloud.PaymentCaptured)
		r.refund(v, 200)
		later(time.Second)
		is("a refund goes where the money came from", 6500, 0, 7100)
		r.refund(v, 501)
		later(time.Second)
		is("and comes to what was taken at most", 6500, 0, 7100)
		r.refund(v, 500)
		later(time.Second)
		r.is(v.ID, cloud.PaymentRefunded)
		freed := r.begin(id(100))
		r.settle(freed, 0)
		later(time.Second)
		is("a hold of which nothing is taken comes back", 7000, 0, 7100)
		above := r.buys(id(100), 5400)
		is("a bill above the hold is owed", 2000, 0, 7100)
		r.is(above.ID, cloud.PaymentOwed)
	})
}

func TestATopUpIsBoundedAndDoneOnce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		fill := func(amount protocol.Fen, key, by, note string) protocol.Code {
			_, err := r.service.TopUp(t.Context(), cloud.TopUp{Person: id(100), Amount: amount, Key: key, By: by, Note: note})
			return protocol.CodeOf(err)
		}
		for _, c := range []struct {
			what      string
			amount    protocol.Fen
			key       string
			by, note  string
			want      protocol.Code
			has, cash protocol.Fen
		}{
			{"too little", 99, "1", "", "", protocol.CodeMalformed, 0, 0},
			{"too much", 500_01, "1", "", "", protocol.CodeMalformed, 0, 0},
			{"by the provider", 500_00, "1", "", "", protocol.CodeOK, 500_00, 0},
			{"the same again", 500_00, "1", "", "", protocol.CodeOK, 500_00, 0},
			{"the same key for another amount", 100, "1", "", "", cloud.CodeKeyReused, 500_00, 0},
			{"cash without a note", 100, "2", "manager", "", protocol.CodeMalformed, 500_00, 0},
			{"cash", 400_00, "2", "manager", "at the till", protocol.CodeOK, 900_00, 400_00},
			{"cash, the same again", 400_00, "2", "manager", "at the till", protocol.CodeOK, 900_00, 400_00},
			{"above what a balance may be", 100_01, "3", "", "", protocol.CodeMalformed, 900_00, 400_00},
			{"up to it", 100_00, "4", "", "", protocol.CodeOK, 1000_00, 400_00},
		} {
			if got := fill(c.amount, c.key, c.by, c.note); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
			if has, cash := r.purse(id(100)).Balance, r.balance(ledger.Cash); has != c.has || cash != c.cash {
				t.Errorf("%s: has %s, cash %s", c.what, has, cash)
			}
		}
		r.does(func(cloud.OpKind, protocol.UUID) payment.Fault { return payment.FaultRefuse })
		if _, err := r.service.TopUp(t.Context(), cloud.TopUp{Person: id(101), Amount: 100, Key: "1"}); protocol.CodeOf(err) != cloud.CodePaymentRefused {
			t.Errorf("refused: %v", err)
		}
		if has := r.purse(id(101)).Balance; has != 0 {
			t.Errorf("filled with %s that were refused", has)
		}
	})
}

func TestSeveralPartsOfABillComeBackAndThenAllOfIt(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := r.buys(id(100), 700)
		for _, c := range []struct{ amount, taken protocol.Fen }{{200, 500}, {300, 200}, {201, 200}, {200, 0}, {1, 0}} {
			r.is(v.ID, cloud.PaymentCaptured)
			if c.amount == 1 {
				break
			}
			r.refund(v, c.amount)
			later(time.Second)
			if taken, booked := r.money.Taken(id(100)), r.balance(ledger.Provider); taken != c.taken || booked != c.taken {
				t.Errorf("after %s: taken %s, booked %s", c.amount, taken, booked)
			}
			if c.taken == 0 {
				break
			}
		}
		r.is(v.ID, cloud.PaymentRefunded)
	})
}

func TestADebtThatBecameLessMeanwhileIsChargedForWhatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(r *rig, v cloud.VisitRecord)
		charged   protocol.Fen
	}{
		"waived as a whole, it is not charged": {func(r *rig, v cloud.VisitRecord) {
			r.must(r.service.Waive(r.t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "manager", Note: "kindness"}))
		}, 0},
		"paid by the resident, it is not charged again": {func(r *rig, _ cloud.VisitRecord) {
			_, err := r.pays("1")
			r.must(err)
		}, 700},
		"lessened by a ruling, the rest is charged": {func(r *rig, v cloud.VisitRecord) {
			r.update(func(tx cloud.Tx) error { return r.service.Lessen(tx, v, 200) })
		}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				r.poor()
				v := r.buys(id(100), 700)
				read := r.purse(id(100)).Debts[0]
				r.rich()
				c.meanwhile(r, v)
				r.update(func(tx cloud.Tx) error { return r.service.Retry(tx, read) })
				r.service.Wake()
				later(time.Minute)
				if taken := r.money.Taken(id(100)); taken != c.charged {
					t.Errorf("%s were taken, want %s", taken, c.charged)
				}
				if p := r.purse(id(100)); len(p.UnderWay) > 0 || len(p.Debts) > 0 {
					t.Errorf("%+v", p)
				}
			})
		})
	}
}
