package wire

import (
	"encoding/json"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// EventType names what happened. The list, who emits each, its effect and its golden JSON are in protocol/docs/events.md.
type EventType string

// The types of journalled events.
const (
	VisitBegun    EventType = "visit.begun"
	VisitOpened   EventType = "visit.opened"
	VisitStep     EventType = "visit.step"
	VisitSettled  EventType = "visit.settled"
	VisitAborted  EventType = "visit.aborted"
	VisitRefused  EventType = "visit.refused"
	DoorOpened    EventType = "door.opened"
	DoorShut      EventType = "door.shut"
	DoorLeftOpen  EventType = "door.left_open"
	LockPulsed    EventType = "lock.pulsed"
	LockFailed    EventType = "lock.failed"
	StockLevel    EventType = "stock.level"
	ScaleFault    EventType = "scale.fault"
	ScaleClear    EventType = "scale.clear"
	ScaleMoved    EventType = "scale.moved"
	ScaleSet      EventType = "scale.calibrated"
	GoodsWeight   EventType = "goods.weight"
	SaleStopped   EventType = "sale.stopped"
	SaleResumed   EventType = "sale.resumed"
	PowerBoot     EventType = "power.boot"
	ColdLost      EventType = "temperature.locked"
	ColdAttested  EventType = "temperature.attested"
	ConfigApplied EventType = "config.applied"
	ConfigRefused EventType = "config.refused"
	Alive         EventType = "alive"
)

// Patient reports evidence that nobody waits for: it may stay with the cabinet for some seconds and go with what follows it.
func (t EventType) Patient() bool {
	switch t {
	case VisitStep, LockPulsed, StockLevel, Alive:
		return true
	}
	return false
}

// Body is what an event says; each type has exactly one.
type Body interface{ Type() EventType }

// Counters are counted over the life of a cabinet; their growth must equal the sum of its events.
type Counters struct {
	Openings uint64       `json:"openings"` // doors that were really pulled
	Units    uint64       `json:"units"`    // units billed
	Fen      protocol.Fen `json:"fen"`      // billed at the prices of the cabinet's configuration
}

// Weight is what one platform showed.
type Weight struct {
	Platform protocol.PlatformID `json:"platform"`
	Weight   protocol.Milligrams `json:"weight_mg"`
	OK       bool                `json:"ok"`
}

// BegunBody: a grant was burnt; the lock is pulsed after this is on disk.
type BegunBody struct {
	Visit        protocol.VisitID     `json:"visit"`
	Compartment  protocol.Compartment `json:"compartment"`
	Purpose      protocol.Purpose     `json:"purpose"`
	Offline      bool                 `json:"offline"` // the grant came from a QR code
	Own          bool                 `json:"own"`     // there was none: a technician opened by what makes the box the cabinet
	PriceVersion uint32               `json:"price_version"`
	Config       uint64               `json:"config"` // version of the desired state that the visit is settled against
	Limit        protocol.Fen         `json:"limit_fen"`
	Before       []Weight             `json:"before"`
}

// OpenedBody: the door of the visit was pulled.
type OpenedBody struct {
	Visit protocol.VisitID `json:"visit"`
}

// StepBody: what a platform gained or lost during the visit, at most once a second.
type StepBody struct {
	Visit protocol.VisitID `json:"visit"`
	Steps []settle.Step    `json:"steps"`
}

// SettledBody: the final settlement of a visit.
type SettledBody struct {
	Visit       protocol.VisitID     `json:"visit"`
	Compartment protocol.Compartment `json:"compartment"`
	Purpose     protocol.Purpose     `json:"purpose"`
	Config      uint64               `json:"config"`
	OpenMS      int64                `json:"open_ms"`             // how long the door was open
	WaitMS      int64                `json:"wait_ms"`             // from the door shut to the decision
	Recovered   bool                 `json:"recovered,omitempty"` // decided after a power cut, from net weights
	ZeroAt      int64                `json:"zero_at,omitempty"`   // UTC milliseconds of the visit's zero; 0 where not known
	Answer      settle.Answer        `json:"answer"`
	Counters    Counters             `json:"counters"`
}

// AbortedBody: the visit ended without an opening. Code says why.
type AbortedBody struct {
	Visit protocol.VisitID `json:"visit"`
	Code  protocol.Code    `json:"code"`
}

// RefusedBody: a grant that was shown to the cabinet opened nothing. Unlike a command it may be shown again, so the visit
// has no outcome yet.
type RefusedBody struct {
	Visit protocol.VisitID `json:"visit"`
	Code  protocol.Code    `json:"code"`
}

// DoorBody: a door moved. Visit is empty where nobody was let in: the mechanical key, or force.
type DoorBody struct {
	EventType   EventType            `json:"-"`
	Compartment protocol.Compartment `json:"compartment"`
	Visit       *protocol.VisitID    `json:"visit,omitempty"`
	OpenMS      int64                `json:"open_ms,omitempty"`
}

// LockBody: a lock was pulsed, or failed.
type LockBody struct {
	EventType   EventType            `json:"-"`
	Compartment protocol.Compartment `json:"compartment"`
	Visit       *protocol.VisitID    `json:"visit,omitempty"`
	Code        protocol.Code        `json:"code,omitempty"`
	Detail      string               `json:"detail,omitempty"`
}

// StockBody: units and weight of each platform, after each visit and each hour.
type StockBody struct {
	Levels []settle.Level `json:"levels"`
	Counts []Count        `json:"counts,omitempty"` // by weight, of the platforms that can be trusted
}

// Count is what a platform's weight says of the units on it, beside what the book says.
type Count struct {
	Platform   protocol.PlatformID `json:"platform"`
	Zero       protocol.Milligrams `json:"zero_mg"`    // how far the scale's zero is believed to have wandered
	Confidence float64             `json:"confidence"` // probability that every Qty is right
	Units      []Counted           `json:"units"`
}

// Counted is one article: the likeliest number, and the bounds within which it lies with 95 %.
type Counted struct {
	SKU  protocol.SKU `json:"sku"`
	Qty  int          `json:"qty"`
	Low  int          `json:"low"`
	High int          `json:"high"`
}

// MovedBody: a weight changed behind a shut door, by more than drift explains.
type MovedBody struct {
	Platform protocol.PlatformID `json:"platform"`
	Delta    protocol.Milligrams `json:"delta_mg"` // negative: lighter
	Weight   protocol.Milligrams `json:"weight_mg"`
	OverMS   int64               `json:"over_ms"` // since it began to show
}

// By what a platform was calibrated.
const (
	WithNothing = "empty" // it was empty: its zero
	WithWeight  = "weight"
	WithArticle = "article"
)

// CalibratedBody: what a platform's board shows is made into weight by another correction, of the cabinet's own.
type CalibratedBody struct {
	Platform protocol.PlatformID `json:"platform"`
	Offset   protocol.Milligrams `json:"offset_mg"`  // that the board shows while it is empty
	PPM      int64               `json:"factor_ppm"` // of what it shows beyond that, in millionths
	Before   protocol.Milligrams `json:"error_before_mg"`
	After    protocol.Milligrams `json:"error_after_mg"` // by readings that did not make the correction
	With     string              `json:"with"`           // empty, weight or article
	Mass     protocol.Milligrams `json:"mass_mg"`        // that lay there
	SKU      protocol.SKU        `json:"sku,omitempty"`
	Count    int                 `json:"count,omitempty"`
	By       string              `json:"by,omitempty"`    // the person's name with the cloud
	Visit    *protocol.VisitID   `json:"visit,omitempty"` // the service visit; none where a technician had stopped the agent
}

// UnitBody: the mean weight of an article, as sales show it, has moved: perhaps another packaging.
type UnitBody struct {
	SKU    protocol.SKU        `json:"sku"`
	Was    protocol.Milligrams `json:"was_mg"` // as the master data says, or as it was told last
	Unit   protocol.Milligrams `json:"unit_mg"`
	Visits int                 `json:"visits"` // that show it
	Units  int                 `json:"units"`
}

// ScaleBody: a platform can no longer, or again, be weighed.
type ScaleBody struct {
	EventType EventType           `json:"-"`
	Platform  protocol.PlatformID `json:"platform"`
	Reason    string              `json:"reason,omitempty"` // silent, stuck, overload
}

// SaleBody: a compartment stopped selling, or sells again.
type SaleBody struct {
	EventType   EventType            `json:"-"`
	Compartment protocol.Compartment `json:"compartment"`
	Code        protocol.Code        `json:"code,omitempty"`
	Detail      string               `json:"detail,omitempty"`
}

// LostBody: the air of a compartment was not known to be at or below its limit for so long that its food is sold no more,
// until a person attests it.
type LostBody struct {
	Compartment protocol.Compartment  `json:"compartment"`
	Code        protocol.Code         `json:"code"`                 // too_warm, or cold_unknown where it was never measured to be
	Limit       protocol.DeciCelsius  `json:"limit_dc"`             // tenths of a degree
	Highest     *protocol.DeciCelsius `json:"highest_dc,omitempty"` // that was measured above the limit
	WarmMS      int64                 `json:"warm_ms"`              // since it was last known to be cold
	ShutMS      int64                 `json:"shut_ms"`              // since the door was last open, or the boot
}

// AttestedBody: a person answers for the food of a compartment, which may be sold again.
type AttestedBody struct {
	Compartment protocol.Compartment `json:"compartment"`
	By          string               `json:"by,omitempty"` // the person's name with the cloud
	Why         string               `json:"why,omitempty"`
	Visit       *protocol.VisitID    `json:"visit,omitempty"` // the service visit, of one who attests at the cabinet
}

// BootBody: the agent started. Clean tells whether the last stop was an orderly one.
type BootBody struct {
	Clean   bool   `json:"clean"`
	Version string `json:"version"`
}

// AppliedBody: a desired state is in force.
type AppliedBody struct {
	Config ConfigVersion `json:"config"`
}

// NotAppliedBody: a desired state was refused, and the one before it stays in force. Code is stale for one that is not newer.
type NotAppliedBody struct {
	Config ConfigVersion `json:"config"`
	Code   protocol.Code `json:"code"`
	Detail string        `json:"detail"`
}

// AliveBody is the mark of every 15 minutes.
type AliveBody struct {
	Selling  bool     `json:"selling"`
	Counters Counters `json:"counters"`
}

// Type implements Body.
func (BegunBody) Type() EventType      { return VisitBegun }
func (OpenedBody) Type() EventType     { return VisitOpened }
func (StepBody) Type() EventType       { return VisitStep }
func (SettledBody) Type() EventType    { return VisitSettled }
func (AbortedBody) Type() EventType    { return VisitAborted }
func (RefusedBody) Type() EventType    { return VisitRefused }
func (b DoorBody) Type() EventType     { return b.EventType }
func (b LockBody) Type() EventType     { return b.EventType }
func (StockBody) Type() EventType      { return StockLevel }
func (b ScaleBody) Type() EventType    { return b.EventType }
func (MovedBody) Type() EventType      { return ScaleMoved }
func (CalibratedBody) Type() EventType { return ScaleSet }
func (UnitBody) Type() EventType       { return GoodsWeight }
func (b SaleBody) Type() EventType     { return b.EventType }
func (LostBody) Type() EventType       { return ColdLost }
func (AttestedBody) Type() EventType   { return ColdAttested }
func (BootBody) Type() EventType       { return PowerBoot }
func (AppliedBody) Type() EventType    { return ConfigApplied }
func (NotAppliedBody) Type() EventType { return ConfigRefused }
func (AliveBody) Type() EventType      { return Alive }

// DecodeBody reads the body of an event by its type; an unknown type has protocol.CodeUnsupported, anything else that
// cannot be read protocol.CodeMalformed.
func DecodeBody(t EventType, raw json.RawMessage) (Body, error) {
	switch t {
	case VisitBegun:
		return decodeAs[BegunBody](t, raw)
	case VisitOpened:
		return decodeAs[OpenedBody](t, raw)
	case VisitStep:
		return decodeAs[StepBody](t, raw)
	case VisitSettled:
		return decodeAs[SettledBody](t, raw)
	case VisitAborted:
		return decodeAs[AbortedBody](t, raw)
	case VisitRefused:
		return decodeAs[RefusedBody](t, raw)
	case DoorOpened, DoorShut, DoorLeftOpen:
		b, err := decodeAs[DoorBody](t, raw)
		b.EventType = t
		return b, err
	case LockPulsed, LockFailed:
		b, err := decodeAs[LockBody](t, raw)
		b.EventType = t
		return b, err
	case StockLevel:
		return decodeAs[StockBody](t, raw)
	case ScaleFault, ScaleClear:
		b, err := decodeAs[ScaleBody](t, raw)
		b.EventType = t
		return b, err
	case ScaleMoved:
		return decodeAs[MovedBody](t, raw)
	case ScaleSet:
		return decodeAs[CalibratedBody](t, raw)
	case GoodsWeight:
		return decodeAs[UnitBody](t, raw)
	case SaleStopped, SaleResumed:
		b, err := decodeAs[SaleBody](t, raw)
		b.EventType = t
		return b, err
	case ColdLost:
		return decodeAs[LostBody](t, raw)
	case ColdAttested:
		return decodeAs[AttestedBody](t, raw)
	case PowerBoot:
		return decodeAs[BootBody](t, raw)
	case ConfigApplied:
		return decodeAs[AppliedBody](t, raw)
	case ConfigRefused:
		return decodeAs[NotAppliedBody](t, raw)
	case Alive:
		return decodeAs[AliveBody](t, raw)
	case Unreadable:
		return decodeUnreadable(raw)
	}
	return nil, protocol.Errorf(protocol.CodeUnsupported, "event type %q is not known", t)
}

func decodeAs[B Body](t EventType, raw json.RawMessage) (B, error) {
	var body B
	if err := json.Unmarshal(raw, &body); err != nil {
		return body, protocol.Errorf(protocol.CodeMalformed, "body of %s: %v", t, err)
	}
	return body, nil
}
