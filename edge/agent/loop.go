package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"allhours/edge/internal/journal"
	"allhours/edge/session"
	"allhours/protocol"
	"allhours/protocol/wire"
)

const (
	tickEvery  = 50 * time.Millisecond
	workHeld   = 256
	unsavedMax = 1000 // groups of events that wait for room on the disk
)

// post hands work to the loop without waiting; a command that finds no room expires, a desired state is sent again.
func (a *Agent) post(f func()) {
	select {
	case a.work <- f:
	default:
		a.log.Error("the loop is behind: a message of the cloud is dropped")
	}
}

// loop owns the doors until ctx ends, or until the agent is to be started again, which is an error.
func (a *Agent) loop(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case f := <-a.work:
			f()
		case <-tick.C:
			a.tick()
			if err := a.supervise(); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

var errEnded = errors.New("the agent has ended")

// inLoop runs f in the loop and waits for it.
func (a *Agent) inLoop(f func()) error {
	done := make(chan struct{})
	select {
	case a.work <- func() { f(); close(done) }:
	case <-a.ended:
		return errEnded
	}
	select {
	case <-done:
		return nil
	case <-a.ended:
		return errEnded
	}
}

// tick lets time pass for everything that the loop owns.
func (a *Agent) tick() {
	a.save()
	a.lookAtEarly()
	for _, d := range a.doors {
		d.tick()
	}
	a.applyWaiting()
	a.correct()
	a.judgeWarmth()
	a.judgeSales()
	a.lookAtRest()
	a.keepSchedule()
	a.lookAtTasks()
}

// idle reports whether no door has a visit, nor one to recover.
func (a *Agent) idle() bool {
	for _, d := range a.doors {
		if d.state.Busy() || d.unfinished != nil {
			return false
		}
	}
	return true
}

func (a *Agent) doorOf(c protocol.Compartment) *door {
	for _, d := range a.doors {
		if d.number == c {
			return d
		}
	}
	return nil
}

// write journals events. What the disk does not take waits, in its order, and is tried again; false says that.
func (a *Agent) write(bodies ...wire.Body) bool {
	if len(a.unsaved) == 0 && a.append(bodies) {
		return true
	}
	if len(a.unsaved) < unsavedMax {
		a.unsaved = append(a.unsaved, bodies)
	}
	return false
}

// append reports whether the events need not be tried again.
func (a *Agent) append(bodies []wire.Body) bool {
	err := a.journal.Append(bodies...)
	if err == nil {
		a.hear(bodies)
		return true
	}
	a.metrics.JournalErrors.Inc()
	a.log.Error("journal", "error", err)
	return errors.Is(err, journal.ErrContradiction)
}

func (a *Agent) hear(bodies []wire.Body) {
	if a.told == nil {
		return
	}
	for _, b := range bodies {
		a.told(b)
	}
}

// save tries again, once a second, what the disk did not take.
func (a *Agent) save() {
	if len(a.unsaved) == 0 || a.clock.Up() < a.schedule.save {
		return
	}
	for len(a.unsaved) > 0 && a.append(a.unsaved[0]) {
		a.unsaved = a.unsaved[1:]
	}
	if len(a.unsaved) > 1 {
		a.saveWith()
	}
	a.schedule.save = a.clock.Up() + time.Second
}

// saveWith writes all that waits together with more, in one step: where some of it belongs to a visit, all of it may use
// the room of the visit. What is no part of it would otherwise keep the visit from ending while the disk is full.
func (a *Agent) saveWith(more ...wire.Body) bool {
	all := append(slices.Concat(a.unsaved...), more...)
	if err := a.journal.Append(all...); err != nil {
		a.log.Error("journal", "waiting", len(a.unsaved), "error", err)
		return false
	}
	a.unsaved = nil
	a.hear(all)
	return true
}

// limits are the times of the doors, as the chain set them.
func (a *Agent) limits() session.Limits {
	c := a.applied.Load()
	if c == nil {
		return session.Limits{}
	}
	return session.Limits{
		Pull:     time.Duration(c.Limits.PullMS) * time.Millisecond,
		OpenWarn: time.Duration(c.Limits.OpenWarnMS) * time.Millisecond,
	}
}
