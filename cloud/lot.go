package cloud

import (
	"context"
	"slices"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// Lot is units of an article in one place that may be sold until the same day, as it was when goods last came there.
type Lot struct {
	Place ledger.Account
	SKU   protocol.SKU
	Until ledger.Day // the last day on which it is sold
	Units int
	Said  bool          // somebody read the day off the goods; else it is worked out from when they came, and their shelf life
	Since time.Time     // when the first of them came to the chain, or into its books
	Told  picking.Stage // that somebody was told of; empty: nobody was
}

// Subject is what an incident of the lot is about.
func (l Lot) Subject() string {
	_, _, platform, _ := l.Place.Place()
	return platform + " " + string(l.SKU) + " " + string(l.Until)
}

// Untell closes what somebody was told of a lot.
func (tx Tx) Untell(l Lot, at time.Time) error {
	_, cabinet, _, _ := l.Place.Place()
	for _, kind := range []IncidentKind{IncidentExpires, IncidentExpired} {
		if err := tx.Incidents.Close(protocol.CabinetID(cabinet), kind, l.Subject(), at); err != nil {
			return err
		}
	}
	return nil
}

// SaidLot is units of an article whose day somebody read off them.
type SaidLot struct {
	SKU   protocol.SKU
	Units int
	Until ledger.Day

	Named bool           // nobody read it: it says which of the lots leave the place where they are; empty Until: those of no known day
	Place ledger.Account // where they come; empty: anywhere
}

// Lots are what lay in each place when goods last came there.
type Lots interface {
	// Of lists those of an article in a place, the first to expire first.
	Of(place ledger.Account, sku protocol.SKU) ([]Lot, error)
	// In lists those of all places that begin alike, by place and article, the first to expire first.
	In(prefix ledger.Account) ([]Lot, error)
	// Due lists those in cabinets whose last day is this one or before it, by place and article.
	Due(until ledger.Day) ([]Lot, error)
	// Put replaces what lies of an article in a place.
	Put(place ledger.Account, sku protocol.SKU, lots []Lot) error
	// Add puts lots where none lay.
	Add(lots []Lot) error
	// Tell keeps that somebody was told how near its date a lot is.
	Tell(l Lot, stage picking.Stage) error
}

// PlainLots are lots as the rules of picking see them.
func PlainLots(lots []Lot) []picking.Lot {
	plain := make([]picking.Lot, len(lots))
	for i, l := range lots {
		plain[i] = picking.Lot{Units: l.Units, Until: l.Until}
	}
	return plain
}

// LyingLots are which of the lots of one place and article still lie there where it has so many units by book. What no lot
// names has no known date, and is left out.
func LyingLots(lots []Lot, book int) []Lot {
	return kept(lots, picking.Lying(PlainLots(lots), book))
}

// TakeLots splits the lots of one place and article into what leaves, the first to expire first, and what stays.
func TakeLots(lots []Lot, units int) (taken, left []Lot) {
	out, in := picking.Take(PlainLots(lots), units)
	return kept(lots, out), kept(lots, in)
}

// kept are the lots as plain ones say how many units of each are meant.
func kept(lots []Lot, plain []picking.Lot) (some []Lot) {
	for _, p := range plain {
		i := slices.IndexFunc(lots, func(l Lot) bool { return l.Until == p.Until })
		if i < 0 || p.Until == "" {
			continue
		}
		l := lots[i]
		l.Units = p.Units
		some = append(some, l)
	}
	return some
}

// JoinLots lays lots of one article together in a place, those of one day as one: a day that was worked out stays so.
func JoinLots(place ledger.Account, lots ...Lot) []Lot {
	var all []Lot
	for _, l := range lots {
		i := slices.IndexFunc(all, func(a Lot) bool { return a.Until == l.Until })
		if i < 0 {
			l.Place = place
			all = append(all, l)
			continue
		}
		a := &all[i]
		a.Units += l.Units
		a.Said = a.Said && l.Said
		if l.Since.Before(a.Since) {
			a.Since = l.Since
		}
	}
	return all
}

// Markdown is what is done in one category when a date comes near.
type Markdown struct {
	Category string // empty: every category that has no rule of its own
	picking.Markdown
}

// Markdowns are the rules of all categories.
type Markdowns []Markdown

// DefaultMarkdown is what holds where nobody has said anything: somebody is told a day before, and nothing costs less.
func DefaultMarkdown() picking.Markdown { return picking.Markdown{AlertAt: 1} }

// Of is the rule of a category.
func (m Markdowns) Of(category string) picking.Markdown {
	for _, name := range []string{category, ""} {
		if i := slices.IndexFunc(m, func(r Markdown) bool { return r.Category == name }); i >= 0 {
			return m[i].Markdown
		}
	}
	return DefaultMarkdown()
}

// Reach is how many days before its date a lot can concern anybody.
func (m Markdowns) Reach() int {
	reach := DefaultMarkdown().AlertAt
	for _, r := range m {
		reach = max(reach, r.AlertAt)
		for _, s := range r.Steps {
			reach = max(reach, s.DaysLeft)
		}
	}
	return reach
}

// LaneLots are the goods of one lane with their dates, the first to expire first.
type LaneLots struct {
	picking.Place
	Article Article
	Book    int
	Undated int // units of which nobody knows until when they may be sold
	Lots    []LotLeft
	Price   protocol.Fen // of one unit now; 0: it is not sold
}

// LotLeft is what is left of a lot.
type LotLeft struct {
	Lot
	DaysLeft int // 0: today is the last day; below zero its date is over
	Stage    picking.Stage
}

// Expiry tells of dates.
type Expiry interface {
	// Lanes lists what a cabinet holds with its dates, in the planogram's order; CodeUnknownCabinet where there is no such one.
	Lanes(ctx context.Context, id protocol.CabinetID) ([]LaneLots, error)
	// Lane is one of them with what was booked there last; CodeUnknownCabinet, CodeNotFound where there is no such lane.
	Lane(ctx context.Context, at picking.Place) (LaneHistory, error)
	// Due lists the lots in cabinets that somebody is to look at, the first to expire first. An empty store means any.
	Due(ctx context.Context, store StoreID) ([]LotDue, error)
	// Rules are what is done in each category that has a rule of its own, and in every other.
	Rules(ctx context.Context) (Markdowns, error)
	// Would is Due of all stores with other rules in place of those of their categories.
	Would(ctx context.Context, rules Markdowns) ([]LotDue, error)
}

// LotDue is a lot that somebody is to look at.
type LotDue struct {
	LotLeft
	Lane    picking.Place
	Cabinet Cabinet
	Article Article
	Full    protocol.Fen // the chain's price of one unit
	Price   protocol.Fen // of one unit in this cabinet now; 0: it is not sold
	Percent int          // off its price by its own date, as the rule of its category says
	Step    protocol.Fen // of one unit, by that rule
	Next    *PriceStep   // nil: no other step begins before its date is over
	Fate    LotFate
}

// PriceStep is what an article costs from a day on.
type PriceStep struct {
	Day     ledger.Day
	Percent int
	Price   protocol.Fen // of one unit
}

// LotFate is what the rounds of its store do about a lot.
type LotFate struct {
	Round protocol.UUID // that goes there; zero: none does yet
	Out   int           // units of the lane that it is to take out
	Next  time.Time     // when the store's next round is, where none goes there yet
	Over  bool          // by then its date is over: that round takes out what is left of it
}

// LaneHistory is a lane with the latest of what was booked there, the newest first.
type LaneHistory struct {
	Cabinet Cabinet
	LaneLots
	Entries []ledger.Entry
	Moved   map[ledger.Ref]Movement // of the entries that a person made
}
