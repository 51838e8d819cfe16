// Package fraildisk is a disk for tests that loses what was not synced. It is a file system in memory, mounted through
// FUSE, so that the programs above it are unchanged: a write is seen by every reader at once, and survives a power cut
// only where the file was synced after it; a name survives only where its folder was. A test sees each call that would
// change the disk before it happens, and decides what becomes of it.
//
// It refuses to be a faithful file system: no links, no permissions, no renames from one folder to another.
package fraildisk

import (
	"encoding/gob"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Kind is what a call does to the disk.
type Kind string

// The kinds of calls that a test sees.
const (
	Write    Kind = "write"
	Sync     Kind = "fsync"
	Rename   Kind = "rename"
	Create   Kind = "create"
	Remove   Kind = "unlink"
	Truncate Kind = "ftruncate"
)

// Call is one call that would change the disk.
type Call struct {
	Kind  Kind
	Name  string // of the file or folder, without its path
	Stage string // what the test said last that is going on, or what a word that was synced says
	After string // the stage when it was done
}

// Fate is what becomes of a call.
type Fate int

// The fates of a call.
const (
	Done      Fate = iota
	Fails          // with EIO; a failed sync loses what it should have kept, and no later one brings it back
	OffBefore      // the power goes before it
	OffAfter       // the power goes when it is done
	FullNow        // the disk is full from here on, until Roomy
)

// Status is what became of a disk since the mount.
type Status struct {
	Calls int   // that would have changed it, since the plan
	Met   *Call // by the plan; nil before
	Off   bool  // the power is off
	Syncs int
	Bytes int64  // that the syncs took, in pages of 4096 bytes
	Log   []Call // of all that were counted, where it was asked for
}

// Disk is a mounted disk. Safe for concurrent use.
//
// A process of its own serves it: the kernel may hold a program's memory while it waits for the disk, and a program that
// served itself would then wait for ever.
type Disk struct {
	dir string

	asking  sync.Mutex // one order at a time
	orders  *gob.Encoder
	reports *gob.Decoder
}

// order is what the test says to the process that serves the disk. Each is answered by the status after it.
type order struct {
	Do     what
	In     string
	At     int
	Fate   Fate
	Stage  string
	Words  map[string]string
	Seed   uint64
	Chance float64
}

type what uint8

const (
	look what = iota
	log
	plan
	mark
	watch
	off
	on
	cut
	roomy
	wipe
)

// servedHere names the folder to a process that serves a disk.
const servedHere = "FRAILDISK_DIR"

// Mount mounts an empty disk; it is gone with the test. It takes root and /dev/fuse, which CI has, and a TestMain that
// begins with Serve.
func Mount(tb testing.TB) *Disk {
	tb.Helper()
	d := &Disk{dir: tb.TempDir()}
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	server := exec.Command(self)
	server.Env = append(os.Environ(), servedHere+"="+d.dir)
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := server.Start(); err != nil {
		tb.Fatal(err)
	}
	d.orders, d.reports = gob.NewEncoder(in), gob.NewDecoder(out)
	tb.Cleanup(func() {
		_ = in.Close()
		if err := server.Wait(); err != nil {
			tb.Errorf("the frail disk ended: %v", err)
		}
	})
	if err := d.reports.Decode(&Status{}); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("a frail disk cannot be mounted: %v", err)
		}
		tb.Skipf("a frail disk cannot be mounted: %v", err)
	}
	return d
}

// do waits until an order is carried out.
func (d *Disk) do(o order) (s Status) {
	d.asking.Lock()
	defer d.asking.Unlock()
	if err := d.orders.Encode(o); err != nil {
		panic(fmt.Errorf("the frail disk is gone: %w", err))
	}
	if err := d.reports.Decode(&s); err != nil {
		panic(fmt.Errorf("the frail disk is gone: %w", err))
	}
	return s
}

// Chance chooses which calls are struck where not all of them are, and tells how to repeat the choice.
func Chance(tb testing.TB) *rand.Rand {
	tb.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CRASH_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			tb.Fatalf("CRASH_SEED: %v", err)
		}
	}
	tb.Logf("repeat with CRASH_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// Dir is where the disk is mounted.
func (d *Disk) Dir() string { return d.dir }

// Look tells what became of the disk.
func (d *Disk) Look() Status { return d.do(order{Do: look}) }

// Log lists the calls since the plan, in their order.
func (d *Disk) Log() []Call { return d.do(order{Do: log}).Log }

// Plan has one call meet a fate: the one of a number, counted from 1 with the next that falls into a stage, or into any where the
// stage is empty. 0 is no call, and ends a plan. The memory that SQLite shares between connections (-shm) is not counted: it
// is no part of what a disk keeps.
func (d *Disk) Plan(stage string, at int, f Fate) { d.do(order{Do: plan, In: stage, At: at, Fate: f}) }

// Mark tells what is going on from now on.
func (d *Disk) Mark(stage string) { d.do(order{Do: mark, Stage: stage}) }

// Watch marks stages by words: when a file is synced after a word was written for the first time, its stage begins.
func (d *Disk) Watch(words map[string]string) { d.do(order{Do: watch, Words: words}) }

// Off refuses every call that would change the disk, until Cut or On.
func (d *Disk) Off() { d.do(order{Do: off}) }

// On gives the power back with nothing lost, as after the death of the program alone.
func (d *Disk) On() { d.do(order{Do: on}) }

// Cut gives the power back with what was synced. Of what was not, each change survives with a chance, whole or in part,
// as seed has it.
func (d *Disk) Cut(seed uint64, chance float64) { d.do(order{Do: cut, Seed: seed, Chance: chance}) }

// Roomy ends the fullness.
func (d *Disk) Roomy() { d.do(order{Do: roomy}) }

// Wipe empties the disk, as a new one.
func (d *Disk) Wipe() { d.do(order{Do: wipe}) }

// Serve serves a disk and ends the program, in a process that Mount started; in every other it does nothing. A TestMain
// begins with it.
func Serve() {
	dir := os.Getenv(servedHere)
	if dir == "" {
		return
	}
	if err := serve(dir, os.Stdin, os.Stdout); err != nil {
		_, _ = io.WriteString(os.Stderr, "frail disk: "+err.Error()+"\n")
		os.Exit(1)
	}
	os.Exit(0)
}
