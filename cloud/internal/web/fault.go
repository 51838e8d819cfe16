package web

import (
	"slices"
	"strconv"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

const (
	slowPollHz  = 10  // below this a visit is not seen clearly
	longBacklog = 200 // one full batch of events
)

// faultView is one thing about a cabinet that is not as it should be.
type faultView struct {
	Icon   string
	What   string
	More   string
	Person bool // somebody has to go there
}

// faultsOf lists what is wrong with a cabinet, by what it last said; of one that is away, or that is not believed, only that
// is known.
func (v *view) faultsOf(cab cloud.CabinetView) []faultView {
	if cab.Apart != "" {
		key := "fault.card." + string(cab.Apart)
		return []faultView{{Icon: "stop", What: v.say(key), More: v.say(key + ".more"), Person: true}}
	}
	var faults []faultView
	for _, h := range cab.Halts { // Off sale is as somebody wants it; what may harm somebody is not.
		faults = append(faults, faultView{Icon: "stop", What: v.sayHalt(h), More: v.say("fault." + string(h.Kind) + ".more"), Person: h.Kind == protocol.CodeLockedOut})
	}
	t := cab.Presence.Telemetry
	if cab.State == cloud.CabinetAway || t == nil {
		return append(faults, faultView{Icon: "offline", What: v.say("fault.away"), More: v.say("fault.away.more"), Person: true})
	}
	for _, c := range t.Compartments {
		faults = append(faults, v.compartmentFaults(cab, c)...)
	}
	if t.Backlog > longBacklog {
		faults = append(faults, faultView{Icon: "clock", What: v.say("fault.backlog", t.Backlog), More: v.say("fault.backlog.more")})
	}
	if cab.Presence.Applied.Version != cab.Config {
		faults = append(faults, faultView{Icon: "clock", What: v.say("fault.config"), More: v.say("fault.config.more")})
	}
	if t.PollHz > 0 && t.PollHz < slowPollHz {
		hz := strconv.FormatFloat(t.PollHz, 'f', 1, 64)
		faults = append(faults, faultView{Icon: "scale", What: v.say("fault.poll", hz), More: v.say("fault.poll.more")})
	}
	return faults
}

// needsPerson reports whether somebody has to go to a cabinet.
func (v *view) needsPerson(cab *cloud.CabinetView) bool {
	return slices.ContainsFunc(v.faultsOf(*cab), func(f faultView) bool { return f.Person })
}

func (v *view) compartmentFaults(cab cloud.CabinetView, c wire.CompartmentTelemetry) []faultView {
	var faults []faultView
	if !c.Selling && !c.Why.Halt() {
		f := faultView{Icon: "stop", What: v.say("fault.stopped"), Person: true}
		if c.Why != "" {
			f.More = v.tellCode(c.Why).What
		}
		faults = append(faults, f)
	}
	switch {
	case c.Door == wire.DoorStateUnknown:
		faults = append(faults, faultView{Icon: "door", What: v.say("fault.door_unknown"), More: v.say("fault.door_unknown.more"), Person: true})
	case c.Door == wire.DoorStateOpen && cab.State == cloud.CabinetOpen:
		faults = append(faults, faultView{Icon: "door", What: v.say("fault.open"), More: v.say("fault.open.more"), Person: true})
	}
	for _, w := range c.Weights {
		if !w.OK {
			faults = append(faults, faultView{Icon: "scale", What: v.say("fault.scale", w.Platform), More: v.say("fault.scale.more"), Person: true})
		}
	}
	return faults
}
