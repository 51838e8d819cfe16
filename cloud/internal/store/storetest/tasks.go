package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func task(n byte, asked time.Time) cloud.Task {
	return cloud.Task{
		ID: id(n), Cabinet: "xs-01", Kind: wire.TaskLogs, Args: json.RawMessage(`{"lines":5}`), By: "Chen Jun", Asked: asked, Expires: asked.Add(time.Hour),
	}
}

func tasksWait(t *testing.T, db cloud.DB) {
	first, second := task(1, now), task(2, now.Add(time.Minute))
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Tasks.Add(first), tx.Tasks.Add(second)) })
	lists := func(what string, cabinet protocol.CabinetID, at time.Time, want ...cloud.Task) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Tasks.List(cabinet, at, 10)
			if len(got) != len(want) {
				t.Errorf("%s: %+v", what, got)
				return err
			}
			same(t, got, append([]cloud.Task{}, want...))
			return err
		})
	}
	lists("all of it", "xs-01", time.Time{}, second, first)
	lists("those that wait", "", now.Add(2*time.Minute), second, first)
	lists("when one's time is over", "xs-01", now.Add(time.Hour+time.Second), second)
	lists("another cabinet's", "xs-02", time.Time{})
	update(t, db, func(tx cloud.Tx) error { return tx.Tasks.End(id(1), protocol.CodeOK, "", []byte{1, 2}, now) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Tasks.End(id(1), protocol.CodeBusy, "", nil, now) })
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Tasks.Reach(id(1), now.Add(time.Second)), tx.Tasks.Reach(id(1), now.Add(time.Minute)))
	})
	first.Done, first.Code, first.Result, first.Reached = now, protocol.CodeOK, true, now.Add(time.Second)
	lists("when one is done", "xs-01", now.Add(2*time.Minute), second)
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Tasks.Find(id(1))
		same(t, got, first)
		result, err2 := tx.Tasks.Result(id(1))
		same(t, result, []byte{1, 2})
		if _, err := tx.Tasks.Result(id(2)); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("a result that is not there: %v", err)
		}
		return errors.Join(err, err2)
	})
}

func tasksBounded(t *testing.T, db cloud.DB) {
	for n := range byte(80) {
		update(t, db, func(tx cloud.Tx) error { return tx.Tasks.Add(task(n+1, now.Add(time.Duration(n)*time.Second))) })
	}
	view(t, db, func(tx cloud.Tx) error {
		all, err := tx.Tasks.List("xs-01", time.Time{}, 1000)
		if len(all) > 60 || len(all) < 20 || all[0].ID != id(80) {
			t.Errorf("%d are kept, the newest is %s", len(all), all[0].ID)
		}
		_, found := tx.Tasks.Find(id(1))
		if protocol.CodeOf(found) != cloud.CodeNotFound {
			t.Errorf("the oldest: %v", found)
		}
		return err
	})
}

func handedOver(t *testing.T, db cloud.DB) {
	view(t, db, func(tx cloud.Tx) error {
		_, found, err := tx.Handovers.Latest("xs-01")
		if found {
			t.Error("it was handed over before anybody signed")
		}
		return err
	})
	first := cloud.Handover{ID: id(1), Cabinet: "xs-01", By: "Chen Jun", At: now, Points: []cloud.HandoverPoint{
		{Item: cloud.HandoverScales, Lack: []string{"S2"}, Why: "a new one comes tomorrow"}, {Item: cloud.HandoverStands, OK: true},
	}}
	second := cloud.Handover{ID: id(2), Cabinet: "xs-01", By: "Lin Wei", At: now.Add(time.Hour), Points: []cloud.HandoverPoint{}}
	update(t, db, func(tx cloud.Tx) error { return tx.Handovers.Add(first) })
	latest := func(want cloud.Handover) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, found, err := tx.Handovers.Latest("xs-01")
			if !found {
				t.Error("nobody signed")
			}
			same(t, got, want)
			return err
		})
	}
	latest(first)
	update(t, db, func(tx cloud.Tx) error { return tx.Handovers.Add(second) })
	latest(second)
	since := func(want time.Time) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Handovers.Since("xs-01")
			same(t, got, want)
			return err
		})
	}
	since(time.Time{})
	update(t, db, func(tx cloud.Tx) error { return tx.Cards.Accept("xs-01", id(50), now) })
	since(time.Time{})
	update(t, db, func(tx cloud.Tx) error { return tx.Cards.Accept("xs-01", id(51), now.Add(time.Hour)) })
	since(now.Add(time.Hour))
}
