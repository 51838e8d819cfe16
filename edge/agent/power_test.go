package agent

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"allhours/edge/internal/fraildisk"
)

// blow is what happens to the cabinet at one call of the agent that would change the disk.
type blow struct {
	name   string
	fate   fraildisk.Fate
	dies   bool    // the program's memory is lost
	cut    bool    // what was not synced is lost too
	chance float64 // that some of it survives
}

var blows = []blow{
	{name: "the program is killed before it", fate: fraildisk.OffBefore, dies: true},
	{name: "the program is killed after it", fate: fraildisk.OffAfter, dies: true},
	{name: "the power fails before it", fate: fraildisk.OffBefore, dies: true, cut: true},
	{name: "the power fails after it", fate: fraildisk.OffAfter, dies: true, cut: true},
	{name: "the power fails after it, and some of what was not synced survives", fate: fraildisk.OffAfter, dies: true, cut: true, chance: 0.5},
	{name: "it fails", fate: fraildisk.Fails},
	{name: "the disk is full", fate: fraildisk.FullNow},
}

// The stages of the visit below, as the disk sees them.
const (
	booting  = "boot"
	idle     = "idle"
	asked    = "asked"
	burnt    = "burnt"
	pulsed   = "pulsed"
	opened   = "open"
	counting = "shut"
	settling = "settled"
	acked    = "acked"
	stopping = "stop"
)

var stages = []string{booting, idle, asked, burnt, pulsed, opened, counting, settling, acked, stopping}

// point is one call that meets a blow.
type point struct {
	blow  blow
	stage string // that the call falls into
	at    int    // of the stage's calls
	kind  fraildisk.Kind
	met   string // the stage that is broken off
	seed  uint64
}

func (p point) String() string {
	return fmt.Sprintf("%s, call %d, %s: %s", p.stage, p.at, p.kind, p.blow.name)
}

// points are every blow at every call, or one blow at one call of each stage. Of the writes that fill the room for a visit,
// which are all alike, they are one in eight.
func points(calls []fraildisk.Call, chance *rand.Rand) []point {
	var all []point
	count, byStage := map[string]int{}, map[string][]point{}
	for i, c := range calls {
		count[c.Stage]++
		if c.Name == "visit.room" && c.Kind == fraildisk.Write && i%8 != 0 {
			continue
		}
		for _, b := range blows {
			p := point{b, c.Stage, count[c.Stage], c.Kind, c.Stage, chance.Uint64()}
			if b.fate == fraildisk.OffAfter {
				p.met = c.After
			}
			all = append(all, p)
			byStage[p.met] = append(byStage[p.met], p)
		}
	}
	if os.Getenv("CRASH_ALL") != "" {
		return all
	}
	all = nil
	for _, s := range stages {
		all = append(all, byStage[s][chance.IntN(len(byStage[s]))])
	}
	return all
}

// tally counts points by the stage that they broke off and by the kind of the call.
type tally map[string]map[fraildisk.Kind]int

func (n tally) add(b blow, c fraildisk.Call) {
	stage := c.Stage
	if b.fate == fraildisk.OffAfter {
		stage = c.After
	}
	if n[stage] == nil {
		n[stage] = map[fraildisk.Kind]int{}
	}
	n[stage][c.Kind]++
}

// TestCrashAtEveryChangeOfTheDisk has each blow fall on each call that changes the disk; without CRASH_ALL on one call of
// each stage.
func TestCrashAtEveryChangeOfTheDisk(t *testing.T) {
	disk := fraildisk.Mount(t)
	_, calls := play(t, disk, point{blow: blow{dies: true}})
	struck := tally{}
	all := points(calls, fraildisk.Chance(t))
	for _, p := range all {
		t.Run(p.String(), func(t *testing.T) {
			met, _ := play(t, disk, p)
			for p.at--; met == nil && p.at > 0; p.at-- { // Not every run writes as often as the first.
				met, _ = play(t, disk, p)
			}
			if met == nil {
				t.Fatal("no call met it")
			}
			struck.add(p.blow, *met)
		})
	}
	for _, s := range stages {
		t.Logf("%-8s %v", s, struck[s])
		if len(struck[s]) == 0 {
			t.Errorf("nothing was struck in stage %q", s)
		}
	}
	t.Logf("%d points", len(all))
}
