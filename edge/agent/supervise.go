package agent

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// ErrStuck says that a line has hung for so long that only a new start of the program can free it.
var ErrStuck = errors.New("a line is stuck")

// ErrAsked says that somebody has asked for a new start of the program.
var ErrAsked = errors.New("a new start was asked for")

// Times of lines that hang. The line itself opens its port again first, a few times.
const (
	stalledAfter = 15 * time.Second // a line that has not come round for so long does not help itself
	settledIn    = 10 * time.Minute // an agent so young is not started again: it was just now, and that did not help
	visitHolds   = 10 * time.Minute // a visit under way is waited for, but not one that cannot end
)

// Manager is the service manager, which starts the agent again when it ends or falls silent.
type Manager struct {
	Tell     func(state string) // in the words of sd_notify; nil: nobody listens. It must not block.
	Watchdog time.Duration      // of silence, then it kills; 0: it does not
}

// supervisor belongs to the loop.
type supervisor struct {
	told  string        // of how the cabinet is
	next  time.Duration // time since boot of the next word
	since time.Duration // when it was found that the agent must be started again; 0: it need not be
	asked bool          // by somebody, and not for a line
}

// supervise tells the manager, from the loop itself, that the agent gets on; a loop that hangs says nothing. It fails where
// the agent is to be started again. With a line that hangs no visit is begun any more, and the one under way is waited for.
func (a *Agent) supervise() error {
	name, stalled := a.boards.worst()
	now := a.clock.Up()
	asked := a.super.asked
	switch {
	case asked && a.super.since == 0:
		a.super.since, a.schedule.telemetry = now, 0
	case asked && (a.idle() || now-a.super.since > visitHolds):
		return ErrAsked
	case asked: // The visit under way is waited for.
	case stalled < stalledAfter || now < settledIn:
		a.super.since = 0
	case a.super.since == 0:
		a.super.since = now
		a.log.Error("a line is stuck: the agent is to be started again", "line", name, "stalled", stalled, "idle", a.idle())
		a.schedule.telemetry = 0
	case a.idle() || now-a.super.since > visitHolds:
		return fmt.Errorf("line %s hangs since %s: %w", name, stalled.Round(time.Second), ErrStuck)
	}
	a.feed(now)
	return nil
}

// restartTask takes the wish for a new start. It is told to be busy while it is there: the word that comes again after the new
// start finds another boot.
func (a *Agent) restartTask(t wire.Task) (work, error) {
	var w wire.RestartArgs
	if err := argsOf(t, &w); err != nil {
		return nil, err
	}
	boot := a.journal.Boot()
	switch {
	case w.Boot == 0 || w.Boot > boot:
		return nil, protocol.Errorf(protocol.CodeMalformed, "restart: boot %d, this is boot %d", w.Boot, boot)
	case w.Boot < boot:
		return nil, nil
	}
	a.super.asked = true
	return nil, protocol.Errorf(protocol.CodeBusy, "restart: as soon as no visit is under way")
}

// leaving reports an agent that is about to be started again.
func (a *Agent) leaving() bool { return a.super.since != 0 }

// feed says that the agent lives, and what it does where that has changed.
func (a *Agent) feed(now time.Duration) {
	m := a.opt.Manager
	if m.Tell == nil || now < a.super.next && a.super.told != "" {
		return
	}
	if a.super.told == "" {
		m.Tell("READY=1")
	}
	status := "selling"
	if why := a.Healthy(); why != nil {
		status = why.Error()
	}
	if status != a.super.told {
		a.super.told = status
		m.Tell("STATUS=" + strings.Join(strings.Fields(status), " ")) // A line break would begin another word to the manager.
	}
	a.super.next = now + time.Second
	if m.Watchdog > 0 {
		a.super.next = now + min(m.Watchdog/4, 5*time.Second)
		m.Tell("WATCHDOG=1")
	}
}

// sayEnd tells the manager that the agent stops of its own will.
func (a *Agent) sayEnd() {
	if a.opt.Manager.Tell != nil {
		a.opt.Manager.Tell("STOPPING=1")
	}
}
