package tonight

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const (
	// begins is the hour at which a night begins: in the middle of the day nobody asks how the night is.
	begins = 12
	// weekAgo is how many days ago the night was that this one is held against.
	weekAgo = 7
	// mostEntries of the books are read at once.
	mostEntries = 2000
)

// sums are what is counted of the night. One reader at a time moves them on.
type sums struct {
	counting sync.Mutex // held while the books are read
	mu       sync.Mutex
	from, to time.Time
	stores   map[cloud.StoreID]*sum
	left     []cloud.StoreID // stores that are not counted yet
	through  protocol.UUID   // the newest entry when the night was begun: stores are counted up to it
	last     protocol.UUID   // the newest entry that is counted
}

// sum is one store's.
type sum struct {
	now, before []protocol.Fen
	bills       int
	cabinets    map[protocol.CabinetID]protocol.Fen
}

// Sold implements cloud.Tonight.
func (s *Service) Sold(ctx context.Context, store cloud.StoreID) (cloud.NightSold, error) {
	if s.sums.counting.TryLock() { // Else somebody reads right now, and what is known is fresh.
		err := s.readOn(ctx)
		s.sums.counting.Unlock()
		if err != nil {
			return cloud.NightSold{}, fmt.Errorf("what is sold tonight: %w", err)
		}
	}
	return s.sums.of(store), nil
}

func (m *sums) of(store cloud.StoreID) cloud.NightSold {
	m.mu.Lock()
	defer m.mu.Unlock()
	pieces := int(m.to.Sub(m.from) / cloud.SoldStep)
	n := cloud.NightSold{From: m.from, To: m.to, Known: !m.from.IsZero() && len(m.left) == 0, Now: make([]protocol.Fen, pieces), Before: make([]protocol.Fen, pieces)}
	if one, known := m.stores[store]; known {
		n.Cabinets = maps.Clone(one.cabinets)
		one.into(&n)
	}
	if store == "" {
		for _, one := range m.stores {
			one.into(&n)
		}
	}
	return n
}

func (m *sum) into(n *cloud.NightSold) {
	for i, fen := range m.now {
		n.Now[i] += fen
	}
	for i, fen := range m.before {
		n.Before[i] += fen
	}
	n.Bills += m.bills
}

// count reads the books on until nothing is left to be counted.
func (s *Service) count(ctx context.Context) error {
	s.sums.counting.Lock()
	defer s.sums.counting.Unlock()
	if err := s.readOn(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		store, left := s.sums.next()
		if !left {
			return nil
		}
		if err := s.countStore(ctx, store); err != nil {
			return err
		}
	}
	return nil
}

func (m *sums) next() (store cloud.StoreID, left bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.left) == 0 {
		return "", false
	}
	return m.left[0], true
}

// readOn begins the night where another one is over, and counts the entries that are new.
func (s *Service) readOn(ctx context.Context) error {
	return s.DB.View(ctx, func(tx cloud.Tx) error {
		zone, err := s.Book.Zone(tx)
		if protocol.CodeOf(err) == cloud.CodeNotFound { // There is no chain yet.
			return nil
		}
		if err != nil {
			return err
		}
		if from, to := nightOf(s.Now().In(zone)); !from.Equal(s.sums.from) {
			if err := s.begin(tx, from, to); err != nil {
				return err
			}
		}
		for {
			sold, last, err := tx.Sold.After(s.sums.last, mostEntries)
			if err != nil || last == s.sums.last {
				return err
			}
			s.sums.add(sold, last)
		}
	})
}

// nightOf is the night of a moment.
func nightOf(at time.Time) (from, to time.Time) {
	day := at.Day()
	if at.Hour() < begins {
		day--
	}
	noon := func(day int) time.Time { return time.Date(at.Year(), at.Month(), day, begins, 0, 0, 0, at.Location()) }
	return noon(day), noon(day + 1)
}

func (s *Service) begin(tx cloud.Tx, from, to time.Time) error {
	stores, err := tx.Plans.Stores()
	if err != nil {
		return err
	}
	last, err := tx.Sold.Newest()
	if err != nil {
		return err
	}
	m := &s.sums
	m.mu.Lock()
	defer m.mu.Unlock()
	m.from, m.to, m.through, m.last, m.stores, m.left = from, to, last, last, make(map[cloud.StoreID]*sum), nil
	for _, store := range stores {
		m.left = append(m.left, store.ID)
	}
	return nil
}

// add counts entries that are new. Those of a store that is not counted yet are beyond what its count will look at.
func (m *sums) add(sold []cloud.Sold, last protocol.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = last
	for _, one := range sold {
		m.store(one.Store).add(one, m.from, m.to)
	}
}

func (m *sums) store(id cloud.StoreID) *sum {
	one, known := m.stores[id]
	if !known {
		pieces := int(m.to.Sub(m.from) / cloud.SoldStep)
		one = &sum{now: make([]protocol.Fen, pieces), before: make([]protocol.Fen, pieces), cabinets: make(map[protocol.CabinetID]protocol.Fen)}
		m.stores[id] = one
	}
	return one
}

func (m *sum) add(sold cloud.Sold, from, to time.Time) {
	if sold.At.Before(from) || !sold.At.Before(to) {
		return
	}
	m.now[sold.At.Sub(from)/cloud.SoldStep] += sold.Fen
	m.bills += sold.Bills
	m.cabinets[sold.Cabinet] += sold.Fen
}

// countStore counts what a store sold up to the entry that the night was begun with, and what it sold a week ago.
func (s *Service) countStore(ctx context.Context, store cloud.StoreID) error {
	from, to := s.sums.from, s.sums.to
	before, end := from.AddDate(0, 0, -weekAgo), to.AddDate(0, 0, -weekAgo)
	var found []cloud.Sold
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		for _, at := range []time.Time{before, end, from, to} {
			sold, err := tx.Sold.Of(store, ledger.DayOf(at, at.Location()), s.sums.through)
			if err != nil {
				return err
			}
			found = append(found, sold...)
		}
		return nil
	}); err != nil {
		return err
	}
	m := &s.sums
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left = m.left[1:]
	one := m.store(store)
	for _, sold := range found {
		one.add(sold, from, to)
		if piece := int(sold.At.Sub(before) / cloud.SoldStep); !sold.At.Before(before) && sold.At.Before(end) && piece < len(one.before) {
			one.before[piece] += sold.Fen
		}
	}
	return nil
}
