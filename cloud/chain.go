package cloud

import (
	"cmp"
	"time"

	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Text is one text in the two languages of the pages.
type Text struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Chain is the grocery chain that owns the fleet.
type Chain struct {
	Name         Text
	SupportPhone string
	Hold         protocol.Fen  // reserved before a door opens; the grant's limit
	TimeZone     string        // IANA name; days are the store's own
	WaiveAfter   time.Duration // a review that nobody decided is waived after this
	Offline      Offline
	Disputing    Disputing
	Quiet        Quiet
	Retention    Retention   // of what is kept of residents
	Health       wire.Health // of every compartment with a probe that its cabinet does not say otherwise of
}

// Quiet is when nobody wants a message, minutes after midnight in the chain's time zone, and over midnight where it ends
// before it begins. A zero Quiet is at no hour.
type Quiet struct {
	From, To int
}

// Until is when a message may be sent that is written at a moment of the chain's own zone.
func (q Quiet) Until(at time.Time) time.Time {
	minute := at.Hour()*60 + at.Minute()
	late := q.From > q.To && minute >= q.From
	early := q.From > q.To && minute < q.To
	if !late && !early && (minute < q.From || minute >= q.To) {
		return at
	}
	end := time.Date(at.Year(), at.Month(), at.Day(), q.To/60, q.To%60, 0, 0, at.Location())
	if late {
		end = time.Date(at.Year(), at.Month(), at.Day()+1, q.To/60, q.To%60, 0, 0, at.Location())
	}
	return end
}

// Offline is what the chain risks on grants that are shown to a cabinet whose line is down.
type Offline struct {
	Valid    time.Duration // of such a grant; 0: none is given out, and none opens
	Openings int           // of one resident within Per
	Fen      protocol.Fen  // held for these openings
	Per      time.Duration
	Cabinet  int // openings of one cabinet of which the cloud has not heard
	Service  int // of one technician within Per; 0: none
}

// StoreID names a store.
type StoreID string

// Store is one grocery with the cabinets around it.
type Store struct {
	ID    StoreID
	Name  Text
	Hours []Hours
	At    Spot
}

// Hours are one opening span of a day, minutes after midnight in the chain's time zone.
type Hours struct {
	Open, Close int
}

// Article is one good of the assortment.
type Article struct {
	SKU           protocol.SKU
	Name          Text
	Category      string
	Zone          string // ambient or chilled
	Unit, SD      protocol.Milligrams
	Price, Cost   protocol.Fen
	ShelfLifeDays int
	Essential     bool
	VATPercent    int
	MinAge        int
	CaseSize      int
	Retired       bool // it is sold where it lies, and placed nowhere else
	Barcodes      []Barcode
}

// Look is what tells it from other articles.
func (a Article) Look() picking.Look {
	return picking.Look{SKU: a.SKU, Category: a.Category, Names: []string{a.Name.Zh, a.Name.En}, Unit: a.Unit, SD: a.SD}
}

// Cabinet is one cabinet as it is planned; how it is right now is its Presence.
type Cabinet struct {
	ID        protocol.CabinetID
	Store     StoreID
	Number    int
	Place     Text
	Layout    string // shelves or lanes
	Shard     uint8
	Config    uint64 // version of its desired state
	Platforms []Platform
	Health    map[protocol.Compartment]wire.Health // where it differs from the chain's; nil: nowhere
	At        Spot
	Hours     []Reach // when a restocker can reach it; nil: at any time
}

// HealthOf is what the chain and the cabinet say of how warm a compartment may be; the cabinet's own box knows the rest.
func (c Cabinet) HealthOf(chain wire.Health, n protocol.Compartment) wire.Health {
	own := c.Health[n]
	return wire.Health{
		AboveDC: cmp.Or(own.AboveDC, chain.AboveDC), ShutMin: cmp.Or(own.ShutMin, chain.ShutMin),
		WarmMin: cmp.Or(own.WarmMin, chain.WarmMin), AllMin: cmp.Or(own.AllMin, chain.AllMin),
	}
}

// Platform is one weighed surface and what the planogram puts there.
type Platform struct {
	ID          protocol.PlatformID
	Compartment protocol.Compartment
	Capacity    protocol.Milligrams
	Division    protocol.Milligrams
	SKUs        []protocol.SKU
	Par         map[protocol.SKU]int // units that a refill fills up to; nil or absent: not said
	Room        map[protocol.SKU]int // units that fit; nil or absent: only the scale limits them
}

// ShelfGood is one article in a cabinet with its price and what the book says is left.
type ShelfGood struct {
	Platform protocol.PlatformID
	Article  Article
	Units    int
	Price    protocol.Fen // of one unit in this cabinet now; 0: it is not sold there
}
