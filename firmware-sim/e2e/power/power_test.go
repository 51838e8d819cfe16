// Package power kills the built agent with SIGKILL at its calls to the kernel that write, by strace, in each state of a visit,
// and looks at what is left once it runs again: nothing lost that was acknowledged, one outcome, one pulse. Boards and cloud
// outlive it.
package power

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const agentProgram = "../../../bin/cabinet-agent"

// The legs of a visit: strace begins with one of them.
var legs = []string{"boot", "idle", "ask", "hear", "pull", "take", "shut", "ack", "stop"}

// The states of a visit.
var states = []string{"boot", "idle", "asked", "burnt", "pulsed", "open", "shut", "settled", "acked", "stop"}

// point is where strace is told to kill.
type point struct {
	leg  string
	call string // or several, as strace names them
	nth  int
}

// The calls that write. A write goes to files, to the lines and to the network alike.
const (
	fsync  = "fsync"
	pwrite = "pwrite64"
	write  = "write"
	rename = "rename,renameat,renameat2"
	remove = "unlink,unlinkat,ftruncate"
)

// result is what became of a point.
type result struct {
	state string // in which the agent died; empty where nothing was injected
	call  string
}

// inLeg are the states that a leg goes through.
var inLeg = map[string][]string{
	"boot": {"boot"}, "idle": {"idle"}, "ask": {"asked", "burnt", "pulsed"}, "hear": {"pulsed"}, "pull": {"open"}, "take": {"open"},
	"shut": {"shut", "settled"}, "ack": {"acked"}, "stop": {"stop"},
}

// certain are points that fall into a known state: the first of their calls in the leg.
var certain = map[string][]point{
	"boot": {{"boot", fsync, 1}, {"boot", pwrite, 1}, {"boot", pwrite, 3}}, "idle": {{"idle", fsync, 1}, {"idle", pwrite, 1}},
	"asked": {{"ask", pwrite, 1}}, "burnt": {{"ask", fsync, 1}}, "pulsed": {{"hear", fsync, 1}, {"hear", pwrite, 1}},
	"open": {{"pull", fsync, 1}, {"pull", pwrite, 1}}, "shut": {{"shut", pwrite, 1}},
	"settled": {{"shut", rename, 1}}, "acked": {{"ack", fsync, 1}, {"ack", pwrite, 1}}, "stop": {{"stop", fsync, 1}, {"stop", pwrite, 1}},
}

const (
	together  = 10 // points that are played side by side
	mostOfOne = 60 // calls of a kind in a leg and a thread, beyond which nobody looks
	writes    = 12 // as write never ends: so many in each leg
	limit     = 3 * time.Minute
)

// board collects what became of the points.
type board struct {
	t     *testing.T
	slots chan struct{}
	mu    sync.Mutex
	done  map[string]map[string]int // by state and call
}

func newBoard(t *testing.T) *board {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("strace is needed: %v", err)
		}
		t.Skipf("strace is needed: %v", err)
	}
	return &board{t: t, slots: make(chan struct{}, together), done: map[string]map[string]int{}}
}

// play plays a point when there is a place for it, and counts it. The state is empty where nothing was injected.
func (b *board) play(p point) (state string) {
	dir := b.t.TempDir()
	b.slots <- struct{}{}
	defer func() { <-b.slots }()
	ctx, cancel := context.WithTimeout(b.t.Context(), limit)
	defer cancel()
	r, err := p.play(ctx, dir)
	if err != nil {
		b.t.Errorf("%s %s %d: %v", p.leg, p.call, p.nth, err)
	}
	if r.state != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.done[r.state] == nil {
			b.done[r.state] = map[string]int{}
		}
		b.done[r.state][p.call]++
	}
	return r.state
}

// report prints how many points fell into each state; one without a point fails.
func (b *board) report() {
	sum := 0
	for _, s := range states {
		var cells []string
		for _, call := range slices.Sorted(maps.Keys(b.done[s])) {
			name, _, _ := strings.Cut(call, ",")
			cells = append(cells, fmt.Sprintf("%s %d", name, b.done[s][call]))
			sum += b.done[s][call]
		}
		b.t.Logf("%-8s %s", s, strings.Join(cells, ", "))
		if len(cells) == 0 {
			b.t.Errorf("nothing was injected in state %q", s)
		}
	}
	b.t.Logf("%d points", sum)
}

// TestCrashAtTheCallsThatWrite kills the agent once in each state, and with CRASH_ALL at the first, the second and every other
// fsync, write and rename of each leg.
func TestCrashAtTheCallsThatWrite(t *testing.T) {
	b := newBoard(t)
	chance := chanceOf(t)
	var wg sync.WaitGroup
	if os.Getenv("CRASH_ALL") == "" {
		for _, s := range states {
			p := certain[s][chance.IntN(len(certain[s]))]
			wg.Go(func() { b.strike(s, p) })
		}
	} else {
		for _, leg := range legs {
			for _, call := range []string{fsync, pwrite, write, rename, remove} {
				wg.Go(func() { b.sweep(leg, call) })
			}
		}
	}
	wg.Wait()
	b.report()
}

// chanceOf chooses the points of the sample, and tells how to repeat the choice.
func chanceOf(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CRASH_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("CRASH_SEED: %v", err)
		}
	}
	t.Logf("repeat with CRASH_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// tries is how often a point is played: on a busy machine another thread may write first, in the state before, or the awaited
// one only in the state after.
const tries = 3

// strike plays one point of a state.
func (b *board) strike(state string, p point) {
	if met := b.playInto([]string{state}, p, tries); met != state {
		b.t.Errorf("%s %s %d: it fell into state %q, and not into %q", p.leg, p.call, p.nth, met, state)
	}
}

// playInto plays a point until it falls into one of the states, and tells where it fell.
func (b *board) playInto(states []string, p point, tries int) (met string) {
	for range tries {
		if met = b.play(p); slices.Contains(states, met) {
			break
		}
	}
	return met
}

// sweep plays the first, the second and every other call of a leg, until one falls beyond the leg. There is a first fsync
// and a first write to the journal in every leg.
func (b *board) sweep(leg, call string) {
	most := mostOfOne
	if call == write {
		most = writes
	}
	for nth := 1; nth <= most; nth++ {
		sure := nth == 1 && (call == fsync || call == pwrite) && leg != "take"
		again := 1
		if sure {
			again = tries
		}
		met := b.playInto(inLeg[leg], point{leg, call, nth}, again)
		switch {
		case slices.Contains(inLeg[leg], met):
		case sure:
			b.t.Errorf("%s %s: nothing was injected", leg, call)
			return
		default:
			return
		}
	}
}
