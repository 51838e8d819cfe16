// Package fault names what can be broken in a simulated cabinet and remembers what is.
//
// It breaks nothing itself and refuses what makes no sense, such as a stuck scale without a platform.
package fault

import (
	"encoding/hex"
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
	ScaleRestarts Kind = "scale_restarts" // the platform's board loses its power for a moment, once
	LineUnplugged Kind = "line_unplugged" // the serial adapter is pulled out
	LatchStuck    Kind = "latch_stuck"    // no pulse releases the latch
	DoorDead      Kind = "door_dead"      // the door's switch says for ever what it said last
	LockRestarts  Kind = "lock_restarts"  // a lock board restarts while it fires
)

// What the line itself can do to frames. Those with a rate befall that share of frames, or of bits.
const (
	LineFlips   Kind = "line_flips"   // bits arrive turned over; rate
	LineLost    Kind = "line_lost"    // frames are not heard; rate
	LineDoubled Kind = "line_doubled" // frames come twice; rate
	LineMerged  Kind = "line_merged"  // frames come together with the next one; rate
	LineSplit   Kind = "line_split"   // frames come in two pieces; rate
	LineForeign Kind = "line_foreign" // another board's frame comes before a reply or in place of it; rate and frame
	LineLate    Kind = "line_late"    // replies come late; delay_ms
	LineEcho    Kind = "line_echo"    // the master hears itself
	LineSilent  Kind = "line_silent"  // the boards hear, but nobody hears them
	LineBabble  Kind = "line_babble"  // a node sends without end
)

// maxDelayMS bounds how late a reply may be made.
const maxDelayMS = 5000

// Kinds lists all of them.
func Kinds() []Kind {
	return []Kind{
		ScaleSilent, ScaleStuck, ScaleOverload, ScaleRestarts, LineUnplugged, LatchStuck, DoorDead, LockRestarts,
		LineFlips, LineLost, LineDoubled, LineMerged, LineSplit, LineForeign, LineLate, LineEcho, LineSilent, LineBabble,
	}
}

// hasRate tells whether the kind befalls a share of frames or bits.
func (k Kind) hasRate() bool {
	return slices.Contains([]Kind{LineFlips, LineLost, LineDoubled, LineMerged, LineSplit, LineForeign}, k)
}

// OfScale tells whether the kind breaks one platform's channel.
func (k Kind) OfScale() bool {
	return slices.Contains([]Kind{ScaleSilent, ScaleStuck, ScaleOverload, ScaleRestarts}, k)
}

// Fault is one thing that is broken.
type Fault struct {
	Kind     Kind                `json:"kind"`
	Platform protocol.PlatformID `json:"platform,omitempty"` // "" where the whole cabinet is meant
	Rate     float64             `json:"rate,omitempty"`     // share of frames or bits, above 0 and up to 1
	DelayMS  int                 `json:"delay_ms,omitempty"` // how late
	Frame    string              `json:"frame,omitempty"`    // hexadecimal, what another board says
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
	return f.checkLine()
}

// checkLine reports what a fault of the line lacks or has too much.
func (f Fault) checkLine() error {
	switch {
	case f.Kind.hasRate() && (f.Rate <= 0 || f.Rate > 1):
		return fmt.Errorf("kind %q needs a rate, want more than 0 and at most 1, got %v", f.Kind, f.Rate)
	case !f.Kind.hasRate() && f.Rate != 0:
		return fmt.Errorf("kind %q takes no rate", f.Kind)
	case f.Kind == LineLate && (f.DelayMS < 1 || f.DelayMS > maxDelayMS):
		return fmt.Errorf("kind %q needs delay_ms, want 1 to %d, got %d", f.Kind, maxDelayMS, f.DelayMS)
	case f.Kind != LineLate && f.DelayMS != 0:
		return fmt.Errorf("kind %q takes no delay_ms", f.Kind)
	}
	frame, err := hex.DecodeString(f.Frame)
	if err != nil || (f.Kind == LineForeign) != (len(frame) > 0) {
		return fmt.Errorf("kind %q with frame %q: only %q takes and needs one, in hexadecimal", f.Kind, f.Frame, LineForeign)
	}
	return nil
}

// same tells whether two faults are of one thing, however strong they are.
func (f Fault) same(g Fault) bool { return f.Kind == g.Kind && f.Platform == g.Platform }

// Set is what is broken now. It is not safe for concurrent use.
type Set struct {
	active []Fault
}

// Put breaks something, or mends it. What is broken already is broken as told last.
func (s *Set) Put(f Fault, broken bool) {
	s.active = slices.DeleteFunc(s.active, f.same)
	if broken {
		s.active = append(s.active, f)
	}
}

// Has tells whether a kind is broken, on that platform where it is a scale's.
func (s *Set) Has(k Kind, platform protocol.PlatformID) bool {
	return slices.ContainsFunc(s.active, Fault{Kind: k, Platform: platform}.same)
}

// Active is a copy of what is broken; never nil.
func (s *Set) Active() []Fault { return append([]Fault{}, s.active...) }
