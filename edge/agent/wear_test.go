package agent

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fraildisk"
	"allhours/protocol/settle"
)

// wear is what an SD card may be asked to take.
type wear struct {
	syncs, kilobytes float64
}

// limits of wear: a card that takes 10 TB lasts a century, and a slow one of 20 syncs a second is never waited for.
var (
	ofAVisit    = wear{20, 350}
	ofAnIdleDay = wear{24 * 20, 24 * 250}
)

const visitsWorn = 5

// TestWearOfTheDiskIsBounded counts what visits, and hours in which nobody comes, write to the disk: an orderly stop is
// included, which brings what is in the log into the database. `make bench` prints the figures.
func TestWearOfTheDiskIsBounded(t *testing.T) {
	disk := fraildisk.Mount(t)
	worn := func(f func(tn *town)) (w wear) {
		disk.Wipe()
		synctest.Test(t, func(t *testing.T) {
			tn := emptyTown(t)
			tn.dir = filepath.Join(disk.Dir(), "agent")
			tn.begin()
			wait(5 * time.Minute)
			before := disk.Look()
			f(tn)
			tn.stop()
			after := disk.Look()
			w = wear{float64(after.Syncs - before.Syncs), float64(after.Bytes-before.Bytes) / 1000}
		})
		return w
	}
	visits := worn(func(tn *town) {
		for n := byte(1); n <= visitsWorn; n++ {
			tn.shop(n)
			wants(t, tn.settled(n), settle.Bill, took...)
			wait(5 * time.Second)
		}
	})
	hour := worn(func(*town) { wait(time.Hour) })
	figure := func(name string, value, reach float64) {
		t.Logf("figure %s %.1f reach %.1f", name, value, reach)
		if value > reach || value == 0 {
			t.Errorf("%s is %.1f: want it above nothing and at %.1f at most", name, value, reach)
		}
	}
	figure("syncs_per_visit", visits.syncs/visitsWorn, ofAVisit.syncs)
	figure("kb_per_visit", visits.kilobytes/visitsWorn, ofAVisit.kilobytes)
	figure("syncs_per_idle_hour", hour.syncs, ofAnIdleDay.syncs/24)
	figure("kb_per_idle_hour", hour.kilobytes, ofAnIdleDay.kilobytes/24)
}
