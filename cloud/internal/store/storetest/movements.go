package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func movements(t *testing.T, db cloud.DB) {
	one := cloud.Movement{ID: id(70), At: now, Store: "north", Cabinet: "xs-01", MoveGoods: cloud.MoveGoods{
		Person: id(60), By: "wang", Key: "k1", Kind: cloud.MoveWriteOff, From: ledger.Stock("xs-01", "S1"), Reason: ledger.Expired, Note: "two days over",
		Lines: []cloud.MovedLine{{SKU: "1001", Qty: 2}},
	}}
	undone := cloud.Movement{ID: id(71), At: now.Add(time.Minute), Store: "north", MoveGoods: cloud.MoveGoods{
		Person: id(60), By: "wang", Key: "k2", Kind: cloud.MoveCorrect, Corrects: one.ID,
	}}
	add := func(m cloud.Movement) func(cloud.Tx) error {
		return func(tx cloud.Tx) error { return tx.Movements.Add(m) }
	}
	update(t, db, add(one))
	update(t, db, add(undone))
	again, twice := one, undone
	again.ID, twice.ID, twice.Key = id(72), id(73), ""
	refused(t, db, cloud.CodeConflict, add(again))
	refused(t, db, cloud.CodeConflict, add(twice))
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Movements.Find(one.ID)
		same(t, found, one)
		byKey, known, err2 := tx.Movements.ByKey(id(60), "k1")
		_, unknown, err3 := tx.Movements.ByKey(id(61), "k1")
		if !known || unknown || byKey.ID != one.ID {
			t.Errorf("by key %v, %v, %v", byKey.ID, known, unknown)
		}
		of, err4 := tx.Movements.Latest("xs-01", 10)
		all, err5 := tx.Movements.Latest("", 1)
		if len(of) != 1 || len(all) != 1 || all[0].ID != undone.ID {
			t.Errorf("latest of the cabinet %+v, of all %+v", of, all)
		}
		if _, err := tx.Movements.Find(id(99)); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("a movement that was never there: %v", err)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
}

func countsFound(t *testing.T, db cloud.DB) {
	move := func(n byte, kind cloud.MovementKind, minutes int, corrects protocol.UUID) cloud.Movement {
		return cloud.Movement{ID: id(n), At: now.Add(time.Duration(minutes) * time.Minute), Store: "north", Cabinet: "xs-01", MoveGoods: cloud.MoveGoods{
			By: "wang", Kind: kind, From: ledger.Stock("xs-01", "S1"), Lines: []cloud.MovedLine{{SKU: "1001", Qty: 3}}, Corrects: corrects,
		}}
	}
	counted, other := move(70, cloud.MoveCount, 5, protocol.UUID{}), move(74, cloud.MoveCount, 6, protocol.UUID{})
	other.Store = "south"
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Movements.Add(counted), tx.Movements.Add(move(71, cloud.MoveWriteOff, 5, protocol.UUID{})), tx.Movements.Add(move(72, cloud.MoveCount, 4, protocol.UUID{})),
			tx.Movements.Add(move(73, cloud.MoveCorrect, 7, id(72))), tx.Movements.Add(other), tx.Movements.Add(move(75, cloud.MoveCount, 60, protocol.UUID{})),
		)
	})
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Movements.Counts("north", now, now.Add(time.Hour))
		same(t, found, []cloud.Movement{counted})
		return err
	})
}

func casesEnd(t *testing.T, db cloud.DB) {
	kept, other := event(3), event(3)
	other.Body = []byte(`{"selling":false}`)
	update(t, db, func(tx cloud.Tx) error {
		_, err := tx.Inbox.Put([]wire.Event{kept}, now)
		return errors.Join(err, tx.Quarantine.Put(cloud.SetAside{Event: other, Reason: "differs", At: now}),
			tx.Quarantine.Put(cloud.SetAside{Event: kept, Reason: "poison", Detail: "why", At: now}))
	})
	key := cloud.AsideKey{Cabinet: "xs-01", Journal: kept.Journal, Seq: 3}
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Quarantine.Find(key)
		if len(found) != 2 || found[0].Reason != "poison" { // That of the inbox comes first.
			t.Errorf("found %+v", found)
		}
		aside, err2 := tx.Quarantine.Aside(kept)
		if !aside {
			t.Error("it is not set aside")
		}
		return errors.Join(err, err2)
	})
	finish := func(tx cloud.Tx) error {
		return tx.Quarantine.Finish(cloud.SetAside{Event: kept}, cloud.AsideReplayed, "li", now.Add(time.Hour))
	}
	update(t, db, finish)
	refused(t, db, cloud.CodeConflict, finish)
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Quarantine.Find(key)
		same(t, found[0], cloud.SetAside{Event: kept, Reason: "poison", Detail: "why", At: now, How: cloud.AsideReplayed, By: "li", Done: now.Add(time.Hour)})
		aside, err2 := tx.Quarantine.Aside(kept)
		if aside {
			t.Error("what was replayed is still set aside")
		}
		return errors.Join(err, err2)
	})
}

func zeroBytes(t *testing.T, db cloud.DB) {
	update(t, db, func(tx cloud.Tx) error {
		return tx.Incidents.Open(cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentScale, Subject: "S\x001", Detail: "\x00", Last: now})
	})
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Incidents.Unclosed("xs-01")
		if len(found) != 1 || found[0].Subject != "S\uFFFD1" {
			t.Errorf("found %+v", found)
		}
		return err
	})
}
