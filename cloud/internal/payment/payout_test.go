package payment_test

import (
	"context"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

func (r *rig) fill(amount protocol.Fen, key string, till bool) {
	r.t.Helper()
	top := cloud.TopUp{Person: id(100), Amount: amount, Key: key}
	if till {
		top.By, top.Note = "manager", "at the till"
	}
	_, err := r.service.TopUp(r.t.Context(), top)
	r.must(err)
	later(time.Second)
}

func (r *rig) payOut(amount protocol.Fen, key string) protocol.Code {
	_, err := r.service.PayOut(r.t.Context(), cloud.PayOut{Person: id(100), Amount: amount, Key: key})
	later(time.Second)
	return protocol.CodeOf(err)
}

func (r *rig) handOut(amount protocol.Fen, key, note string) protocol.Code {
	_, err := r.service.PayOut(r.t.Context(), cloud.PayOut{Person: id(100), Amount: amount, Key: key, Till: true, By: "manager", Note: note})
	return protocol.CodeOf(err)
}

// has holds a balance, and where its money is, to what is expected.
func (r *rig) has(what string, balance, back, provider, cash protocol.Fen) {
	r.t.Helper()
	p := r.purse(id(100))
	if p.Balance != balance || p.Back != back || r.money.Taken(id(100)) != provider || r.balance(ledger.Provider) != provider || r.balance(ledger.Cash) != cash {
		r.t.Errorf("%s: balance %s, of it %s can go back; the provider has %s, by the books %s; the tills %s",
			what, p.Balance, p.Back, r.money.Taken(id(100)), r.balance(ledger.Provider), r.balance(ledger.Cash))
	}
}

func TestWhatIsLeftOfABalanceGoesBackTheWayItCame(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.fill(3000, "1", false)
		r.fill(5000, "2", false)
		r.fill(2000, "3", true)
		r.buys(id(100), 700)
		r.has("after a purchase", 9300, 8000, 8000, 2000)
		for _, c := range []struct {
			what   string
			amount protocol.Fen
			key    string
			want   protocol.Code
		}{
			{"nothing", 0, "4", protocol.CodeMalformed},
			{"more than there is", 9301, "4", cloud.CodeConflict},
			{"more than the provider brought", 8001, "4", cloud.CodeConflict},
			{"a part, through two top-ups", 6000, "4", protocol.CodeOK},
			{"the same again", 6000, "4", protocol.CodeOK},
			{"the same key for another amount", 5999, "4", cloud.CodeKeyReused},
		} {
			if got := r.payOut(c.amount, c.key); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
		}
		r.has("a part went back", 3300, 2000, 2000, 2000)
		if got := r.payOut(2000, "5"); got != protocol.CodeOK {
			t.Errorf("the rest: %s", got)
		}
		r.has("all that the provider brought went back", 1300, 0, 0, 2000)
		if got := r.handOut(1300, "6", ""); got != protocol.CodeMalformed {
			t.Errorf("without a slip: %s", got)
		}
		for range 2 {
			if got := r.handOut(1300, "6", "slip 17"); got != protocol.CodeOK {
				t.Errorf("the till: %s", got)
			}
		}
		r.has("a till handed out the rest", 0, 0, 0, 700)
		if p := r.purse(id(100)); len(p.UnderWay) != 0 || p.Latest[0].Kind != cloud.OpPayout || p.Latest[0].Note != "slip 17" {
			t.Errorf("%+v", p.Latest)
		}
	})
}

func TestAPayoutWhoseOutcomeIsNotKnownIsNotSpentAndGoesOutOnce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.fill(6000, "1", false)
		r.does(func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
			if k == cloud.OpRefund {
				return payment.FaultTimeout
			}
			return payment.FaultNone
		})
		if got := r.payOut(6000, "2"); got != cloud.CodePaymentUnknown {
			t.Errorf("it is %s", got)
		}
		if p := r.purse(id(100)); p.Balance != 0 || len(p.UnderWay) != 1 {
			t.Errorf("what is on its way can be spent: %+v", p)
		}
		if v := r.begin(id(100)); r.ops(v.ID, cloud.OpHold)[0].Provider != payment.SimulatorName {
			t.Error("a door was opened on money that is on its way back")
		}
		if again, other := r.payOut(6000, "2"), r.payOut(6000, "3"); again != cloud.CodePaymentUnknown && again != protocol.CodeOK || other != cloud.CodeConflict {
			t.Errorf("pressed again: %s; asked for anew: %s", again, other)
		}
		later(10 * time.Minute)
		r.has("it went back once", 0, 0, 0, 0)
	})
}

func TestAPayoutThatIsRefusedIsInTheBalance(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.fill(6000, "1", false)
		r.does(func(cloud.OpKind, protocol.UUID) payment.Fault { return payment.FaultRefuse })
		if got := r.payOut(6000, "2"); got != cloud.CodePaymentRefused {
			t.Errorf("it is %s", got)
		}
		r.has("it was refused", 6000, 6000, 6000, 0)
		r.does(nil)
		if got := r.payOut(6000, "3"); got != protocol.CodeOK {
			t.Errorf("asked for again: %s", got)
		}
		r.has("it went back then", 0, 0, 0, 0)
	})
}

func TestNothingIsPaidOutWhileSomethingIsOwed(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.poor()
		v := r.buys(id(100), 700)
		r.is(v.ID, cloud.PaymentOwed)
		r.fill(500, "1", true)
		if back, till := r.payOut(500, "2"), r.handOut(500, "3", "slip"); back != cloud.CodeDebt || till != cloud.CodeDebt {
			t.Errorf("back %s, by the till %s", back, till)
		}
	})
}

