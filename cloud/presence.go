package cloud

import (
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// CabinetState is a cabinet in one word, as residents and managers are told.
type CabinetState string

// The states of a cabinet, from the most to the least useful.
const (
	CabinetReady   CabinetState = "ready"   // a resident may open it now
	CabinetBusy    CabinetState = "busy"    // a visit is under way
	CabinetOpen    CabinetState = "open"    // its door is not shut, and no visit is under way
	CabinetStopped CabinetState = "stopped" // it is there, but does not sell
	CabinetAway    CabinetState = "away"    // no word from it
)

// AwayAfter is how long a connected cabinet may be silent before it counts as away: three telemetry intervals.
const AwayAfter = 95 * time.Second

// Presence is what the cloud last heard from a cabinet; it lives in memory and is unknown after a restart until the
// cabinet speaks again.
type Presence struct {
	Connected bool
	Journal   protocol.UUID
	Conn      protocol.UUID
	Challenge [16]byte
	LastSeen  time.Time // zero: never
	Applied   wire.ConfigVersion
	Versions  wire.Versions
	Reader    bool            // a grant can be shown to it
	Telemetry *wire.Telemetry // nil: none since the birth
}

// State judges the presence at now; busy says whether a visit of this cabinet has no outcome yet.
func (p Presence) State(now time.Time, busy bool) CabinetState {
	switch {
	case !p.Connected || now.Sub(p.LastSeen) > AwayAfter || p.Telemetry == nil:
		return CabinetAway
	case busy:
		return CabinetBusy
	}
	state := CabinetReady
	for _, c := range p.Telemetry.Compartments {
		if c.Door != wire.DoorStateShut {
			return CabinetOpen
		}
		if !c.Selling {
			state = CabinetStopped
		}
	}
	return state
}

// CabinetView is a cabinet as it is shown.
type CabinetView struct {
	Cabinet
	StoreName Text
	State     CabinetState
	Presence  Presence
	Shows     bool         // it is away, and opens by a grant that is shown to its reader
	Apart     IncidentKind // why its card is not believed; empty: it is
	Incidents []Incident   // open ones, the longest waiting first; only of a cabinet that is asked for by itself
}
