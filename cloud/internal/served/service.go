// Package served tells whether neighbourhoods were served: it feeds package coverage with what cabinets told and the cloud did,
// keeps each day as it was told, and corrects it openly when something is heard later. It refuses to judge by itself.
package served

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/presence"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Demand tells what will be wanted; the model is only read.
type Demand interface {
	Outlooks(tx cloud.Tx) (cloud.Outlooks, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Book     *book.Book
	Catalog  *catalog.Book
	Presence *presence.Book
	Demand   Demand
	Now      func() time.Time
	NewID    func() protocol.UUID
	Logger   *slog.Logger
}

// Service implements cloud.Coverage.
type Service struct {
	Options
	mu     sync.Mutex
	books  map[cloud.StoreID]*record
	number int64 // of the newest fact that all books have
	heads  heads
}

// New makes a service; Run keeps days told and the list of stores up to date.
func New(o Options) *Service {
	return &Service{
		Options: o, books: make(map[cloud.StoreID]*record),
		heads: heads{known: make(map[cloud.StoreID]cloud.ServedHead), wake: make(chan struct{}, 1)},
	}
}

const (
	beatEvery = time.Minute
	beatLate  = 90 * time.Second // after it the cloud was down
	settles   = 3 * time.Hour    // after its end a day is told
	weekDays  = 8                // that a book has: seven, and today
	mostFacts = 500              // that are read at once
	mostBooks = 400
	mostTold  = 60 // days that are told at once after a long time
	mostShown = 50 // corrections
	headsLast = time.Minute
)

// Store implements cloud.Coverage.
func (s *Service) Store(ctx context.Context, id cloud.StoreID, q cloud.ServedQuery) (served cloud.Served, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		served, err = s.store(tx, id, q)
		return err
	})
	if err != nil {
		return served, fmt.Errorf("coverage of %s: %w", id, err)
	}
	return served, nil
}

func (s *Service) store(tx cloud.Tx, id cloud.StoreID, q cloud.ServedQuery) (cloud.Served, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return cloud.Served{}, err
	}
	today, days := ledger.DayOf(s.Now(), zone), min(max(q.Days, 1), cloud.ServedMost)
	first := q.From
	switch {
	case first == "":
		first = today.Add(1 - days)
	case !first.Valid() || first > today:
		return cloud.Served{}, protocol.Errorf(protocol.CodeMalformed, "day %q: want one that has begun, as 2006-01-02", first)
	}
	days = min(days, first.Until(today)+1)
	r, err := s.record(tx, id, first, days)
	if err != nil {
		return cloud.Served{}, err
	}
	if err := s.hear(tx, r); err != nil {
		return cloud.Served{}, err
	}
	told, err := s.tell(tx, r, first.Add(days-1) == today)
	if err == nil && q.Care {
		told.Care, err = careOf(tx, told)
	}
	return told, err
}

// tell makes what pages show of a record.
func (s *Service) tell(tx cloud.Tx, r *record, today bool) (cloud.Served, error) {
	told := cloud.Served{
		Today: today, Store: r.store, Cabinets: r.cabinets, Zone: r.zone, Days: r.of.Days(), Heard: r.heard, Now: s.Now(), Age: r.age, Names: make(map[protocol.SKU]cloud.Text),
	}
	for n := range told.Days {
		told.Dates = append(told.Dates, r.first.Add(n))
	}
	told.Gaps = coverage.Gaps(told.Days, r.rates)
	for _, g := range told.Gaps {
		told.Lost += protocol.Fen(g.Lost)
	}
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return told, err
	}
	for sku, a := range articles {
		told.Names[sku] = a.Name
	}
	for _, category := range sortedKeys(r.law.marked) {
		owed := r.law.owed == nil || slices.Contains(r.law.owed, category)
		told.Essential = append(told.Essential, cloud.Essential{Category: category, Owed: owed, SKUs: r.law.marked[category]})
	}
	if today {
		if told.Coming, err = s.coming(tx, r, articles); err != nil {
			return told, err
		}
	}
	if len(told.Dates) > 0 {
		told.Corrections, err = tx.CoverageDays.Corrections(r.store.ID, told.Dates[0], told.Dates[len(told.Dates)-1], mostShown)
	}
	return told, err
}

// Run keeps days told, the list of stores fresh, and notes when the cloud itself was down, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	s.try(ctx, s.begin)
	s.try(ctx, s.Due)
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-beat.C:
			s.try(ctx, s.Due)
		case <-s.heads.wake:
			s.try(ctx, s.look)
		}
	}
	s.try(context.WithoutCancel(ctx), s.beat)
}

func (s *Service) try(ctx context.Context, do func(context.Context) error) {
	if err := do(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Error("coverage", "error", err)
	}
}

// begin notes that the cloud was down until now, where it was, and what the master data say of coverage.
func (s *Service) begin(ctx context.Context) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		now := s.Now()
		last, err := tx.CoverageMarks.Mark(cloud.MarkBeat)
		if err != nil {
			return err
		}
		if at := now.UnixMilli(); last != 0 && at-last > beatLate.Milliseconds() {
			down := coverage.Fact{Ref: fmt.Sprintf("service:%d", last), Kind: coverage.Service, From: last, At: at, Made: at}
			if err := tx.CoverageFacts.Add([]coverage.Fact{down}); err != nil {
				return err
			}
		}
		if err := Follow(tx, now); err != nil && protocol.CodeOf(err) != cloud.CodeNotFound {
			return err
		}
		return tx.CoverageMarks.SetMark(cloud.MarkBeat, now.UnixMilli())
	})
}

// beat notes that the cloud runs.
func (s *Service) beat(ctx context.Context) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		return tx.CoverageMarks.SetMark(cloud.MarkBeat, s.Now().UnixMilli())
	})
}

// Due does once what Run does while time passes.
func (s *Service) Due(ctx context.Context) error {
	return errors.Join(s.beat(ctx), s.tellDays(ctx))
}

func sortedKeys[K cmp.Ordered, V any](of map[K]V) []K { return slices.Sorted(maps.Keys(of)) }
