package core_test

import (
	"database/sql"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// aside is the key of an event of the rig's cabinet.
func (r *rig) aside(e wire.Event) cloud.AsideKey {
	return cloud.AsideKey{Cabinet: e.Cabinet, Journal: e.Journal, Seq: e.Seq}
}

func (r *rig) waiting() (n int) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		all, err := tx.Quarantine.List("xs-01", 100)
		for _, s := range all {
			if s.How == cloud.AsideWaiting {
				n++
			}
		}
		return err
	})
	return n
}

func TestAnEventThatWasSetAsideIsReplayedOnce(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		body := r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 2})
		e := r.poisoned(body)
		later(time.Minute)
		r.is(v.ID, cloud.StateOpen)
		if n := r.waiting(); n != 1 {
			t.Fatalf("%d events wait, want 1", n)
		}
		if err := r.core.Replay(t.Context(), r.aside(e), "li"); err != nil {
			t.Fatal(err)
		}
		later(time.Minute)
		r.is(v.ID, cloud.StateCharged)
		if err := r.core.Replay(t.Context(), r.aside(e), "li"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("a second replay: %v", err)
		}
		if taken := r.provider.Taken(resident); taken != 400 {
			t.Errorf("%s taken", taken)
		}
		r.cabinet.does(wire.AliveBody{Selling: true, Counters: r.cabinet.counters})
		if found := r.incidents(); found[cloud.IncidentPoison] != 0 || found[cloud.IncidentCounters] != 0 {
			t.Errorf("incidents %v", found)
		}
		r.check()
	})
}

// exec writes past every rule of the schema.
func (r *rig) exec(statement string) {
	r.t.Helper()
	db, err := sql.Open("sqlite3", r.path)
	r.must(err)
	_, err = db.Exec(statement)
	r.must(err)
	r.must(db.Close())
}

// poisoned sends an event that the cloud sets aside although nothing is wrong with it: its own program has a fault, which is then mended.
func (r *rig) poisoned(body wire.Body) wire.Event {
	r.t.Helper()
	e := r.cabinet.journalled(body)
	r.exec(`CREATE TRIGGER broken BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'a fault of the program'); END`)
	r.must(r.cabinet.send(e))
	r.exec(`DROP TRIGGER broken`)
	return e
}

func TestAReplayThatStillFailsChangesNothing(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		r.cabinet.does(begun(v.ID))
		e := r.cabinet.journalled(wire.AbortedBody{Visit: protocol.UUID{1}})
		r.must(r.cabinet.send(e))
		if err := r.core.Replay(t.Context(), r.aside(e), "li"); protocol.CodeOf(err) != cloud.CodeUnknownVisit {
			t.Errorf("replay: %v", err)
		}
		if n := r.waiting(); n != 1 {
			t.Errorf("%d events wait, want 1", n)
		}
		r.must(r.core.Dismiss(t.Context(), r.aside(e), "li"))
		if err := r.core.Replay(t.Context(), r.aside(e), "li"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("replay of a case that is ended: %v", err)
		}
		r.cabinet.does(r.cabinet.settled(v.ID))
		later(time.Minute)
		r.check()
	})
}

func TestWhatWasNeverAcceptedCannotBeReplayed(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.does(wire.AliveBody{Selling: true})
		forged := r.cabinet.events[0]
		forged.Body = []byte(`{"selling":false}`)
		r.must(r.cabinet.send(forged))
		if err := r.core.Replay(t.Context(), r.aside(forged), "li"); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("replay of another event under a known key: %v", err)
		}
		if err := r.core.Replay(t.Context(), cloud.AsideKey{Cabinet: "xs-01", Journal: forged.Journal, Seq: 9}, "li"); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("replay of nothing: %v", err)
		}
	})
}

func TestAnOldLevelThatIsReplayedDoesNotTakeTheNewOnesPlace(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		level := func(units int) wire.StockBody {
			return wire.StockBody{Levels: []settle.Level{{Platform: "S1", Units: []settle.Line{{SKU: "1001", Qty: units}}}}}
		}
		r.exec(`CREATE TRIGGER broken BEFORE INSERT ON levels BEGIN SELECT RAISE(ABORT, 'a fault of the program'); END`)
		e := r.cabinet.journalled(level(3))
		r.must(r.cabinet.send(e))
		r.exec(`DROP TRIGGER broken`)
		r.cabinet.does(level(8))
		r.must(r.core.Replay(t.Context(), r.aside(e), "li"))
		r.view(func(tx cloud.Tx) error {
			levels, err := tx.Meters.Levels("xs-01")
			if len(levels) != 1 || levels[0].Units[0].Qty != 8 {
				t.Errorf("levels %+v", levels)
			}
			return err
		})
		if n := r.waiting(); n != 0 {
			t.Errorf("%d events wait", n)
		}
		r.check()
	})
}
