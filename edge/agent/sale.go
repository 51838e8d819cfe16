package agent

import (
	"slices"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Limits of selling beside a scale that cannot be trusted, and of waiting for scales after a boot: a visit that begins
// before they have shown a weight could only go to review.
const (
	troubledFor    = 30 * time.Minute
	troubledVisits = 3
	scalesWake     = 10 * time.Second
)

// sales is why compartments do not sell.
type sales struct {
	stops    []edge.Stop // as journalled
	troubles map[protocol.PlatformID]edge.Trouble
	since    map[protocol.PlatformID]time.Duration // time since boot when each trouble was first seen
	full     bool                                  // the disk has no room for a visit, or has just refused one
	awake    map[protocol.Compartment]bool         // its scales have all shown a calm weight since the boot, or had their time
	told     map[protocol.Compartment]protocol.Code
}

func (s *sales) begin(troubles map[protocol.PlatformID]edge.Trouble, up time.Duration) {
	s.troubles, s.since, s.told = troubles, map[protocol.PlatformID]time.Duration{}, map[protocol.Compartment]protocol.Code{}
	s.awake = map[protocol.Compartment]bool{}
	for id := range troubles {
		s.since[id] = up
	}
}

// recount reads how many visits each trouble has seen.
func (s *sales) recount(a *Agent) {
	troubles, err := a.journal.Troubles()
	if err != nil {
		a.log.Error("troubles", "error", err)
		return
	}
	s.troubles = troubles
}

// why tells why a compartment does not sell; protocol.CodeOK where it does.
func (a *Agent) why(c protocol.Compartment) protocol.Code {
	if len(a.platforms(c)) == 0 {
		return protocol.CodeNotSelling
	}
	if code := a.warmStop(c); code != protocol.CodeOK {
		return code
	}
	for _, s := range a.sales.stops {
		if s.Compartment == c {
			return s.Code
		}
	}
	if a.leaving() {
		return protocol.CodeNotSelling
	}
	if a.sales.full || len(a.unsaved) > 0 {
		return protocol.CodeDiskFull
	}
	if !a.sales.awake[c] {
		return protocol.CodeScaleFault
	}
	return protocol.CodeOK
}

// wake lets a compartment sell once its scales have shown what lies on them.
func (a *Agent) wake(c protocol.Compartment) {
	if a.sales.awake[c] || len(a.platforms(c)) == 0 {
		return
	}
	a.sales.awake[c] = a.watch.Shown(a.platforms(c)) || a.clock.Up() >= scalesWake
}

// sells refuses a visit that the compartment cannot take. Whoever repairs or fills a cabinet may open one that does not
// sell, as long as the visit can be recorded; one that is locked out is opened by who repairs it alone.
func (a *Agent) sells(c protocol.Compartment, p protocol.Purpose) error {
	code := a.why(c)
	if p != protocol.PurposeService && a.stopped(c, protocol.CodeLockedOut) {
		return protocol.Errorf(protocol.CodeLockedOut, "compartment %d is opened by technicians only", c)
	}
	if a.leaving() {
		return protocol.Errorf(protocol.CodeNotSelling, "the agent is about to be started again")
	}
	if code == protocol.CodeOK || p != protocol.PurposePurchase && code != protocol.CodeDiskFull {
		return nil
	}
	return protocol.Errorf(code, "compartment %d does not sell", c)
}

// judgeSales turns what the scales say into events, and troubles that last into stops.
func (a *Agent) judgeSales() {
	a.noteFaults()
	a.followHalts()
	for _, d := range a.doors {
		c := d.number
		a.wake(c)
		bad, stopped := a.untrusted(c), a.stopped(c, protocol.CodeScaleFault)
		switch {
		case bad && !stopped:
			a.stop(c, protocol.CodeScaleFault, "a scale of this compartment cannot be trusted")
		case stopped && !a.troubled(c):
			a.resume(c, protocol.CodeScaleFault)
		}
		if why := a.why(c); a.sales.told[c] != why {
			a.sales.told[c] = why
			a.schedule.telemetry = 0
		}
	}
}

// noteFaults journals each platform that falls into trouble or comes out of it.
func (a *Agent) noteFaults() {
	faults, changed := a.watch.Faults(), false
	for id, reason := range faults {
		if a.sales.troubles[id].Reason == reason {
			continue
		}
		if _, known := a.sales.since[id]; !known {
			a.sales.since[id] = a.clock.Up()
		}
		changed = a.write(wire.ScaleBody{EventType: wire.ScaleFault, Platform: id, Reason: reason}) || changed
		a.sales.troubles[id] = edge.Trouble{Reason: reason, Visits: a.sales.troubles[id].Visits}
	}
	for id := range a.sales.troubles {
		if faults[id] == "" {
			changed = a.write(wire.ScaleBody{EventType: wire.ScaleClear, Platform: id}) || changed
			delete(a.sales.troubles, id)
			delete(a.sales.since, id)
		}
	}
	if changed {
		a.sales.recount(a)
		a.schedule.telemetry = 0
	}
}

func (a *Agent) troubled(c protocol.Compartment) bool {
	return slices.ContainsFunc(a.platforms(c), func(id protocol.PlatformID) bool { return a.sales.troubles[id].Reason != "" })
}

// untrusted reports a trouble that has lasted too long or seen too many visits.
func (a *Agent) untrusted(c protocol.Compartment) bool {
	return slices.ContainsFunc(a.platforms(c), func(id protocol.PlatformID) bool {
		t := a.sales.troubles[id]
		return t.Reason != "" && (t.Visits >= troubledVisits || a.clock.Up()-a.sales.since[id] >= troubledFor)
	})
}

func (a *Agent) stopped(c protocol.Compartment, code protocol.Code) bool {
	return slices.ContainsFunc(a.sales.stops, func(s edge.Stop) bool { return s.Compartment == c && s.Code == code })
}

// stop takes one more reason; what because tells is in the same transaction.
func (a *Agent) stop(c protocol.Compartment, code protocol.Code, detail string, because ...wire.Body) {
	if a.stopped(c, code) {
		return
	}
	a.write(append(because, wire.SaleBody{EventType: wire.SaleStopped, Compartment: c, Code: code, Detail: detail})...)
	a.sales.stops = append(a.sales.stops, edge.Stop{Compartment: c, Code: code, Detail: detail})
}

// resume takes one reason back. The event takes all of them back, so one that is left is told again after it, in the same
// transaction; so is what because tells.
func (a *Agent) resume(c protocol.Compartment, code protocol.Code, because ...wire.Body) {
	if !a.stopped(c, code) {
		return
	}
	a.sales.stops = slices.DeleteFunc(a.sales.stops, func(s edge.Stop) bool { return s.Compartment == c && s.Code == code })
	bodies := append(because, wire.SaleBody{EventType: wire.SaleResumed, Compartment: c})
	for _, s := range a.sales.stops {
		if s.Compartment == c {
			bodies = append(bodies, wire.SaleBody{EventType: wire.SaleStopped, Compartment: c, Code: s.Code, Detail: s.Detail})
		}
	}
	a.write(bodies...)
}
