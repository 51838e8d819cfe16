package payment

import (
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
		due, next := s.due(ctx)
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

// due lists what is to be done now, and how long until there is more.
func (s *Service) due(ctx context.Context) (due []cloud.PaymentOp, next time.Duration) {
	now := s.Now()
	next = idle
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		soon, err := tx.Ops.Due(now.Add(idle), 4*parallel)
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
	ready, err := s.prepare(ctx, &op)
	if err == nil && ready {
		result := ResultUnknown
		if op.State == cloud.OpPending {
			result = s.call(ctx, op)
		} else {
			result = s.query(ctx, op)
		}
		err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return s.book(tx, op, result) })
		s.Wake()
		s.Changed(op.Visit)
	}
	if err != nil && ctx.Err() == nil {
		s.Logger.Error("payment operation", "op", op.ID, "kind", op.Kind, "visit", op.Visit, "error", err)
	}
}

// prepare writes down that the provider is about to be asked, or that an earlier operation must end first.
func (s *Service) prepare(ctx context.Context, op *cloud.PaymentOp) (ready bool, err error) {
	err = s.DB.Update(ctx, func(tx cloud.Tx) error {
		now := s.Now()
		current, err := tx.Ops.Find(op.ID)
		if err != nil || current.State.Final() {
			return err
		}
		*op = current
		all, err := tx.Ops.Of(op.Visit)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.ID == op.ID {
				break
			}
			if !other.State.Final() {
				return tx.Ops.Move(op.ID, op.State, op.Attempts, now.Add(time.Second))
			}
		}
		ready = true
		op.Attempts++
		state := op.State
		if state == cloud.OpPending {
			state = cloud.OpSent
		}
		return tx.Ops.Move(op.ID, state, op.Attempts, now.Add(lease))
	})
	return ready, err
}
