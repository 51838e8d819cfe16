package config

import (
	"fmt"
	"slices"
	"time"

	"allhours/edge/health"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Health is how warm, and for how long, the air of some compartments may be.
type Health struct {
	Compartments []protocol.Compartment `yaml:"compartments"` // with a probe
	AboveDC      *protocol.DeciCelsius  `yaml:"above_dc"`     // the warmest that is cold, in tenths of a degree; none means 50
	ShutMin      int                    `yaml:"shut_min"`     // minutes after a shut door or the boot; 0 means 30
	WarmMin      int                    `yaml:"warm_min"`     // minutes without an opening; 0 means 15
	AllMin       int                    `yaml:"all_min"`      // minutes however often it is opened; 0 means 120
}

// LimitsOf are the limits of a compartment that has a probe: what the chain says of it, else the file, else the usual.
func (c Config) LimitsOf(n protocol.Compartment, chain wire.Health) health.Limits {
	l := health.Defaults()
	for _, h := range c.Health {
		if slices.Contains(h.Compartments, n) {
			l = set(l, wire.Health{AboveDC: h.AboveDC, ShutMin: h.ShutMin, WarmMin: h.WarmMin, AllMin: h.AllMin})
		}
	}
	return set(l, chain)
}

// set changes what is said.
func set(l health.Limits, said wire.Health) health.Limits {
	if said.AboveDC != nil {
		l.Above = *said.AboveDC
	}
	for _, s := range []struct {
		limit   *time.Duration
		minutes int
	}{{&l.Shut, said.ShutMin}, {&l.Warm, said.WarmMin}, {&l.InAll, said.AllMin}} {
		if s.minutes > 0 {
			*s.limit = time.Duration(s.minutes) * time.Minute
		}
	}
	return l
}

func (c Config) checkHealth() *fault {
	probed, seen := map[protocol.Compartment]bool{}, map[protocol.Compartment]bool{}
	for _, t := range c.Thermometers {
		for _, n := range t.Compartments {
			probed[n] = n > 0
		}
	}
	for i, h := range c.Health {
		at := fmt.Sprintf("health[%d]", i)
		if len(h.Compartments) == 0 {
			return faultf(at+".compartments", "want at least one")
		}
		for k, n := range h.Compartments {
			if !probed[n] || seen[n] {
				return faultf(fmt.Sprintf("%s.compartments[%d]", at, k), "got %d: want a compartment with a probe, each once", n)
			}
			seen[n] = true
		}
		if dc := h.AboveDC; dc != nil && (*dc < wire.ColdestDC || *dc > wire.WarmestDC) {
			return faultf(at+".above_dc", "got %d: want %d to %d, in tenths of a degree", *dc, wire.ColdestDC, wire.WarmestDC)
		}
		for _, field := range []struct {
			name string
			got  int
		}{{"shut_min", h.ShutMin}, {"warm_min", h.WarmMin}, {"all_min", h.AllMin}} {
			if field.got < 0 || field.got > wire.LongestMin {
				return faultf(at+"."+field.name, "got %d: want 1 to %d minutes, or nothing for the default", field.got, wire.LongestMin)
			}
		}
	}
	return nil
}
