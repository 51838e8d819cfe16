// Package book writes facts into the ledger: it alone knows which day of which store a fact is booked to. It refuses to know
// what is posted, and why.
package book

import (
	"fmt"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Book posts entries.
type Book struct {
	now   func() time.Time
	newID func() protocol.UUID

	mu    sync.Mutex
	zones map[string]*time.Location // reading one takes longer than a posting
}

// New makes a book.
func New(now func() time.Time, newID func() protocol.UUID) *Book {
	return &Book{now: now, newID: newID, zones: make(map[string]*time.Location)}
}

// Fact is what postings are made from.
type Fact struct {
	Ref     ledger.Ref
	Cabinet cloud.Cabinet // the zero cabinet where none is concerned
	At      time.Time     // when it happened; zero: now. What is said to happen later happens now.

	// Between which moments it happened, where no clock says when; else both are zero.
	Earliest, Latest time.Time

	Lots []cloud.SaidLot      // what somebody read off goods that come somewhere
	Life map[protocol.SKU]int // days that articles keep; nil: as the assortment says
	New  bool                 // nothing lay before where goods come

	zone *time.Location
}

// Post books a fact to its day; CodeConflict where it is booked already. Nothing to post is no entry.
func (b *Book) Post(tx cloud.Tx, f Fact, postings []ledger.Posting) error {
	if len(postings) == 0 {
		return nil
	}
	now := b.now()
	if f.At.IsZero() || f.At.After(now) {
		f.At = now
	}
	day, late, err := b.days(tx, f.Cabinet.Store, f.At, now)
	if err != nil {
		return fmt.Errorf("book %s: %w", f.Ref, err)
	}
	if f.zone, err = b.Zone(tx); err != nil {
		return fmt.Errorf("book %s: %w", f.Ref, err)
	}
	if err := b.follow(tx, f, postings); err != nil {
		return fmt.Errorf("lots of %s: %w", f.Ref, err)
	}
	if err := doubt(tx, f); err != nil {
		return err
	}
	return tx.Ledger.Post(ledger.Entry{
		ID: b.newID(), At: f.At, Ref: f.Ref, Store: string(f.Cabinet.Store), Cabinet: f.Cabinet.ID, Day: day, Late: late, Postings: postings,
	})
}

// doubt keeps between which days a fact happened where no clock says on which. Within one day an hour more or less moves nothing.
func doubt(tx cloud.Tx, f Fact) error {
	if f.Latest.IsZero() {
		return nil
	}
	first, last := ledger.DayOf(f.Earliest, f.zone), ledger.DayOf(f.Latest, f.zone)
	if first >= last {
		return nil
	}
	return tx.Doubts.Add(cloud.DayDoubt{Ref: f.Ref, Store: f.Cabinet.Store, Cabinet: f.Cabinet.ID, First: first, Last: last})
}

// days says to which day a fact is booked: its own, or where that is closed, today, late for its own. A later day that is
// closed closes those before it.
func (b *Book) days(tx cloud.Tx, store cloud.StoreID, at, now time.Time) (day, late ledger.Day, err error) {
	zone, err := b.Zone(tx)
	if err != nil {
		return "", "", err
	}
	day = ledger.DayOf(at, zone)
	closed, err := tx.Closed.Last(store)
	if err != nil || day > closed {
		return day, "", err
	}
	return max(ledger.DayOf(now, zone), closed.Add(1)), day, nil
}

// Seller is the cabinet of a visit with the store that the visit's money belongs to: what follows a sale is booked to the
// store that sold, also where the cabinet stands elsewhere since. Before anything is booked it is the one that the cabinet stood
// with when the visit began.
func Seller(tx cloud.Tx, v cloud.VisitRecord) (cloud.Cabinet, error) {
	cabinet, err := tx.CabinetAt(v.Cabinet, v.Created)
	if err != nil {
		return cabinet, err
	}
	store, booked, err := tx.Sellers.Of(v.ID)
	if booked {
		cabinet.Store = store
	}
	return cabinet, err
}

// Zone is the chain's time zone.
func (b *Book) Zone(tx cloud.Tx) (*time.Location, error) {
	chain, err := tx.Plans.Chain()
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if zone := b.zones[chain.TimeZone]; zone != nil {
		return zone, nil
	}
	zone, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return nil, err
	}
	b.zones[chain.TimeZone] = zone
	return zone, nil
}
