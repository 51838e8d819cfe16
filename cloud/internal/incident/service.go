// Package incident looks after incidents: what staff do with them, what is told of them and to whom, which are told again
// because nobody took them, and the two rules that no single event shows: a cabinet that is away, and one that sells nothing
// though sales are expected. It refuses to put a name, a phone or a person's words into a notice.
package incident

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"allhours/cloud"
	"allhours/protocol"
)

// Presence tells what was last heard from a cabinet.
type Presence interface {
	Of(cabinet protocol.CabinetID) cloud.Presence
}

// Demand tells what will be wanted.
type Demand interface {
	Outlooks(tx cloud.Tx) (cloud.Outlooks, error)
}

// Watchers are told that something changed.
type Watchers interface{ FleetChanged() }

// Options are what the service stands on; all but Channels, AwayAfter, NoSaleHours and Online are needed.
type Options struct {
	DB       cloud.DB
	Presence Presence
	Demand   Demand
	Hub      Watchers
	Channels []Channel
	BaseURL  string // of the pages, without a slash at its end
	// AwayAfter is how long a cabinet may be away before somebody is told; 0: ten minutes.
	AwayAfter time.Duration
	// NoSaleHours is how long nothing may be sold where sales are expected; 0: six hours.
	NoSaleHours int
	Online      func() bool // whether cabinets can be heard at all; nil: always
	Now         func() time.Time
	NewID       func() protocol.UUID
	Logger      *slog.Logger
}

// Service implements cloud.IncidentDesk.
type Service struct {
	Options
	listening time.Time // since when cabinets can be heard; zero: they cannot
	looked    time.Time // when sales were last looked at
	counts    counts
}

type counts struct{ sent, refused atomic.Int64 }

// Stats are what became of notices since the start.
type Stats struct{ Sent, Refused int64 }

// New makes a service; Run looks and tells.
func New(o Options) *Service {
	o.AwayAfter = cmp.Or(o.AwayAfter, 10*time.Minute)
	o.NoSaleHours = cmp.Or(o.NoSaleHours, 6)
	return &Service{Options: o}
}

// Stats counts.
func (s *Service) Stats() Stats {
	return Stats{Sent: s.counts.sent.Load(), Refused: s.counts.refused.Load()}
}

// List implements cloud.IncidentDesk.
func (s *Service) List(ctx context.Context, q cloud.IncidentQuery) (found []cloud.Incident, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		found, err = tx.Noticed.List(q)
		return err
	})
	return found, err
}

// Story implements cloud.IncidentDesk.
func (s *Service) Story(ctx context.Context, number int) (story cloud.IncidentStory, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		story, err = read(tx, number)
		return err
	})
	return story, err
}

func read(tx cloud.Tx, number int) (story cloud.IncidentStory, err error) {
	if story.Incident, err = tx.Noticed.Find(number); err != nil {
		return story, err
	}
	story.Steps, err = tx.Followed.Of(number)
	return story, err
}

// Act implements cloud.IncidentDesk.
func (s *Service) Act(ctx context.Context, a cloud.IncidentAct) (story cloud.IncidentStory, err error) {
	a.Words = strings.TrimSpace(a.Words)
	err = s.DB.Update(ctx, func(tx cloud.Tx) error {
		i, err := tx.Noticed.Find(a.Number)
		if err != nil {
			return err
		}
		if err := s.check(tx, i, a); err != nil {
			return err
		}
		if err := tx.Followed.Take(cloud.IncidentStep{
			Number: a.Number, At: s.Now(), Did: a.Did, By: a.By, Whom: a.Whom, Cause: a.Cause, Words: a.Words,
		}); err != nil {
			return err
		}
		story, err = read(tx, a.Number)
		return err
	})
	if err != nil {
		return story, fmt.Errorf("incident %d: %w", a.Number, err)
	}
	s.Hub.FleetChanged()
	return story, nil
}

// check holds what a person asks for to what makes sense of a kind.
func (s *Service) check(tx cloud.Tx, i cloud.Incident, a cloud.IncidentAct) error {
	if utf8.RuneCountInString(a.Words) > cloud.IncidentWordsMax {
		return protocol.Errorf(protocol.CodeMalformed, "words: want %d characters at most", cloud.IncidentWordsMax)
	}
	if (a.Whom != "") != (a.Did == cloud.IncidentAssigned) || (a.Cause != "") != (a.Did == cloud.IncidentClosed) {
		return protocol.Errorf(protocol.CodeMalformed, "want a name to assign, a cause to close, and neither otherwise")
	}
	switch a.Did {
	case cloud.IncidentAcknowledged:
	case cloud.IncidentNoted:
		if a.Words == "" {
			return protocol.Errorf(protocol.CodeMalformed, "a note has words")
		}
	case cloud.IncidentClosed:
		if !a.Cause.Fits(i.Kind) || a.Cause == cloud.CauseOther && a.Words == "" {
			return protocol.Errorf(protocol.CodeMalformed, "cause %q: want one of the kind's, and words with another", a.Cause)
		}
	case cloud.IncidentAssigned:
		hands, err := tx.Crew.Staff()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(hands, func(p cloud.Principal) bool { return p.Name == a.Whom }) {
			return protocol.Errorf(protocol.CodeMalformed, "nobody of the staff can take it under that name")
		}
	default:
		return protocol.Errorf(protocol.CodeMalformed, "%q is nothing that a person does with an incident", a.Did)
	}
	return nil
}

// Hands implements cloud.IncidentDesk.
func (s *Service) Hands(ctx context.Context) (hands []cloud.Principal, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		hands, err = tx.Crew.Staff()
		return err
	})
	return hands, err
}

// Times implements cloud.IncidentDesk.
func (s *Service) Times(ctx context.Context, since time.Time) (kinds map[cloud.IncidentKind]cloud.IncidentTimes, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		kinds, err = tx.Noticed.Times(since)
		return err
	})
	return kinds, err
}
