package storetest

import (
	"errors"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

func event(seq uint64) wire.Event {
	return wire.Event{
		V: 1, Cabinet: "xs-01", Journal: id(50), Seq: seq, Boot: 1, At: now.UnixMilli(), Clock: true,
		Type: wire.Alive, Body: []byte(`{"selling":true}`),
	}
}

func put(t *testing.T, db cloud.DB, e wire.Event, want cloud.Arrival) {
	t.Helper()
	update(t, db, func(tx cloud.Tx) error {
		got, err := tx.Inbox.Put([]wire.Event{e}, now)
		if err == nil && got[0] != want {
			t.Errorf("event %d arrived as %d, want %d", e.Seq, got[0], want)
		}
		return err
	})
}

func batches(t *testing.T, db cloud.DB) {
	put(t, db, event(7), cloud.ArrivalNew)
	var batch []wire.Event
	var want []cloud.Arrival
	for seq := range uint64(150) { // More than one statement takes.
		batch, want = append(batch, event(seq+1)), append(want, cloud.ArrivalNew)
	}
	differs := event(9)
	differs.Body = []byte(`{"selling":false}`)
	batch, want = append(batch, event(8), differs), append(want, cloud.ArrivalRepeat, cloud.ArrivalDiffers)
	want[6] = cloud.ArrivalRepeat
	update(t, db, func(tx cloud.Tx) error {
		got, err := tx.Inbox.Put(batch, now)
		same(t, got, want)
		return err
	})
	view(t, db, func(tx cloud.Tx) error {
		for seq := uint64(1); seq <= 150; seq++ {
			got, found, err := tx.Inbox.Next("xs-01", id(50), seq)
			if err != nil || !found {
				t.Fatalf("event %d: %v, %v", seq, found, err)
			}
			same(t, got, event(seq))
		}
		return nil
	})
}

func arrivals(t *testing.T, db cloud.DB) {
	changed, otherJournal := event(1), event(1)
	changed.Body, otherJournal.Journal = []byte(`{"selling":false}`), id(51)
	put(t, db, event(1), cloud.ArrivalNew)
	put(t, db, event(1), cloud.ArrivalRepeat)
	put(t, db, changed, cloud.ArrivalDiffers)
	put(t, db, otherJournal, cloud.ArrivalNew)
	view(t, db, func(tx cloud.Tx) error {
		got, found, err := tx.Inbox.Next("xs-01", id(50), 1)
		_, hole, err2 := tx.Inbox.Next("xs-01", id(50), 2)
		if !found || hole {
			t.Errorf("found %v, hole %v", found, hole)
		}
		same(t, got, event(1))
		return errors.Join(err, err2)
	})
}

func holes(t *testing.T, db cloud.DB) {
	for _, seq := range []uint64{1, 2, 5, 6, 9, 12} {
		put(t, db, event(seq), cloud.ArrivalNew)
	}
	for _, c := range []struct {
		applied uint64
		limit   int
		want    []wire.Range
	}{
		{2, 10, []wire.Range{{From: 3, To: 4}, {From: 7, To: 8}, {From: 10, To: 11}}},
		{2, 2, []wire.Range{{From: 3, To: 4}, {From: 7, To: 8}}},
		{6, 10, []wire.Range{{From: 7, To: 8}, {From: 10, To: 11}}},
		{12, 10, nil},
	} {
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Inbox.Holes("xs-01", cloud.Position{Journal: id(50), Applied: c.applied, Seen: 12}, c.limit)
			same(t, got, c.want)
			return err
		})
	}
}

func positions(t *testing.T, db cloud.DB) {
	move := func(p cloud.Position) func(cloud.Tx) error {
		return func(tx cloud.Tx) error { return tx.Inbox.Move("xs-01", p) }
	}
	update(t, db, move(cloud.Position{Journal: id(50), Applied: 2, Seen: 5}))
	update(t, db, move(cloud.Position{Journal: id(50), Applied: 4, Seen: 5}))
	refused(t, db, cloud.CodeConflict, move(cloud.Position{Journal: id(50), Applied: 3, Seen: 5}))
	refused(t, db, cloud.CodeConflict, move(cloud.Position{Journal: id(51), Applied: 9, Seen: 9}))
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Inbox.Position("xs-01")
		same(t, got, cloud.Position{Journal: id(50), Applied: 4, Seen: 5})
		none, err2 := tx.Inbox.Position("xs-02")
		same(t, none, cloud.Position{})
		return errors.Join(err, err2)
	})
}

