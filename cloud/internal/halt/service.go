// Package halt takes cabinets off sale, locks them out, and takes both back. What it says holds in the cloud in the same
// transaction, and at the cabinet with its next desired state. It refuses to judge who may say it.
package halt

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// lookEvery is how often it is looked for halts whose time is over.
const lookEvery = 2 * time.Second

// Desired makes desired states and brings them to cabinets.
type Desired interface {
	// Restate makes a new desired state of a cabinet where what is said of it has changed.
	Restate(tx cloud.Tx, cabinet protocol.CabinetID) error
	// Greet sends a cabinet its desired state where that is newer than what it applied.
	Greet(ctx context.Context, cabinet protocol.CabinetID, applied wire.ConfigVersion) error
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Desired  Desired
	Presence *presence.Book
	Hub      *watch.Hub
	Now      func() time.Time
	NewID    func() protocol.UUID
	Logger   *slog.Logger
}

// Service implements cloud.Halting.
type Service struct{ Options }

// New makes a service; Run ends what has an end.
func New(o Options) *Service { return &Service{o} }

// Halt implements cloud.Halting.
func (s *Service) Halt(ctx context.Context, a cloud.AskHalt) (cloud.Halt, error) {
	h, err := s.checked(a)
	if err != nil {
		return cloud.Halt{}, err
	}
	err = s.say(ctx, a.Cabinet, func(tx cloud.Tx) error {
		before, err := s.inForce(tx, a.Cabinet, a.Kind)
		if err != nil {
			return err
		}
		if before != nil && same(*before, h) {
			h = *before
			return nil
		}
		return s.add(tx, h)
	})
	return h, err
}

// Resume implements cloud.Halting.
func (s *Service) Resume(ctx context.Context, cabinet protocol.CabinetID, kind cloud.HaltKind, by cloud.Principal) error {
	return s.say(ctx, cabinet, func(tx cloud.Tx) error {
		before, err := s.inForce(tx, cabinet, kind)
		if err != nil || before == nil {
			return err
		}
		return s.add(tx, cloud.Halt{
			ID: s.NewID(), Cabinet: cabinet, Kind: kind, At: s.Now(), By: by.Name, Role: by.Role, Reason: before.Reason,
		})
	})
}

// Story implements cloud.Halting.
func (s *Service) Story(ctx context.Context, cabinet protocol.CabinetID, limit int) (all []cloud.Halt, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		all, err = tx.Halts.Of(cabinet, limit)
		return err
	})
	return all, err
}

// Run takes back what has an end, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for ctx.Err() == nil {
		if err := s.Due(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Error("halts", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-look.C:
		}
	}
}

// Due takes back what is over by now.
func (s *Service) Due(ctx context.Context) error {
	var over []protocol.CabinetID
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err := tx.Halts.InForce("")
		for _, h := range all {
			if h.Over(s.Now()) && !slices.Contains(over, h.Cabinet) {
				over = append(over, h.Cabinet)
			}
		}
		return err
	}); err != nil {
		return err
	}
	for _, cabinet := range over {
		if err := s.say(ctx, cabinet, func(cloud.Tx) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// say ends what is over, does more in the same transaction, and brings the outcome to the cabinet. That it cannot be brought now
// is no error: the desired state is sent until it is applied.
func (s *Service) say(ctx context.Context, cabinet protocol.CabinetID, more func(cloud.Tx) error) error {
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		if _, err := tx.Cabinets.Find(cabinet); err != nil {
			return err
		}
		if err := s.end(tx, cabinet); err != nil {
			return err
		}
		if err := more(tx); err != nil {
			return err
		}
		return s.Desired.Restate(tx, cabinet)
	}); err != nil {
		return fmt.Errorf("halt %s: %w", cabinet, err)
	}
	s.Hub.FleetChanged()
	if p := s.Presence.Of(cabinet); p.Connected {
		if err := s.Desired.Greet(ctx, cabinet, p.Applied); err != nil {
			s.Logger.Warn("a halt was not sent", "cabinet", cabinet, "error", err)
		}
	}
	return nil
}

// end takes back what is over, as of its end.
func (s *Service) end(tx cloud.Tx, cabinet protocol.CabinetID) error {
	all, err := tx.Halts.InForce(cabinet)
	if err != nil {
		return err
	}
	for _, h := range all {
		if !h.Over(s.Now()) {
			continue
		}
		if err := s.add(tx, cloud.Halt{ID: s.NewID(), Cabinet: cabinet, Kind: h.Kind, At: h.Until, Reason: h.Reason}); err != nil {
			return err
		}
	}
	return nil
}

// add keeps a word with what coverage is to know of it.
func (s *Service) add(tx cloud.Tx, h cloud.Halt) error {
	if err := tx.Halts.Add(h); err != nil {
		return err
	}
	f := coverage.Fact{
		Ref: "halt:" + h.ID.String(), Cabinet: h.Cabinet, Kind: coverage.Halt, Subject: string(h.Kind), At: h.At.UnixMilli(),
		Code: string(h.Reason), Made: s.Now().UnixMilli(),
	}
	if h.Holds {
		f.Value = 1
	}
	return tx.CoverageFacts.Add([]coverage.Fact{f})
}

func (s *Service) inForce(tx cloud.Tx, cabinet protocol.CabinetID, kind cloud.HaltKind) (*cloud.Halt, error) {
	all, err := tx.Halts.InForce(cabinet)
	for i := range all {
		if all[i].Kind == kind {
			return &all[i], err
		}
	}
	return nil, err
}

// checked is the word that is asked for.
func (s *Service) checked(a cloud.AskHalt) (cloud.Halt, error) {
	now, usual := s.Now(), a.Reason.Text()
	h := cloud.Halt{
		ID: s.NewID(), Cabinet: a.Cabinet, Kind: a.Kind, Holds: true, At: now, By: a.By.Name, Role: a.By.Role, Reason: a.Reason, Until: a.Until,
		Text: cloud.Text{Zh: said(a.Text.Zh, usual.Zh), En: said(a.Text.En, usual.En)}, Note: strings.TrimSpace(a.Note),
	}
	switch {
	case h.By == "":
		return h, protocol.Errorf(protocol.CodeMalformed, "by: want who halts it")
	case !h.Kind.Halt() || !slices.Contains(cloud.HaltReasons(h.Kind), h.Reason):
		return h, protocol.Errorf(protocol.CodeMalformed, "reason: %q is none of %s", h.Reason, h.Kind)
	case utf8.RuneCountInString(h.Text.Zh) > cloud.HaltTextMax || utf8.RuneCountInString(h.Text.En) > cloud.HaltTextMax:
		return h, protocol.Errorf(protocol.CodeMalformed, "text: want %d characters at most", cloud.HaltTextMax)
	case len(h.Note) > wire.MaxWhy:
		return h, protocol.Errorf(protocol.CodeMalformed, "note: want %d bytes at most", wire.MaxWhy)
	case !h.Until.IsZero() && h.Kind == protocol.CodeLockedOut:
		return h, protocol.Errorf(protocol.CodeMalformed, "until: a cabinet that is locked out is released by a technician, not by the clock")
	case h.Over(now):
		return h, protocol.Errorf(protocol.CodeMalformed, "until: want a time that is to come")
	}
	return h, nil
}

// said is what somebody wrote, on one line, or what is usual where they wrote nothing.
func said(text, usual string) string {
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return usual
	}
	return text
}

// same reports that two words halt a cabinet alike.
func same(a, b cloud.Halt) bool {
	return a.Reason == b.Reason && a.Text == b.Text && a.Until.Equal(b.Until) && a.Note == b.Note
}
