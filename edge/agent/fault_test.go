package agent

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// The tests of this file are named after the rows of the design's table of faults.

func TestFaultLockDoesNotOpen(t *testing.T) {
	cases := []struct {
		name   string
		broken func(*cabinet)
		reply  protocol.Code
		code   protocol.Code
	}{
		{"the board refuses the pulse", func(c *cabinet) { c.pulseErr = errors.New("exception 2") }, protocol.CodeLockFailed, protocol.CodeLockFailed},
		{"the latch does not move", func(c *cabinet) { c.stuck = true }, protocol.CodeOK, protocol.CodeLockFailed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := newTown(t)
				tn.set(c.broken)
				if r := tn.openDoor(1); r.Code != c.reply {
					t.Errorf("reply %+v: want %s", r, c.reply)
				}
				tn.aborted(1, c.code)
				if n := len(tn.cloud.Events(wire.LockFailed)); n != 1 {
					t.Errorf("%d lock.failed: want 1", n)
				}
				if tn.pulses != 1 {
					t.Errorf("%d pulses for one grant", tn.pulses)
				}
			})
		})
	}
}

func TestFaultNobodyPullsWithin10Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		if r := tn.openDoor(1); r.Code != protocol.CodeOK {
			t.Fatalf("reply %+v", r)
		}
		tn.aborted(1, protocol.CodeNotPulled)
		if tn.pull() {
			t.Error("the visit ended while the latch was still free")
		}
		if len(tn.cloud.Events(wire.VisitOpened)) > 0 {
			t.Error("a door that nobody pulled was reported open")
		}
		tn.shop(2) // The next resident is served.
		wants(t, tn.settled(2), settle.Bill, settle.Line{SKU: water, Qty: 1})
	})
}

func TestFaultPulseWithoutAnswerIsAnOpeningWhereTheDoorOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.set(func(c *cabinet) { c.pulseErr = fmt.Errorf("timeout: %w", edge.ErrPulseUnknown) })
		tn.shop(1)
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
		if tn.pulses != 1 {
			t.Errorf("%d pulses for one grant", tn.pulses)
		}
	})
}

func TestFaultDoorLeftOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.openDoor(1)
		tn.pull()
		wait(3 * time.Second)
		tn.put(1, -1030)
		tn.cloud.Until("the cabinet warns", 65*time.Second, func() bool { return len(tn.cloud.Events(wire.DoorLeftOpen)) == 1 })
		wait(10 * time.Minute)
		if n := len(tn.cloud.Events(wire.DoorLeftOpen)); n != 1 {
			t.Errorf("%d warnings for one opening", n)
		}
		if len(tn.cloud.Events(wire.VisitSettled)) > 0 {
			t.Error("settled behind an open door")
		}
		tn.shut()
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: milk, Qty: 1})
	})
}

func TestFaultDoorOpenedWithTheMechanicalKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.key()
		tn.cloud.Until("the opening is recorded", time.Minute, func() bool { return len(tn.cloud.Events(wire.DoorOpened)) == 1 })
		if b, _ := tn.body(tn.cloud.Events(wire.DoorOpened)[0]).(wire.DoorBody); b.Visit != nil {
			t.Errorf("the opening names visit %s", b.Visit)
		}
		if r := tn.openDoor(1); r.Code != protocol.CodeDoorOpen {
			t.Errorf("reply %+v: want door_open", r)
		}
		tn.shut()
		tn.cloud.Until("the shutting is recorded", time.Minute, func() bool { return len(tn.cloud.Events(wire.DoorShut)) == 1 })
		if n := len(tn.cloud.Events(wire.VisitBegun)); n != 0 {
			t.Errorf("%d grants burnt", n)
		}
	})
}

func TestFaultScaleIsSilent(t *testing.T) {
	scaleFault(t, "silent", func(c *cabinet) { c.silent[1] = true })
}

func TestFaultScaleIsOverloaded(t *testing.T) {
	scaleFault(t, "overload", func(c *cabinet) { c.overload[1] = true })
}

