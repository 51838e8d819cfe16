package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// technician is who repairs cabinets.
var technician = protocol.UUID{6: 0x70, 8: 0x80, 15: 77}

func (r *rig) service(key string) (cloud.Visit, error) {
	return r.core.Doors.Service(r.t.Context(), cloud.ServiceVisit{
		Person: technician, By: "Chen Jun", Cabinet: "xs-01", Compartment: 1, Why: " scale of S2 silent ", Key: key,
	})
}

// serviced is the settlement of a service visit in which nothing moved.
func (c *cabinet) serviced(v protocol.VisitID) wire.SettledBody {
	b := c.settled(v)
	b.Purpose, b.Answer.Decision = protocol.PurposeService, settle.Review
	return b
}

func TestATechnicianOpensACompartmentThatIsStopped(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.selling = false
		r.cabinet.telemetry()
		v, err := r.service("key")
		r.must(err)
		command, g := r.cabinet.command()
		if g.Purpose != protocol.PurposeService || g.Visit != v.ID || g.LimitFen != 0 || g.Subject != grant.Token(technician) || g.Challenge.IsZero() || command.Kind != wire.CommandOpen {
			t.Errorf("the cabinet gets %+v with %+v", command, g)
		}
		if v.By != "Chen Jun" || v.Why != "scale of S2 silent" || v.Payment != cloud.PaymentNone || v.State() != cloud.StateAuthorising {
			t.Errorf("begun as %+v", v)
		}
		if again, err := r.service("key"); err != nil || again.ID != v.ID || r.mail.count(topic.Command) != 1 {
			t.Errorf("the same request once more: %+v, %v, %d commands", again, err, r.mail.count(topic.Command))
		}
		if _, err := r.service("other"); protocol.CodeOf(err) != cloud.CodeCabinetBusy {
			t.Errorf("beside a visit that is under way: %v", err)
		}
		r.cabinet.reply(protocol.CodeOK)
		b := begun(v.ID)
		b.Purpose, b.Limit = protocol.PurposeService, 0
		r.cabinet.does(b)
		if got := r.visit(v.ID).State(); got != cloud.StateOpening {
			t.Errorf("released, it is %s", got)
		}
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		if got := r.visit(v.ID).State(); got != cloud.StateOpen {
			t.Errorf("pulled, it is %s", got)
		}
		r.cabinet.does(r.cabinet.serviced(v.ID))
		after := r.visit(v.ID)
		if after.State() != cloud.StateServiced || after.By != "Chen Jun" || after.Why != "scale of S2 silent" {
			t.Errorf("ended as %+v", after)
		}
		if money := r.balance(ledger.Debt(technician), ledger.Fen); money != 0 {
			t.Errorf("the technician owes %d", money)
		}
		r.check()
	})
}

func TestAServiceVisitThatCannotBeIsRefused(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		sound := cloud.ServiceVisit{Person: technician, By: "Chen Jun", Cabinet: "xs-01", Compartment: 1, Why: "x"}
		for _, c := range []struct {
			what   string
			change func(*cloud.ServiceVisit)
			code   protocol.Code
		}{
			{"without a reason", func(v *cloud.ServiceVisit) { v.Why = "  " }, protocol.CodeMalformed},
			{"of nobody", func(v *cloud.ServiceVisit) { v.By = "" }, protocol.CodeMalformed},
			{"of a cabinet that is not there", func(v *cloud.ServiceVisit) { v.Cabinet = "xs-99" }, cloud.CodeUnknownCabinet},
			{"of a door that is not there", func(v *cloud.ServiceVisit) { v.Compartment = 9 }, protocol.CodeOtherCabinet},
		} {
			v := sound
			c.change(&v)
			if _, err := r.core.Doors.Service(t.Context(), v); protocol.CodeOf(err) != c.code {
				t.Errorf("a visit %s: got %v, want %s", c.what, err, c.code)
			}
		}
		r.cabinet.door = wire.DoorStateOpen
		r.cabinet.telemetry()
		if _, err := r.service(""); protocol.CodeOf(err) != cloud.CodeDoorNotShut {
			t.Errorf("behind an open door: %v", err)
		}
		r.check()
	})
}

func TestWithoutALineATechnicianIsShownAGrantForSoManyOpenings(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.loseLine()
		first, err := r.service("")
		r.must(err)
		g := r.shown(first.ID)
		if g.Purpose != protocol.PurposeService || !g.Challenge.IsZero() || g.LimitFen != 0 || r.mail.count(topic.Command) != 0 {
			t.Errorf("shown is %+v", g)
		}
		if _, err := r.service(""); err != nil {
			t.Errorf("a second opening: %v", err)
		}
		if _, err := r.service(""); protocol.CodeOf(err) != protocol.CodeResidentLimit {
			t.Errorf("a third opening, where two are risked: %v", err)
		}
	})
}

func TestAServiceVisitWithoutAWordIsUnknownUntilItIsProvenUnused(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.service("")
		r.must(err)
		r.cabinet.telemetry() // It is not away: nothing is offered.
		<-time.After(15 * time.Second)
		if got := r.visit(v.ID); got.State() != cloud.StateUnknown || got.Payment != cloud.PaymentNone {
			t.Errorf("without an answer it is %s: %+v", got.State(), got)
		}
		<-time.After(40 * time.Second)
		r.cabinet.telemetry()
		if got := r.visit(v.ID); got.State() != cloud.StateAborted || got.Code != protocol.CodeExpired {
			t.Errorf("proven unused it is %+v", got)
		}
		r.check()
	})
}

// TestATechniciansGrantsTakeNothingFromWhatIsRiskedOnResidents: one resident's grant is risked here, and a technician's is out.
func TestATechniciansGrantsTakeNothingFromWhatIsRiskedOnResidents(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		plan := storetest.Plan()
		plan.Chain.Offline.Cabinet = 1
		r.must(r.core.Apply(t.Context(), plan))
		r.loseLine()
		_, err := r.service("")
		r.must(err)
		if _, err := r.begin(""); err != nil {
			t.Errorf("a resident, beside a technician: %v", err)
		}
		if _, err := r.core.Visits.Begin(t.Context(), cloud.BeginVisit{Person: technician, Cabinet: "xs-01"}); protocol.CodeOf(err) != protocol.CodeCabinetLimit {
			t.Errorf("a second resident, where one is risked: %v", err)
		}
	})
}

// TestACabinetThatIsSetApartIsNotServicedFromAfar: no grant is signed for it, so that there is nothing to be shown.
func TestACabinetThatIsSetApartIsNotServicedFromAfar(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		twin := r.cabinet.copied()
		r.cabinet.starts()
		twin.starts()
		if v, err := r.service(""); protocol.CodeOf(err) != cloud.CodeCardApart {
			t.Errorf("it is begun as %+v, %v", v, err)
		}
	})
}
