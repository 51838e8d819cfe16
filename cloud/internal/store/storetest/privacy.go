package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func consentsKept(t *testing.T, db cloud.DB) {
	first, second := cloud.Consent{Version: "1-a", At: now}, cloud.Consent{Version: "1-b", At: now.Add(time.Hour)}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Consents.Add(id(50), second), tx.Consents.Add(id(50), first), tx.Consents.Add(id(50), cloud.Consent{Version: "1-a", At: now.Add(time.Minute)}), tx.Consents.Add(id(51), first))
	})
	view(t, db, func(tx cloud.Tx) error {
		of, err := tx.Consents.Of(id(50))
		same(t, of, []cloud.Consent{first, second})
		none, err2 := tx.Consents.Of(id(52))
		same(t, none, []cloud.Consent{})
		return errors.Join(err, err2)
	})
}

// spoken is a visit of a person with words of all kinds beside it.
func spoken(t *testing.T, db cloud.DB) {
	t.Helper()
	d := objection(30, now)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Visits.Add(record(1)), tx.Orders.Add(cloud.Order{Visit: id(1), Total: 250, At: now}),
			tx.Decisions.Add(cloud.Decision{Visit: id(1), By: "li", At: now, Note: "looked twice"}),
			tx.Disputes.Add(d), tx.Disputes.Rule(rulingOn(d, 0)),
			tx.Actions.Add(cloud.Action{ID: id(31), At: now, By: "mei", Role: protocol.RoleSupport, Kind: cloud.ActionNote, Visit: id(1), Why: "Mr Wang called"}),
			tx.Ops.Add(cloud.PaymentOp{ID: id(32), Person: id(100), Kind: cloud.OpTopUp, Amount: 500, State: cloud.OpDone, Provider: cloud.ProviderCash, By: "mei", Note: "from Mr Wang", Created: now}),
		)
	})
}

// texts is everything that anybody wrote.
func texts(t *testing.T, db cloud.DB) (all []string) {
	t.Helper()
	view(t, db, func(tx cloud.Tx) error {
		decision, _, err := tx.Decisions.Find(id(1))
		of, err2 := tx.Disputes.Of(id(1))
		actions, err3 := tx.Actions.Of(id(1))
		op, err4 := tx.Ops.Find(id(32))
		if err := errors.Join(err, err2, err3, err4); err != nil {
			return err
		}
		all = []string{decision.Note, of[0].Words, of[0].Ruling.Reason, actions[0].Why, op.Note}
		return nil
	})
	return all
}

func personErased(t *testing.T, db cloud.DB) {
	spoken(t, db)
	same(t, texts(t, db), []string{"looked twice", "two, not three", "seen", "Mr Wang called", "from Mr Wang"})
	m := letter(1, "refund:1", now)
	m.Person = id(100)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Messages.Add(m), tx.Messages.Add(letter(2, "refund:2", now)), tx.Wishes.Save(id(100), cloud.Wishes{Lang: "en"}), tx.Consents.Add(id(100), cloud.Consent{Version: "1", At: now}))
	})
	view(t, db, func(tx cloud.Tx) error {
		remarks, err := tx.Persons.Remarks(id(100))
		messages, err2 := tx.Persons.Messages(id(100))
		payments, err3 := tx.Persons.Payments(id(100))
		if len(remarks) != 4 || len(messages) != 1 || len(payments) != 1 || payments[0].Note != "from Mr Wang" {
			t.Errorf("%+v, %+v, %+v", remarks, messages, payments)
		}
		_, none := tx.Persons.Own(id(100))
		if protocol.CodeOf(none) != cloud.CodeNotFound {
			t.Errorf("a person who is no resident: %v", none)
		}
		return errors.Join(err, err2, err3)
	})
	update(t, db, func(tx cloud.Tx) error {
		was, err := tx.Erasures.Erase(id(100), now)
		if was {
			t.Error("nobody had signed in as that person")
		}
		return err
	})
	same(t, texts(t, db), []string{"", "", "", "", ""})
	view(t, db, func(tx cloud.Tx) error {
		messages, err := tx.Persons.Messages(id(100))
		others, err2 := tx.Persons.Messages(id(50))
		consents, err3 := tx.Consents.Of(id(100))
		wishes, err4 := tx.Wishes.Find(id(100))
		v, err5 := tx.Visits.Find(id(1))
		if len(messages)+len(consents) != 0 || len(others) != 1 || wishes.Lang != "" || v.Person != id(100) {
			t.Errorf("%+v, %+v, %+v, %+v, %+v", messages, others, consents, wishes, v.Person)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
}

func unsettledFound(t *testing.T, db cloud.DB) {
	asks := func(what string, wantVisit, wantCase bool) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			visit, open, err := tx.Erasures.Unsettled(id(100))
			if visit != wantVisit || open != wantCase {
				t.Errorf("%s: a visit %v, a case %v", what, visit, open)
			}
			return err
		})
	}
	asks("nobody", false, false)
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(record(1)) })
	asks("a visit is under way", true, false)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Steps.End(id(1), cloud.OutcomeNothingTaken, "", now), tx.Steps.Pay(id(1), cloud.PaymentHeld), tx.Steps.Pay(id(1), cloud.PaymentNone))
	})
	asks("it has ended", false, false)
	update(t, db, func(tx cloud.Tx) error { return tx.Disputes.Add(objection(30, now)) })
	asks("an objection is open", false, true)
}

func oldGoes(t *testing.T, db cloud.DB) {
	spoken(t, db)
	open := objection(40, now)
	ended := letter(2, "refund:2", now)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Disputes.Add(open), tx.Messages.Add(letter(1, "refund:1", now)), tx.Messages.Add(ended),
			tx.Messages.End(id(2), cloud.MessageEnd{State: cloud.MessageSent, At: now}))
	})
	for kind, want := range map[cloud.KeptKind]int{cloud.KeptMessage: 1, cloud.KeptNote: 2, cloud.KeptCase: 3, cloud.KeptCode: 0, cloud.KeptSession: 0} {
		update(t, db, func(tx cloud.Tx) error {
			young, err := tx.Old.Count(kind, now)
			count, err2 := tx.Old.Count(kind, now.Add(2*time.Hour))
			none, err3 := tx.Old.Remove(kind, now, 10)
			removed := 0
			var err4 error
			for n := 1; n > 0 && err4 == nil; removed += n {
				n, err4 = tx.Old.Remove(kind, now.Add(2*time.Hour), 1)
			}
			if young != 0 || count != want || none != 0 || removed != want {
				t.Errorf("%s: %d young, %d old, %d and %d removed, want %d", kind, young, count, none, removed, want)
			}
			return errors.Join(err, err2, err3, err4)
		})
	}
	same(t, texts(t, db), []string{"", "", "", "", ""})
	view(t, db, func(tx cloud.Tx) error {
		d, err := tx.Disputes.Find(open.ID)
		if d.Words != open.Words {
			t.Errorf("the words of an open objection are gone: %+v", d)
		}
		return err
	})
	refused(t, db, protocol.CodeUnsupported, func(tx cloud.Tx) error { _, err := tx.Old.Count(cloud.KeptBooks, now); return err })
}