func scaleFault(t *testing.T, reason string, broken func(*cabinet)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.set(broken)
		tn.cloud.Until("the fault is recorded", time.Minute, func() bool { return len(tn.cloud.Events(wire.ScaleFault)) == 1 })
		if b, _ := tn.body(tn.cloud.Events(wire.ScaleFault)[0]).(wire.ScaleBody); b.Reason != reason || b.Platform != "S2" {
			t.Errorf("fault %+v: want S2 %s", b, reason)
		}
		for n := byte(1); n <= 3; n++ { // Each visit goes to a human, though goods were taken from the sound shelf.
			tn.shop(n)
			if b := tn.settled(n); b.Answer.Decision != settle.Review {
				t.Errorf("visit %d: %+v: want a review", n, b.Answer)
			}
		}
		tn.cloud.Until("sale stops after three visits", time.Minute, func() bool { return len(tn.cloud.Events(wire.SaleStopped)) == 1 })
		if r := tn.openDoor(4); r.Code != protocol.CodeScaleFault {
			t.Errorf("reply %+v: want scale_fault", r)
		}
		tn.set(func(c *cabinet) { c.silent[1], c.overload[1] = false, false })
		tn.cloud.Until("sale goes on", time.Minute, func() bool { return len(tn.cloud.Events(wire.SaleResumed)) == 1 })
		tn.shop(5)
		wants(t, tn.settled(5), settle.Bill, settle.Line{SKU: water, Qty: 1})
	})
}

func TestFaultScaleSilentFor30MinutesStopsTheSale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.set(func(c *cabinet) { c.silent[0] = true })
		wait(29 * time.Minute)
		if n := len(tn.cloud.Events(wire.SaleStopped)); n != 0 {
			t.Error("stopped too early")
		}
		tn.cloud.Until("sale stops", 2*time.Minute, func() bool { return len(tn.cloud.Events(wire.SaleStopped)) == 1 })
		tn.stop()
		tn.boot()
		tn.cloud.Until("it is told again", time.Minute, func() bool {
			c := tn.cloud.Telemetry().Compartments
			return tn.cloud.Birth().Boot == 2 && len(c) == 1 && !c[0].Selling && c[0].Why == protocol.CodeScaleFault
		})
		if n := len(tn.cloud.Events(wire.ScaleFault)); n != 1 {
			t.Errorf("%d scale.fault: a boot is no new fault", n)
		}
	})
}

func TestFaultCabinetsLineIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		if r := tn.openDoor(1); r.Code != protocol.CodeOK {
			t.Fatalf("reply %+v", r)
		}
		tn.pull()
		tn.cloud.Cut(true)
		wait(3 * time.Second)
		tn.put(0, -120)
		wait(3 * time.Second)
		tn.shut()
		wait(20 * time.Minute)
		tn.cloud.Cut(false)
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: noodles, Qty: 1})
		if got, want := tn.cloud.Have(), uint64(len(tn.cloud.Events())); got != want {
			t.Errorf("the cloud has %d of %d events in order", got, want)
		}
	})
}

func TestFaultCloudIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.cloud.Mute(true)
		tn.shop(1)
		wait(20 * time.Minute)
		tn.cloud.Mute(false)
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
		tn.cloud.Until("the mark moves", time.Minute, func() bool {
			upTo, _, err := tn.agent.journal.Acked()
			return err == nil && upTo == tn.cloud.Have()
		})
	})
}

func TestFaultClockWrong(t *testing.T) {
	for _, skew := range []time.Duration{-30 * 365 * 24 * time.Hour, 30 * 365 * 24 * time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := emptyTown(t)
				tn.cloud.Skew(skew)
				tn.boot()
				tn.cloud.Until("born", time.Minute, func() bool { return tn.cloud.Births() > 0 })
				tn.cloud.Configure(desired(1))
				tn.untilSelling()
				tn.shop(1)
				wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
				e := tn.cloud.Events(wire.VisitSettled)[0]
				if off := tn.cloud.Now().Sub(time.UnixMilli(e.At)); !e.Clock || off < 0 || off > time.Minute {
					t.Errorf("settled at %s, clock %v: want the cloud's time", time.UnixMilli(e.At), e.Clock)
				}
				if e := tn.cloud.Events(wire.PowerBoot)[0]; e.Clock {
					t.Error("the boot's time cannot have been known")
				}
			})
		})
	}
}

