// Package food brings a person's word on the food of a compartment to its cabinet, and the cabinet's answer back. That it
// was said, by whom and why, is what the cabinet journals.
package food

import (
	"context"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// attestLife is how long a word may be on its way, and its answer is waited for.
const attestLife = 10 * time.Second

// Tasks asks cabinets and waits for their answers.
type Tasks interface {
	Ask(ctx context.Context, a cloud.AskTask) (cloud.Task, error)
	// Wait gives the task as it is when it has ended, or ctx has.
	Wait(ctx context.Context, t cloud.Task) (cloud.Task, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	Tasks    Tasks
	Fleet    cloud.Fleet
	Presence *presence.Book
	Now      func() time.Time
}

// Service implements cloud.Food.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// Attest implements cloud.Food. Without an answer nothing is known; to say it again does no harm.
func (s *Service) Attest(ctx context.Context, a cloud.Attestation) error {
	a.Why = strings.TrimSpace(a.Why)
	if a.By == "" || a.Why == "" || len(a.By) > wire.MaxWhy || len(a.Why) > wire.MaxWhy {
		return protocol.Errorf(protocol.CodeMalformed, "why: want a reason of 1 to %d bytes", wire.MaxWhy)
	}
	if _, err := s.Fleet.Cabinet(ctx, a.Cabinet); err != nil {
		return err
	}
	if p := s.Presence.Of(a.Cabinet); p.State(s.Now(), false) == cloud.CabinetAway {
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s was last heard of at %s", a.Cabinet, p.LastSeen)
	}
	t, err := s.Tasks.Ask(ctx, cloud.AskTask{
		Cabinet: a.Cabinet, Kind: wire.TaskAttest, Args: wire.AttestArgs{Compartment: a.Compartment, Why: a.Why}, By: a.By, Life: attestLife,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, attestLife)
	defer cancel()
	if t, err = s.Tasks.Wait(ctx, t); err != nil {
		return err
	}
	switch {
	case t.Done.IsZero():
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s did not answer", a.Cabinet)
	case t.Code != protocol.CodeOK:
		return protocol.Errorf(t.Code, "cabinet %s: %s", a.Cabinet, t.Detail)
	}
	return nil
}
