package agent

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// What may change from the second day of a month to its last.
const (
	monthDays   = 30
	visitsADay  = 3
	heapGrowth  = 512 << 10 // bytes
	journalADay = 64 << 10  // bytes; acknowledged events stay 14 days
	journalLog  = 5 << 20   // bytes, of what is not in the journal's file yet
)

// usage is what a running agent holds.
type usage struct {
	heap              uint64
	goroutines, files int
	disk, log         int64 // bytes
}

func (tn *town) usage() (u usage) {
	tn.Helper()
	synctest.Wait()
	runtime.GC()
	runtime.GC() // what finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		tn.Fatal(err)
	}
	for name, size := range map[string]*int64{"journal.db": &u.disk, "journal.db-wal": &u.log} {
		info, err := os.Stat(filepath.Join(tn.dir, name))
		if err != nil {
			tn.Fatal(err)
		}
		*size = info.Size()
	}
	u.heap, u.goroutines, u.files = m.HeapAlloc, runtime.NumGoroutine(), len(open)
	return u
}

// day does to the cabinet what a day does: a new desired state, visits, and a network that goes and comes. The hours between
// are left out, for each poll in them would cost a moment of the processor.
func (tn *town) day(n int) {
	tn.Helper()
	tn.cloud.Configure(desired(uint64(n) + 2))
	for v := range visitsADay {
		id := byte(n*visitsADay + v + 1)
		tn.shop(id)
		tn.outcome(id)
		tn.set(func(c *cabinet) { c.weights[0] = 10_000_000 })
		wait(15 * time.Second)
	}
	births := tn.cloud.Births()
	tn.cloud.Cut(true)
	wait(time.Minute)
	tn.cloud.Cut(false)
	tn.cloud.Until("the cabinet is back", 5*time.Minute, func() bool { return tn.cloud.Births() > births })
	tn.cloud.Drop()
}

func TestAMonthsVisitsLeaveMemoryAndDescriptorsAsTheyWere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		var early usage
		for n := range monthDays {
			tn.day(n)
			if n == 1 {
				early = tn.usage()
			}
		}
		late := tn.usage()
		t.Logf("second day %+v, last day %+v", early, late)
		if late.heap > early.heap+heapGrowth {
			t.Errorf("%d bytes of memory in use after a month, %d after two days", late.heap, early.heap)
		}
		if late.goroutines > early.goroutines || late.files > early.files {
			t.Errorf("%d goroutines and %d files after a month, %d and %d after two days", late.goroutines, late.files, early.goroutines, early.files)
		}
		if late.log > journalLog || late.disk > early.disk+monthDays*journalADay {
			t.Errorf("the journal takes %d bytes and %d of log, %d and %d after two days", late.disk, late.log, early.disk, early.log)
		}
	})
}
