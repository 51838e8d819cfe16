package guard

import (
	"errors"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/setting"
)

// Feedback is what a lock board's one contact for each lock tells.
type Feedback string

// What a contact can be wired to. The same words are used in every driver's settings.
const (
	Latch Feedback = "latch" // closed while the latch is locked
	Door  Feedback = "door"  // closed while the door is shut
	Hook  Feedback = "hook"  // both: a lock whose hook holds the door, and pushes it open when it lets go
)

// Validate refuses what is none of them; it is asked for, because a wrong guess would tell a door's state wrongly.
func (f Feedback) Validate() error {
	if f != Latch && f != Door && f != Hook {
		return setting.Wrong("feedback", "got %q: want %s, %s or %s", f, Latch, Door, Hook)
	}
	return nil
}

// State is what a contact tells of its lock.
func (f Feedback) State(closed bool) edge.LockState {
	told := edge.TriOf(closed)
	switch f {
	case Latch:
		return edge.LockState{LatchLocked: told}
	case Door:
		return edge.LockState{DoorClosed: told}
	default:
		return edge.LockState{DoorClosed: told, LatchLocked: told}
	}
}

// Free gives what tells from a state whether the latch behind a bit is released; nil where the contact is the door's.
func (f Feedback) Free(bit int) func(state uint64) bool {
	if f == Door {
		return nil
	}
	return func(state uint64) bool { return state>>bit&1 == 0 }
}

// CheckLocks refuses no locks, a lock that the board does not have and one that is there twice.
func CheckLocks(locks []int, first, last int) error {
	seen := map[int]bool{}
	for i, lock := range locks {
		if lock < first || lock > last || seen[lock] {
			return setting.Wrong(setting.Index("locks", i), "got %d: want %d to %d, each once", lock, first, last)
		}
		seen[lock] = true
	}
	if len(locks) == 0 {
		return setting.Wrong("locks", "want at least one")
	}
	return nil
}

// AllLocks numbers a board's locks from the first on.
func AllLocks(first, count int) []int {
	locks := make([]int, count)
	for i := range locks {
		locks[i] = first + i
	}
	return locks
}

// Answered reports whether something came back that was no right answer.
func Answered(err error) bool { return errors.Is(err, bus.ErrSpoilt) }
