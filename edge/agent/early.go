package agent

import (
	"time"

	"allhours/protocol/wire"
)

const (
	earlyFor  = 10 * time.Second // a command to open lives no longer
	earlyKept = 16
)

// earlyOpen is a command to open that came before the cloud had told the time on its connection, as one may that follows a birth
// at once.
type earlyOpen struct {
	wire.Command
	arrived time.Time
	until   time.Duration // since boot
}

// waitsForTime keeps a command that cannot be judged yet: to refuse it would leave somebody before a door that could open.
func (a *Agent) waitsForTime(c wire.Command, arrived time.Time) bool {
	_, known := a.clock.Cloud()
	if known || c.Kind != wire.CommandOpen || len(a.early) == earlyKept {
		return false
	}
	a.early = append(a.early, earlyOpen{c, arrived, a.clock.Up() + earlyFor})
	return true
}

// lookAtEarly carries out what waited for the time, in its order, once it is known; what waited too long is refused for it.
func (a *Agent) lookAtEarly() {
	for len(a.early) > 0 {
		first := a.early[0]
		if _, known := a.clock.Cloud(); !known && a.clock.Up() < first.until {
			return
		}
		a.early = a.early[1:]
		a.carryOut(first.Command, first.arrived)
	}
}
