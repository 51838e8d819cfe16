package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/book"
	"allhours/protocol"
)

// Limits of the worker.
const (
	callTimeout = 5 * time.Second // one call to the provider
	lease       = 2 * callTimeout // after it, an operation that was sent counts as abandoned and is queried
	maxBackoff  = 5 * time.Minute
	parallel    = 8           // calls to the provider at the same time
	idle        = time.Minute // how long the outbox is left alone where nothing is due
)

// Result is what is known of an operation after a call.
type Result int

// An unknown result is queried until it is one of the others.
const (
	ResultUnknown Result = iota
	ResultDone
	ResultRefused
)

// Options are what the service stands on; all but Teller, Idle and RefundEnded are needed.
type Options struct {
	DB       cloud.DB
	Book     *book.Book
	Provider Provider
	Now      func() time.Time
	NewID    func() protocol.UUID
	Teller   cloud.Teller           // nil: nobody is told
	Changed  func(protocol.VisitID) // called after a commit that changed a visit
	Logger   *slog.Logger
	Idle     time.Duration // how long the outbox is left alone where nothing is due; 0: a minute
	// RefundEnded is called in the transaction that books what became of a refund; nil: nobody wants to know.
	RefundEnded func(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord, done bool) error
}

// Service drives the outbox.
type Service struct {
	Options
	wake chan struct{}
	mu   sync.Mutex
	busy map[protocol.UUID]bool // operations under way

	asked atomic.Bool // whatever a provider knows more than books that were restored
}

// New makes a service; Run drives it.
func New(o Options) *Service {
	if o.Idle == 0 {
		o.Idle = idle
	}
	return &Service{Options: o, wake: make(chan struct{}, 1), busy: make(map[protocol.UUID]bool)}
}

// Wake makes Run look at the outbox now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Perform calls the provider for an operation that is in the outbox as sent, so that it is queried where the caller never
// comes back, and books the outcome; then runs in the same transaction. An operation that is done already is not asked for.
func (s *Service) Perform(ctx context.Context, op cloud.PaymentOp, then func(cloud.Tx, Result) error) (Result, error) {
	if !s.claim(op.ID) {
		return ResultUnknown, protocol.Errorf(cloud.CodeConflict, "payment operation %s is under way", op.ID)
	}
	defer s.unclaim(op.ID)
	word := Word{}
	if !op.State.Final() {
		word = s.call(ctx, op, plain(op))
	}
	result := ResultUnknown
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		if result, err = s.book(tx, op, word); err != nil {
			return err
		}
		if op.Kind == cloud.OpHold && result == ResultUnknown && word == (Word{}) { // No call back came before the answer that never came.
			if err := s.answers(tx, op, false); err != nil {
				return err
			}
		}
		return then(tx, result)
	})
	if err != nil {
		return result, fmt.Errorf("book %s %s: %w", op.Kind, op.ID, err)
	}
	return result, nil
}

// answers keeps for coverage whether the provider answers, where that has changed. It falls silent for coverage where somebody wants a
// door and hears nothing, and speaks again with any word of any operation: at night the next who wants one may be hours away.
func (s *Service) answers(tx cloud.Tx, op cloud.PaymentOp, does bool) error {
	silent := 1
	if does {
		silent = 0
	}
	before, _, err := tx.CoverageFacts.Newest("", coverage.Payment, "")
	if err != nil || before.Value == silent {
		return err
	}
	now := s.Now().UnixMilli()
	return tx.CoverageFacts.Add([]coverage.Fact{{Ref: fmt.Sprintf("payment:%s:%d", op.ID, now), Kind: coverage.Payment, At: now, Value: silent, Made: now}})
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

// errOtherProvider is an operation of a provider that this service was not given.
var errOtherProvider = errors.New("payment: the provider is not there")

// call asks the provider to do it. The same operation may be asked for again: its number makes the provider do it once.
func (s *Service) call(ctx context.Context, op cloud.PaymentOp, r Request) Word {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if op.Provider != s.Provider.Account().Name {
		return s.heard(op, Word{}, errOtherProvider)
	}
	var word Word
	var err error
	switch op.Kind {
	case cloud.OpHold:
		word, err = s.Provider.Authorise(ctx, r)
	case cloud.OpCapture:
		word, err = s.Provider.Complete(ctx, r)
	case cloud.OpRelease:
		word, err = s.Provider.Cancel(ctx, r)
	case cloud.OpRefund, cloud.OpPayout:
		word, err = s.Provider.Refund(ctx, r)
	default:
		word, err = s.Provider.Charge(ctx, r)
	}
	return s.heard(op, word, err)
}

// heard takes no answer for one that says nothing.
func (s *Service) heard(op cloud.PaymentOp, word Word, err error) Word {
	if err == nil {
		return word
	}
	s.Logger.Warn("payment outcome unknown", "op", op.ID, "kind", op.Kind, "visit", op.Visit, "attempts", op.Attempts, "error", err)
	return Word{}
}

// query learns what became of an operation that was sent. One that never arrived is sent now, under the same number.
func (s *Service) query(ctx context.Context, op cloud.PaymentOp, r Request) Word {
	if op.Provider != s.Provider.Account().Name {
		return s.heard(op, Word{}, errOtherProvider)
	}
	asked, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	word, err := s.Provider.Query(asked, r)
	switch {
	case err == nil && word.State == StateNever && recalled(op):
		word.State = StateRefused
	case err == nil && word.State == StateNever:
		return s.call(ctx, op, r)
	}
	return s.heard(op, word, err)
}

func backoff(attempts int) time.Duration {
	return min(time.Second<<min(attempts, 10), maxBackoff)
}
