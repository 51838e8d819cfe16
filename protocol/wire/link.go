package wire

import (
	"encoding/json"
	"slices"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
)

// Birth is the first message of each connection (up/birth).
type Birth struct {
	V         int                `json:"v"`
	Cabinet   protocol.CabinetID `json:"cabinet"`
	Journal   protocol.UUID      `json:"journal"`
	FirstKept uint64             `json:"first_kept"` // oldest sequence number still on disk; 0 for an empty journal
	Last      uint64             `json:"last"`
	Boot      uint32             `json:"boot"`
	Start     protocol.UUID      `json:"start,omitzero"` // new with each start of the agent: one boot of one card has one
	Conn      protocol.UUID      `json:"conn"`
	Challenge []byte             `json:"challenge"` // 16 random bytes; grants of this connection carry them
	Config    ConfigVersion      `json:"config"`    // in force
	Versions  Versions           `json:"versions"`
	Reader    bool               `json:"reader,omitempty"` // a grant can be shown to it
	Up        int64              `json:"up,omitempty"`     // milliseconds since the boot; 0: an older agent, that does not tell
}

// Versions are what runs on the cabinet.
type Versions struct {
	Agent string `json:"agent"`
	Rule  string `json:"rule"`
}

// Death is the will (up/death); it counts only if its conn is the newest one.
type Death struct {
	V       int                `json:"v"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Conn    protocol.UUID      `json:"conn"`
}

// Ack (down/ack, signed) says what the cloud has committed. It is sent after each commit, again for each repeated event,
// and on birth.
type Ack struct {
	V          int                `json:"v"`
	Cabinet    protocol.CabinetID `json:"cabinet"`
	FleetEpoch uint64             `json:"fleet_epoch"`
	Journal    protocol.UUID      `json:"journal"`
	HaveUpTo   uint64             `json:"have_upto"`         // everything up to here is committed
	Missing    []Range            `json:"missing,omitempty"` // holes above HaveUpTo, to be sent again
	Challenge  []byte             `json:"challenge"`         // of the newest birth: an old ack cannot be played back
	At         int64              `json:"at"`                // the cloud's clock, UTC ms
}

// Range is sequence numbers From to To, both included.
type Range struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// CommandKind is what a cabinet is told to do.
type CommandKind string

// The kinds of commands. Open is sent once and never again: over a newer connection the cloud sends another one.
const (
	CommandOpen CommandKind = "open"
	CommandTask CommandKind = "task"
	// CommandLook says that somebody looks at the cabinet: it tells how it stands each second, for LookFor.
	CommandLook CommandKind = "look"
)

// LookFor is how long one CommandLook has an effect. It is not signed: who makes one up makes a cabinet talk, no more.
const LookFor = 30 * time.Second

// Command (down/command).
type Command struct {
	V       int                `json:"v"`
	ID      protocol.UUID      `json:"id"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Kind    CommandKind        `json:"kind"`
	Expires int64              `json:"expires"` // UTC ms of the cloud's clock
	Grant   string             `json:"grant,omitempty"`
	Task    []byte             `json:"task,omitempty"` // a signed Task
}

// Reply (up/reply) closes a command.
type Reply struct {
	V       int                `json:"v"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	ID      protocol.UUID      `json:"id"` // of the command
	Code    protocol.Code      `json:"code"`
	Detail  string             `json:"detail,omitempty"`
	PulseMS int64              `json:"pulse_ms,omitempty"` // open: from the command's arrival to the lock command written
	Part    *Part              `json:"part,omitempty"`     // task: a piece of its result
}

// Phase is where a visit stands at the cabinet.
type Phase string

// The phases that the phone shows.
const (
	PhaseOpening  Phase = "opening" // released, waiting for the pull
	PhaseOpen     Phase = "open"
	PhaseCounting Phase = "counting"
)

// Put is how many units were put on a platform so far in a refill, as its scale sees them; below zero they were taken out.
type Put struct {
	Platform protocol.PlatformID `json:"platform"`
	SKU      protocol.SKU        `json:"sku"`
	Units    int                 `json:"units"`
}

// Live (up/live) feeds the phone; it may be lost. Of a refill it has what was put, and an empty basket.
type Live struct {
	V       int                `json:"v"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Visit   protocol.VisitID   `json:"visit"`
	Phase   Phase              `json:"phase"`
	Basket  []settle.Line      `json:"basket"`
	Put     []Put              `json:"put,omitempty"`
	LeftMS  int64              `json:"left_ms,omitempty"` // opening: until it locks again
}

