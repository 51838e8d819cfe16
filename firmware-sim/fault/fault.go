// Package fault names what can be broken in a simulated cabinet and remembers what is.
//
// It breaks nothing itself and refuses what makes no sense, such as a stuck scale without a platform.
package fault

import (
	"fmt"
	"slices"

	"allhours/protocol"
)

// Kind is one way of breaking.
type Kind string

// What can break. A scale's fault needs a platform, the others are of the whole cabinet.
const (
	ScaleSilent   Kind = "scale_silent"   // the channel's converter answers nothing
	ScaleStuck    Kind = "scale_stuck"    // the reading stays where it was
	ScaleOverload Kind = "scale_overload" // the channel reports overload
	LineUnplugged Kind = "line_unplugged" // the serial adapter is pulled out
	LatchStuck    Kind = "latch_stuck"    // no pulse releases the latch
	DoorDead      Kind = "door_dead"      // the door's switch says for ever what it said last
)

// Kinds lists all of them.
func Kinds() []Kind {
	return []Kind{ScaleSilent, ScaleStuck, ScaleOverload, LineUnplugged, LatchStuck, DoorDead}
}

// OfScale tells whether the kind breaks one platform's channel.
func (k Kind) OfScale() bool { return k == ScaleSilent || k == ScaleStuck || k == ScaleOverload }

// Fault is one thing that is broken.
type Fault struct {
	Kind     Kind                `json:"kind"`
	Platform protocol.PlatformID `json:"platform,omitempty"` // "" where the whole cabinet is meant
}

// Check reports why the fault makes no sense in a cabinet with these platforms.
func (f Fault) Check(platforms []protocol.PlatformID) error {
	switch {
	case !slices.Contains(Kinds(), f.Kind):
		return fmt.Errorf("kind %q: want one of %v", f.Kind, Kinds())
	case f.Kind.OfScale() && !slices.Contains(platforms, f.Platform):
		return fmt.Errorf("kind %q needs a platform, want one of %v, got %q", f.Kind, platforms, f.Platform)
	case !f.Kind.OfScale() && f.Platform != "":
		return fmt.Errorf("kind %q is of the whole cabinet and takes no platform", f.Kind)
	}
	return nil
}

// Set is what is broken now. It is not safe for concurrent use.
type Set struct {
	active []Fault
}

// Put breaks something, or mends it.
func (s *Set) Put(f Fault, broken bool) {
	s.active = slices.DeleteFunc(s.active, func(g Fault) bool { return g == f })
	if broken {
		s.active = append(s.active, f)
	}
}

// Has tells whether a kind is broken, on that platform where it is a scale's.
func (s *Set) Has(k Kind, platform protocol.PlatformID) bool {
	return slices.Contains(s.active, Fault{k, platform})
}

// Active is a copy of what is broken; never nil.
func (s *Set) Active() []Fault { return append([]Fault{}, s.active...) }
