// Package look asks cabinets to tell more often how they stand while somebody looks at their pages. However many look, a cabinet
// is asked once in a while, and only so many cabinets are asked at the same time.
package look

import (
	"context"
	"fmt"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

const (
	againAfter  = wire.LookFor / 2
	commandLife = 10 * time.Second
	// mostAtOnce bounds the cabinets that tell each second: they are a message a second each, beside those of the fleet.
	mostAtOnce = 100
)

// Publisher sends one message to a cabinet; it does not wait for the cabinet.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB        cloud.DB
	Publisher Publisher
	Presence  *presence.Book
	Now       func() time.Time
	NewID     func() protocol.UUID
}

// Service implements cloud.Looking.
type Service struct {
	Options
	mu    sync.Mutex
	asked map[protocol.CabinetID]time.Time
}

// New makes a service.
func New(o Options) *Service {
	return &Service{Options: o, asked: make(map[protocol.CabinetID]time.Time)}
}

// Look implements cloud.Looking.
func (s *Service) Look(ctx context.Context, id protocol.CabinetID) error {
	now := s.Now()
	if s.Presence.Of(id).State(now, false) == cloud.CabinetAway || !s.due(id, now) {
		return nil
	}
	var cabinet cloud.Cabinet
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		cabinet, err = tx.Cabinets.Find(id)
		return err
	}); err != nil {
		return err
	}
	payload, err := wire.Encode(wire.Command{
		V: wire.Version, ID: s.NewID(), Cabinet: id, Kind: wire.CommandLook, Expires: now.Add(commandLife).UnixMilli(),
	})
	if err != nil {
		return err
	}
	if err := s.Publisher.Publish(ctx, topic.Address{Shard: cabinet.Shard, Cabinet: id}, topic.Command, payload); err != nil {
		return fmt.Errorf("look at %s: %w", id, err)
	}
	return nil
}

// due notes that a cabinet is asked, where it may be now.
func (s *Service) due(id protocol.CabinetID, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for other, at := range s.asked {
		if now.Sub(at) >= wire.LookFor {
			delete(s.asked, other)
		}
	}
	before, known := s.asked[id]
	if known && now.Sub(before) < againAfter || !known && len(s.asked) >= mostAtOnce {
		return false
	}
	s.asked[id] = now
	return true
}
