package cloud

import (
	"context"
	"time"

	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// GoodsFlow is what an entry of the books changed on a platform of a cabinet.
type GoodsFlow struct {
	At time.Time
	picking.Place
	Units int64 // that came; below zero: that left
	Sold  bool  // they left with a resident, whoever paid for them
}

// PastSale is units that another system sold in one hour, before the books begin.
type PastSale struct {
	Cabinet protocol.CabinetID
	Day     ledger.Day
	Hour    int // of the chain's clocks
	SKU     protocol.SKU
	Units   int
}

// DemandTable knows what was sold, hour by hour.
type DemandTable interface {
	// First is the first day of the books and of what was sold before; empty where there is neither.
	First() (ledger.Day, error)
	// Flows lists what lay and moved in the cabinets of a store on a day, the oldest first.
	Flows(store StoreID, day ledger.Day) ([]GoodsFlow, error)
	// AddPast replaces what was told of the same hours.
	AddPast(sales []PastSale) error
	// Past lists what was sold before the books, of one day.
	Past(day ledger.Day) ([]PastSale, error)
	// PastSpans is of each cabinet which articles it sold before the books, and from which day to which.
	PastSpans() ([]PastSpan, error)
}

// PastSpan is from which day to which an article was sold in a cabinet before the books.
type PastSpan struct {
	Cabinet  protocol.CabinetID
	SKU      protocol.SKU
	From, To ledger.Day
}

// DemandPart is one part of what was learned; the empty one is the chain's.
type DemandPart struct {
	Part    protocol.CabinetID
	Through ledger.Day
	Body    []byte
}

// DemandParts keep what was learned.
type DemandParts interface {
	Save(parts []DemandPart) error
	// After lists at most so many parts that come after one, in their order.
	After(part protocol.CabinetID, limit int) ([]DemandPart, error)
	// Find is one part; false where there is none.
	Find(part protocol.CabinetID) (p DemandPart, found bool, err error)
}

// DemandAge tells what a forecast comes from.
type DemandAge struct {
	Days     int        // that it has learned from
	From     ledger.Day // the first of them; empty: none
	Through  ledger.Day // the last of them
	Learned  time.Time  // when the last was learned; zero: never
	Learning bool       // days are being learned right now
	Foreseen bool       // the calendar knows the holidays of the days to come
}

// EnoughDays is how many days must have been learned before a forecast says what a lane is filled up to.
const EnoughDays = 14

// Enough reports a forecast that lanes are filled by. Before, they are filled up to their par.
func (a DemandAge) Enough() bool { return a.Days >= EnoughDays }

// Outlooks are what will be wanted, for readers who must not wait for what is being learned.
type Outlooks struct {
	Age   DemandAge
	Model *forecast.Model // only to be read
}

// DemandTrial is how far forecasts of the days that are past were off, the model's and those of naive methods.
type DemandTrial struct {
	Losses   []forecast.Loss // the model's first
	Days     int             // that were walked through; of the first 28 none is a case, for the naive methods need them
	Cabinets int             // that were looked at
	Made     time.Time
}

// Cases is how many forecasts were held to what came: an article in a cabinet on a day.
func (t DemandTrial) Cases() int {
	if len(t.Losses) == 0 {
		return 0
	}
	return t.Losses[0].Cases
}

// StoreDemand is what will be wanted in the cabinets of a store.
type StoreDemand struct {
	Store Store
	Age   DemandAge
	Trial *DemandTrial // nil: it is being worked out
	Lanes []LaneDemand // by cabinet's number, platform and article
}

// LaneDemand is what will be wanted of one lane.
type LaneDemand struct {
	picking.Place
	Number  int // of the cabinet
	Article Article
	Book    int
	Day     float64        // expected within a day from now
	Week    float64        // within a week
	P90     int            // within a day, not exceeded with 90 %
	Empty   forecast.Range // in so many hours from now
}

// Demand tells what will be wanted, and what that is known from.
type Demand interface {
	// Demand has CodeNotFound where there is no such store.
	Demand(ctx context.Context, store StoreID) (StoreDemand, error)
	// Past takes sales of another system in from a CSV with the columns date-hour, cabinet, sku and units: all or nothing. It
	// tells how many hours were taken in. Errors: *BadData.
	Past(ctx context.Context, text []byte) (hours int, err error)
}
