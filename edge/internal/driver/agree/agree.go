// Package agree decides which weights may be told of a scale whose lines have no checksum: a changed bit in a digit gives
// another weight of the same form.
//
// One reading is never enough. Of a scale that stands still three in a row must be the same but for the last digits'
// dance; of one that moves the middle of the last three is told, which a single damaged reading cannot move outside of
// what the scale said. The price is that a weight is told two readings late.
package agree

import (
	"errors"
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
)

// ErrUnsure says that too few readings agree with each other to tell a weight.
var ErrUnsure = errors.New("readings do not agree")

const (
	many    = 3
	heldFor = time.Second // readings that lie further apart say nothing of each other
	digits  = 20          // of the last shown one, within which calm readings agree where the file does not say
)

// Within is how far calm readings of a scale may differ: what the file says, else some of the last digits shown.
func Within(fromFile protocol.Milligrams, unit fieldbus.Unit, decimals int) protocol.Milligrams {
	if fromFile > 0 {
		return fromFile
	}
	return max(1, unit.Weight(digits, decimals))
}

// Window is the last readings of one scale.
type Window struct {
	within protocol.Milligrams
	last   []seen // oldest first
}

type seen struct {
	fieldbus.Reading
	at time.Time
}

// NewWindow makes an empty one; calm readings agree where they differ by at most within.
func NewWindow(within protocol.Milligrams) *Window { return &Window{within: within} }

// Forget empties the window: what comes next may be another scale.
func (w *Window) Forget() { w.last = w.last[:0] }

// Add takes a reading and gives what may be told now: with ErrUnsure a silent sample. An overload is told at once.
func (w *Window) Add(r fieldbus.Reading, at time.Time) (edge.Sample, error) {
	if r.Over {
		w.Forget()
		return edge.Sample{At: at, Unstable: r.Unstable, Fault: edge.ScaleOverload}, nil
	}
	if len(w.last) == many {
		w.last = slices.Delete(w.last, 0, 1)
	}
	w.last = append(w.last, seen{r, at})
	w.last = slices.DeleteFunc(w.last, func(s seen) bool { return at.Sub(s.at) > heldFor })
	if len(w.last) < many {
		return silent(at)
	}
	weights := make([]protocol.Milligrams, many)
	moving := false
	for i, s := range w.last {
		weights[i] = s.Weight
		moving = moving || s.Unstable
	}
	slices.Sort(weights)
	if !moving && weights[many-1]-weights[0] > w.within {
		return silent(at)
	}
	return edge.Sample{Weight: weights[many/2], At: at, Unstable: moving}, nil
}

func silent(at time.Time) (edge.Sample, error) {
	return edge.Sample{At: at, Fault: edge.ScaleSilent}, ErrUnsure
}
