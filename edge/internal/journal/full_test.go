package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"allhours/edge/internal/journal"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// smallDisk mounts a disk of a few megabytes; that takes root, which CI has.
func smallDisk(t *testing.T, bytes string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+bytes); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a small disk cannot be mounted: %v", err)
		}
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, 0)) })
	return dir
}

// fill writes until the disk takes no more.
func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	must(t, err)
	for {
		if _, err := f.Write(make([]byte, 512)); err != nil {
			break
		}
	}
	must(t, f.Close())
}

func TestTheVisitUnderWayEndsOnAFullDiskAndNoOtherBegins(t *testing.T) {
	dir := smallDisk(t, "8m")
	j, err := journal.Open(options(dir))
	must(t, err)
	must(t, j.Burn(visit(1)))
	fill(t, dir)
	full := errors.New("")
	for range 2000 { // What is no part of a visit may not use the visit's room.
		if full = j.Append(wire.AliveBody{}); full != nil {
			break
		}
	}
	code(t, full, protocol.CodeDiskFull)
	must(t, j.Append(wire.OpenedBody{Visit: visit(1).ID}))
	for i := range 300 {
		must(t, j.Append(wire.StepBody{Visit: visit(1).ID, Steps: []settle.Step{{At: int64(i), Platform: "S1", Delta: -571_000}}}))
	}
	must(t, j.Append(settled(1)))
	fill(t, dir)
	code(t, j.Burn(visit(2)), protocol.CodeDiskFull)
	code(t, j.Room(), protocol.CodeDiskFull)

	must(t, j.Abandon(), os.Remove(filepath.Join(dir, "filler")))
	j, err = journal.Open(options(dir))
	must(t, err)
	batch, err := j.Batch(1, 10_000)
	must(t, err)
	if batch[0].Type != wire.VisitBegun {
		t.Errorf("the first event is %s", batch[0].Type)
	}
	left, err := j.Unfinished()
	must(t, err, j.Room(), j.Burn(visit(2)), j.Close())
	if len(left) != 0 {
		t.Errorf("unfinished %+v", left)
	}
}