// Door is what is known of a door.
type Door string

// A door's states; what is unknown is called so.
const (
	DoorStateShut    Door = "shut"
	DoorStateOpen    Door = "open"
	DoorStateUnknown Door = "unknown"
)

// Telemetry (up/telemetry) every 30 s and on change of door or selling; it may be lost.
type Telemetry struct {
	V            int                    `json:"v"`
	Cabinet      protocol.CabinetID     `json:"cabinet"`
	At           int64                  `json:"at"`
	Clock        bool                   `json:"clock"` // At was known to be right
	Compartments []CompartmentTelemetry `json:"compartments"`
	Last         uint64                 `json:"last"`    // newest sequence number of the journal
	Backlog      uint64                 `json:"backlog"` // events not yet acknowledged
	PollHz       float64                `json:"poll_hz"` // of the slowest channel
	Machine      Machine                `json:"machine,omitzero"`
	Firmware     []Firmware             `json:"firmware,omitempty"` // of the boards that tell it
}

// Firmware is what runs on a board, as the board itself tells it.
type Firmware struct {
	Board   string `json:"board"` // the line, the family and the address of it
	Version string `json:"version"`
}

// Machine is what the cabinet's computer knows of its own supply and radio. What it cannot tell is left out.
type Machine struct {
	Mains   *bool `json:"mains,omitempty"`   // it has power from outside
	Battery *int  `json:"battery,omitempty"` // charge in percent
	Signal  *int  `json:"signal,omitempty"`  // of its radio, in dBm
}

// CompartmentTelemetry is one door's part.
type CompartmentTelemetry struct {
	Compartment protocol.Compartment `json:"compartment"`
	Door        Door                 `json:"door"`
	Locked      *bool                `json:"locked,omitempty"` // its latch; left out where that is not known
	Selling     bool                 `json:"selling"`
	Why         protocol.Code        `json:"why,omitempty"` // not selling
	Weights     []Weight             `json:"weights"`
	Probes      []Probe              `json:"probes,omitempty"` // of temperature, in the order of the cabinet's file
}

// Probe is what one probe in a compartment's air showed last.
type Probe struct {
	Celsius protocol.DeciCelsius `json:"dc"`              // tenths of a degree
	Fault   string               `json:"fault,omitempty"` // silent or broken: the temperature is not known, dc says nothing
}

// ConfigVersion orders desired states: newer by (FleetEpoch, Version).
type ConfigVersion struct {
	FleetEpoch uint64 `json:"fleet_epoch"`
	Version    uint64 `json:"version"`
}

// Newer reports whether v is newer than w.
func (v ConfigVersion) Newer(w ConfigVersion) bool {
	if v.FleetEpoch != w.FleetEpoch {
		return v.FleetEpoch > w.FleetEpoch
	}
	return v.Version > w.Version
}

// Config (down/config, signed) is the desired state of one cabinet.
type Config struct {
	V            int                   `json:"v"`
	Cabinet      protocol.CabinetID    `json:"cabinet"`
	Config       ConfigVersion         `json:"config"`
	PriceVersion uint32                `json:"price_version"`
	Platforms    []Platform            `json:"platforms"`
	Goods        map[protocol.SKU]Good `json:"goods"`
	Limits       Limits                `json:"limits"`
	Stock        StockCount            `json:"stock"`
	Halts        []Halt                `json:"halts,omitempty"`
}

