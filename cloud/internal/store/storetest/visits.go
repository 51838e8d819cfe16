package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
)

func record(n byte) cloud.VisitRecord {
	return cloud.VisitRecord{Visit: cloud.Visit{
		ID: id(n), Cabinet: "xs-01", Compartment: 1, Purpose: protocol.PurposePurchase, Person: id(100), PriceVersion: 3, Hold: 5000,
		Payment: cloud.PaymentNone, Created: now.Add(time.Duration(n) * time.Second),
	}}
}

func oneVisitAtADoor(t *testing.T, db cloud.DB) {
	first, second, foreign, otherDoor := record(1), record(2), record(3), record(4)
	foreign.Foreign, otherDoor.Compartment = true, 2
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(first) })
	refused(t, db, cloud.CodeCabinetBusy, func(tx cloud.Tx) error { return tx.Visits.Add(second) })
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Visits.Add(foreign), tx.Visits.Add(otherDoor)) })
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.End(first.ID, cloud.OutcomeAborted, "not_pulled", now) })
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(second) })
	view(t, db, func(tx cloud.Tx) error {
		open, err := tx.Visits.List(cloud.VisitQuery{Cabinet: "xs-01", Compartment: 1, UnderWay: true})
		if len(open) != 2 || open[0].ID != foreign.ID || open[1].ID != second.ID {
			t.Errorf("under way: %+v", open)
		}
		mine, err2 := tx.Visits.List(cloud.VisitQuery{Person: id(100), Limit: 3})
		if len(mine) != 3 || mine[0].ID != otherDoor.ID {
			t.Errorf("latest of the person: %+v", mine)
		}
		_, unknown := tx.Visits.Find(id(77))
		if protocol.CodeOf(unknown) != cloud.CodeUnknownVisit {
			t.Errorf("unknown visit: %v", unknown)
		}
		return errors.Join(err, err2)
	})
}

func offers(t *testing.T, db cloud.DB) {
	first, second, third := record(1), record(2), record(3)
	first.Nonce, second.Offline = grant.Token{9}, true
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(first) })
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(second) })
	refused(t, db, cloud.CodeCabinetBusy, func(tx cloud.Tx) error { return tx.Visits.Add(third) })
	ends := now.Add(10 * time.Minute)
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.Offer(first.ID, now, ends) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.Offer(first.ID, now, ends) })
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(third) })
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.Refuse(first.ID, protocol.CodeResidentLimit) })
	first.Offline, first.Offered, first.PassEnds, first.Code = true, now, ends, protocol.CodeResidentLimit
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Visits.Find(first.ID)
		same(t, got, first)
		return err
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.Begin(second.ID, now) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.Offer(second.ID, now, ends) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.Refuse(second.ID, protocol.CodeBusy) })
}

func sentAnew(t *testing.T, db cloud.DB) {
	v, shown, begun := record(1), record(2), record(3)
	shown.Compartment, begun.Compartment = 2, 3
	first, second := [16]byte{1, 2}, [16]byte{3, 4}
	later, ends := now.Add(4*time.Second), now.Add(time.Minute)
	anew := func(v protocol.VisitID, over [16]byte) func(cloud.Tx) error {
		return func(tx cloud.Tx) error { return tx.Steps.SendAnew(v, id(10), over, later, ends) }
	}
	for _, r := range []cloud.VisitRecord{v, shown, begun} {
		update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(r) })
		refused(t, db, cloud.CodeConflict, anew(r.ID, second)) // It was not even asked for.
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Steps.Send(v.ID, id(9), first, now, ends), tx.Steps.Offer(shown.ID, now, ends),
			tx.Steps.Send(begun.ID, id(9), first, now, ends), tx.Steps.Begin(begun.ID, now),
		)
	})
	refused(t, db, cloud.CodeConflict, anew(v.ID, first))
	refused(t, db, cloud.CodeConflict, anew(begun.ID, second))
	update(t, db, anew(v.ID, second))
	update(t, db, anew(shown.ID, second))
	v.Sent, shown.Offered, shown.PassEnds, shown.Offline = now, now, ends, true
	for _, want := range []cloud.VisitRecord{v, shown} {
		want.Command, want.Challenge, want.Anew, want.NotAfter = id(10), second, later, ends
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Visits.Find(want.ID)
			same(t, got, want)
			return err
		})
	}
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.End(v.ID, cloud.OutcomeAborted, protocol.CodeBusy, later) })
	refused(t, db, cloud.CodeConflict, anew(v.ID, first))
}

