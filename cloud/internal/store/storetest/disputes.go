package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func objection(n byte, at time.Time) cloud.Dispute {
	return cloud.Dispute{
		ID: id(n), Visit: id(1), Person: id(100), At: at, Words: "two, not three",
		Lines: []cloud.DisputeLine{{SKU: "1001", Qty: 1, Why: cloud.ComplaintNotTaken}, {SKU: "1003", Qty: 2, Why: cloud.ComplaintNotFresh}},
	}
}

func rulingOn(d cloud.Dispute, refund protocol.Fen) cloud.Ruling {
	return cloud.Ruling{
		Dispute: d.ID, Visit: d.Visit, Person: d.Person, By: "mei", Role: protocol.RoleSupport, At: d.At.Add(time.Hour), Refund: refund, Waived: 50, Reason: "seen",
		Lines: []cloud.RulingLine{{SKU: "1001", Qty: 1, Amount: 200, Goods: cloud.FateBack}, {SKU: "1003", Qty: 2, Amount: 900, Goods: cloud.FateMisplaced, Platform: "S1"}},
	}
}

func oneOpenDispute(t *testing.T, db cloud.DB) {
	first, second := objection(30, now), objection(31, now.Add(2*time.Hour))
	first.Key = "k"
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Visits.Add(record(1)), tx.Disputes.Add(first)) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Disputes.Add(second) })
	update(t, db, func(tx cloud.Tx) error { return tx.Disputes.Rule(rulingOn(first, 0)) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Disputes.Rule(rulingOn(first, 0)) })
	update(t, db, func(tx cloud.Tx) error { return tx.Disputes.Add(second) })
	view(t, db, func(tx cloud.Tx) error {
		of, err := tx.Disputes.Of(id(1))
		ruled := rulingOn(first, 0)
		first.Ruling, first.Refunds = &ruled, []cloud.PaymentOp{}
		same(t, of, []cloud.Dispute{first, second})
		open, err2 := tx.Disputes.List("", true, 10)
		same(t, open, []cloud.Dispute{second})
		if n, since, err := tx.Disputes.Waiting(""); n != 1 || !since.Equal(second.At) || err != nil {
			t.Errorf("%d objections wait since %s, %v: want the second", n, since, err)
		}
		decided, err3 := tx.Disputes.List("", false, 10)
		same(t, decided, []cloud.Dispute{first})
		_, unknown := tx.Disputes.Find(id(99))
		if protocol.CodeOf(unknown) != cloud.CodeNotFound {
			t.Errorf("an objection that never was: %v", unknown)
		}
		ofVisit, ofPerson, err4 := tx.Refunds.Given(protocol.RoleSupport, id(1), id(100), now)
		_, later, err5 := tx.Refunds.Given(protocol.RoleSupport, id(1), id(100), now.Add(2*time.Hour))
		if ofVisit != 50 || ofPerson != 50 || later != 0 {
			t.Errorf("support gave %d of the visit, %d to the person, %d later", ofVisit, ofPerson, later)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
}

// disputesOfStores are those of visits to the cabinets that stand with a store now.
func disputesOfStores(t *testing.T, db cloud.DB) {
	ruled, open := objection(30, now), objection(31, now.Add(time.Hour))
	there := record(2)
	there.Compartment, open.Visit = 2, there.ID
	update(t, db, func(tx cloud.Tx) error {
		err := tx.Plans.Save(Plan())
		_, err2 := tx.Cabinets.Save(Plan().Cabinets[0].Cabinet, now)
		return errors.Join(
			err, err2, tx.Visits.Add(record(1)), tx.Visits.Add(there),
			tx.Disputes.Add(ruled), tx.Disputes.Rule(rulingOn(ruled, 0)), tx.Disputes.Add(open),
		)
	})
	view(t, db, func(tx cloud.Tx) error {
		for of, want := range map[cloud.Bound]int{"": 1, cloud.BoundTo("elsewhere"): 0, cloud.BoundTo("elsewhere", "north"): 1} {
			waiting, err := tx.Disputes.List(of, true, 10)
			decided, err2 := tx.Disputes.List(of, false, 10)
			n, since, err3 := tx.Disputes.Waiting(of)
			if err := errors.Join(err, err2, err3); err != nil {
				return err
			}
			if len(waiting) != want || len(decided) != want || n != want || since.IsZero() != (want == 0) {
				t.Errorf("of the stores %q %d wait, %d are listed, %d are decided, want %d of each", of, n, len(waiting), len(decided), want)
			}
			if want == 1 && (waiting[0].ID != open.ID || decided[0].ID != ruled.ID) {
				t.Errorf("of the stores %q %s waits, and %s is decided", of, waiting[0].ID, decided[0].ID)
			}
		}
		return nil
	})
}

// refundsBounded holds the database to it, whatever the service believes.
func refundsBounded(t *testing.T, db cloud.DB) {
	op := func(n byte, kind cloud.OpKind, amount protocol.Fen, on protocol.UUID, state cloud.OpState) cloud.PaymentOp {
		return cloud.PaymentOp{ID: id(n), Visit: id(1), Person: id(100), Kind: kind, Amount: amount, On: on, State: state, Next: now, Created: now}
	}
	d := objection(30, now)
	v := record(1)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(v), tx.Ops.Add(op(20, cloud.OpHold, 5000, protocol.UUID{}, cloud.OpDone)), tx.Ops.Add(op(21, cloud.OpCapture, 1000, id(20), cloud.OpDone)),
			tx.Disputes.Add(d), tx.Disputes.Rule(rulingOn(d, 900)), tx.Steps.End(v.ID, cloud.OutcomeSold, "", now))
	})
	add := func(n byte, amount protocol.Fen, on protocol.UUID, dispute protocol.UUID) func(cloud.Tx) error {
		return func(tx cloud.Tx) error {
			return tx.Try(func() error {
				if err := tx.Ops.Add(op(n, cloud.OpRefund, amount, on, cloud.OpPending)); err != nil {
					return err
				}
				return tx.Refunds.Add(id(n), dispute)
			})
		}
	}
	refused(t, db, cloud.CodeConflict, add(22, 1001, id(21), d.ID)) // more than was captured
	refused(t, db, cloud.CodeConflict, add(22, 100, id(20), d.ID))  // of a hold
	refused(t, db, cloud.CodeConflict, add(22, 0, id(21), d.ID))
	refused(t, db, cloud.CodeConflict, add(22, 901, id(21), d.ID)) // more than was ruled
	refused(t, db, cloud.CodeConflict, add(22, 100, id(21), id(77)))
	update(t, db, add(22, 600, id(21), d.ID))
	refused(t, db, cloud.CodeConflict, add(23, 301, id(21), d.ID)) // while another is under way
	update(t, db, func(tx cloud.Tx) error { return tx.Ops.Move(id(22), cloud.OpRefused, 1, time.Time{}) })
	update(t, db, add(23, 900, id(21), d.ID)) // A refused one gave nothing back.
	update(t, db, func(tx cloud.Tx) error { return tx.Ops.Move(id(23), cloud.OpDone, 1, time.Time{}) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Ops.Move(id(23), cloud.OpRefused, 2, time.Time{}) })
	refused(t, db, cloud.CodeConflict, add(24, 1, id(21), d.ID))
	view(t, db, func(tx cloud.Tx) error {
		of, found, err := tx.Refunds.Of(id(23))
		if !found || of != d.ID {
			t.Errorf("refund 23 is of %s, %v", of, found)
		}
		got, err2 := tx.Disputes.Find(d.ID)
		if len(got.Refunds) != 2 || got.Unasked() != 0 || got.Returned() != 900 {
			t.Errorf("%+v: %d unasked, %d returned", got.Refunds, got.Unasked(), got.Returned())
		}
		shown, err3 := tx.Visits.Find(v.ID)
		if shown.Refunded != 900 || shown.Forgiven != 50 {
			t.Errorf("the visit tells %d and %d", shown.Refunded, shown.Forgiven)
		}
		return errors.Join(err, err2, err3)
	})
}

