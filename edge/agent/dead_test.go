package agent

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fraildisk"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// onDeadDisk runs a story whose disk takes nothing from some moment on.
func onDeadDisk(t *testing.T, story func(f *frail)) {
	disk := fraildisk.Mount(t)
	synctest.Test(t, func(t *testing.T) {
		f := frail{town: emptyTown(t), disk: disk, blow: blow{dies: true}}
		f.dir = filepath.Join(disk.Dir(), "agent")
		f.failing.Store(true)
		f.begin()
		wait(time.Minute)
		story(&f)
	})
}

func (f *frail) saysThatItDoesNotSell() {
	f.Helper()
	f.cloud.Until("it says that it does not sell", 30*time.Second, func() bool {
		c := f.cloud.Telemetry().Compartments
		return !c[0].Selling && c[0].Why == protocol.CodeDiskFull
	})
}

func TestFaultDiskDiesBeforeAVisit(t *testing.T) {
	onDeadDisk(t, func(f *frail) {
		f.disk.Off()
		if r := f.openDoor(1); r.Code == protocol.CodeOK || f.pulses != 0 {
			t.Errorf("reply %+v, %d pulses: no grant can be burnt", r, f.pulses)
		}
		f.saysThatItDoesNotSell()
		f.die()
		f.boot()
		wait(time.Minute)
		f.shop(2)
		wants(t, f.settled(2), settle.Bill, took...)
	})
}

func TestFaultDiskDiesInAVisit(t *testing.T) {
	onDeadDisk(t, func(f *frail) {
		if r := f.openDoor(1); r.Code != protocol.CodeOK {
			t.Fatalf("reply %+v", r)
		}
		f.pull()
		wait(time.Second)
		f.disk.Off()
		f.put(0, -571)
		wait(3 * time.Second)
		f.shut()
		f.saysThatItDoesNotSell()
		f.die()
		f.boot()
		b := f.settled(1)
		if b.Answer.Decision == settle.Bill {
			wants(t, b, settle.Bill, took...)
		}
		f.drained()
	})
}

func TestFaultDiskFullWhileTheDoorStandsOpen(t *testing.T) {
	onDeadDisk(t, func(f *frail) {
		if r := f.openDoor(1); r.Code != protocol.CodeOK {
			t.Fatalf("reply %+v", r)
		}
		f.pull()
		wait(2 * time.Minute) // What the visit tells until then is written.
		f.disk.Plan("", 1, fraildisk.FullNow)
		wait(15 * time.Minute) // That it is alive is no part of the visit, and waits.
		f.put(0, -571)
		wait(3 * time.Second)
		f.shut()
		wants(t, f.settled(1), settle.Bill, took...)
		f.saysThatItDoesNotSell()
		f.disk.Roomy()
		f.untilSelling()
		f.drained()
	})
}