// TestFaultClockJumpsInsideAnOpeningWindow sets the wall clock hours off at each step of a visit: the times of the door are
// lengths of time, and each event says when it happened by the time since the boot.
func TestFaultClockJumpsInsideAnOpeningWindow(t *testing.T) {
	to1970 := -time.Duration(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()) // where a bubble's time begins
	cases := []struct {
		name string
		boot time.Duration
		jump []time.Duration // of the wall clock against the right time, step by step
	}{
		{"1970 at boot, and right in the middle", to1970, []time.Duration{to1970, 0, 0, 0}},
		{"years ahead, and back", 20 * 365 * 24 * time.Hour, []time.Duration{20 * 365 * 24 * time.Hour, 0, 0, 0}},
		{"hours forth and back", 0, []time.Duration{5 * time.Hour, -7 * time.Hour, 3 * time.Hour, -time.Hour}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := emptyTown(t)
				jump := func(step int) { tn.wall.Store(int64(c.jump[step])) }
				tn.wall.Store(int64(c.boot))
				tn.begin()
				if r := tn.openDoor(1); r.Code != protocol.CodeOK {
					t.Fatalf("open: %+v", r)
				}
				jump(0)
				wait(9 * time.Second) // of the ten in which the door may be pulled
				if !tn.pull() {
					t.Fatal("the latch does not give")
				}
				wait(time.Second)
				jump(1)
				tn.put(0, -571)
				wait(50 * time.Second)
				if n := len(tn.told(wire.DoorLeftOpen)); n != 0 {
					t.Error("a door that is open for less than a minute was called left open")
				}
				jump(2)
				wait(15 * time.Second)
				if n := len(tn.told(wire.DoorLeftOpen)); n != 1 {
					t.Errorf("a door that is open for more than a minute was called left open %d times", n)
				}
				tn.shut()
				jump(3)
				wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
				if r := tn.openDoor(2); r.Code != protocol.CodeOK {
					t.Fatalf("open again: %+v", r)
				}
				jump(1)
				tn.aborted(2, protocol.CodeNotPulled)
				tn.timesAreLengths()
			})
		})
	}
}

// timesAreLengths checks that the times since the boot grow with the numbers, and that a time that is called right is.
func (tn *town) timesAreLengths() {
	tn.Helper()
	last, now := int64(0), tn.cloud.Now()
	for _, e := range tn.cloud.Events() {
		if e.Up < last {
			tn.Errorf("event %d, %s, happened %d ms before the one before it", e.Seq, e.Type, last-e.Up)
		}
		last = e.Up
		if ago := now.Sub(time.UnixMilli(e.At)); e.Clock && (ago < 0 || ago > time.Hour) {
			tn.Errorf("event %d, %s, is of %s by a clock that is called right", e.Seq, e.Type, time.UnixMilli(e.At))
		}
	}
}

func TestFaultObjectLeftOnAShelfIsNeverBilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.openDoor(1)
		tn.pull()
		wait(2 * time.Second)
		tn.put(1, 333) // An umbrella.
		wait(2 * time.Second)
		tn.put(0, -571)
		wait(2 * time.Second)
		tn.shut()
		if b := tn.settled(1); b.Answer.Decision != settle.Review {
			t.Errorf("%+v: want a review", b.Answer)
		}
	})
}

func TestFaultPutBackOnTheWrongShelfIsNotCharged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.openDoor(1)
		tn.pull()
		wait(2 * time.Second)
		tn.put(0, -571)
		wait(2 * time.Second)
		tn.put(1, 571)
		wait(2 * time.Second)
		tn.shut()
		if a := tn.settled(1).Answer; a.Decision == settle.Bill && len(a.Lines) > 0 {
			t.Errorf("charged %+v", a)
		}
	})
}

func TestFaultLockBoardIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.set(func(c *cabinet) { c.dead = true })
		tn.cloud.Until("the door is called unknown", time.Minute, func() bool {
			return tn.cloud.Telemetry().Compartments[0].Door == wire.DoorStateUnknown
		})
		id := fakecloud.ID(1)
		tn.cloud.Open(id, tn.cloud.Grant(id))
		if r := tn.reply(1); r.Code != protocol.CodeLockFailed {
			t.Errorf("reply %+v: want lock_failed", r)
		}
		if n := len(tn.cloud.Events(wire.VisitBegun)); n != 0 {
			t.Errorf("%d grants burnt", n)
		}
	})
}

func TestFaultScaleIsSilentAfterABoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		tn.set(func(c *cabinet) { c.silent[0] = true })
		tn.boot()
		tn.cloud.Until("the cabinet is born", time.Minute, func() bool { return tn.cloud.Births() > 0 })
		tn.cloud.Configure(desired(1))
		wait(3 * time.Second)
		if r := tn.openDoor(1); r.Code != protocol.CodeScaleFault {
			t.Errorf("before the scales had their time: reply %+v, want %s", r, protocol.CodeScaleFault)
		}
		wait(scalesWake)
		if r := tn.openDoor(2); r.Code != protocol.CodeOK {
			t.Errorf("when they had it: reply %+v, want a visit that goes to review", r)
		}
	})
}

func TestWhoOpensAtOnceAfterAnotherPaysForTheirOwnAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		for visit := range byte(3) {
			tn.openDoor(visit + 1)
			tn.pull()
			wait(800 * time.Millisecond)
			tn.put(0, -571)
			wait(400 * time.Millisecond)
			tn.shut()
			a := tn.settled(visit + 1).Answer
			if a.Decision != settle.Bill || len(a.Lines) != 1 || a.Lines[0].Qty != 1 {
				t.Errorf("visit %d: %s %+v: want one bottle", visit+1, a.Decision, a.Lines)
			}
		}
	})
}
