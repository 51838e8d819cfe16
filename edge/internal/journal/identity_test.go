package journal

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"allhours/edge"
	"allhours/protocol/wire"
)

func TestAJournalIsIdentifiedBeforeItsFirstBootAndCountsNone(t *testing.T) {
	dir := t.TempDir()
	first, err := Identify(dir, rand.Reader)
	if err != nil || first.IsZero() {
		t.Fatalf("got %s, %v", first, err)
	}
	j, err := Open(Options{Dir: dir, Cabinet: "xs-01", Clock: edge.NewClock(), Entropy: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	beside, err := Identify(dir, rand.Reader)
	if err != nil || j.ID() != first || beside != first || j.Boot() != 1 || !j.Clean() {
		t.Errorf("identified as %s and %s (%v), opened as %s in boot %d", first, beside, err, j.ID(), j.Boot())
	}
	if _, err := Aside(dir); err == nil {
		t.Error("a journal that is open was set aside")
	}
	if err := j.Append(wire.AliveBody{}); err != nil {
		t.Errorf("after that: %v", err)
	}
	if err := j.Abandon(); err != nil { // What was written last is in its second file.
		t.Fatal(err)
	}
	kept, err := Aside(dir)
	if err != nil {
		t.Fatal(err)
	}
	next, err := Identify(dir, rand.Reader)
	if err != nil || next == first {
		t.Errorf("the next journal is %s, %v", next, err)
	}
	old := t.TempDir()
	if err := os.Rename(kept, filepath.Join(old, fileName)); err != nil {
		t.Fatal(err)
	}
	if j, err = Open(Options{Dir: old, Cabinet: "xs-01", Clock: edge.NewClock(), Entropy: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	if _, last, err := j.Bounds(); last != 1 || err != nil || j.ID() != first {
		t.Errorf("what was set aside is %s and ends at %d, %v", j.ID(), last, err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func TestADamagedJournalIsToldAndCanBeSetAside(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte("no database, and long enough to be taken for one by its size alone......................................"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Identify(dir, rand.Reader); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	kept, err := Aside(dir)
	if err != nil || kept != filepath.Join(dir, "journal.db.1") {
		t.Fatalf("kept as %q, %v", kept, err)
	}
	if _, err := Identify(dir, rand.Reader); err != nil {
		t.Error(err)
	}
}

func TestADamageThatLiesDeepIsToldBeforeTheJournalIsClaimed(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(Options{Dir: dir, Cabinet: "xs-01", Clock: edge.NewClock(), Entropy: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Append(slices.Repeat([]wire.Body{wire.AliveBody{}}, 500)...); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fileName)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	middle := len(raw) / page / 2 * page
	copy(raw[middle:], bytes.Repeat([]byte{0xFF}, page))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(j.opt); !errors.Is(err, ErrDamaged) {
		t.Fatalf("the agent opens it with %v: the damage was meant to stop it", err)
	}
	if id, err := Identify(dir, rand.Reader); !errors.Is(err, ErrDamaged) {
		t.Errorf("identified as %s, %v: the agent will not go by it", id, err)
	}
}

func TestAJournalThatRootMakesIsOfWhoeverHasItsFolder(t *testing.T) {
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, 4321, 1234); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Identify(dir, rand.Reader); err != nil {
		t.Fatal(err)
	}
	folder, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Stat(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	want, got := folder.Sys().(*syscall.Stat_t), file.Sys().(*syscall.Stat_t)
	if got.Uid != want.Uid || got.Gid != want.Gid {
		t.Errorf("it is of %d:%d: the agent is %d:%d", got.Uid, got.Gid, want.Uid, want.Gid)
	}
}
