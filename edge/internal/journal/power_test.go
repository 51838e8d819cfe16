package journal_test

import (
	"fmt"
	"maps"
	"os"
	"testing"

	"allhours/edge/internal/fraildisk"
	"allhours/edge/internal/journal"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// memory is what the journal has promised to keep: everything whose call came back without an error.
type memory struct {
	events map[uint64]string // hashes, by number
	acked  uint64
	burnt  []byte
	ended  []byte
}

// cut is one power cut.
type cut struct {
	at     int // number of the call that would change the disk
	fate   fraildisk.Fate
	chance float64 // that a change which was not synced survives
	weak   bool    // the journal commits as SQLite's default does
}

func (c cut) String() string {
	when := map[fraildisk.Fate]string{fraildisk.OffBefore: "before", fraildisk.OffAfter: "after"}
	return fmt.Sprintf("%s call %d, %.0f %% of what is not synced survive", when[c.fate], c.at, c.chance*100)
}

// play lives through visits until the power goes and tells how often the disk was to be changed, and what was lost.
func (c cut) play(t *testing.T, disk *fraildisk.Disk) (calls int, lost []string) {
	m := memory{events: map[uint64]string{}}
	disk.Wipe()
	disk.Plan("", c.at, c.fate)
	j, err := journal.Open(options(disk.Dir()))
	if err == nil {
		if c.weak {
			must(t, j.Weaken())
		}
		m.live(t, j)
		disk.Off()
		_ = j.Abandon()
	}
	calls = disk.Look().Calls
	disk.Plan("", 0, fraildisk.Done)
	disk.Cut(uint64(c.at), c.chance)
	return calls, m.compare(t, disk.Dir())
}

// live writes what three visits write; it ends with the power.
func (m *memory) live(t *testing.T, j *journal.Journal) {
	step := func(n byte, i int) wire.Body {
		return wire.StepBody{Visit: visit(n).ID, Steps: []settle.Step{{At: int64(i), Platform: "S1", Delta: -571_000}}}
	}
	ack := func() error {
		err := j.Ack(last(t, j), 1)
		if err == nil {
			m.acked = last(t, j)
		}
		return err
	}
	write := func(bodies ...wire.Body) func() error { return func() error { return j.Append(bodies...) } }
	stages := []func() error{write(wire.BootBody{}), func() error { return j.Apply(config(1, 1)) }, ack}
	for n := byte(1); n <= 3; n++ {
		stages = append(stages,
			func() error {
				err := j.Burn(visit(n))
				if err == nil {
					m.burnt = append(m.burnt, n)
				}
				return err
			},
			write(wire.OpenedBody{Visit: visit(n).ID}), write(step(n, 1)), ack, write(step(n, 2)),
			func() error {
				err := j.Append(settled(n), wire.StockBody{})
				if err == nil {
					m.ended = append(m.ended, n)
				}
				return err
			}, ack)
	}
	for _, stage := range stages {
		if stage() != nil {
			return
		}
		m.note(t, j)
	}
}

// note promises every event that is in the journal now.
func (m *memory) note(t *testing.T, j *journal.Journal) { maps.Copy(m.events, hashes(t, j)) }

func hashes(t *testing.T, j *journal.Journal) map[uint64]string {
	t.Helper()
	batch, err := j.Batch(1, 1000)
	must(t, err)
	all := map[uint64]string{}
	for _, e := range batch {
		all[e.Seq] = fmt.Sprint(e.Hash())
	}
	return all
}

// compare opens the journal after the cut and tells what is missing.
func (m *memory) compare(t *testing.T, dir string) (lost []string) {
	t.Helper()
	j, err := journal.Open(options(dir))
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { must(t, j.Abandon()) }()
	have := hashes(t, j)
	for seq, hash := range m.events {
		if have[seq] != hash {
			lost = append(lost, fmt.Sprintf("event %d", seq))
		}
	}
	if uint64(len(have)) != last(t, j) {
		lost = append(lost, fmt.Sprintf("%d events up to number %d", len(have), last(t, j)))
	}
	if upTo, _, err := j.Acked(); err != nil || upTo < m.acked {
		lost = append(lost, fmt.Sprintf("mark of %d, it is %d, %v", m.acked, upTo, err))
	}
	for _, n := range m.burnt {
		if protocol.CodeOf(j.Unused(visit(n))) != protocol.CodeUsed {
			lost = append(lost, fmt.Sprintf("grant %d", n))
		}
	}
	unfinished, err := j.Unfinished()
	must(t, err)
	for _, v := range unfinished {
		for _, n := range m.ended {
			if v.ID == visit(n).ID {
				lost = append(lost, fmt.Sprintf("end of visit %d", n))
			}
		}
	}
	return lost
}

// cuts are those at every call, or at a few of them that differ from run to run.
func cuts(t *testing.T, disk *fraildisk.Disk, weak bool) []cut {
	t.Helper()
	calls, lost := cut{weak: weak}.play(t, disk)
	if len(lost) > 0 && !weak {
		t.Fatalf("lost without a cut: %v", lost)
	}
	every := 32
	if os.Getenv("CRASH_ALL") != "" {
		every = 1
	}
	var all []cut
	for at := 1 + fraildisk.Chance(t).IntN(every); at <= calls; at += every {
		all = append(all,
			cut{at, fraildisk.OffBefore, 0, weak}, cut{at, fraildisk.OffAfter, 0, weak}, cut{at, fraildisk.OffBefore, 0.5, weak})
	}
	return all
}

func TestCrashLosesNothingThatWasCommitted(t *testing.T) {
	disk := fraildisk.Mount(t)
	all := cuts(t, disk, false)
	for _, c := range all {
		if _, lost := c.play(t, disk); len(lost) > 0 {
			t.Errorf("%s: lost %v", c, lost)
		}
	}
	t.Logf("%d power cuts", len(all))
}

func TestCrashWouldShowWhatALessCarefulJournalLoses(t *testing.T) {
	disk := fraildisk.Mount(t)
	all := cuts(t, disk, true)
	for i, c := range all {
		if _, lost := c.play(t, disk); len(lost) > 0 {
			t.Logf("with synchronous=NORMAL, %s: lost %v, in cut %d", c, lost, i+1)
			return
		}
	}
	t.Errorf("%d power cuts, and commits that are not synced lost nothing: the disk keeps too much", len(all))
}
