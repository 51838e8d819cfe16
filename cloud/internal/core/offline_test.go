package core_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// loseLine lets the cabinet, which has a reader, fall silent; what it writes from now on is sent when it is back.
func (r *rig) loseLine() {
	r.t.Helper()
	r.cabinet.reader = true
	r.cabinet.birth()
	r.cabinet.telemetry()
	r.must(r.cabinet.say(topic.Death, wire.Death{V: 1, Cabinet: "xs-01", Conn: protocol.UUID{r.cabinet.conn}}))
}

// comesBack connects and sends everything that was not sent, then an alive mark.
func (c *cabinet) comesBack(from uint64) {
	c.rig.t.Helper()
	c.birth()
	c.telemetry()
	if from < c.last() {
		c.rig.must(c.send(c.events[from:]...))
	}
	c.does(wire.AliveBody{Selling: true, Counters: c.counters})
}

// shown is the grant that the visit's page shows; it must be good for the cabinet.
func (r *rig) shown(id protocol.VisitID) grant.Grant {
	r.t.Helper()
	raw, err := grant.FromText(r.visit(id).Pass)
	r.must(err)
	g, err := r.keys.Open(raw, "xs-01")
	r.must(err)
	return g
}

func TestWithoutALineAGrantIsShownAndTheVisitIsChargedOnceWhenItIsBack(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.loseLine()
		v, err := r.begin("key")
		r.must(err)
		began := time.Now()
		if v.State() != cloud.StateOpening || v.Payment != cloud.PaymentHeld || r.mail.count(topic.Command) != 0 {
			t.Errorf("begun as %+v with %d commands", v, r.mail.count(topic.Command))
		}
		g := r.shown(v.ID)
		subject, _ := pseudonym(t.Context(), v.Person)
		if !g.Challenge.IsZero() || g.Visit != v.ID || g.Subject != subject || g.LimitFen != 5000 || !g.NotBefore.Equal(began) || g.NotAfter.Sub(g.NotBefore) != 10*time.Minute {
			t.Errorf("the grant is %+v", g)
		}
		if again := r.shown(v.ID); again != g {
			t.Errorf("the page shows another grant: %+v", again)
		}
		if cab, err := r.core.Fleet.Cabinet(t.Context(), "xs-01"); err != nil || !cab.Shows || cab.State != cloud.CabinetAway {
			t.Errorf("the cabinet is shown as %+v, %v", cab, err)
		}
		sent := r.cabinet.last()
		r.cabinet.journalled(begun(v.ID))
		r.cabinet.journalled(wire.OpenedBody{Visit: v.ID})
		r.cabinet.journalled(r.cabinet.settled(v.ID, settle.Line{SKU: "1002", Qty: 2}))
		later(10*time.Minute + 2*time.Second)
		if late := r.is(v.ID, cloud.StateUnknown); late.Pass != "" || !late.PassOver(time.Now()) {
			t.Errorf("after its end the grant is still shown: %+v", late)
		}
		later(time.Hour)
		r.is(v.ID, cloud.StateUnknown)
		r.cabinet.comesBack(sent)
		r.must(r.cabinet.send(r.cabinet.events[sent:]...)) // The network repeats them.
		later(time.Second)
		if bill := r.is(v.ID, cloud.StateCharged); bill.Total != 700 {
			t.Errorf("billed as %+v", bill)
		}
		if taken := r.provider.Taken(resident); taken != 700 {
			t.Errorf("the provider took %s", taken)
		}
		r.check()
	})
}

func TestTheHoldOfAGrantThatIsShownStaysUntilTheCabinetHasWrittenPastItsEnd(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.loseLine()
		v, err := r.begin("key")
		r.must(err)
		later(5 * time.Minute)
		r.cabinet.comesBack(r.cabinet.last()) // It was not shown so far, and may still be.
		later(6 * time.Minute)
		r.cabinet.telemetry()
		r.is(v.ID, cloud.StateUnknown)
		if held := r.provider.Held(resident); held != 5000 {
			t.Errorf("%s are held, want all of it: no event says that the grant's end is over at the cabinet", held)
		}
		r.restart()
		r.is(v.ID, cloud.StateUnknown)
		r.cabinet.does(wire.AliveBody{Selling: true})
		later(time.Second)
		if v := r.is(v.ID, cloud.StateAborted); v.Code != protocol.CodeExpired {
			t.Errorf("aborted as %s", v.Code)
		}
		r.check()
	})
}

