// Package review is the queue of what persons have to decide: a case with everything that helps, how long cases wait, and
// how long persons look at them. It refuses to decide anything, and to name whose case it is.
package review

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
)

// Bounds of what is shown and counted.
const (
	queueMost  = 500 // within which a case knows its neighbours
	lastVisits = 5
	figuresOf  = 7 * 24 * time.Hour
	figuresAge = time.Minute
	figuresEnd = 3 * time.Minute // after which they are counted while somebody waits
)

// Traces are the recordings that are here.
type Traces interface {
	// Fetch has cloud.CodeNotFound where none is kept.
	Fetch(visit protocol.VisitID) ([]byte, error)
	Has(visit protocol.VisitID) (bool, error)
}

// Visits tells one visit as pages show it, and one that is in review as a person needs it.
type Visits interface {
	Latest(ctx context.Context, cabinet protocol.CabinetID, person protocol.UUID, limit int) ([]cloud.Visit, error)
	Review(ctx context.Context, id protocol.VisitID) (cloud.Review, cloud.Order, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Visits   Visits
	Fleet    cloud.Fleet
	Traces   Traces
	Presence *presence.Book
	Now      func() time.Time
	Logger   *slog.Logger
}

// Service implements cloud.Cases.
type Service struct {
	Options
	mu      sync.Mutex
	figures cloud.ReviewFigures
	asked   bool // since they were counted by Run
}

// New makes a service.
func New(o Options) *Service { return &Service{Options: o} }

// Queue implements cloud.Cases.
func (s *Service) Queue(ctx context.Context, of cloud.Bound, limit int) (queue []cloud.QueuedCase, all int, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if queue, err = tx.Cases.Queue(of, limit); err != nil {
			return err
		}
		all = len(queue)
		if all == limit {
			var waiting cloud.CasesWaiting
			waiting, err = tx.Cases.Waiting(of)
			all = waiting.Cases
		}
		return err
	})
	return queue, all, err
}

// Look implements cloud.Cases. What a browser says of the past is believed as far as one look may last.
func (s *Service) Look(ctx context.Context, visit protocol.VisitID, by string, opened time.Time) error {
	now := s.Now()
	if opened.After(now) {
		opened = now
	}
	if now.Sub(opened) > cloud.MaxLook {
		return nil // It counts in full already, or never did.
	}
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		if _, found, err := tx.Orders.Find(visit); err != nil || !found {
			return err
		}
		return tx.CaseTimes.Look(cloud.CaseOpening{Visit: visit, By: by, Opened: opened, Seen: now})
	})
}

// Looked implements cloud.Cases.
func (s *Service) Looked(ctx context.Context, store cloud.StoreID, from, to time.Time) (looked []cloud.CaseLooked, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		looked, err = tx.Work.Looked(store, from, to, cloud.MaxLook)
		return err
	})
	return looked, err
}

// Figures implements cloud.Cases. Nobody waits for them but the first who asks in a while: Run counts them again.
func (s *Service) Figures(ctx context.Context) (cloud.ReviewFigures, error) {
	s.mu.Lock()
	s.asked = true
	f := s.figures
	s.mu.Unlock()
	if age := s.Now().Sub(f.At); age >= 0 && age < figuresEnd {
		return f, nil
	}
	return s.countNow(ctx)
}

// Run counts the figures again and again, as long as somebody asks for them, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	look := time.NewTicker(figuresAge)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			s.mu.Lock()
			asked := s.asked
			s.asked = false
			s.mu.Unlock()
			if !asked {
				continue
			}
			if _, err := s.countNow(ctx); err != nil && ctx.Err() == nil {
				s.Logger.Error("figures of reviews", "error", err)
			}
		}
	}
}

func (s *Service) countNow(ctx context.Context) (f cloud.ReviewFigures, err error) {
	if err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		f, err = count(tx, s.Now())
		return err
	}); err != nil {
		return f, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.figures = f
	return f, nil
}

func count(tx cloud.Tx, now time.Time) (cloud.ReviewFigures, error) {
	f, since := cloud.ReviewFigures{At: now}, now.Add(-figuresOf)
	oldest, err := tx.Cases.Queue("", 1)
	if err != nil {
		return f, err
	}
	for _, c := range oldest {
		f.Oldest = now.Sub(c.Asked)
	}
	waiting, err := tx.Cases.Waiting("")
	if f.Open = waiting.Cases; err != nil {
		return f, err
	}
	waits, err := tx.CaseTimes.Waits(since)
	if err != nil {
		return f, err
	}
	slices.Sort(waits)
	f.Decided, f.Median, f.P90 = len(waits), quantile(waits, 50), quantile(waits, 90)
	if f.Visits, err = tx.CaseTimes.Visits(since); err != nil {
		return f, err
	}
	f.Spent, err = tx.CaseTimes.Spent(since, cloud.MaxLook)
	return f, err
}

// quantile is the least value that so many percent of the sorted ones do not exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