func oneVisitOfAKey(t *testing.T, db cloud.DB) {
	first, second := record(1), record(2)
	first.Key, second.Key, second.Compartment = "k", "k", 2
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(first) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Visits.Add(second) })
	second.Person = id(101)
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(second) })
	view(t, db, func(tx cloud.Tx) error {
		got, found, err := tx.Visits.ByKey(id(100), "k")
		if !found {
			t.Error("the key is not found")
		}
		same(t, got, first)
		_, found, err2 := tx.Visits.ByKey(id(100), "")
		if found {
			t.Error("an empty key found a visit")
		}
		return errors.Join(err, err2)
	})
}

func oneOutcome(t *testing.T, db cloud.DB) {
	v := record(1)
	update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(v) })
	update(t, db, func(tx cloud.Tx) error {
		return tx.Steps.Send(v.ID, id(9), [16]byte{1, 2}, now, now.Add(time.Minute))
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.Send(v.ID, id(9), [16]byte{}, now, now) })
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.Begin(v.ID, now) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.Begin(v.ID, now) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.Decide(v.ID, cloud.OutcomeSold) })
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.End(v.ID, "", "", now) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.End(v.ID, cloud.OutcomeAborted, "", now) })
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.Decide(v.ID, cloud.OutcomeSold) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Steps.Decide(v.ID, cloud.OutcomeAborted) })
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Visits.Find(v.ID)
		want := v
		want.Command, want.Challenge, want.Sent, want.NotAfter = id(9), [16]byte{1, 2}, now, now.Add(time.Minute)
		want.Begun, want.Ended, want.Outcome, want.Lines = now, now, cloud.OutcomeSold, []cloud.OrderLine{}
		same(t, got, want)
		return err
	})
}

func paymentForward(t *testing.T, db cloud.DB) {
	all := []cloud.Payment{
		cloud.PaymentNone, cloud.PaymentHeld, cloud.PaymentUnknown, cloud.PaymentReview,
		cloud.PaymentCaptured, cloud.PaymentOwed, cloud.PaymentWaived, cloud.PaymentRefunded,
	}
	n := byte(0)
	for _, from := range all {
		for _, to := range all {
			n++
			v := record(n)
			v.Payment, v.Compartment = from, protocol.Compartment(n)
			update(t, db, func(tx cloud.Tx) error { return tx.Visits.Add(v) })
			err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Steps.Pay(v.ID, to) })
			if from.MayBecome(to) != (err == nil) {
				t.Errorf("from %s to %s: %v, but MayBecome is %v", from, to, err, from.MayBecome(to))
			}
		}
	}
}

func oneOrder(t *testing.T, db cloud.DB) {
	v := record(1)
	order := cloud.Order{
		Visit: v.ID, Total: 550, At: now, Zero: now.Add(-12 * time.Second), Hash: []byte{7}, Answer: settle.Answer{Decision: settle.Bill, Lines: []settle.Line{}, Levels: []settle.Level{}},
		Lines: []cloud.OrderLine{
			{SKU: "1001", Name: cloud.Text{Zh: "水", En: "Water"}, Qty: 1, Price: 200},
			{SKU: "1002", Name: cloud.Text{Zh: "茶", En: "Tea"}, Qty: 1, Price: 350},
		},
	}
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Visits.Add(v), tx.Orders.Add(order)) })
	update(t, db, func(tx cloud.Tx) error { return tx.Steps.End(v.ID, cloud.OutcomeSold, "", now) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Orders.Add(order) })
	view(t, db, func(tx cloud.Tx) error {
		got, found, err := tx.Orders.Find(v.ID)
		if !found {
			t.Error("the order is not found")
		}
		same(t, got, order)
		visit, err2 := tx.Visits.Find(v.ID)
		same(t, visit.Lines, order.Lines)
		same(t, visit.Total, order.Total)
		return errors.Join(err, err2)
	})
}