func setAside(t *testing.T, db cloud.DB) {
	s := cloud.SetAside{Event: event(3), Reason: "malformed", Detail: "body of alive", At: now}
	update(t, db, func(tx cloud.Tx) error { return errors.Join(tx.Quarantine.Put(s), tx.Quarantine.Put(s)) })
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Quarantine.List("xs-01", 10)
		same(t, got, []cloud.SetAside{s})
		return err
	})
	update(t, db, func(tx cloud.Tx) error {
		for seq := range uint64(5100) {
			if err := tx.Quarantine.Put(cloud.SetAside{Event: event(seq + 10), Reason: "other", At: now}); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Quarantine.List("xs-01", 10000)
		if len(got) != 5000 {
			t.Errorf("%d events are set aside, want 5000 at most", len(got))
		}
		return err
	})
}

func metersLast(t *testing.T, db cloud.DB) {
	level := func(weight int) settle.Level {
		return settle.Level{Platform: "S1", Weight: 1000, Units: []settle.Line{{SKU: "1001", Qty: weight}}}
	}
	first, last := cloud.Tally{Reported: wire.Counters{Units: 1}}, cloud.Tally{Reported: wire.Counters{Units: 2, Fen: 400}}
	for _, work := range []func(cloud.Tx) error{
		func(tx cloud.Tx) error { return tx.Meters.SaveLevels("xs-01", []settle.Level{level(3)}, now) },
		func(tx cloud.Tx) error { return tx.Meters.SaveLevels("xs-01", []settle.Level{level(2)}, now) },
		func(tx cloud.Tx) error { return tx.Meters.SaveCounters("xs-01", first) },
		func(tx cloud.Tx) error { return tx.Meters.SaveCounters("xs-01", last) },
	} {
		update(t, db, work)
	}
	view(t, db, func(tx cloud.Tx) error {
		levels, err := tx.Meters.Levels("xs-01")
		same(t, levels, []settle.Level{level(2)})
		tally, found, err2 := tx.Meters.Counters("xs-01")
		if !found {
			t.Error("the counters are not found")
		}
		same(t, tally, last)
		return errors.Join(err, err2)
	})
}

func newestBirth(t *testing.T, db cloud.DB) {
	birth := func(cabinet protocol.CabinetID, conn byte) wire.Birth {
		return wire.Birth{V: 1, Cabinet: cabinet, Journal: id(50), Conn: id(conn), Challenge: []byte{conn}}
	}
	for _, b := range []wire.Birth{birth("xs-02", 1), birth("xs-01", 2), birth("xs-02", 3)} {
		update(t, db, func(tx cloud.Tx) error { return tx.Births.Save(b, now) })
	}
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Births.List()
		same(t, got, []wire.Birth{birth("xs-01", 2), birth("xs-02", 3)})
		one, at, found, err2 := tx.Births.Newest("xs-02")
		same(t, one, birth("xs-02", 3))
		_, _, none, err3 := tx.Births.Newest("xs-03")
		if !found || none || !at.Equal(now) {
			t.Errorf("found %v at %s, and of a cabinet that was never born %v", found, at, none)
		}
		return errors.Join(err, err2, err3)
	})
}

func newestCalibrations(t *testing.T, db cloud.DB) {
	of := func(p protocol.PlatformID, with string, mass protocol.Milligrams) cloud.Calibration {
		return cloud.Calibration{CalibratedBody: wire.CalibratedBody{Platform: p, With: with, Mass: mass, By: "Chen Jun"}, At: now}
	}
	for _, c := range []cloud.Calibration{
		of("S2", wire.WithWeight, 1), of("S1", wire.WithWeight, 2), of("S1", wire.WithNothing, 0), of("S1", wire.WithWeight, 3),
	} {
		update(t, db, func(tx cloud.Tx) error { return tx.Spans.Save("xs-01", c) })
	}
	update(t, db, func(tx cloud.Tx) error { return tx.Spans.Save("xs-02", of("S1", wire.WithWeight, 9)) })
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Spans.Of("xs-01")
		same(t, got, []cloud.Calibration{of("S1", wire.WithNothing, 0), of("S1", wire.WithWeight, 3), of("S2", wire.WithWeight, 1)})
		return err
	})
}
