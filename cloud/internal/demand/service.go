// Package demand keeps the forecast of what will be wanted: it feeds package forecast with what the books say was sold while it
// could be, day after day, and hands out what that has come to. Nobody waits for it: whoever asks has the last state that was
// learned, and is told how old it is. It decides nothing about what is sent where.
package demand

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/ledger"
)

// Options are what the service stands on; all are needed.
type Options struct {
	DB      cloud.DB
	Book    *book.Book
	Catalog *catalog.Book
	Now     func() time.Time
	Logger  *slog.Logger
}

// Service implements cloud.Demand.
type Service struct {
	Options
	calendar forecast.Calendar
	known    atomic.Pointer[learned]
	learning atomic.Bool
	wake     chan struct{}

	mu     sync.Mutex
	anew   bool            // the past is to be learned again
	wanted []cloud.StoreID // whose trial somebody asked for
	trials map[cloud.StoreID]trial
}

// New makes a service that knows nothing; Run has it learn.
func New(o Options) *Service {
	s := &Service{Options: o, calendar: forecast.China(), wake: make(chan struct{}, 1), trials: make(map[cloud.StoreID]trial)}
	s.known.Store(&learned{model: forecast.New(s.calendar, forecast.Chain{})})
	return s
}

const (
	// settles is how long after its end a day is learned: by then cabinets whose line was down for a while have told the rest.
	settles = 3 * time.Hour
	// retryAfter is when learning is tried again that has failed.
	retryAfter = 10 * time.Minute
	// mostDays is how many days back are learned at most: the levels remember little of what was before.
	mostDays = 91
)

// Outlooks implements round.Demand. Where the master data have changed since, they are learned soon.
func (s *Service) Outlooks(tx cloud.Tx) (cloud.Outlooks, error) {
	k := s.known.Load()
	revision, err := tx.Plans.Revision()
	if err != nil {
		return cloud.Outlooks{}, err
	}
	if revision != k.revision {
		s.rouse()
	}
	return cloud.Outlooks{Age: s.age(k), Model: k.model}, nil
}

func (s *Service) age(k *learned) cloud.DemandAge {
	a := k.age
	a.Learning = s.learning.Load()
	a.Foreseen = s.calendar.Lists(s.Now().AddDate(0, 0, 7).Year())
	return a
}

// rouse has Run look whether there is something to be done.
func (s *Service) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run learns each day when it is over, and works out what pages ask for, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	if err := s.recall(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Error("recall the forecast", "error", err)
	}
	for ctx.Err() == nil {
		next, err := s.catchUp(ctx)
		if err != nil && ctx.Err() == nil {
			s.Logger.Error("learn what was sold", "error", err)
			next = s.Now().Add(retryAfter)
		}
		s.tryAll(ctx)
		timer := time.NewTimer(next.Sub(s.Now()))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.wake:
		}
		timer.Stop()
	}
}

// Demand implements cloud.Demand.
func (s *Service) Demand(ctx context.Context, store cloud.StoreID) (d cloud.StoreDemand, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		outlooks, err := s.Outlooks(tx)
		if err != nil {
			return err
		}
		if d.Store, err = findStore(tx, store); err != nil {
			return err
		}
		d.Age = outlooks.Age
		d.Lanes, err = s.lanes(tx, store, outlooks.Model)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("demand of %s: %w", store, err)
	}
	d.Trial = s.trial(store)
	return d, nil
}

// dayOf is a day of the books as the forecast counts it.
func dayOf(d ledger.Day) forecast.Day {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	return forecast.DayOf(at)
}
