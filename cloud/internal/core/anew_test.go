package core_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// boots lets the agent die and come back: it connects, and does not sell before its scales have shown a weight.
func (c *cabinet) boots() {
	c.rig.t.Helper()
	c.boot, c.start = c.boot+1, protocol.UUID{1, byte(c.boot + 1)}
	c.selling = false
	c.birth()
	c.telemetry()
	c.selling = true
}

// askedAnew is the newest command, which must be the second one for the visit, over the connection that the cabinet has.
func (r *rig) askedAnew(id protocol.VisitID, first wire.Command, of grant.Grant) {
	r.t.Helper()
	if n := r.mail.count(topic.Command); n != 2 {
		r.t.Fatalf("%d commands, want a second one", n)
	}
	again, g := r.cabinet.command()
	want := of
	want.Challenge = r.cabinet.challenge
	if g != want || g.Visit != id || again.ID == first.ID || again.Expires != first.Expires {
		r.t.Errorf("sent %+v with %+v\nthen %+v with %+v", first, of, again, g)
	}
}

func TestWhoPressesAsTheAgentDiesGetsTheDoorWhenItIsBack(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		first, g := r.cabinet.command()
		later(3 * time.Second)
		r.cabinet.boots()
		if n := r.mail.count(topic.Command); n != 1 {
			t.Errorf("%d commands to a cabinet that does not sell yet", n)
		}
		later(4 * time.Second)
		r.cabinet.telemetry()
		r.askedAnew(v.ID, first, g)
		r.cabinet.telemetry()
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
		r.charged400Only(v.ID)
		if n := r.mail.count(topic.Command); n != 2 {
			t.Errorf("%d commands, want no third one", n)
		}
		r.check()
	})
}

func TestACommandThatWasObeyedBeforeTheAgentDiedOpensNothingAgain(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		started := r.cabinet.journalled(begun(v.ID))
		r.cabinet.journalled(wire.OpenedBody{Visit: v.ID})
		later(2 * time.Second)
		r.cabinet.boots()
		r.cabinet.telemetry() // Faster than what the cabinet has to tell of the visit.
		r.cabinet.reply(protocol.CodeUsed)
		r.is(v.ID, cloud.StateAuthorising)
		r.must(r.cabinet.send(started))
		r.cabinet.birth()
		r.cabinet.telemetry()
		if n := r.mail.count(topic.Command); n != 2 {
			t.Errorf("%d commands, want none for a visit that has begun", n)
		}
		r.must(r.cabinet.send(r.cabinet.events[1:]...))
		r.cabinet.does(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 2}))
		r.charged400Only(v.ID)
		r.check()
	})
}

func TestNoCommandIsSentAnewToADoorThatShallStayShut(t *testing.T) {
	for name, meanwhile := range map[string]func(r *rig){
		"whoever pressed has left":         func(r *rig) { later(8 * time.Second); r.cabinet.boots(); r.cabinet.telemetry() },
		"the door stands open":             func(r *rig) { r.cabinet.door = wire.DoorStateOpen; r.cabinet.boots(); r.cabinet.telemetry() },
		"the cabinet does not sell":        func(r *rig) { r.cabinet.boots() },
		"it is the connection that it was": func(r *rig) { r.cabinet.telemetry() },
		"nothing is known of the cabinet":  func(r *rig) { r.cabinet.birth() },
		"the cabinet was taken off sale": func(r *rig) {
			r.halt(protocol.CodeOffSale, cloud.HaltCleaning, time.Time{})
			r.cabinet.birth()
			r.cabinet.telemetry()
		},
		"the command was refused by then":   func(r *rig) { r.cabinet.reply(protocol.CodeDoorOpen); r.cabinet.birth(); r.cabinet.telemetry() },
		"the cabinet is another one by now": func(r *rig) { r.cabinet.journal[0]++; r.cabinet.boots(); r.cabinet.telemetry() },
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				_, err := r.begin("")
				r.must(err)
				later(2 * time.Second)
				meanwhile(r)
				later(12 * time.Second)
				if n := r.mail.count(topic.Command); n != 1 {
					t.Errorf("%d commands", n)
				}
			})
		})
	}
}

func TestWhoPressesAsTheAgentDiesHearsSoonThatTheDoorStaysShut(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		later(3 * time.Second)
		r.cabinet.boots()
		later(8 * time.Second)
		r.is(v.ID, cloud.StateAuthorising)
		later(2 * time.Second)
		if v := r.is(v.ID, cloud.StateAborted); v.Code != protocol.CodeExpired {
			t.Errorf("aborted as %s", v.Code)
		}
		r.check()
	})
}

