package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Door is what is known of one door.
type Door struct {
	Compartment protocol.Compartment
	Open        edge.Tri
	Locked      edge.Tri
}

// Locks is the cabinet's locks under the agent's own care.
type Locks interface {
	// Doors is what is known of each door now.
	Doors() ([]Door, error)
	// Open opens a door for a service visit; the error says why it did not.
	Open(c protocol.Compartment) (protocol.VisitID, error)
	// Outcome is how a visit ended, nil while it is under way.
	Outcome(visit protocol.VisitID) (wire.Body, error)
}

// Times of a lock's test. A visit ends by the agent's own limits, which are shorter than the last of them.
const (
	lookEvery   = 25 * time.Millisecond
	knownWithin = 5 * time.Second
	lockWithin  = 15 * time.Second // after the visit
	testWithin  = 10 * time.Minute
)

// seenDoor is what one door did while a lock was tested.
type seenDoor struct{ opened, freed, latched bool }

// lockTest is the test of one compartment's lock.
type lockTest struct {
	locks    Locks
	c        protocol.Compartment
	say      func(format string, args ...any)
	report   *Report
	released bool
	seen     map[protocol.Compartment]*seenDoor
	last     map[protocol.Compartment]Door
}

// TestLock opens one compartment under a service visit and looks whether its own lock and its own switches move, and no
// others. say tells the technician what to do.
func TestLock(ctx context.Context, locks Locks, c protocol.Compartment, say func(string, ...any), report *Report) error {
	t := lockTest{locks: locks, c: c, say: say, report: report, seen: map[protocol.Compartment]*seenDoor{}}
	if fine, err := t.before(ctx); err != nil || !fine {
		return err
	}
	visit, err := locks.Open(c)
	if err != nil {
		t.wrong("it was not opened: %v", err)
		return nil
	}
	t.released = true
	say("compartment %d is released: pull its door, and leave it open for a moment", c)
	var outcome wire.Body
	if err := t.watch(ctx, testWithin, func() (over bool, err error) {
		outcome, err = locks.Outcome(visit)
		return outcome != nil, err
	}); err != nil {
		return err
	}
	t.judge(outcome)
	return t.after(ctx)
}

func (t *lockTest) subject() string { return fmt.Sprintf("compartment %d", t.c) }

func (t *lockTest) wrong(format string, args ...any) {
	t.report.Say(Wrong, t.subject(), format, args...)
}

// before reports whether the door can be tested.
func (t *lockTest) before(ctx context.Context) (bool, error) {
	err := t.watch(ctx, knownWithin, func() (bool, error) { return t.last[t.c].Open != edge.Unknown, nil })
	if err != nil && !errors.Is(err, errNever) {
		return false, err
	}
	t.seen = map[protocol.Compartment]*seenDoor{}
	switch d := t.last[t.c]; {
	case d.Open == edge.Unknown:
		t.wrong("nothing tells of its door: look at the lock board and at the wires of the switch")
	case d.Open == edge.Yes:
		t.wrong("its door is open, or its switch says so: shut it; if it is shut, the switch is inverted, or another door's")
	case d.Locked == edge.No:
		t.wrong("its latch says that it is not locked behind a shut door: look at the bolt, or the contact is inverted")
	default:
		return true, nil
	}
	return false, nil
}

var errNever = errors.New("it did not come")

// watch follows all doors until over, or for some time: then its error is errNever.
func (t *lockTest) watch(ctx context.Context, within time.Duration, over func() (bool, error)) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	end := time.NewTimer(within)
	defer end.Stop()
	for {
		if err := t.look(); err != nil {
			return err
		}
		if done, err := over(); err != nil || done {
			return err
		}
		select {
		case <-tick.C:
		case <-end.C:
			return errNever
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *lockTest) look() error {
	all, err := t.locks.Doors()
	if err != nil {
		return err
	}
	t.last = map[protocol.Compartment]Door{}
	for _, d := range all {
		t.last[d.Compartment] = d
		s := t.seen[d.Compartment]
		if s == nil {
			s = &seenDoor{}
			t.seen[d.Compartment] = s
		}
		if d.Open == edge.Yes && !s.opened && t.released {
			t.say("the switch of door %d has moved: shut the door again", d.Compartment)
		}
		s.opened = s.opened || d.Open == edge.Yes
		s.freed = s.freed || d.Locked == edge.No
		s.latched = s.latched || d.Locked != edge.Unknown
	}
	return nil
}

// judge says what the doors did.
func (t *lockTest) judge(outcome wire.Body) {
	own := t.seen[t.c]
	if own == nil {
		own = &seenDoor{}
	}
	others := t.others()
	for _, c := range slices.Sorted(maps.Keys(others)) {
		other := others[c]
		if other.opened && !own.opened {
			t.wrong("the switch of door %d moved, its own did not: the wires of the two switches, or of the two locks, are swapped", c)
		}
		if other.freed && !own.freed {
			t.wrong("the latch of door %d let go, its own did not: the wires of the two locks, or of their contacts, are swapped", c)
		}
	}
	aborted, isAborted := outcome.(wire.AbortedBody)
	switch {
	case isAborted && aborted.Code == protocol.CodeLockFailed:
		t.wrong("the latch did not move: look at the lock's supply and its wires")
	case own.opened && own.latched && !own.freed:
		t.wrong("the door opened and the latch's contact did not move: it is stuck, or not wired as the file says")
	case own.opened:
		t.report.Say(OK, t.subject(), "its lock lets go and its door is seen")
	case isAborted && !t.moved():
		t.report.Say(Look, t.subject(), "nobody pulled the door, so its switch is not tested; the lock was released")
	case isAborted:
	default:
		t.report.Say(Look, t.subject(), "the door was not seen to open")
	}
}

func (t *lockTest) others() map[protocol.Compartment]*seenDoor {
	others := map[protocol.Compartment]*seenDoor{}
	for c, s := range t.seen {
		if c != t.c {
			others[c] = s
		}
	}
	return others
}

// moved reports whether any other door did anything.
func (t *lockTest) moved() bool {
	for _, s := range t.others() {
		if s.opened || s.freed {
			return true
		}
	}
	return false
}

// after waits until every door holds again.
func (t *lockTest) after(ctx context.Context) error {
	err := t.watch(ctx, lockWithin, func() (bool, error) {
		for _, d := range t.last {
			if d.Open == edge.Yes || d.Locked == edge.No {
				return false, nil
			}
		}
		return true, nil
	})
	if !errors.Is(err, errNever) {
		return err
	}
	for _, c := range slices.Sorted(maps.Keys(t.last)) {
		if d := t.last[c]; d.Open == edge.Yes || d.Locked == edge.No {
			t.report.Say(Wrong, fmt.Sprintf("compartment %d", c), "it does not hold its door: open %v, locked %v", d.Open, d.Locked)
		}
	}
	return nil
}
