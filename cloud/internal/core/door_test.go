package core_test

import (
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

func TestADoorIsGivenToExactlyOneOfManyResidents(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		codes := make(map[protocol.Code]int)
		var wg sync.WaitGroup
		for n := range byte(20) {
			wg.Go(func() {
				person := resident
				person[0] = n
				_, err := r.core.Visits.Begin(t.Context(), cloud.BeginVisit{Person: person, Cabinet: "xs-01"})
				mu.Lock()
				defer mu.Unlock()
				codes[protocol.CodeOf(err)]++
			})
		}
		wg.Wait()
		if codes[protocol.CodeOK] != 1 || codes[cloud.CodeCabinetBusy] != 19 || r.mail.count(topic.Command) != 1 {
			t.Errorf("answers %v, %d commands", codes, r.mail.count(topic.Command))
		}
	})
}

func TestTheSameKeyGivesTheSameVisitHoweverOftenItIsAsked(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		seen := make(map[protocol.VisitID]bool)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				v, err := r.begin("one")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[v.ID] = true
			})
		}
		wg.Wait()
		if len(seen) != 1 || r.mail.count(topic.Command) != 1 || r.provider.Held(resident) != 5000 {
			t.Errorf("%d visits, %d commands, %s held", len(seen), r.mail.count(topic.Command), r.provider.Held(resident))
		}
		_, err := r.core.Visits.Begin(t.Context(), cloud.BeginVisit{Person: resident, Cabinet: "xs-02", Key: "one"})
		if protocol.CodeOf(err) != cloud.CodeKeyReused {
			t.Errorf("the key at another cabinet: %v", err)
		}
	})
}

func TestADoorIsRefusedForTheReasonThatHelpsMost(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(r *rig)
		cabinet protocol.CabinetID
		want    protocol.Code
	}{
		"an unknown cabinet": {func(*rig) {}, "xs-99", cloud.CodeUnknownCabinet},
		"an open door":       {func(r *rig) { r.cabinet.door = wire.DoorStateOpen; r.cabinet.telemetry() }, "xs-01", cloud.CodeDoorNotShut},
		"an unknown door":    {func(r *rig) { r.cabinet.door = wire.DoorStateUnknown; r.cabinet.telemetry() }, "xs-01", cloud.CodeDoorNotShut},
		"not selling":        {func(r *rig) { r.cabinet.selling = false; r.cabinet.telemetry() }, "xs-01", protocol.CodeNotSelling},
		"silent too long":    {func(*rig) { later(cloud.AwayAfter + time.Second) }, "xs-01", cloud.CodeCabinetAway},
		"only just born":     {func(r *rig) { r.cabinet.birth() }, "xs-01", cloud.CodeCabinetAway},
		"its line broke": {func(r *rig) {
			r.must(r.cabinet.say(topic.Death, wire.Death{V: 1, Cabinet: "xs-01", Conn: protocol.UUID{r.cabinet.conn}}))
		}, "xs-01", cloud.CodeCabinetAway},
		"its line broke as the command left": {func(r *rig) { r.mail.lost = true }, "xs-01", cloud.CodeCabinetAway},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				c.prepare(r)
				_, err := r.core.Visits.Begin(t.Context(), cloud.BeginVisit{Person: resident, Cabinet: c.cabinet})
				if protocol.CodeOf(err) != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
				later(5 * time.Second)
				r.check()
			})
		})
	}
}

func TestADeathOfAnOlderConnectionIsIgnored(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		old := r.cabinet.conn
		r.cabinet.birth()
		r.cabinet.telemetry()
		r.must(r.cabinet.say(topic.Death, wire.Death{V: 1, Cabinet: "xs-01", Conn: protocol.UUID{old}}))
		view, err := r.core.Fleet.Cabinet(t.Context(), "xs-01")
		r.must(err)
		if view.State != cloud.CabinetReady {
			t.Errorf("the cabinet is %s", view.State)
		}
	})
}

func TestACloudThatRestartsBesideItsBrokerGoesOnWithTheConnectionsThatAreThere(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.stop()
		r.start()
		later(time.Second)
		if _, err := r.begin(""); protocol.CodeOf(err) != cloud.CodeCabinetAway {
			t.Errorf("nothing was heard yet, and the door was given: %v", err)
		}
		r.cabinet.telemetry()
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
		r.charged400Only(v.ID)
		if a := r.cabinet.ack(); [16]byte(a.Challenge) != r.cabinet.challenge {
			t.Errorf("acknowledged with %x", a.Challenge)
		}
		r.stop()
		r.start()
		later(time.Second)
		r.must(r.cabinet.say(topic.Death, wire.Death{V: 1, Cabinet: "xs-01", Conn: protocol.UUID{r.cabinet.conn}}))
		r.cabinet.telemetry() // It was on its way before the will.
		if _, err := r.begin(""); protocol.CodeOf(err) != cloud.CodeCabinetAway {
			t.Errorf("a dead connection was taken up: %v", err)
		}
	})
}

func TestADoorThatTheJournalSaysIsShutOpensThoughTheTelemetryOfItWasLost(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.door = wire.DoorStateOpen
		r.cabinet.telemetry()
		r.cabinet.does(wire.DoorBody{EventType: wire.DoorShut, Compartment: 1}) // In the same moment: not known to be later.
		if _, err := r.begin("too soon"); protocol.CodeOf(err) != cloud.CodeDoorNotShut {
			t.Errorf("begun at a door that is not known to be shut: %v", err)
		}
		later(time.Second)
		r.cabinet.does(wire.DoorBody{EventType: wire.DoorOpened, Compartment: 1})
		later(time.Second)
		r.cabinet.does(wire.DoorBody{EventType: wire.DoorShut, Compartment: 1})
		if _, err := r.begin("shut"); err != nil {
			t.Errorf("begin: %v", err)
		}
	})
}
