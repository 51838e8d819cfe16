// Package food brings a person's word on the food of a compartment to its cabinet, and the cabinet's answer back. It keeps
// nothing: that it was said, by whom and why, is what the cabinet journals.
package food

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// attestLife is how long a word may be on its way, and its answer is waited for.
const attestLife = 10 * time.Second

// Publisher sends one message to a cabinet; it does not wait for the cabinet.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB        cloud.DB
	Publisher Publisher
	Signer    grant.Signer
	Presence  *presence.Book
	Now       func() time.Time
	NewID     func() protocol.UUID
}

// Service implements cloud.Food.
type Service struct {
	Options
	mu      sync.Mutex
	waiting map[protocol.UUID]asked
}

// asked is a command that waits for its cabinet's answer.
type asked struct {
	cabinet protocol.CabinetID
	answer  chan wire.Reply
}

// New makes a service.
func New(o Options) *Service { return &Service{Options: o, waiting: make(map[protocol.UUID]asked)} }

// Attest implements cloud.Food.
func (s *Service) Attest(ctx context.Context, a cloud.Attestation) error {
	a.Why = strings.TrimSpace(a.Why)
	if a.By == "" || a.Why == "" || len(a.By) > wire.MaxWhy || len(a.Why) > wire.MaxWhy {
		return protocol.Errorf(protocol.CodeMalformed, "why: want a reason of 1 to %d bytes", wire.MaxWhy)
	}
	var cabinet cloud.Cabinet
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		cabinet, err = tx.Cabinets.Find(a.Cabinet)
		return err
	}); err != nil {
		return fmt.Errorf("attest food: %w", err)
	}
	p := s.Presence.Of(a.Cabinet)
	if p.State(s.Now(), false) == cloud.CabinetAway {
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s was last heard of at %s", a.Cabinet, p.LastSeen)
	}
	id := s.NewID()
	payload, err := s.command(id, a, p.Challenge)
	if err != nil {
		return fmt.Errorf("attest food: %w", err)
	}
	answer := s.wait(id, a.Cabinet)
	defer s.forget(id)
	to := topic.Address{Shard: cabinet.Shard, Cabinet: a.Cabinet}
	if err := s.Publisher.Publish(ctx, to, topic.Command, payload); err != nil {
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s cannot be reached: %v", a.Cabinet, err)
	}
	return answered(ctx, a.Cabinet, answer)
}

// answered waits for the cabinet's word. Without one nothing is known; to say it again does no harm.
func answered(ctx context.Context, id protocol.CabinetID, answer <-chan wire.Reply) error {
	ctx, cancel := context.WithTimeout(ctx, attestLife)
	defer cancel()
	select {
	case r := <-answer:
		if r.Code != protocol.CodeOK {
			return protocol.Errorf(r.Code, "cabinet %s: %s", id, r.Detail)
		}
		return nil
	case <-ctx.Done():
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s did not answer", id)
	}
}

func (s *Service) command(id protocol.UUID, a cloud.Attestation, challenge [16]byte) ([]byte, error) {
	expires := s.Now().Add(attestLife).UnixMilli()
	sealed, err := wire.Seal(wire.KindAttest, s.Signer, wire.Attest{
		V: wire.Version, Cabinet: a.Cabinet, Compartment: a.Compartment, Challenge: challenge[:], Expires: expires, By: a.By, Why: a.Why,
	})
	if err != nil {
		return nil, err
	}
	return wire.Encode(wire.Command{
		V: wire.Version, ID: id, Cabinet: a.Cabinet, Kind: wire.CommandAttest, Expires: expires, Attest: sealed,
	})
}

func (s *Service) wait(id protocol.UUID, cabinet protocol.CabinetID) <-chan wire.Reply {
	answer := make(chan wire.Reply, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting[id] = asked{cabinet, answer}
	return answer
}

func (s *Service) forget(id protocol.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

// Reply takes a cabinet's answer to a command, where it is one of this service.
func (s *Service) Reply(cabinet protocol.CabinetID, r wire.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w, known := s.waiting[r.ID]; known && w.cabinet == cabinet {
		w.answer <- r
		delete(s.waiting, r.ID)
	}
}
