package cloud

import (
	"context"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// LaneCount is the last count of a lane.
type LaneCount struct {
	Place   ledger.Account
	SKU     protocol.SKU
	At      time.Time
	Booked  int // when it was counted
	Counted int
}

// LaneCounts keep the last count of each lane.
type LaneCounts interface {
	Put(c LaneCount) error
	// In lists those of all places that begin alike, by place and article.
	In(prefix ledger.Account) ([]LaneCount, error)
}

// Stocktakes say what is to be counted. What was counted is booked by rounds.
type Stocktakes interface {
	// Unsure is what is known of the lanes of a store's cabinets, and which of them are to be counted; CodeNotFound.
	Unsure(ctx context.Context, store StoreID) ([]StocktakeStop, error)
}

// StocktakeStop is a cabinet whose lanes may be counted.
type StocktakeStop struct {
	Cabinet Cabinet
	Round   protocol.UUID   // in which it is to be counted; zero: none
	Lanes   []StocktakeLane // those that are to be counted first, then in the planogram's order
}

// StocktakeLane is one lane with what speaks for counting it.
type StocktakeLane struct {
	picking.Unsure
	Article Article
	Book    int
	Scales  *reconcile.Level // what they said last, today or yesterday; nil: nothing that could be trusted
	Last    *LaneCount       // nil: it was never counted
	Chosen  bool
}
