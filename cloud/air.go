package cloud

import (
	"time"

	"allhours/protocol"
)

// AirStep is how long a step of an AirCurve is.
const AirStep = 5 * time.Minute

// AirCurve is how warm it was at one probe, step by step, as far as the cabinet told it.
type AirCurve struct {
	Compartment protocol.Compartment
	Probe       int
	From        time.Time // of the first step
	Steps       []AirRange
}

// AirRange is the coldest and the warmest of a step.
type AirRange struct {
	Low, High protocol.DeciCelsius
	Known     bool // something was told in it
}

// AirTrace is what is kept of one probe, so that a restart forgets little of it: its newest steps, of one day.
type AirTrace struct {
	Cabinet     protocol.CabinetID
	Compartment protocol.Compartment
	Probe       int
	Last        int64      // number of the newest step: how many of them are over since 1970
	Steps       []AirRange // that end with the newest, the oldest first
}

// AirTraces keep one trace of each probe, and nothing older than it.
type AirTraces interface {
	// Save puts traces in place of those of the same probes.
	Save(traces []AirTrace) error
	// List has all of them.
	List() ([]AirTrace, error)
	// Forget drops the traces that end before a step.
	Forget(before int64) error
}
