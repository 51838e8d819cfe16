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

// sendOne brings one message one try further. The try is written down first, so that a message that ends this process is
// not sent without end.
func (s *Service) sendOne(ctx context.Context, m cloud.OutMessage) error {
	if s.Now().After(m.Expires) {
		return s.end(ctx, m, cloud.MessageLate, "")
	}
	m.Attempts++
	err := s.DB.Update(ctx, func(tx cloud.Tx) error { return tx.Messages.Retry(m.ID, m.Attempts, s.Now().Add(lease)) })
	if protocol.CodeOf(err) == cloud.CodeConflict {
		return nil // It was read on the page a moment ago.
	}
	if err != nil {
		return err
	}
	out, err := s.compose(ctx, m)
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return s.end(ctx, m, cloud.MessageRefused, "")
	}
	if err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, callMost)
	defer cancel()
	taken, err := s.Sender.Send(call, out)
	switch {
	case err == nil:
		return s.end(ctx, m, cloud.MessageSent, taken)
	case errors.Is(err, ErrRefused), m.Attempts >= triesMost:
		s.Logger.Warn("message was not sent", "message", m.ID, "kind", m.Kind, "attempts", m.Attempts, "error", withoutDigits(err))
		return s.end(ctx, m, cloud.MessageRefused, "")
	}
	s.Logger.Warn("message may not have been sent", "message", m.ID, "kind", m.Kind, "attempts", m.Attempts, "error", withoutDigits(err))
	return s.again(ctx, m)
}

func (s *Service) again(ctx context.Context, m cloud.OutMessage) error {
	next := s.Now().Add(min(firstPause<<(m.Attempts-1), pauseMost))
	return s.settled(s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return tx.Messages.Retry(m.ID, m.Attempts, next) }))
}

func (s *Service) end(ctx context.Context, m cloud.OutMessage, state cloud.MessageState, provider string) error {
	switch state {
	case cloud.MessageSent:
		s.counts.sent.Add(1)
	case cloud.MessageRefused:
		s.counts.refused.Add(1)
	case cloud.MessageLate:
		s.counts.late.Add(1)
	}
	return s.settled(s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return tx.Messages.End(m.ID, state, provider, s.Now()) }))
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
