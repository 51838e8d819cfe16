package payment

import (
	"bytes"
	"context"
	"sync"
	"time"

	"allhours/cloud"
)

// Run drives the outbox until ctx ends.
func (s *Service) Run(ctx context.Context) {
	slots := make(chan struct{}, parallel)
	var calls sync.WaitGroup
	defer calls.Wait()
	for ctx.Err() == nil {
		next := s.known(ctx)
		due, soon := s.due(ctx)
		next = min(next, soon)
		for _, op := range due {
			if !s.claim(op.ID) {
				continue
			}
			slots <- struct{}{}
			calls.Go(func() {
				defer func() { <-slots }()
				defer s.unclaim(op.ID)
				s.drive(ctx, op)
			})
		}
		wait := time.NewTimer(next)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-wait.C:
		}
		wait.Stop()
	}
}

// known learns what restored books lack, and only then charges debts: they may have been paid.
func (s *Service) known(ctx context.Context) (next time.Duration) {
	next = s.restored(ctx)
	if s.asked.Load() {
		next = min(next, s.collect(ctx))
	}
	return next
}

// Due does what is due now, and returns when nothing more is.
func (s *Service) Due(ctx context.Context) error {
	for ctx.Err() == nil {
		s.known(ctx)
		due, _ := s.due(ctx)
		if len(due) == 0 {
			break
		}
		for _, op := range due {
			s.drive(ctx, op)
		}
	}
	return ctx.Err()
}

// due lists what is to be done now, and how long until there is more.
func (s *Service) due(ctx context.Context) (due []cloud.PaymentOp, next time.Duration) {
	now := s.Now()
	next = s.Idle
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		soon, err := tx.Ops.Due(now.Add(s.Idle), 4*parallel)
		for _, op := range soon {
			if wait := op.Next.Sub(now); wait > 0 {
				next = min(next, wait)
			} else {
				due = append(due, op)
			}
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("payment outbox", "error", err)
	}
	if len(due) > 0 || err != nil {
		next = min(next, time.Second)
	}
	return due, next
}

// drive takes one operation one step further. Operations of one visit go in the order in which they were asked for.
func (s *Service) drive(ctx context.Context, op cloud.PaymentOp) {
	asked, err := s.prepare(ctx, &op)
	if err == nil && asked == nil {
		s.changed(op)
	}
	if err == nil && asked != nil {
		word := Word{}
		if op.State == cloud.OpPending {
			word = s.call(ctx, op, *asked)
		} else {
			word = s.query(ctx, op, *asked)
		}
		err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
			_, err := s.book(tx, op, word)
			return err
		})
		s.Wake()
		s.changed(op)
	}
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("payment operation", "op", op.ID, "kind", op.Kind, "visit", op.Visit, "error", err)
	}
}

func (s *Service) changed(op cloud.PaymentOp) {
	if !op.Visit.IsZero() {
		s.Changed(op.Visit)
	}
}

// prepare writes down that the provider is about to be asked, or that an earlier operation must end first.
func (s *Service) prepare(ctx context.Context, op *cloud.PaymentOp) (asked *Request, err error) {
	err = s.DB.Update(ctx, func(tx cloud.Tx) error {
		now := s.Now()
		current, err := tx.Ops.Find(op.ID)
		if err != nil || current.State.Final() {
			return err
		}
		*op = current
		waits, err := mustWait(tx, current)
		if err != nil {
			return err
		}
		if waits {
			return tx.Ops.Move(op.ID, op.State, op.Attempts, now.Add(time.Second))
		}
		if op.Provider, err = providerOf(tx, current); err != nil {
			return err
		}
		if inBooks(op.Provider) {
			return s.doneInBooks(tx, *op)
		}
		r, err := s.request(tx, current)
		if err != nil {
			return err
		}
		asked = &r
		op.Attempts++
		state := op.State
		if state == cloud.OpPending {
			state = cloud.OpSent
		}
		return tx.Ops.Move(op.ID, state, op.Attempts, now.Add(lease))
	})
	return asked, err
}

// mustWait reports an operation before which an earlier one must end: of the visit, and of debts one after the other.
func mustWait(tx cloud.Tx, op cloud.PaymentOp) (bool, error) {
	var before []cloud.PaymentOp
	var err error
	if !op.Visit.IsZero() {
		if before, err = tx.Ops.Of(op.Visit); err != nil {
			return false, err
		}
	}
	if op.Kind == cloud.OpPay {
		others, err := tx.Personal.UnderWay(op.Person)
		if err != nil {
			return false, err
		}
		before = append(before, others...)
	}
	for _, other := range before {
		if !other.State.Final() && other.ID != op.ID && earlier(other, op) {
			return true, nil
		}
	}
	return false, nil
}

// earlier orders operations as they were asked for. A hold comes before what is done to it, also within one moment.
func earlier(a, b cloud.PaymentOp) bool {
	if a.Created.Equal(b.Created) {
		if holds := a.Kind == cloud.OpHold; holds != (b.Kind == cloud.OpHold) {
			return holds
		}
		return bytes.Compare(a.ID[:], b.ID[:]) < 0
	}
	return a.Created.Before(b.Created)
}
