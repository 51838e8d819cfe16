package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/protocol"
)

// Limits of the worker.
const (
	callTimeout = 5 * time.Second // one call to the provider
	lease       = 2 * callTimeout // after it, an operation that was sent counts as abandoned and is queried
	maxBackoff  = 5 * time.Minute
	parallel    = 8 // calls to the provider at the same time
	idle        = time.Minute
)

// Result is what is known of an operation after a call.
type Result int

// An unknown result is queried until it is one of the others.
const (
	ResultUnknown Result = iota
	ResultDone
	ResultRefused
)

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Book     *book.Book
	Provider Provider
	Now      func() time.Time
	NewID    func() protocol.UUID
	Changed  func(protocol.VisitID) // called after a commit that changed a visit
	Logger   *slog.Logger
}

// Service drives the outbox.
type Service struct {
	Options
	wake chan struct{}
	mu   sync.Mutex
	busy map[protocol.UUID]bool // operations under way
}

// New makes a service; Run drives it.
func New(o Options) *Service {
	return &Service{Options: o, wake: make(chan struct{}, 1), busy: make(map[protocol.UUID]bool)}
}

// Wake makes Run look at the outbox now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Sent makes an operation that the caller is about to Perform; it must be added to the outbox first, so that it is queried
// where the caller never comes back.
func (s *Service) Sent(kind cloud.OpKind, v cloud.Visit) cloud.PaymentOp {
	at := s.Now()
	return cloud.PaymentOp{
		ID: s.NewID(), Visit: v.ID, Person: v.Person, Kind: kind, Amount: v.Hold,
		State: cloud.OpSent, Attempts: 1, Next: at.Add(lease), Created: at,
	}
}

// Perform calls the provider for an operation made by Sent and books the outcome; then runs in the same transaction.
func (s *Service) Perform(ctx context.Context, op cloud.PaymentOp, then func(cloud.Tx, Result) error) (Result, error) {
	if !s.claim(op.ID) {
		return ResultUnknown, protocol.Errorf(cloud.CodeConflict, "payment operation %s is under way", op.ID)
	}
	defer s.unclaim(op.ID)
	result := s.call(ctx, op)
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		if err := s.book(tx, op, result); err != nil {
			return err
		}
		return then(tx, result)
	})
	if err != nil {
		return result, fmt.Errorf("book %s of visit %s: %w", op.Kind, op.Visit, err)
	}
	return result, nil
}

func (s *Service) claim(op protocol.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[op] {
		return false
	}
	s.busy[op] = true
	return true
}

func (s *Service) unclaim(op protocol.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, op)
}

// call asks the provider to do it. The same operation may be asked for again: its id makes the provider do it once.
func (s *Service) call(ctx context.Context, op cloud.PaymentOp) Result {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	var err error
	switch op.Kind {
	case cloud.OpHold:
		err = s.Provider.Hold(ctx, op.ID, op.Person, op.Amount)
	case cloud.OpCapture:
		err = s.Provider.Capture(ctx, op.ID, op.On, op.Amount)
	case cloud.OpRelease:
		err = s.Provider.Release(ctx, op.ID, op.On)
	case cloud.OpRefund:
		err = s.Provider.Refund(ctx, op.ID, op.On, op.Amount)
	}
	return s.result(op, err)
}

func (s *Service) result(op cloud.PaymentOp, err error) Result {
	switch {
	case err == nil:
		return ResultDone
	case errors.Is(err, ErrRefused):
		return ResultRefused
	}
	s.Logger.Warn("payment outcome unknown", "op", op.ID, "kind", op.Kind, "visit", op.Visit, "attempts", op.Attempts, "error", err)
	return ResultUnknown
}

// query learns what became of an operation that was sent. One that never arrived is sent now, under the same id.
func (s *Service) query(ctx context.Context, op cloud.PaymentOp) Result {
	asked, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := s.Provider.Query(asked, op.ID)
	if errors.Is(err, ErrNever) {
		return s.call(ctx, op)
	}
	return s.result(op, err)
}

func backoff(attempts int) time.Duration {
	return min(time.Second<<min(attempts, 10), maxBackoff)
}
