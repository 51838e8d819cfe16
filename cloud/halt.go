package cloud

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// HaltKind is how far a cabinet is halted; it is the code by which doors stay shut, too.
type HaltKind = protocol.Code

// HaltReason is why a cabinet is halted.
type HaltReason string

// The reasons that there are.
const (
	HaltCleaning HaltReason = "cleaning"
	HaltRepair   HaltReason = "repair"
	HaltGoods    HaltReason = "goods" // are to be looked at, or are called back
	HaltSite     HaltReason = "site"  // works around it, or an event
	HaltPower    HaltReason = "supply"
	HaltElectric HaltReason = "electric" // it may be dangerous to touch
	HaltDamage   HaltReason = "damage"   // glass, a door or its frame
	HaltFood     HaltReason = "food"     // may harm who eats it
	HaltInquiry  HaltReason = "inquiry"  // nothing in it is to be changed
	HaltOther    HaltReason = "other"
)

// HaltReasons are those of a kind, in the order in which they are offered.
func HaltReasons(kind HaltKind) []HaltReason {
	if kind == protocol.CodeLockedOut {
		return []HaltReason{HaltElectric, HaltDamage, HaltFood, HaltInquiry, HaltOther}
	}
	return []HaltReason{HaltCleaning, HaltRepair, HaltGoods, HaltSite, HaltPower, HaltOther}
}

// Text is what residents read where nobody says it in other words.
func (r HaltReason) Text() Text {
	switch r {
	case HaltCleaning:
		return Text{Zh: "柜子正在清洁，清洁好了再卖。", En: "This cabinet is being cleaned. It sells again when that is done."}
	case HaltRepair:
		return Text{Zh: "柜子正在检修，修好了再卖。", En: "This cabinet is being repaired. It sells again when that is done."}
	case HaltGoods:
		return Text{Zh: "店里正在检查柜里的商品，暂时不卖。", En: "The shop is checking the goods in this cabinet. It does not sell for now."}
	case HaltSite:
		return Text{Zh: "柜子周围有活动或施工，暂时不卖。", En: "There is work or an event around this cabinet. It does not sell for now."}
	case HaltPower:
		return Text{Zh: "这里要停电，柜子暂时不卖。", En: "The power here is to be cut. This cabinet does not sell for now."}
	case HaltElectric:
		return Text{Zh: "柜子的电路可能有危险，请不要碰它。", En: "The wiring of this cabinet may be dangerous. Please do not touch it."}
	case HaltDamage:
		return Text{Zh: "柜子坏了，请离玻璃和柜门远一点。", En: "This cabinet is damaged. Please keep away from its glass and its door."}
	case HaltFood:
		return Text{Zh: "柜里的食品可能有问题，店里正在查。", En: "Something may be wrong with the food in this cabinet. The shop is looking into it."}
	}
	return Text{Zh: "这台柜子暂时停用。", En: "This cabinet is out of use for now."}
}

// HaltTextMax is how many characters residents are told at most, in each language.
const HaltTextMax = 120

// Halt is a word by which a cabinet sells no more, or by which an earlier one is taken back. It stands.
type Halt struct {
	ID      protocol.UUID
	Cabinet protocol.CabinetID
	Kind    HaltKind
	Holds   bool // false: it takes back the one before
	At      time.Time
	By      string        // empty: its time was over
	Role    protocol.Role // of who said it
	Reason  HaltReason
	Text    Text      // for residents
	Until   time.Time // zero: until somebody takes it back
	Note    string    // for the staff
}

// Over reports a halt whose time has passed.
func (h Halt) Over(now time.Time) bool { return !h.Until.IsZero() && !now.Before(h.Until) }

// Stops reports whether a halt keeps a door shut for a purpose: a cabinet off sale is filled and repaired, one that is locked
// out is repaired only.
func (h Halt) Stops(p protocol.Purpose) bool {
	return p == protocol.PurposePurchase || h.Kind == protocol.CodeLockedOut && p != protocol.PurposeService
}

// HaltsOf is what a cabinet is told of the halts in force.
func HaltsOf(in []Halt) (told []wire.Halt) {
	for _, h := range in {
		w := wire.Halt{Code: h.Kind}
		if !h.Until.IsZero() {
			w.Until = h.Until.UnixMilli()
		}
		told = append(told, w)
	}
	slices.SortFunc(told, func(a, b wire.Halt) int { return cmp.Compare(a.Code, b.Code) })
	return told
}

// Halted is the error of a door that a halt keeps shut; its code is the halt's kind.
type Halted struct{ Halt }

func (h *Halted) Error() string {
	return string(h.Kind) + ": cabinet " + string(h.Cabinet) + " is halted: " + string(h.Reason)
}

// Unwrap gives the code.
func (h *Halted) Unwrap() error { return &protocol.Error{Code: h.Kind, Msg: string(h.Reason)} }

// HaltSpan is a time in which a cabinet was halted.
type HaltSpan struct {
	Cabinet protocol.CabinetID
	From    time.Time
	To      time.Time // zero: it is still
}

// Halts keep every word of them, for ever.
type Halts interface {
	// Add keeps a word, which is in force or takes back what was.
	Add(h Halt) error
	// InForce lists those that nobody has taken back, of a cabinet or of all, the severest of each cabinet first; one whose time is
	// over is among them until somebody notes that.
	InForce(cabinet protocol.CabinetID) ([]Halt, error)
	// Of lists the words about a cabinet, the newest first.
	Of(cabinet protocol.CabinetID, limit int) ([]Halt, error)
	// Since lists the times of which something is after a moment, by cabinet; they may overlap.
	Since(from time.Time) ([]HaltSpan, error)
}

// AskHalt is a halt as somebody wants it. A text that is empty is the reason's own.
type AskHalt struct {
	Cabinet protocol.CabinetID
	Kind    HaltKind
	Reason  HaltReason
	Text    Text
	Until   time.Time
	Note    string
	By      Principal
}

// Halting lets people of the chain halt cabinets. Who may is the caller's to say.
type Halting interface {
	// Halt halts a cabinet, in the cloud at once and at the cabinet when it hears of it; the same again changes nothing. Errors:
	// CodeUnknownCabinet, protocol.CodeMalformed for a reason that is not of the kind, a text that is too long, or an end that is
	// over or that a lock-out has.
	Halt(ctx context.Context, a AskHalt) (Halt, error)
	// Resume takes back what is in force of a kind; where nothing is, it changes nothing. Errors: CodeUnknownCabinet.
	Resume(ctx context.Context, cabinet protocol.CabinetID, kind HaltKind, by Principal) error
	// Story lists the words about a cabinet, the newest first.
	Story(ctx context.Context, cabinet protocol.CabinetID, limit int) ([]Halt, error)
}
