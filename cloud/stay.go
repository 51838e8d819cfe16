package cloud

import (
	"time"

	"allhours/protocol"
)

// Stay is where a cabinet stood, and for how long.
type Stay struct {
	Cabinet protocol.CabinetID
	Store   StoreID
	From    time.Time // zero: since before anybody wrote it down
	Until   time.Time // the first moment at which it stood elsewhere; zero: it stands there
}

// Covers reports whether the cabinet stood there at a moment.
func (s Stay) Covers(at time.Time) bool {
	return !s.From.After(at) && (s.Until.IsZero() || s.Until.After(at))
}

// Stays keep where each cabinet stood. A cabinet's stays follow each other without a gap; Cabinets.Save writes them.
type Stays interface {
	// At is where a cabinet stood at a moment; before its first stay, the first one. CodeUnknownCabinet where there is none.
	At(cabinet protocol.CabinetID, at time.Time) (Stay, error)
	// Of lists all stays of a cabinet, the oldest first.
	Of(cabinet protocol.CabinetID) ([]Stay, error)
	// Around lists the stays, with whichever store, that begin before a moment and end after another one, of the cabinets that
	// stood with a store for some of that time.
	Around(store StoreID, from, to time.Time) ([]Stay, error)
}

// CabinetAt finds a cabinet as it is, but for its store: that is the one it stood with at a moment. What a visit did belongs to
// the store with which its cabinet stood when it began.
func (tx Tx) CabinetAt(id protocol.CabinetID, at time.Time) (Cabinet, error) {
	c, err := tx.Cabinets.Find(id)
	if err != nil {
		return c, err
	}
	stay, err := tx.Stays.At(id, at)
	if err != nil {
		return c, err
	}
	c.Store = stay.Store
	return c, nil
}
