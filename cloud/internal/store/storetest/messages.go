package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func letter(n byte, ref string, next time.Time) cloud.OutMessage {
	return cloud.OutMessage{State: cloud.MessageWaiting, Next: next, Message: cloud.Message{
		ID: id(n), Ref: ref, Kind: cloud.MessageRefund, Person: id(50), Visit: id(60), Amount: 950, Lang: "en", Sealed: []byte{1, 2}, Created: now, Expires: now.Add(time.Hour),
	}}
}

func messagesWait(t *testing.T, db cloud.DB) {
	first, second := letter(1, "refund:1", now.Add(time.Minute)), letter(2, "refund:2", now)
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Messages.Add(first), tx.Messages.Add(second), tx.Messages.Add(letter(3, "refund:1", now)))
	})
	due := func(what string, at time.Time, want ...cloud.OutMessage) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Messages.Due(at, 10)
			if len(got) != len(want) {
				t.Errorf("%s: %+v", what, got)
				return err
			}
			same(t, got, append([]cloud.OutMessage{}, want...))
			return err
		})
	}
	due("at once, the one that is due", now, second)
	due("later, both", now.Add(time.Minute), second, first)
	update(t, db, func(tx cloud.Tx) error { return tx.Messages.Retry(id(2), 1, now.Add(time.Hour)) })
	due("after a try, it waits", now.Add(time.Minute), first)
	update(t, db, func(tx cloud.Tx) error {
		return tx.Messages.End(id(1), cloud.MessageEnd{State: cloud.MessageSent, Provider: "sms-7", At: now})
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error {
		return tx.Messages.End(id(1), cloud.MessageEnd{State: cloud.MessageUnneeded, At: now})
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Messages.Retry(id(1), 2, now) })
	update(t, db, func(tx cloud.Tx) error {
		of := letter(4, "refund:4", now)
		of.Visit, of.Created = id(61), now.Add(-time.Minute)
		return errors.Join(tx.Messages.Add(of), tx.Messages.End(id(4), cloud.MessageEnd{State: cloud.MessageUnneeded, Why: cloud.MessageOver, At: now.Add(time.Second)}))
	})
	view(t, db, func(tx cloud.Tx) error {
		told, err := tx.Told.Of(id(60))
		other, err2 := tx.Told.Of(id(61))
		none, err3 := tx.Told.Of(protocol.VisitID{})
		if len(told) != 2 || told[0].ID != id(1) || !told[0].Ended.Equal(now) || !told[1].Ended.IsZero() || len(none) != 0 {
			t.Errorf("told of a visit: %+v; of none: %+v", told, none)
		}
		if len(other) != 1 || other[0].State != cloud.MessageUnneeded || other[0].Why != cloud.MessageOver || !other[0].Ended.Equal(now.Add(time.Second)) {
			t.Errorf("told of the other: %+v", other)
		}
		return errors.Join(err, err2, err3)
	})
	view(t, db, func(tx cloud.Tx) error {
		m, found, err := tx.Messages.Find("refund:1")
		if !found || m.State != cloud.MessageSent || m.Provider != "sms-7" || len(m.Sealed) != 0 {
			t.Errorf("what was sent is %+v, %t", m, found)
		}
		_, none, err2 := tx.Messages.Find("refund:9")
		waiting, oldest, err3 := tx.Messages.Backlog(now.Add(2 * time.Hour))
		if none || waiting != 1 || !oldest.Equal(now) {
			t.Errorf("%t, %d wait since %s", none, waiting, oldest)
		}
		return errors.Join(err, err2, err3)
	})
}

func wishes(t *testing.T, db cloud.DB) {
	view(t, db, func(tx cloud.Tx) error {
		w, err := tx.Wishes.Find(id(1))
		same(t, w, cloud.Wishes{Receipts: true})
		return err
	})
	for _, want := range []cloud.Wishes{{Lang: "en"}, {Lang: "zh", Receipts: true}} {
		update(t, db, func(tx cloud.Tx) error { return tx.Wishes.Save(id(1), want) })
		view(t, db, func(tx cloud.Tx) error {
			w, err := tx.Wishes.Find(id(1))
			same(t, w, want)
			return err
		})
	}
}