func TestWhyAGrantThatWasShownDidNotOpenIsToldAndTheVisitGoesOn(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.loseLine()
		v, err := r.begin("key")
		r.must(err)
		r.cabinet.comesBack(r.cabinet.last())
		r.cabinet.does(wire.RefusedBody{Visit: v.ID, Code: protocol.CodeDoorOpen})
		if told := r.is(v.ID, cloud.StateOpening); told.Code != protocol.CodeDoorOpen || told.Pass == "" {
			t.Errorf("after the refusal: %+v", told)
		}
		r.cabinet.does(begun(v.ID)) // The door was shut, and the code was shown again.
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		r.cabinet.does(wire.RefusedBody{Visit: v.ID, Code: protocol.CodeUsed})
		r.cabinet.does(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1}))
		later(time.Second)
		r.is(v.ID, cloud.StateCharged)
		r.loseLine()
		w, err := r.begin("another")
		r.must(err)
		later(11 * time.Minute)
		r.cabinet.journalled(wire.RefusedBody{Visit: w.ID, Code: protocol.CodeCabinetLimit})
		r.cabinet.comesBack(r.cabinet.last() - 1)
		later(time.Second)
		if told := r.is(w.ID, cloud.StateAborted); told.Code != protocol.CodeCabinetLimit {
			t.Errorf("ended as %s, want the cabinet's own word", told.Code)
		}
		r.check()
	})
}

func TestAVisitWhoseCommandNobodyAnswersMayBeShownInstead(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.reader = true
		r.cabinet.birth()
		r.cabinet.telemetry()
		later(time.Second)
		v, err := r.begin("key")
		r.must(err)
		_, sent := r.cabinet.command()
		if v.Pass != "" {
			t.Error("a grant is shown while the command may be obeyed")
		}
		later(15 * time.Second)
		g := r.shown(v.ID)
		if g.Nonce != sent.Nonce || g.Visit != sent.Visit || !g.Challenge.IsZero() {
			t.Errorf("sent %+v\nshown %+v: want one nonce", sent, g)
		}
		r.cabinet.reply(protocol.CodeExpired) // The command was late; the code may still be shown.
		r.is(v.ID, cloud.StateOpening)
		r.cabinet.does(begun(v.ID))
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		r.cabinet.does(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1}))
		later(time.Second)
		r.is(v.ID, cloud.StateCharged)
		r.check()
	})
}

func TestNoGrantIsShownWhereTheChainRisksNothingMore(t *testing.T) {
	ask := func(r *rig, person byte, want protocol.Code) {
		r.t.Helper()
		_, err := r.core.Visits.Begin(r.t.Context(), cloud.BeginVisit{Person: protocol.UUID{15: person}, Cabinet: "xs-01"})
		if protocol.CodeOf(err) != want {
			r.t.Errorf("resident %d: %v, want %s", person, err, want)
		}
	}
	inRig(t, func(t *testing.T, r *rig) {
		r.must(r.cabinet.say(topic.Death, wire.Death{V: 1, Cabinet: "xs-01", Conn: protocol.UUID{r.cabinet.conn}}))
		ask(r, 1, cloud.CodeCabinetAway) // It has no reader.
		r.cabinet.selling = false
		r.loseLine()
		ask(r, 1, protocol.CodeNotSelling)
		r.cabinet.selling = true
		r.loseLine()
		ask(r, 1, protocol.CodeOK)
		ask(r, 1, protocol.CodeOK)
		ask(r, 1, protocol.CodeResidentLimit)
		ask(r, 2, protocol.CodeOK)
		ask(r, 3, protocol.CodeCabinetLimit)
		later(11 * time.Minute)
		r.cabinet.comesBack(r.cabinet.last())
		later(time.Second)
		ask(r, 3, protocol.CodeOK)
		r.cabinet.reply(protocol.CodeBusy)
		later(time.Second)
		r.check()
	})
}
