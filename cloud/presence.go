package cloud

import (
	"context"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
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
	Boot      uint32 // starts counted in its journal; 0: not known
	Challenge [16]byte
	LastSeen  time.Time // zero: never
	Applied   wire.ConfigVersion
	Versions  wire.Versions
	Reader    bool            // a grant can be shown to it
	Telemetry *wire.Telemetry // nil: none since the birth
	Told      time.Time       // when that came
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
	Halts     []Halt       // in force, the severer first
	Incidents []Incident   // open ones, the longest waiting first; only of a cabinet that is asked for by itself
}

// Halt is the severest halt in force; nil where there is none.
func (v CabinetView) Halt() *Halt {
	if len(v.Halts) == 0 {
		return nil
	}
	return &v.Halts[0]
}

// ScaleCount is what the scales counted last in one lane, by weight.
type ScaleCount struct {
	Platform  protocol.PlatformID
	SKU       protocol.SKU
	Qty       int64 // the likeliest
	Low, High int64 // within which it lies with 95 %
	At        time.Time
}

// CabinetVersions are what a cabinet shall have, and what it said last that it has.
type CabinetVersions struct {
	Config, Applied        uint64 // of the desired state
	Prices, AppliedPrices  uint32 // of the price list; 0: not known
	Platforms, AppliedDiff int    // platforms of the planogram, and how many of them it has otherwise; -1: not known
}

// Walked is the last visit that moved goods, step by step.
type Walked struct {
	Visit Visit
	Steps []settle.Step // in the order of time; none: there was no such visit
	Sure  bool          // its bill was told by the cabinet alone; else the steps are the likeliest of several
}

// Standing tells how one cabinet stands, in more detail than lists need.
type Standing interface {
	// Air is how warm it was in the last 24 hours, by compartment and probe; none where nothing was told.
	Air(cabinet protocol.CabinetID) []AirCurve
	// Counts are of today or yesterday; a lane that cannot be counted by weight has none. CodeUnknownCabinet.
	Counts(ctx context.Context, cabinet protocol.CabinetID) ([]ScaleCount, error)
	// Walked looks at the newest visits alone; CodeUnknownCabinet.
	Walked(ctx context.Context, cabinet protocol.CabinetID) (Walked, error)
	// Versions has CodeUnknownCabinet.
	Versions(ctx context.Context, cabinet protocol.CabinetID) (CabinetVersions, error)
}
