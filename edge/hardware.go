package edge

import (
	"context"
	"errors"
	"io"
	"time"

	"allhours/protocol"
)

// ErrPulseUnknown is in the chain of a Pulse's error when the command left but its answer did not come: the latch may
// have been released. Only the board's inputs can tell; sending the pulse again could open a door twice for one grant.
var ErrPulseUnknown = errors.New("the lock may or may not have been pulsed")

// Tri is what an input says: a board that is silent, or an input that is not wired, says nothing.
type Tri uint8

// Values of a Tri.
const (
	Unknown Tri = iota
	No
	Yes
)

func (t Tri) String() string {
	switch t {
	case No:
		return "no"
	case Yes:
		return "yes"
	default:
		return "unknown"
	}
}

// TriOf is Yes or No.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// ScaleFault says why a sample's weight cannot be used. Being unstable is no fault: goods are being moved.
type ScaleFault string

// Faults of a sample.
const (
	ScaleOK       ScaleFault = ""
	ScaleSilent   ScaleFault = "silent"   // no answer that can be trusted
	ScaleOverload ScaleFault = "overload" // beyond what the cell or its converter can measure
)

// Sample is one reading of one channel.
type Sample struct {
	Weight   protocol.Milligrams // as the board is calibrated, not tared; 0 with a fault
	At       time.Time           // when the answer had arrived
	Unstable bool                // the board itself says that the weight is moving; boards without that flag never do
	Fault    ScaleFault
}

// Scale is one weighing board.
type Scale interface {
	// Channels is how many platforms the board weighs; it never changes.
	Channels() int

	// Prepare makes sure that the board does not swallow slow changes: auto-zero and creep tracking are read, switched off
	// where they are on, and read back. It fails when the board is silent or keeps them on: its weights must not be used
	// for sales until a later Prepare succeeds. It is called at start and whenever the board was silent, which may have
	// been a restart with other settings. A board whose settings are not reachable over the line passes.
	Prepare(ctx context.Context) error

	// Read fills dst[:Channels()] with one reading of each channel; a shorter dst is an error. When the board gives no
	// valid answer, or is found to correct its weights again, the samples are ScaleSilent and the error tells why; dst is
	// filled in any case.
	Read(ctx context.Context, dst []Sample) error
}

// LockState is what a board knows of one door.
type LockState struct {
	DoorClosed  Tri
	LatchLocked Tri
}

// LockInputs is one reading of a lock board's inputs.
type LockInputs struct {
	At       time.Time
	Channels []LockState // index 0 is channel 0
}

// Channel is the state of one channel; all of it is unknown for a channel that the board does not have.
func (in LockInputs) Channel(i int) LockState {
	if i < 0 || i >= len(in.Channels) {
		return LockState{}
	}
	return in.Channels[i]
}

// LockBoard releases latches and reads door and latch switches.
type LockBoard interface {
	// Channels is how many locks are wired; channels are counted from 0.
	Channels() int

	// Pulse releases the latch of a channel for d, which is rounded up to what the board can time and limited by what the
	// driver holds to be safe for a solenoid. The board itself ends the pulse, also when this program dies. It is sent
	// at most once, before any waiting poll. With an error that is [ErrPulseUnknown] the latch may have been released;
	// with any other error it has not.
	Pulse(ctx context.Context, channel int, d time.Duration) error

	// Inputs reads all doors and latches. With an error nothing is known.
	Inputs(ctx context.Context) (LockInputs, error)
}

// Versioned is a board that tells which firmware runs on it. Most tell nothing of it.
type Versioned interface {
	// Version is empty where this board does not know the question, and an error where it gives no answer at all.
	Version(ctx context.Context) (string, error)
}

// ProbeFault says why a probe's temperature is not known.
type ProbeFault string

// Faults of a probe.
const (
	ProbeOK     ProbeFault = ""
	ProbeSilent ProbeFault = "silent" // the controller gives no answer that can be trusted
	ProbeBroken ProbeFault = "broken" // the controller answers what no probe of its range can measure
)

// Temperature is one reading of one probe.
type Temperature struct {
	Celsius protocol.DeciCelsius // 0 with a fault
	At      time.Time            // when the answer had arrived
	Fault   ProbeFault
}

// Thermometer is a temperature controller with its probes.
type Thermometer interface {
	// Probes is how many are wired; it never changes.
	Probes() int

	// Measure fills dst[:Probes()] with one reading of each probe; a shorter dst is an error. When the controller gives
	// no valid answer all of them are ProbeSilent and the error tells why; dst is filled in any case.
	Measure(ctx context.Context, dst []Temperature) error
}

// Scan is one line that a reader has sent.
type Scan struct {
	Text string    // printable ASCII, without its end
	At   time.Time // when its end had arrived
}

// Reader reads the codes that people hold before it.
type Reader interface {
	// Next waits for the next scan. It fails only when ctx ends: a reader that is unplugged is a quiet one, which is
	// seen at its line.
	Next(ctx context.Context) (Scan, error)
}

// Port is an open serial line, as go.bug.st/serial gives it, or a simulated one.
type Port interface {
	// ReadWriteCloser's Read waits for at least one byte; when the read timeout passes without one it returns 0 and no
	// error. Write may block for ever when the other side does not read, and Close does not free it.
	io.ReadWriteCloser

	// ResetInputBuffer throws away what has arrived and was not read.
	ResetInputBuffer() error

	// SetReadTimeout bounds the reads that follow.
	SetReadTimeout(d time.Duration) error
}

// OpenPort opens a serial line; it is called again after the line was lost. It must not block for long.
type OpenPort func(ctx context.Context) (Port, error)
