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
	zone, err := b.zone(tx)
	if err != nil {
		return fmt.Errorf("book %s: %w", f.Ref, err)
	}
	return tx.Ledger.Post(ledger.Entry{
		ID: b.newID(), At: f.At, Ref: f.Ref, Store: string(f.Cabinet.Store), Cabinet: f.Cabinet.ID,
		Day: ledger.DayOf(f.At, zone), Postings: postings,
	})
}

// zone is the chain's time zone.
func (b *Book) zone(tx cloud.Tx) (*time.Location, error) {
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
