// Package totals keeps what each day of each store came to, so that a chain's month is a sum of days and no search through what
// happened. It adds days up after they changed, and refuses to have figures of its own: each is the store day's.
package totals

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Days adds up one day of a store.
type Days interface {
	Totals(tx cloud.Tx, store cloud.StoreID, day ledger.Day) ([]cloud.DayTotal, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB     cloud.DB
	Book   *book.Book
	Days   Days
	Now    func() time.Time
	Logger *slog.Logger
}

// Service implements cloud.Totalling.
type Service struct {
	Options
	mu    sync.Mutex
	kept  map[cloud.TotalQuery]cloud.Totals
	wrote int // days, so that no answer is kept that is older than the newest of them
}

// New makes a service; Run keeps its days added up.
func New(o Options) *Service {
	return &Service{Options: o, kept: make(map[cloud.TotalQuery]cloud.Totals)}
}

const (
	lookEvery = time.Minute
	dueAtOnce = 200              // days that are read at once
	agesAfter = 15 * time.Minute // what nobody books, such as visits to an empty cabinet, is counted that often
	settles   = 3 * time.Hour    // until so long after its end a day is looked at
	mostKept  = 200              // answers
)

// Run adds days up until ctx ends, for a fourth of the time at most: of a large chain today changes all the time.
func (s *Service) Run(ctx context.Context) {
	for {
		began := time.Now()
		if err := s.Due(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Error("totals", "error", err)
		}
		look := time.NewTimer(max(lookEvery, 3*time.Since(began)))
		select {
		case <-ctx.Done():
			look.Stop()
			return
		case <-look.C:
		}
	}
}

// Due adds up every day that changed. A day that cannot be added up keeps waiting, and no other one waits for it.
func (s *Service) Due(ctx context.Context) error {
	if err := s.age(ctx); err != nil {
		return err
	}
	var failed error
	tried := make(map[day]bool) // that still wait
	for ctx.Err() == nil {
		var due []cloud.DueDay
		if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
			due, err = tx.Totals.Due(dueAtOnce + len(tried))
			return err
		}); err != nil {
			return err
		}
		again, fresh := make(map[day]bool), 0
		for _, d := range due {
			at := day{d.Store, d.Day}
			again[at] = true
			if tried[at] {
				continue
			}
			fresh++
			if err := s.add(ctx, d); err != nil && failed == nil {
				failed = err
			}
		}
		if tried = again; fresh == 0 {
			return failed
		}
	}
	return ctx.Err()
}

// day is one day of one store.
type day struct {
	store cloud.StoreID
	day   ledger.Day
}

// add reads a day on a snapshot, for that takes a while, and writes what it came to.
func (s *Service) add(ctx context.Context, due cloud.DueDay) error {
	var all []cloud.DayTotal
	now := s.Now()
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		all, err = s.Days.Totals(tx, due.Store, due.Day)
		return err
	})
	if err == nil {
		err = s.DB.Update(ctx, func(tx cloud.Tx) error { return tx.Totals.Save(due, all, now) })
	}
	if err != nil {
		return fmt.Errorf("totals of %s on %s: %w", due.Store, due.Day, err)
	}
	s.forget(due.Day)
	return nil
}

// age has today added up again from time to time, and yesterday until everything of it has come: not all that is counted is booked.
func (s *Service) age(ctx context.Context) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		zone, err := s.Book.Zone(tx)
		if protocol.CodeOf(err) == cloud.CodeNotFound {
			return nil // There is no chain yet.
		}
		if err != nil {
			return err
		}
		stores, err := tx.Plans.Stores()
		if err != nil {
			return err
		}
		today := ledger.DayOf(s.Now(), zone)
		for _, of := range []ledger.Day{today, today.Add(-1)} {
			made, err := tx.Totals.Made(of)
			if err != nil {
				return err
			}
			_, end := of.Span(zone)
			for _, store := range stores {
				if at := made[store.ID]; at.Before(end.Add(settles)) && s.Now().Sub(at) >= agesAfter {
					if err := tx.Totals.Look(store.ID, of); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// forget drops the answers that have a day in them.
func (s *Service) forget(changed ledger.Day) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrote++
	for q := range s.kept {
		if q.From <= changed && changed <= q.To {
			delete(s.kept, q)
		}
	}
}

// Totals implements cloud.Totalling.
func (s *Service) Totals(ctx context.Context, q cloud.TotalQuery) (cloud.Totals, error) {
	if !q.From.Valid() || !q.To.Valid() || q.To < q.From || q.From.Until(q.To) >= cloud.MaxTotalDays {
		return cloud.Totals{}, protocol.Errorf(protocol.CodeMalformed, "days: want two as 2006-01-02, %d at most", cloud.MaxTotalDays)
	}
	s.mu.Lock()
	told, known := s.kept[q]
	wrote := s.wrote
	s.mu.Unlock()
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if err := isStore(tx, q.Store); err != nil {
			return err
		}
		if !known {
			if told, err = sum(tx, q); err != nil {
				return err
			}
		}
		told.Pending, err = tx.Totals.Waiting(q.Store, q.From, q.To)
		return err
	})
	if err != nil {
		return told, fmt.Errorf("totals from %s to %s: %w", q.From, q.To, err)
	}
	if !known && told.Pending == 0 {
		s.keep(q, told, wrote)
	}
	return told, nil
}

// keep keeps an answer for which no day waited, unless one was written since it was begun.
func (s *Service) keep(q cloud.TotalQuery, told cloud.Totals, wrote int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wrote != wrote {
		return
	}
	if len(s.kept) >= mostKept {
		clear(s.kept)
	}
	s.kept[q] = told
}

func sum(tx cloud.Tx, q cloud.TotalQuery) (told cloud.Totals, err error) {
	if told.Lines, err = tx.Totals.Sums(q); err != nil {
		return told, err
	}
	for _, l := range told.Lines {
		told.Sum = told.Sum.Add(l.Total)
	}
	if told.Causes, err = tx.Totals.Causes(q.Store, q.To); err != nil {
		return told, err
	}
	told.Made, err = tx.Totals.Oldest(q.Store, q.From, q.To)
	return told, err
}

func isStore(tx cloud.Tx, store cloud.StoreID) error {
	if store == "" || store == cloud.Chainwide {
		return nil
	}
	stores, err := tx.Plans.Stores()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(stores, func(s cloud.Store) bool { return s.ID == store }) {
		return protocol.Errorf(cloud.CodeNotFound, "there is no store %q", store)
	}
	return nil
}

var _ cloud.Totalling = (*Service)(nil)
