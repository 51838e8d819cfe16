package agent

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/edge/internal/fraildisk"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// frail is a town whose disk meets a blow.
type frail struct {
	*town
	disk  *fraildisk.Disk
	blow  blow
	seed  uint64 // of what survives a power cut
	grant grant.Grant
	took  bool // the resident has a bottle
}

// play lives through a visit that meets a blow at a call, and looks at what is left. Call 0 is none.
func play(t *testing.T, disk *fraildisk.Disk, p point) (met *fraildisk.Call, calls []fraildisk.Call) {
	t.Helper()
	disk.Wipe()
	disk.Watch(map[string]string{string(wire.VisitBegun): burnt, string(wire.VisitSettled): settling})
	disk.Mark(booting)
	synctest.Test(t, func(t *testing.T) {
		f := frail{town: emptyTown(t), disk: disk, blow: p.blow, seed: p.seed}
		f.dir, f.traces.Sample = filepath.Join(disk.Dir(), "agent"), 1
		f.failing.Store(true) // The end of an agent whose disk fails may be an error.
		f.atPulse = func() bool {
			disk.Mark(pulsed)
			return !f.off()
		}
		disk.Plan(p.stage, p.at, p.blow.fate)
		f.visit()
		met, calls = disk.Look().Met, disk.Log()
		f.die()
		f.judge()
	})
	return met, calls
}

func (f *frail) off() bool { return f.disk.Look().Off }

// until waits for something, or for the power to go; false says that it went.
func (f *frail) until(what string, holds func() bool) bool {
	f.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !f.off(); wait(50 * time.Millisecond) {
		if holds() {
			return true
		}
		if time.Now().After(deadline) {
			f.Fatalf("waited in vain until %s; telemetry %+v", what, f.cloud.Telemetry())
		}
	}
	return false
}

// visit is one visit from the first boot to an orderly stop. It ends with the power.
func (f *frail) visit() {
	for _, part := range []func() bool{f.born, f.change, f.ask, f.take, f.pay, f.rest} {
		if !part() {
			return
		}
	}
	f.disk.Mark(stopping)
	f.stop()
}

// born starts the agent as often as it takes, and frees a full disk that keeps it from selling.
func (f *frail) born() bool {
	err := f.start()
	for ; err != nil && !f.off(); err = f.start() { // As systemd does.
		wait(time.Second)
		f.disk.Roomy()
	}
	if err != nil || !f.until("the cabinet is born", func() bool { return f.cloud.Births() > 0 }) {
		return false
	}
	began := time.Now()
	return f.until("the cabinet sells", func() bool {
		if time.Since(began) > time.Minute {
			f.disk.Roomy()
		}
		if f.agent.Applied().Version == 0 {
			f.cloud.Configure(desired(1))
		}
		c := f.cloud.Telemetry().Compartments
		return len(c) == 1 && c[0].Selling && c[0].Weights[0].OK && f.cloud.Have() > 0
	})
}

// change is a newer desired state, while nobody shops.
func (f *frail) change() bool {
	wait(time.Second)
	f.disk.Mark(idle)
	f.cloud.Configure(desired(2))
	wait(2 * time.Second)
	return !f.off()
}

func (f *frail) ask() bool {
	f.disk.Mark(asked)
	f.grant = f.cloud.Grant(fakecloud.ID(1))
	f.cloud.Open(fakecloud.ID(1), f.grant)
	return f.until("the command is answered", func() bool {
		_, ok := f.cloud.Reply(fakecloud.ID(1))
		return ok
	})
}

// take opens the door where the latch gives, takes a bottle and shuts the door.
func (f *frail) take() bool {
	wait(time.Second)
	if f.off() || !f.pull() {
		return !f.off()
	}
	f.disk.Mark(opened)
	wait(1500 * time.Millisecond)
	if f.off() {
		return false
	}
	f.put(0, -571)
	f.took = true
	wait(1500 * time.Millisecond)
	if f.off() {
		return false
	}
	f.disk.Mark(counting)
	f.cloud.Mute(true)
	f.shut()
	return f.until("the visit ends", func() bool { return len(f.cloud.Events(wire.VisitSettled)) > 0 })
}

