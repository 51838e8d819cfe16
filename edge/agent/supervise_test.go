package agent

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// manager notes what it is told.
type manager struct {
	mu   sync.Mutex
	told []string
	fed  time.Time
}

func (m *manager) tell(state string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if state == "WATCHDOG=1" {
		m.fed = time.Now()
		return
	}
	m.told = append(m.told, state)
}

// hungry is for how long it has heard nothing.
func (m *manager) hungry() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Since(m.fed)
}

func (m *manager) words() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.told)
}

// watchedTown sells, and its manager would kill it after half a minute without a word.
func watchedTown(t *testing.T) (*town, *manager) {
	m := &manager{}
	tn := emptyTown(t)
	tn.manager = Manager{Tell: m.tell, Watchdog: 30 * time.Second}
	tn.begin()
	return tn, m
}

// settledOnDisk boots the agent again, whose line is free by then, and waits for what it settled before.
func (tn *town) settledOnDisk(n byte) wire.SettledBody {
	tn.Helper()
	if err := <-tn.ended; !errors.Is(err, ErrStuck) {
		tn.Errorf("ended with %v", err)
	}
	tn.stall(0)
	tn.stop()
	tn.boot()
	b := tn.settled(n)
	tn.ended = make(chan error, 1) // of the agent that the story is about
	tn.ended <- ErrStuck
	return b
}

func (tn *town) stall(d time.Duration) { tn.set(func(c *cabinet) { c.stalled = d }) }

func TestTheManagerHearsHowTheCabinetIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, m := watchedTown(t)
		wait(time.Minute)
		tn.stop()
		got := m.words()
		if len(got) < 3 || got[0] != "READY=1" || !slices.Contains(got, "STATUS=selling") || got[len(got)-1] != "STOPPING=1" {
			t.Errorf("told %q", got)
		}
	})
}

func TestBoardsThatAreSilentStarveNoWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, m := watchedTown(t)
		tn.set(func(c *cabinet) { c.dead, c.silent = true, [2]bool{true, true} })
		for range 35 {
			wait(time.Minute)
			if h := m.hungry(); h > 10*time.Second {
				t.Fatalf("no word for %v", h)
			}
		}
		if got := m.words(); !strings.Contains(got[len(got)-1], "no compartment sells") {
			t.Errorf("told %q", got)
		}
	})
}

func TestALoopThatHangsIsNotFed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, m := watchedTown(t)
		wait(15 * time.Minute)
		free := make(chan struct{})
		tn.agent.post(func() { <-free })
		wait(time.Minute)
		if h := m.hungry(); h < 50*time.Second {
			t.Errorf("a loop that hangs for a minute was fed %v ago", h)
		}
		close(free)
	})
}

func TestALineThatHangsStartsTheAgentAgainAndCutsNoSaleShort(t *testing.T) {
	cases := []struct {
		name  string
		story func(tn *town)
		ends  bool
	}{
		{"an idle cabinet is started again", func(tn *town) {
			tn.stall(20 * time.Second)
			wait(time.Second)
		}, true},
		{"a short stall is nothing", func(tn *town) {
			tn.stall(10 * time.Second)
			wait(time.Minute)
		}, false},
		{"a visit under way is waited for, and no other is begun", func(tn *town) {
			tn.openDoor(1)
			wait(2 * time.Second)
			tn.pull()
			wait(time.Second)
			tn.stall(20 * time.Second)
			wait(time.Minute)
			select {
			case err := <-tn.ended:
				tn.Fatalf("the sale in progress was cut short: %v", err)
			default:
			}
			tn.put(0, -571)
			wait(time.Second)
			tn.cloud.Open(fakecloud.ID(2), tn.cloud.Grant(fakecloud.ID(2)))
			if r := tn.reply(2); r.Code != protocol.CodeNotSelling {
				tn.Errorf("another visit: %+v", r)
			}
			tn.shut()
			wait(30 * time.Second)
			if b := tn.settledOnDisk(1); b.Answer.Decision != settle.Bill || len(b.Answer.Lines) != 1 || b.Answer.Lines[0].Qty != 1 {
				tn.Errorf("the sale in progress: %+v", b)
			}
		}, true},
		{"a visit that does not end is not waited for without end", func(tn *town) {
			tn.openDoor(1)
			wait(2 * time.Second)
			tn.pull()
			tn.stall(20 * time.Second)
			wait(11 * time.Minute)
		}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn, m := watchedTown(t)
				wait(settledIn)
				tn.failing.Store(true)
				c.story(tn)
				synctest.Wait()
				select {
				case err := <-tn.ended:
					if !c.ends || !errors.Is(err, ErrStuck) {
						t.Errorf("ended with %v", err)
					}
				default:
					if c.ends {
						t.Error("the agent goes on with a line that hangs")
					}
					if h := m.hungry(); h > 10*time.Second {
						t.Errorf("no word for %v", h)
					}
				}
			})
		})
	}
}

func TestAYoungAgentIsNotStartedAgainForALineThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, m := watchedTown(t)
		tn.failing.Store(true)
		tn.stall(20 * time.Second)
		wait(5 * time.Minute)
		if h := m.hungry(); h > 10*time.Second {
			t.Fatalf("no word for %v", h)
		}
		wait(6 * time.Minute)
		if err := <-tn.ended; !errors.Is(err, ErrStuck) {
			t.Errorf("ended with %v", err)
		}
	})
}
