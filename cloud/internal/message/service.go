// Package message tells residents what happened, so that who closed the page learns of it too: an outbox that is written
// with each fact, and a worker that hands it to a provider. It learns a phone number only to send, and refuses to put one
// into a table, an error, a log line or a metric.
package message

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// readPause is how long a receipt waits for its reader to see it on the page, which withdraws it.
const readPause = 2 * time.Minute

// life is how long a message is worth sending.
const life = 72 * time.Hour

// RefReview is what a review's result is told by, whichever it is.
const RefReview cloud.MessageKind = "review"

// Phones knows where a message goes, and what is sealed in it.
type Phones interface {
	// Reach has cloud.CodeNotFound where the person is no resident. Code is empty but for a sign-in code.
	Reach(ctx context.Context, m cloud.Message) (phone, code string, err error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB      cloud.DB
	Sender  Sender
	Phones  Phones
	BaseURL string // of the pages, without a slash at its end
	Now     func() time.Time
	NewID   func() protocol.UUID
	Logger  *slog.Logger
}

// Service implements cloud.Teller and cloud.Messages.
type Service struct {
	Options
	texts  map[cloud.MessageKind]template
	wake   chan struct{}
	counts counts
}

type counts struct{ sent, refused, late atomic.Int64 }

// Stats are what became of messages since the start.
type Stats struct{ Sent, Refused, Late int64 }

// New makes a service; Run sends. It panics where the embedded texts cannot be read, a mistake of the build.
func New(o Options) *Service {
	return &Service{Options: o, texts: mustTexts(), wake: make(chan struct{}, 1)}
}

// Stats counts.
func (s *Service) Stats() Stats {
	return Stats{Sent: s.counts.sent.Load(), Refused: s.counts.refused.Load(), Late: s.counts.late.Load()}
}

// Tell implements cloud.Teller.
func (s *Service) Tell(tx cloud.Tx, m cloud.Message) error {
	if m.Person.IsZero() {
		return nil
	}
	if m.Kind == cloud.MessageReceipt {
		w, err := tx.Wishes.Find(m.Person)
		if err != nil || !w.Receipts {
			return err
		}
	}
	if m.Created.IsZero() {
		m.Created = s.Now()
	}
	if m.Expires.IsZero() {
		m.Expires = m.Created.Add(life)
	}
	next, err := s.awake(tx, m)
	if err != nil {
		return err
	}
	m.ID = s.NewID()
	s.Wake()
	return tx.Messages.Add(cloud.OutMessage{Message: m, State: cloud.MessageWaiting, Next: next})
}

// awake is when a message may go out.
func (s *Service) awake(tx cloud.Tx, m cloud.Message) (time.Time, error) {
	at := s.Now()
	if m.Kind == cloud.MessageReceipt {
		at = at.Add(readPause)
	}
	chain, err := tx.Plans.Chain()
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return at, nil
	}
	if err != nil {
		return at, err
	}
	zone, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return at, fmt.Errorf("time zone of the chain: %w", err)
	}
	return chain.Quiet.Until(at.In(zone)), nil
}

// Wishes implements cloud.Messages.
func (s *Service) Wishes(ctx context.Context, person protocol.UUID) (w cloud.Wishes, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		w, err = tx.Wishes.Find(person)
		return err
	})
	return w, err
}

// Wish implements cloud.Messages.
func (s *Service) Wish(ctx context.Context, person protocol.UUID, w cloud.Wishes) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		known, err := tx.Wishes.Find(person)
		if err != nil || known == w {
			return err
		}
		return tx.Wishes.Save(person, w)
	})
}

// Seen implements cloud.Messages. It writes only where there is something to withdraw.
func (s *Service) Seen(ctx context.Context, visit protocol.VisitID) error {
	var waiting []protocol.UUID
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		for _, kind := range []cloud.MessageKind{cloud.MessageReceipt, RefReview} {
			m, found, err := tx.Messages.Find(cloud.MessageRef(kind, visit.String()))
			if err != nil {
				return err
			}
			if found && m.State == cloud.MessageWaiting {
				waiting = append(waiting, m.ID)
			}
		}
		return nil
	}); err != nil || len(waiting) == 0 {
		return err
	}
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		for _, id := range waiting {
			if err := tx.Messages.End(id, cloud.MessageEnd{State: cloud.MessageUnneeded, Why: cloud.MessageSeen, At: s.Now()}); err != nil && protocol.CodeOf(err) != cloud.CodeConflict {
				return err
			}
		}
		return nil
	})
}
