package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// kill ends the agent as a power cut does: what is not on disk is lost.
func (tn *town) kill() {
	tn.Helper()
	if err := tn.agent.journal.Abandon(); err != nil {
		tn.Fatal(err)
	}
	tn.failing.Store(true)
	tn.stop()
	tn.failing.Store(false)
}

// took is what the resident takes in the stories below.
var took = []settle.Line{{SKU: water, Qty: 1}}

// cuts are the moments at which the power fails.
var cuts = []struct {
	name  string
	until func(*town) // the power fails when this returns
	off   func(*town) // while the power is off
	after func(*town) // when it is back
	code  protocol.Code
	lines []settle.Line
}{
	{
		name:  "between burning and the pulse: nothing happened",
		until: func(tn *town) { tn.cutAtPulse(false) },
		code:  protocol.CodePulseUnknown,
	},
	{
		name:  "right after the pulse, and nobody pulls",
		until: func(tn *town) { tn.cutAtPulse(true) },
		code:  protocol.CodePulseUnknown,
	},
	{
		name:  "right after the pulse, and the door is pulled when the agent is back",
		until: func(tn *town) { tn.cutAtPulse(true) },
		after: func(tn *town) { tn.pull(); wait(2 * time.Second); tn.put(0, -571); wait(2 * time.Second); tn.shut() },
		lines: took,
	},
	{
		name:  "released, and goods are taken in the dark",
		until: func(tn *town) { tn.openDoor(1) },
		off:   func(tn *town) { tn.pull(); tn.put(0, -571); tn.shut() },
		lines: took,
	},
	{
		name:  "the door is open and is shut when the agent is back",
		until: func(tn *town) { tn.openDoor(1); tn.pull(); wait(3 * time.Second); tn.put(0, -571); wait(time.Second) },
		after: func(tn *town) { wait(5 * time.Second); tn.shut() },
		lines: took,
	},
	{
		name:  "the door is open and is shut in the dark",
		until: func(tn *town) { tn.openDoor(1); tn.pull(); wait(3 * time.Second) },
		off:   func(tn *town) { tn.put(0, -571); tn.shut() },
		lines: took,
	},
	{
		name:  "the door is open, and nothing is taken",
		until: func(tn *town) { tn.openDoor(1); tn.pull(); wait(3 * time.Second) },
		off:   func(tn *town) { tn.shut() },
	},
	{
		name:  "the door was just shut",
		until: func(tn *town) { tn.shop(1); wait(100 * time.Millisecond) },
		lines: took,
	},
}

func TestFaultWhatWasSeenBeforeThePowerFailedCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.openDoor(1)
		tn.pull()
		for range 9 { // 1,080 g of noodles, in the place of which milk is laid that weighs 50 g less: half of one are 60 g.
			wait(3 * time.Second)
			tn.put(0, -120)
		}
		wait(3 * time.Second)
		tn.kill()
		tn.put(1, -1030)
		tn.put(0, 1030)
		tn.shut()
		wait(time.Second)
		tn.boot()
		wants(t, tn.settled(1), settle.Review, settle.Line{SKU: noodles, Qty: 9})
	})
}

func TestFaultPowerFailsInAVisit(t *testing.T) {
	for _, c := range cuts {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := newTown(t)
				c.until(tn)
				tn.kill()
				if c.off != nil {
					c.off(tn)
				}
				wait(time.Second)
				tn.boot()
				wait(3 * time.Second)
				if c.after != nil {
					c.after(tn)
				}
				if c.code != "" {
					tn.aborted(1, c.code)
				} else {
					b := tn.settled(1)
					wants(t, b, settle.Bill, c.lines...)
					if b.ZeroAt != 0 {
						t.Errorf("it tells a moment, %d, that nobody saw", b.ZeroAt)
					}
					if !b.Recovered {
						t.Error("it does not say that it was recovered")
					}
				}
				tn.oneGrantOneOpening()
			})
		})
	}
}

