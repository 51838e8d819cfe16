package picking

import (
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Step is how much less an article costs from so many days before its date on.
type Step struct {
	DaysLeft int `json:"days_left"` // 0: on the last day
	Percent  int `json:"percent"`   // off its price
}

// Markdown is the steps of one category.
type Markdown struct {
	Steps   []Step `json:"steps"`
	AtCost  bool   `json:"at_cost"`  // it is never sold below what it cost
	AlertAt int    `json:"alert_at"` // days left from which somebody is told
}

// Stage is how near its date a lot is.
type Stage string

// The stages, from the first to the last.
const (
	Fresh   Stage = "fresh"
	Soon    Stage = "soon"     // it is to be told of
	LastDay Stage = "last_day" // it is sold today for the last time
	Over    Stage = "over"     // it must be taken out
)

// Aging is what becomes of one lot of a lane.
type Aging struct {
	Place
	Lot
	DaysLeft int   `json:"days_left"` // below zero where its date is over
	Stage    Stage `json:"stage"`
	// Spoils is how many of its units are not expected to be sold before their date.
	Spoils int `json:"spoils"`
}

// Offer is the price of a lane whose first lot is near its date.
type Offer struct {
	Place
	Percent int          `json:"percent"`
	Price   protocol.Fen `json:"price_fen"`
	Until   ledger.Day   `json:"until"` // of the lot that it is for
}

// Removal is goods that are to be taken out.
type Removal struct {
	Place
	Units int        `json:"units"`
	Until ledger.Day `json:"until"` // their last day, which is over
}
