package message

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// Limits of the worker.
const (
	soon       = time.Second // after Wake: the fact may not be written yet
	idle       = time.Minute
	callMost   = 10 * time.Second // one call to the provider
	lease      = 2 * callMost     // after it, a message that was under way is sent again
	parallel   = 8                // calls to the provider at the same time
	triesMost  = 8
	firstPause = 2 * time.Second
	pauseMost  = 10 * time.Minute
)

// Run sends what is due until ctx ends.
func (s *Service) Run(ctx context.Context) {
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
			look.Reset(soon)
		case <-look.C:
			next, err := s.sendDue(ctx)
			if err != nil && ctx.Err() == nil {
				s.Logger.Error("messages", "error", err)
			}
			look.Reset(next)
		}
	}
}

// Due sends what is due now.
func (s *Service) Due(ctx context.Context) error {
	for {
		next, err := s.sendDue(ctx)
		if err != nil || next != soon { // Soon is after a handful that was due.
			return err
		}
	}
}

// Wake makes Run look at the outbox soon.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// sendDue sends one handful, all at the same time, and tells when to look again.
func (s *Service) sendDue(ctx context.Context) (next time.Duration, err error) {
	now, next := s.Now(), idle
	var due []cloud.OutMessage
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		coming, err := tx.Messages.Due(now.Add(idle), parallel)
		for _, m := range coming {
			if wait := m.Next.Sub(now); wait > 0 {
				next = min(next, wait)
			} else {
				due, next = append(due, m), soon
			}
		}
		return err
	}); err != nil {
		return soon, err
	}
	errs := make([]error, len(due))
	var all sync.WaitGroup
	for i, m := range due {
		all.Go(func() { errs[i] = s.sendOne(ctx, m) })
	}
	all.Wait()
	return next, errors.Join(errs...)
}

// sendOne brings one message one try further.
func (s *Service) sendOne(ctx context.Context, m cloud.OutMessage) error {
	if s.Now().After(m.Expires) {
		return s.end(ctx, m, cloud.MessageEnd{State: cloud.MessageLate})
	}
	t, still, err := s.try(ctx, m)
	if err != nil || !still {
		return s.settled(err)
	}
	m = t.OutMessage
	out, err := s.compose(ctx, t)
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return s.end(ctx, m, cloud.MessageEnd{State: cloud.MessageRefused, Why: cloud.MessageUnreachable})
	}
	if err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, callMost)
	defer cancel()
	taken, err := s.Sender.Send(call, out)
	switch {
	case err == nil:
		return s.end(ctx, m, cloud.MessageEnd{State: cloud.MessageSent, Provider: taken})
	case errors.Is(err, ErrRefused):
		return s.giveUp(ctx, m, cloud.MessageRefusal, err)
	case m.Attempts >= triesMost:
		return s.giveUp(ctx, m, cloud.MessageUnanswered, err)
	}
	s.Logger.Warn("message may not have been sent", "message", m.ID, "kind", m.Kind, "attempts", m.Attempts, "error", withoutDigits(err))
	return s.again(ctx, m)
}

// try looks whether a message is still true, and writes the try down, so that a message that ends this process is not sent
// without end. Still is false where there is nothing to send.
func (s *Service) try(ctx context.Context, m cloud.OutMessage) (t telling, still bool, err error) {
	m.Attempts++
	err = s.DB.Update(ctx, func(tx cloud.Tx) error {
		told, why, err := truth(tx, m)
		if err != nil {
			return err
		}
		if t, still = told, why == ""; !still {
			return tx.Messages.End(m.ID, cloud.MessageEnd{State: cloud.MessageUnneeded, Why: why, At: s.Now()})
		}
		return tx.Messages.Retry(m.ID, m.Attempts, s.Now().Add(lease))
	})
	return t, still && err == nil, err
}

func (s *Service) again(ctx context.Context, m cloud.OutMessage) error {
	next := s.Now().Add(min(firstPause<<(m.Attempts-1), pauseMost))
	return s.settled(s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return tx.Messages.Retry(m.ID, m.Attempts, next) }))
}

func (s *Service) giveUp(ctx context.Context, m cloud.OutMessage, why cloud.MessageWhy, err error) error {
	s.Logger.Warn("message was not sent", "message", m.ID, "kind", m.Kind, "attempts", m.Attempts, "error", withoutDigits(err))
	return s.end(ctx, m, cloud.MessageEnd{State: cloud.MessageRefused, Why: why})
}

func (s *Service) end(ctx context.Context, m cloud.OutMessage, end cloud.MessageEnd) error {
	switch end.State {
	case cloud.MessageSent:
		s.counts.sent.Add(1)
	case cloud.MessageRefused:
		s.counts.refused.Add(1)
	case cloud.MessageLate:
		s.counts.late.Add(1)
	}
	end.At = s.Now()
	return s.settled(s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return tx.Messages.End(m.ID, end) }))
}

// settled takes a message that was withdrawn meanwhile for what it is.
func (s *Service) settled(err error) error {
	if protocol.CodeOf(err) == cloud.CodeConflict {
		return nil
	}
	return err
}

// withoutDigits makes a foreign error fit for the log: a phone number and a code are digits.
func withoutDigits(err error) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '#'
		}
		return r
	}, err.Error())
}