// Halt is a word of a person of the chain by which no resident opens the cabinet. Of one whose end has passed nothing holds,
// also where the cabinet has not heard of its end.
type Halt struct {
	Code  protocol.Code `json:"code"`            // off_sale or locked_out
	Until int64         `json:"until,omitempty"` // UTC ms; 0: until the chain takes it back
}

// Platform is one weighed surface and what belongs there.
type Platform struct {
	ID          protocol.PlatformID  `json:"id"`
	Compartment protocol.Compartment `json:"compartment"`
	Capacity    protocol.Milligrams  `json:"capacity_mg"`
	Division    protocol.Milligrams  `json:"division_mg"`
	SKUs        []protocol.SKU       `json:"skus"`
	Coming      []protocol.SKU       `json:"coming,omitempty"` // that the next planogram puts here: a refill may bring them before it is in force
}

// Known are the articles that may lie on the platform: those that belong there, and those that are to.
func (p Platform) Known() []protocol.SKU { return slices.Concat(p.SKUs, p.Coming) }

// Good is an article as the cabinet needs it.
type Good struct {
	Unit  protocol.Milligrams `json:"unit_mg"`
	SD    protocol.Milligrams `json:"sd_mg"`
	Price protocol.Fen        `json:"price_fen"`
}

// Limits are what the chain may set for a cabinet; a zero means the agent's default.
type Limits struct {
	BillConfidence float64 `json:"bill_confidence,omitempty"`
	PullMS         int64   `json:"pull_ms,omitempty"`      // default 10 s
	OpenWarnMS     int64   `json:"open_warn_ms,omitempty"` // default 60 s

	Offline *Offline `json:"offline,omitempty"` // none: nothing opens by a grant that is shown

	Health map[protocol.Compartment]Health `json:"health,omitempty"` // of those whose food the chain judges itself
}

// Health is how warm, and for how long, the air of a compartment may be. What is not said is as the cabinet's file, or else
// the agent, has it.
type Health struct {
	AboveDC *protocol.DeciCelsius `json:"above_dc,omitempty"` // the warmest that is cold, in tenths of a degree
	ShutMin int                   `json:"shut_min,omitempty"` // minutes after a shut door or the boot
	WarmMin int                   `json:"warm_min,omitempty"` // minutes without an opening
	AllMin  int                   `json:"all_min,omitempty"`  // minutes however often it is opened
}

// Bounds of what may be set in a Health.
const (
	ColdestDC  = -400
	WarmestDC  = 250
	LongestMin = 24 * 60
)

// Offline is what the chain risks on grants that are shown to a cabinet instead of being sent to it.
type Offline struct {
	ValidMS  int64        `json:"valid_ms"` // of a grant, from its not-before
	Openings int          `json:"openings"` // of one resident within PerMS
	Fen      protocol.Fen `json:"fen"`      // that the grants of these openings are for
	PerMS    int64        `json:"per_ms"`
	Cabinet  int          `json:"cabinet"`           // openings that the cloud has not heard of
	Service  int          `json:"service,omitempty"` // openings of one technician within PerMS; they buy nothing
}

// StockCount is a count that replaces the cabinet's own book once, when its version is newer than the one applied.
type StockCount struct {
	Version uint64                                       `json:"version"`
	Book    map[protocol.PlatformID]map[protocol.SKU]int `json:"book"`
}

// Signed wraps what the cloud signs: ack and config. The broker is not trusted.
type Signed struct {
	KeyID   uint32          `json:"key"`
	Sig     []byte          `json:"sig"`
	Payload json.RawMessage `json:"payload"`
}

// ChallengeToken reads a challenge of a birth or an ack.
func ChallengeToken(raw []byte) (grant.Token, error) {
	var t grant.Token
	if len(raw) != len(t) {
		return t, protocol.Errorf(protocol.CodeMalformed, "challenge of %d bytes: want %d", len(raw), len(t))
	}
	copy(t[:], raw)
	return t, nil
}
