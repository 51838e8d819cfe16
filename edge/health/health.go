package health

import (
	"time"

	"allhours/protocol"
)

// Limits of one compartment.
type Limits struct {
	Above protocol.DeciCelsius // the warmest that is cold
	Shut  time.Duration        // that the air may take to be cold after the door was shut, or the boot
	Warm  time.Duration        // that it may be warm without an opening
	InAll time.Duration        // that it may be warm however often the door is opened
}

// Defaults are the limits of a compartment whose file says nothing else.
func Defaults() Limits {
	return Limits{Above: 50, Shut: 30 * time.Minute, Warm: 15 * time.Minute, InAll: 2 * time.Hour}
}

// Reading is what one probe shows; Known is false where it is silent or broken.
type Reading struct {
	Celsius protocol.DeciCelsius
	Known   bool
}

// State is what is known of a compartment. The zero State is that of a boot: cold until something else is said, its door
// shut just now.
type State struct {
	Warm    time.Duration        `json:"warm_ns"`    // since the air was last known to be cold; 0: it is
	Shut    time.Duration        `json:"shut_ns"`    // since the door was last known to be open
	Above   bool                 `json:"above"`      // in that time, a probe has shown more than the limit
	Highest protocol.DeciCelsius `json:"highest_dc"` // with Above
}

// After lets time pass in which the door and the probes were as they are now. A door that cannot be read counts as shut:
// nobody is known to have opened it.
func (s State) After(d time.Duration, open bool, probes []Reading, l Limits) State {
	s.Shut += d
	if open {
		s.Shut = 0
	}
	cold := len(probes) > 0
	for _, p := range probes {
		if p.Known && p.Celsius > l.Above && (!s.Above || p.Celsius > s.Highest) {
			s.Above, s.Highest = true, p.Celsius
		}
		cold = cold && p.Known && p.Celsius <= l.Above
	}
	if cold {
		return State{Shut: s.Shut}
	}
	s.Warm += d
	return s
}

// Lost counts time that nobody saw, such as the one before a boot, where the air was not cold when it began.
func (s State) Lost(d time.Duration) State {
	if s.Warm > 0 {
		s.Warm, s.Shut = s.Warm+d, s.Shut+d
	}
	return s
}

// Stop says why the food may not be sold; protocol.CodeOK where it may. While the door is open, and for Shut after it, only
// InAll counts.
func (s State) Stop(l Limits) protocol.Code {
	switch {
	case s.Warm < l.InAll && (s.Shut < l.Shut || s.Warm <= l.Warm):
		return protocol.CodeOK
	case s.Above:
		return protocol.CodeTooWarm
	}
	return protocol.CodeColdUnknown
}