// The schema holds what the service holds, whatever the service believes.
func TestTheBooksTakeNoPayoutOfMoreThanThereIs(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.fill(1000, "1", false)
		r.fill(1000, "2", false)
		var top cloud.PaymentOp
		r.view(func(tx cloud.Tx) error {
			latest, err := tx.Personal.Latest(id(100), 1)
			top = latest[0]
			return err
		})
		for what, op := range map[string]cloud.PaymentOp{
			"more than the balance":    {Person: id(100), Amount: 2001, Provider: cloud.ProviderCash},
			"more than the top-up":     {Person: id(100), Amount: 1001, On: top.ID},
			"somebody else's top-up":   {Person: id(101), Amount: 1, On: top.ID},
			"a top-up that never came": {Person: id(100), Amount: 1, On: id(9)},
			"less than nothing":        {Person: id(100), Amount: -1, On: top.ID},
		} {
			op.ID, op.Kind, op.State = r.newID(), cloud.OpPayout, cloud.OpSent
			if err := r.db.Update(context.Background(), func(tx cloud.Tx) error { return tx.Ops.Add(op) }); err == nil {
				t.Errorf("%s was taken", what)
			}
		}
	})
}

func TestSupportForgivesDebtsWithinItsLimitAlone(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		plan := storetest.Plan()
		plan.Chain.Disputing = cloud.Disputing{Within: time.Hour, SupportVisit: 600, SupportFen: 1000, SupportPer: 30 * 24 * time.Hour}
		r.update(func(tx cloud.Tx) error { return tx.Plans.Save(plan) })
		r.poor()
		waive := func(v cloud.VisitRecord, role protocol.Role) protocol.Code {
			return protocol.CodeOf(r.service.Waive(t.Context(), cloud.WaiveDebt{Visit: v.ID, By: "li", Role: role, Note: "kind"}))
		}
		large, first, second := r.buys(id(100), 601), r.buys(id(100), 600), r.buys(id(100), 401)
		for _, c := range []struct {
			what string
			v    cloud.VisitRecord
			role protocol.Role
			want protocol.Code
		}{
			{"more than one visit may have", large, protocol.RoleSupport, cloud.CodeOverLimit},
			{"within the limit", first, protocol.RoleSupport, protocol.CodeOK},
			{"more than one person may have", second, protocol.RoleSupport, cloud.CodeOverLimit},
			{"a manager has no limit", large, protocol.RoleManager, protocol.CodeOK},
		} {
			if got := waive(c.v, c.role); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
		}
		later(31 * 24 * time.Hour)
		r.view(func(tx cloud.Tx) error {
			did, err := tx.Actions.Of(first.ID)
			if len(did) != 1 || did[0].Kind != cloud.ActionWaive || did[0].Role != protocol.RoleSupport || did[0].Amount != 600 || did[0].Why != "kind" {
				t.Errorf("nobody can see who did it: %+v", did)
			}
			return err
		})
		if got := waive(second, protocol.RoleSupport); got != protocol.CodeOK {
			t.Errorf("after the period: %s", got)
		}
	})
}

// A debt that was paid and is still kept is a fault of the books, and no reason to leave the others alone.
func TestADebtThatCannotBeChargedKeepsNoOtherFromIt(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.poor()
		broken, other := r.buys(id(100), 700), r.buys(id(101), 300)
		r.update(func(tx cloud.Tx) error {
			return tx.Ops.Add(cloud.PaymentOp{
				ID: r.newID(), Visit: broken.ID, Person: id(100), Kind: cloud.OpPay, Amount: 700, Provider: payment.SimulatorName, State: cloud.OpDone, Created: time.Now(),
			})
		})
		r.rich()
		later(2 * time.Hour)
		r.is(other.ID, cloud.PaymentCaptured)
	})
}

// What would go into the balance of somebody who was forgotten would be nobody's.
func TestNothingGoesIntoTheBalanceOfSomebodyWhoWasForgotten(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.fill(6000, "1", false)
		v := r.buys(id(100), 700)
		if got := r.payOut(5300, "2"); got != protocol.CodeOK {
			t.Fatalf("paid out: %s", got)
		}
		r.update(func(tx cloud.Tx) error {
			was, err := tx.Erasures.Erase(id(100), time.Now())
			if !was {
				t.Error("nobody was forgotten")
			}
			return err
		})
		_, err := r.service.TopUp(t.Context(), cloud.TopUp{Person: id(100), Amount: 1000, Key: "3", By: "manager", Note: "cash"})
		if protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("cash was taken: %v", err)
		}
		err = r.db.Update(t.Context(), func(tx cloud.Tx) error { return r.service.Refund(tx, v, cloud.Dispute{ID: id(9)}, 700) })
		if protocol.CodeOf(err) != cloud.CodeNotFound || r.purse(id(100)).Balance != 0 {
			t.Errorf("a refund: %v", err)
		}
	})
}

func TestATillFillsNoPurseOfNobody(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		top := cloud.TopUp{Person: id(101), Amount: 1000, Key: "1", By: "manager", Note: "at the till"}
		if _, err := r.service.TopUp(t.Context(), top); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("of somebody who is not known: %v", err)
		}
		if cash := r.balance(ledger.Cash); cash != 0 {
			t.Errorf("%s are booked", cash)
		}
	})
}