// cutAtPulse opens and cuts the power at the moment of the pulse, which is carried out or not.
func (tn *town) cutAtPulse(pulsed bool) {
	tn.Helper()
	cut := make(chan struct{})
	tn.set(func(c *cabinet) {
		c.atPulse = func() bool {
			_ = tn.agent.journal.Abandon()
			close(cut)
			return pulsed
		}
	})
	id := fakecloud.ID(1)
	tn.cloud.Open(id, tn.cloud.Grant(id))
	<-cut
	tn.set(func(c *cabinet) { c.atPulse = nil })
}

// oneGrantOneOpening looks at the whole story: no second pulse, no second outcome, no hole, clean marks that are true.
func (tn *town) oneGrantOneOpening() {
	tn.Helper()
	wait(2 * time.Minute)
	tn.outcome(1)
	if tn.pulses > 1 {
		tn.Errorf("%d pulses for one grant", tn.pulses)
	}
	if n := len(tn.cloud.Events(wire.VisitOpened)); n > 1 {
		tn.Errorf("%d visit.opened", n)
	}
	boots := tn.cloud.Events(wire.PowerBoot)
	if b, _ := tn.body(boots[len(boots)-1]).(wire.BootBody); len(boots) != 2 || b.Clean {
		tn.Errorf("%d boots, the last %+v: want a second one after a stop that was not clean", len(boots), b)
	}
	tn.untilSelling()
	tn.cloud.Until("the journal drains", time.Minute, func() bool {
		_, last, err := tn.agent.journal.Bounds()
		return err == nil && tn.cloud.Have() == last
	})
}

func TestAGrantIsNeverUsedTwiceAcrossAPowerCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.shop(1)
		tn.settled(1)
		g := tn.cloud.Grant(fakecloud.ID(1))
		tn.kill()
		tn.boot()
		tn.cloud.Until("born again", time.Minute, func() bool { return tn.cloud.Birth().Boot == 2 })
		wait(2 * time.Second)
		copy(g.Challenge[:], tn.cloud.Birth().Challenge)
		tn.cloud.Open(fakecloud.ID(2), g)
		if r := tn.reply(2); r.Code != protocol.CodeUsed {
			t.Errorf("reply %+v: want used", r)
		}
		if tn.pulses != 1 {
			t.Errorf("%d pulses", tn.pulses)
		}
	})
}

func TestAnOrderlyStopIsCleanAndSaysGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		conn := tn.cloud.Birth().Conn
		tn.stop()
		tn.cloud.Until("goodbye", time.Minute, func() bool { return len(tn.cloud.Deaths()) == 1 })
		if d := tn.cloud.Deaths()[0]; d.Conn != conn {
			t.Errorf("death of %s: want %s", d.Conn, conn)
		}
		tn.boot()
		tn.cloud.Until("the boot is told", time.Minute, func() bool { return len(tn.cloud.Events(wire.PowerBoot)) == 2 })
		if b, _ := tn.body(tn.cloud.Events(wire.PowerBoot)[1]).(wire.BootBody); !b.Clean {
			t.Errorf("boot %+v: want it clean", b)
		}
		tn.untilSelling()
		if n := len(tn.cloud.Events(wire.ConfigApplied)); n != 1 {
			t.Errorf("%d times applied: the desired state survives a boot", n)
		}
	})
}

// TestADoorThatIsShutAsTheBootTakesTheVisitUpIsShut shuts it at each moment around that: what the switch said before is heard after.
func TestADoorThatIsShutAsTheBootTakesTheVisitUpIsShut(t *testing.T) {
	for after := 1800 * time.Millisecond; after < 2200*time.Millisecond; after += 20 * time.Millisecond {
		t.Run(after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := newTown(t)
				tn.openDoor(1)
				tn.pull()
				wait(3 * time.Second)
				tn.put(0, -571)
				wait(time.Second)
				tn.stop()
				tn.boot()
				wait(after)
				tn.shut()
				b := tn.settled(1)
				wants(t, b, settle.Bill, took...)
				if b.OpenMS < 0 {
					t.Errorf("the door stood open for %d ms", b.OpenMS)
				}
			})
		})
	}
}
