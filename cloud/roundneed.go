package cloud

import (
	"context"
	"time"

	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// RoundPlanning proposes rounds, and looks back at them.
type RoundPlanning interface {
	// Needs is what the cabinets of a store lack, and which of them its next round visits; CodeNotFound where there is no such store.
	Needs(ctx context.Context, store StoreID) (StoreNeeds, error)
	// Keep sets when the rounds of a store are walked; protocol.CodeMalformed, CodeNotFound.
	Keep(ctx context.Context, h RoundHabit) error
	// List is what a round has picked from the store's shelf, and what would be different of it if it were planned now; the
	// latter is empty once the goods have left. CodeNotFound where there is no such round.
	PickList(ctx context.Context, id protocol.UUID) (PickList, error)
	// Variances are those of the rounds of a store that ended on days from one to another, the newest first; CodeNotFound.
	Variances(ctx context.Context, store StoreID, from, to ledger.Day) ([]RoundVariance, error)
}

// StoreNeeds is what the cabinets of a store lack, and what its next round is proposed to be.
type StoreNeeds struct {
	Store Store
	Habit RoundHabit
	Next  time.Time // round, in the chain's zone
	Then  time.Time // the one after it
	Age   DemandAge
	Stops []StopNeed // by their numbers
	// Transfers are what the cabinets that the next round visits are proposed to give each other; what they are brought is without it.
	Transfers []picking.Transfer
	// Trip is the walk to those that the next round visits, times as seconds of the day; it has no stops where somebody has not
	// said where the store and all of its cabinets stand, of which Unplaced are not said.
	Trip     picking.Trip
	Unplaced int
	// Unkept are the articles of which the store's books do not say how many there are: as many as are wanted are taken to be there.
	Unkept []protocol.SKU
}

// StopNeed is a cabinet that a round may visit, and what it would be brought.
type StopNeed struct {
	Cabinet Cabinet
	Minutes int
	Lines   []LaneNeed
	Choice  picking.Choice
	Round   protocol.UUID // that is on its way to it; zero: none, and then the choice says whether the next one visits it
}

// Units is what all lanes lack.
func (n StopNeed) Units() (units int) {
	for _, l := range n.Lines {
		units += l.Bring
	}
	return units
}

// Empty is how many lanes have nothing left.
func (n StopNeed) Empty() (lanes int) {
	for _, l := range n.Lines {
		if l.Book <= 0 {
			lanes++
		}
	}
	return lanes
}

// LaneNeed is what one lane lacks.
type LaneNeed struct {
	picking.Need
	Article Article
	Par     int            // units that somebody has said it is filled up to, or, where the forecast knows too little, that it first held
	HasPar  bool           // it is filled up to its par, not by the forecast
	Lasts   forecast.Range // until when what lies there lasts, in hours from now
}

// PickList is what a round has picked from the store's shelf.
type PickList struct {
	Round   Round
	Picks   []picking.Pick // as one walks along the aisles
	Changes []picking.Change
	Names   map[protocol.SKU]Article
	Numbers map[protocol.CabinetID]int
	Stores  map[StoreID]Store            // its own, and those that it brings goods to or fetches them from
	Later   map[protocol.CabinetID]Draft // that were made after it was planned, where it is still to stop: the next round sets them up
}

// RoundVariance is how well what was planned, counted and weighed agreed in one cabinet of one round.
type RoundVariance struct {
	Round    protocol.UUID
	Day      ledger.Day
	Walks    string // the name of who walked it
	Cabinet  protocol.CabinetID
	Lines    int // on which something was planned, or moved
	Planned  int // units
	Picked   int
	Put      int // by the books, whatever was taken out beside it
	Asked    int // lines on which count and scales differed
	Adjusted int // units that the restocker insisted on, each as much as it is
}

// RoundFigures are what rounds are planned from, and come to.
type RoundFigures interface {
	// Shelf is what the store has of each article that its books know, below nothing where more has left than came.
	Shelf(store StoreID) (map[protocol.SKU]int, error)
	// Variances are those of the rounds of a store that ended, by their days, the newest first.
	Variances(store StoreID, from, to ledger.Day) ([]RoundVariance, error)
}
