// Package agree decides which weights may be told of a scale whose lines have no checksum that is worth the name: a changed
// bit in a digit gives another weight of the same form.
//
// One reading is never enough. While nothing comes damaged, three calm readings in a row must be the same but for the last
// digits' dance, and of moving ones the middle of three is told, which a single damaged reading cannot move outside of what
// the scale said. Damage that can be seen tells of damage that cannot: for some time after it only calm weights are told,
// on which seven readings agree, and where much is damaged nothing is told. The price is that a weight is told some
// readings late.
package agree

import (
	"errors"
	"math/bits"
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
)

// ErrUnsure says that too few readings agree with each other to tell a weight.
var ErrUnsure = errors.New("readings do not agree")

const (
	few     = 3               // readings that must agree on a quiet line
	many    = 7               // and on one that damages some
	heldFor = 2 * time.Second // readings that lie further apart say nothing of each other
	tooMany = 16              // damaged ones of the last 64, from where on nothing is told
	digits  = 20              // of the last shown one, within which calm readings agree where the file does not say
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
	within  protocol.Milligrams
	last    []seen // oldest first, many at most
	refused uint64 // which of the last 64 were damaged, the newest in the lowest bit
}

type seen struct {
	fieldbus.Reading
	at time.Time
}

// NewWindow makes an empty one; calm readings agree where they differ by at most within.
func NewWindow(within protocol.Milligrams) *Window { return &Window{within: within} }

// Forget empties the window: what comes next may be another scale, and another line.
func (w *Window) Forget() { w.last, w.refused = w.last[:0], 0 }

// Refuse tells that something came that was damaged.
func (w *Window) Refuse() { w.refused = w.refused<<1 | 1 }

// Add takes a reading and gives what may be told now: with ErrUnsure a silent sample. An overload is told at once.
func (w *Window) Add(r fieldbus.Reading, at time.Time) (edge.Sample, error) {
	w.refused <<= 1
	if r.Over {
		w.last = w.last[:0]
		return edge.Sample{At: at, Unstable: r.Unstable, Fault: edge.ScaleOverload}, nil
	}
	if len(w.last) == many {
		w.last = slices.Delete(w.last, 0, 1)
	}
	w.last = append(w.last, seen{r, at})
	w.last = slices.DeleteFunc(w.last, func(s seen) bool { return at.Sub(s.at) > heldFor })
	weight, moving, sure := w.judge()
	if !sure {
		return edge.Sample{At: at, Fault: edge.ScaleSilent}, ErrUnsure
	}
	return edge.Sample{Weight: weight, At: at, Unstable: moving}, nil
}

// judge is the weight on which the last readings agree.
func (w *Window) judge() (weight protocol.Milligrams, moving, sure bool) {
	need, damaged := few, bits.OnesCount64(w.refused)
	if damaged > 0 {
		need = many
	}
	if len(w.last) < need || damaged >= tooMany {
		return 0, false, false
	}
	var weights [many]protocol.Milligrams
	for i, s := range w.last[len(w.last)-need:] {
		weights[i] = s.Weight
		moving = moving || s.Unstable
	}
	slices.Sort(weights[:need])
	if moving {
		return weights[need/2], true, damaged == 0
	}
	return weights[need/2], false, weights[need-1]-weights[0] <= w.within
}