func TestACommandThatMeetsTheNextConnectionIsSentForThatOne(t *testing.T) {
	for name, again := range map[string]bool{"it sells": true, "it does not": false} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				v, err := r.begin("")
				r.must(err)
				first, g := r.cabinet.command()
				r.cabinet.birth()
				r.must(r.cabinet.say(topic.Reply, wire.Reply{V: 1, Cabinet: "xs-01", ID: first.ID, Code: protocol.CodeStaleChallenge}))
				later(time.Second)
				r.is(v.ID, cloud.StateAuthorising)
				if again {
					r.cabinet.telemetry()
					r.askedAnew(v.ID, first, g)
					r.must(r.cabinet.say(topic.Reply, wire.Reply{V: 1, Cabinet: "xs-01", ID: first.ID, Code: protocol.CodeStaleChallenge}))
					r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
					r.charged400Only(v.ID)
				} else {
					later(12 * time.Second)
					if v := r.is(v.ID, cloud.StateAborted); v.Code != protocol.CodeStaleChallenge {
						t.Errorf("aborted as %s", v.Code)
					}
				}
				r.check()
			})
		})
	}
}

func TestACodeIsShownAndTheLineIsBackBeforeWhoeverPressedHasLeft(t *testing.T) {
	for name, c := range map[string]struct {
		after    time.Duration
		commands int
	}{"they still wait": {4 * time.Second, 1}, "they have left": {10 * time.Second, 0}} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				r.loseLine()
				v, err := r.begin("")
				r.must(err)
				shown := r.shown(v.ID)
				later(c.after)
				r.cabinet.birth()
				r.cabinet.telemetry()
				if n := r.mail.count(topic.Command); n != c.commands {
					t.Fatalf("%d commands", n)
				}
				if c.commands > 0 {
					sent, g := r.cabinet.command()
					if g.Nonce != shown.Nonce || g.Visit != v.ID || sent.Expires != v.Created.Add(10*time.Second).UnixMilli() {
						t.Errorf("shown %+v\nsent %+v with %+v", shown, sent, g)
					}
					r.cabinet.reply(protocol.CodeScaleFault)
				}
				if r.shown(v.ID) != shown {
					t.Error("the code has changed")
				}
				r.cabinet.does(begun(v.ID))
				r.cabinet.does(r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 2}))
				r.charged400Only(v.ID)
				r.check()
			})
		})
	}
}

// eager lets something happen right after the first commit that has sent a command.
type eager struct {
	cloud.DB
	then atomic.Pointer[func()] // Workers write beside the test.
}

func (e *eager) Update(ctx context.Context, work func(cloud.Tx) error) error {
	sent := false
	err := e.DB.Update(ctx, func(tx cloud.Tx) error {
		tx.Steps = noting{tx.Steps, &sent}
		return work(tx)
	})
	if !sent {
		return err
	}
	if then := e.then.Swap(nil); then != nil {
		(*then)()
	}
	return err
}

type noting struct {
	cloud.VisitSteps
	sent *bool
}

func (n noting) Send(id protocol.VisitID, command protocol.UUID, challenge grant.Token, at, notAfter time.Time) error {
	*n.sent = true
	return n.VisitSteps.Send(id, command, challenge, at, notAfter)
}

func TestACabinetThatConnectsAnewWhileItsCommandIsSignedIsAskedAnew(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		e := &eager{}
		r.stop()
		r.wrap = func(db cloud.DB) cloud.DB { e.DB = db; return e }
		r.start()
		r.cabinet.birth()
		r.cabinet.telemetry()
		then := func() { r.cabinet.birth(); r.cabinet.telemetry() }
		e.then.Store(&then)
		v, err := r.begin("")
		r.must(err)
		if _, g := r.cabinet.command(); r.mail.count(topic.Command) != 2 || g.Challenge != r.cabinet.challenge {
			t.Errorf("%d commands, the last one for %v: want %v", r.mail.count(topic.Command), g.Challenge, r.cabinet.challenge)
		}
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
		r.charged400Only(v.ID)
		r.check()
	})
}

func TestACloudThatRestartsSendsAnewWhatItsDeathMayHaveLost(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.begin("")
		r.must(err)
		first, g := r.cabinet.command()
		later(time.Second)
		r.restart()
		later(time.Second)
		r.askedAnew(v.ID, first, g)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 2})
		r.charged400Only(v.ID)
		r.check()
	})
}

func TestATechniciansCommandIsSentAnewToo(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.service("key")
		r.must(err)
		first, g := r.cabinet.command()
		later(2 * time.Second)
		r.cabinet.boots() // That it does not sell is no reason.
		r.askedAnew(v.ID, first, g)
		r.cabinet.reply(protocol.CodeBusy)
		r.is(v.ID, cloud.StateAborted)
	})
}