// pay is the cloud's word that it has everything.
func (f *frail) pay() bool {
	wait(time.Second)
	f.disk.Mark(acked)
	f.cloud.Mute(false)
	f.cloud.Ack(wire.Ack{
		V: wire.Version, Cabinet: cabinetID, FleetEpoch: 1, Journal: f.cloud.Birth().Journal, HaveUpTo: f.cloud.Have(),
		Challenge: f.cloud.Birth().Challenge, At: f.cloud.Now().UnixMilli(),
	})
	wait(time.Second)
	return !f.off()
}

// rest lets a cabinet whose disk has failed or is full come to rest, and then gives it room.
func (f *frail) rest() bool {
	if f.blow.dies {
		return !f.off()
	}
	wait(2 * time.Minute)
	f.disk.Roomy()
	wait(2 * time.Minute)
	return !f.off()
}

// die ends the agent, and gives the power back when the person has shut the door.
func (f *frail) die() {
	f.disk.Off()
	if f.agent != nil {
		_ = f.agent.journal.Abandon()
		f.stop()
	}
	f.disk.Plan("", 0, fraildisk.Done)
	f.disk.Roomy()
	f.shut()
	f.cloud.Mute(false)
	wait(time.Second)
	if f.blow.cut || !f.blow.dies {
		f.disk.Cut(f.seed, f.blow.chance)
	} else {
		f.disk.On()
	}
}

// judge boots the cabinet and holds what is left of the visit to what must always hold.
func (f *frail) judge() {
	before := f.cloud.Births()
	f.boot()
	f.cloud.Until("it is born again", time.Minute, func() bool { return f.cloud.Births() > before })
	if f.agent.Applied().Version == 0 {
		f.cloud.Configure(desired(1))
	}
	wait(time.Minute)
	f.drained()
	f.oneOutcome()
	f.grantIsUsed()
	f.shop(3)
	wants(f.T, f.settled(3), settle.Bill, took...)
	f.drained()
}

// drained waits until the cloud has everything, and wants no hole in it.
func (f *frail) drained() {
	f.Helper()
	f.cloud.Until("the journal drains", time.Minute, func() bool {
		_, last, err := f.agent.journal.Bounds()
		return err == nil && f.cloud.Have() == last
	})
	if n := len(f.cloud.Events()); uint64(n) != f.cloud.Have() {
		f.Errorf("the cloud has %d events up to number %d", n, f.cloud.Have())
	}
}

// oneOutcome wants one end of the visit, if it was begun, that is true to what was taken.
func (f *frail) oneOutcome() {
	f.Helper()
	begun := len(f.cloud.Events(wire.VisitBegun))
	if begun == 0 && f.pulses == 0 && !f.took {
		return
	}
	if begun != 1 || f.pulses > 1 {
		f.Fatalf("%d visits begun, %d pulses", begun, f.pulses)
	}
	switch b := f.outcome(1).(type) {
	case wire.AbortedBody:
		if f.took {
			f.Errorf("aborted as %s, and a bottle was taken", b.Code)
		}
	case wire.SettledBody:
		want := 0
		if f.took {
			want = 1
		}
		if b.Answer.Decision == settle.Bill && (len(b.Answer.Lines) != want || want == 1 && b.Answer.Lines[0] != took[0]) {
			f.Errorf("billed %v, a bottle was taken: %v", b.Answer.Lines, f.took)
		}
	}
}

// grantIsUsed shows the grant of a visit that was begun again, over the new connection.
func (f *frail) grantIsUsed() {
	f.Helper()
	if f.grant.Visit.IsZero() || len(f.cloud.Events(wire.VisitBegun)) == 0 {
		return
	}
	pulses := f.pulses
	f.grant.NotAfter = f.cloud.Now().Add(30 * time.Second)
	copy(f.grant.Challenge[:], f.cloud.Birth().Challenge)
	f.cloud.Open(fakecloud.ID(2), f.grant)
	if r := f.reply(2); r.Code != protocol.CodeUsed || f.pulses != pulses {
		f.Errorf("the grant is answered %+v, %d pulses after %d", r, f.pulses, pulses)
	}
}
