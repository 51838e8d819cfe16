package cloud

import "time"

// SimulatedPast is a past that was played and never lived: what the books say of it is made up. The zero value is none.
type SimulatedPast struct {
	From  time.Time
	Until time.Time
	Seed  int64
}

// Any reports that there is one.
func (p SimulatedPast) Any() bool { return !p.From.IsZero() }

// PastTable keeps the mark. It is never taken away, and books have one at most.
type PastTable interface {
	// Mark has CodeConflict where there is one.
	Mark(p SimulatedPast) error
	// Find gives the zero value where there is none.
	Find() (SimulatedPast, error)
}