func actionsKept(t *testing.T, db cloud.DB) {
	first := cloud.Action{ID: id(40), At: now, By: "mei", Role: protocol.RoleSupport, Kind: cloud.ActionNote, Visit: id(1), Why: "called twice"}
	second := cloud.Action{ID: id(41), At: now.Add(time.Second), By: "li", Role: protocol.RoleManager, Kind: cloud.ActionRefund, Visit: id(1), Dispute: id(30), Amount: 200, Why: "seen"}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(record(1)), tx.Actions.Add(second), tx.Actions.Add(first))
	})
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Actions.Of(id(1))
		same(t, got, []cloud.Action{first, second})
		return err
	})
}

func visitsByNumberAndTime(t *testing.T, db cloud.DB) {
	first, second := record(1), record(2)
	second.Compartment = 2
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Visits.Add(first), tx.Visits.Add(second)) })
	find := func(q cloud.VisitQuery) (found []protocol.VisitID) {
		view(t, db, func(tx cloud.Tx) error {
			list, err := tx.Visits.List(q)
			for _, v := range list {
				found = append(found, v.ID)
			}
			return err
		})
		return found
	}
	same(t, find(cloud.VisitQuery{Number: second.Number()}), []protocol.VisitID{second.ID})
	same(t, find(cloud.VisitQuery{From: first.Created, To: second.Created}), []protocol.VisitID{first.ID})
	same(t, find(cloud.VisitQuery{Cabinet: "xs-01", From: second.Created}), []protocol.VisitID{second.ID})
}

func incidentsAround(t *testing.T, db cloud.DB) {
	open := func(kind cloud.IncidentKind, subject string, at time.Time) cloud.Incident {
		return cloud.Incident{Cabinet: "xs-01", Kind: kind, Subject: subject, Last: at}
	}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Incidents.Open(open(cloud.IncidentScale, "S1", now)), tx.Incidents.Open(open(cloud.IncidentLeftOpen, "1", now.Add(time.Hour))),
			tx.Incidents.Open(open(cloud.IncidentPaymentMismatch, "a visit", now.Add(2*time.Hour))), tx.Incidents.Close("xs-01", cloud.IncidentScale, "S1", now.Add(time.Minute)))
	})
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Incidents.Around("xs-01", now.Add(-time.Minute), now.Add(time.Minute), "a visit")
		if len(got) != 2 || got[0].Kind != cloud.IncidentScale || got[1].Subject != "a visit" {
			t.Errorf("around: %+v", got)
		}
		return err
	})
}
