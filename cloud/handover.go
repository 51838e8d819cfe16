package cloud

import (
	"context"
	"time"

	"allhours/protocol"
)

// HandoverItem is one thing that must be right before a cabinet is left to its residents.
type HandoverItem string

// The items, in the order in which a technician meets them. The last two no machine can see.
const (
	HandoverClaimed    HandoverItem = "claimed"    // its journal is the one that is accepted
	HandoverConnected  HandoverItem = "connected"  // it speaks
	HandoverApplied    HandoverItem = "applied"    // it sells by the newest prices and places
	HandoverScales     HandoverItem = "scales"     // each of its scales gives a weight that can be trusted
	HandoverCalibrated HandoverItem = "calibrated" // each was calibrated with a known mass, from afar
	HandoverLocks      HandoverItem = "locks"      // each door was opened for service, seen open and seen shut
	HandoverCold       HandoverItem = "cold"       // no air is above its limit, no probe is silent
	HandoverPurchase   HandoverItem = "purchase"   // somebody bought, and the bill needed nobody
	HandoverSticker    HandoverItem = "sticker"    // the code at the door leads to this cabinet
	HandoverStands     HandoverItem = "stands"     // level, and fixed
)

// ByHand reports an item that only a person can see.
func (i HandoverItem) ByHand() bool { return i == HandoverSticker || i == HandoverStands }

// HandoverPoint is an item as it stands.
type HandoverPoint struct {
	Item HandoverItem `json:"item"`
	OK   bool         `json:"ok"`             // as the machine sees it, or as a person ticked it
	Lack []string     `json:"lack,omitempty"` // doors or platforms that are not right yet
	Why  string       `json:"why,omitempty"`  // signed: why it was left open
}

// Handover is what a technician signed.
type Handover struct {
	ID      protocol.UUID
	Cabinet protocol.CabinetID
	By      string
	At      time.Time
	Points  []HandoverPoint
}

// Checklist is how a cabinet stands before it is handed over. Items for a person are never OK here.
type Checklist struct {
	Points []HandoverPoint
	Signed *Handover // the last one; nil: it was never handed over
}

// SignHandover is a technician's word. Each item that is not right needs a reason.
type SignHandover struct {
	Cabinet protocol.CabinetID
	By      string
	Ticks   map[HandoverItem]bool // of the items for a person
	Why     map[HandoverItem]string
}

// HandoverTable keeps what was signed, for ever.
type HandoverTable interface {
	Add(h Handover) error
	// Latest is the newest of a cabinet; false where it was never handed over.
	Latest(cabinet protocol.CabinetID) (h Handover, found bool, err error)
	// Since is when the cabinet's card took another one's place; zero where it is the first.
	Since(cabinet protocol.CabinetID) (time.Time, error)
}

// Handovers hands cabinets over to their residents. Whether a cabinet sells does not depend on it.
type Handovers interface {
	// Checklist looks at a cabinet; CodeUnknownCabinet where there is none.
	Checklist(ctx context.Context, cabinet protocol.CabinetID) (Checklist, error)
	// HandOver keeps the word of a technician beside what the machine sees. Errors: CodeUnknownCabinet,
	// protocol.CodeMalformed where an item is not right and no reason is given.
	HandOver(ctx context.Context, s SignHandover) (Handover, error)
}
