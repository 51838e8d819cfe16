package picking

import (
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Aging is what becomes of one lot of a lane.
type Aging struct {
	Place
	Lot
	DaysLeft int   `json:"days_left"` // 0: today is the last day; below zero its date is over
	Stage    Stage `json:"stage"`
	Spoils   int   `json:"spoils"` // units that are not expected to be sold before their date
}

// Offer is the price of a lane whose first lot is near its date.
type Offer struct {
	Place
	Percent int          `json:"percent"`
	Price   protocol.Fen `json:"price_fen"` // of one unit of the lane: the phone cannot tell its lots apart
	Until   ledger.Day   `json:"until"`     // of the lot that it is for
}

// Removal is goods that are to be taken out, for their date is over.
type Removal struct {
	Place
	Lot
}

// Age tells of each lot of a lane that has a date how near it is, the first to expire first.
func Age(at Place, lane *Lane, rule Markdown, when When) []Aging {
	var all []Aging
	sold := 0
	for _, lot := range Lying(lane.Lots, lane.Book) {
		if lot.Until == "" {
			continue
		}
		a := Aging{Place: at, Lot: lot, DaysLeft: when.Today.Until(lot.Until)}
		a.Stage = rule.Stage(a.DaysLeft)
		sells := min(max(lane.sells(0.5, max(when.until(lot.Until), 0))-sold, 0), lot.Units)
		sold += sells
		a.Spoils = lot.Units - sells
		all = append(all, a)
	}
	return all
}

// Stage is how near its date a lot is with so many days left.
func (m Markdown) Stage(daysLeft int) Stage {
	switch {
	case daysLeft < 0:
		return Over
	case daysLeft == 0:
		return LastDay
	case daysLeft <= m.AlertAt:
		return Soon
	}
	return Fresh
}

// Removals is what is to be taken out, of lots that were aged.
func Removals(lots []Aging) []Removal {
	var all []Removal
	for _, a := range lots {
		if a.Stage == Over {
			all = append(all, Removal{a.Place, a.Lot})
		}
	}
	return all
}

// Reduce is what a lane costs now, by its first lot that may still be sold; false where no step has begun.
func Reduce(lane *Lane, lots []Aging, rule Markdown) (Offer, bool) {
	for _, a := range lots {
		if a.Stage == Over {
			continue
		}
		percent := rule.Percent(a.DaysLeft)
		if percent == 0 {
			break
		}
		return Offer{a.Place, percent, rule.Price(lane.Price, lane.Cost, a.DaysLeft), a.Until}, true
	}
	return Offer{}, false
}
