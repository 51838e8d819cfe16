// Package desired turns master data into one versioned desired state per cabinet, and brings it to the cabinets. It refuses
// to wait for a cabinet: what one reports as applied is compared, and sent again where it is older.
package desired

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// How often master data and cabinets are looked at.
const (
	lookEvery = 2 * time.Second
	sendEvery = 30 * time.Second
	// sendAgain is how long what was sent over a connection counts as on its way: that it was applied is an event behind others.
	sendAgain = 45 * time.Second
	// sealAtOnce bounds how many are compressed at a time: each takes 800 kB, and more of them would be ready no sooner.
	sealAtOnce = 4
)

// Publisher sends one message to a cabinet; it does not wait for the cabinet.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB        cloud.DB
	Book      *book.Book
	Publisher Publisher
	Signer    grant.Signer
	Presence  *presence.Book
	Hub       *watch.Hub
	Now       func() time.Time
	Logger    *slog.Logger
}

// Service keeps the cabinets at their desired states.
type Service struct {
	Options
	packers chan *wire.Packer
	mu      sync.Mutex
	sent    map[protocol.CabinetID]sending
}

// sending is what was sent to a cabinet last.
type sending struct {
	conn    protocol.UUID
	version wire.ConfigVersion
	at      time.Time
}

// New makes a service; Run follows changes that another process made.
func New(o Options) *Service {
	s := &Service{Options: o, packers: make(chan *wire.Packer, sealAtOnce), sent: make(map[protocol.CabinetID]sending)}
	for range sealAtOnce {
		s.packers <- new(wire.Packer)
	}
	return s
}

// onItsWay reports that a cabinet was sent the same over its connection a moment ago.
func (s *Service) onItsWay(id protocol.CabinetID, version wire.ConfigVersion) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.sent[id]
	return known && last.conn == s.Presence.Of(id).Conn && last.version == version && s.Now().Sub(last.at) < sendAgain
}

func (s *Service) sending(id protocol.CabinetID, version wire.ConfigVersion) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent[id] = sending{conn: s.Presence.Of(id).Conn, version: version, at: s.Now()}
}

// Greet sends a cabinet its desired state where that is newer than what it applied.
func (s *Service) Greet(ctx context.Context, id protocol.CabinetID, applied wire.ConfigVersion) error {
	var cabinet cloud.Cabinet
	var config wire.Config
	var newer bool
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if config.Config, newer, err = newest(tx, id, applied); err != nil || !newer {
			return err
		}
		if newer = !s.onItsWay(id, config.Config); !newer {
			return nil
		}
		version := config.Config
		if cabinet, err = tx.Cabinets.Find(id); err != nil {
			return err
		}
		config, _, err = tx.Desired.Latest(id)
		config.Config = version
		return err
	}); err != nil {
		return fmt.Errorf("desired state of %s: %w", id, err)
	}
	if !newer {
		return nil
	}
	packer := <-s.packers
	payload, err := packer.Seal(wire.KindConfig, s.Signer, config)
	s.packers <- packer
	if err != nil {
		return err
	}
	if err := s.Publisher.Publish(ctx, topic.Address{Shard: cabinet.Shard, Cabinet: id}, topic.Config, payload); err != nil {
		return fmt.Errorf("send desired state to %s: %w", id, err)
	}
	s.sending(id, config.Config)
	return nil
}

// newest is the version of what a cabinet shall be, and whether it is another than what it applied: as a rule it is not, and
// nothing more is read.
func newest(tx cloud.Tx, id protocol.CabinetID, applied wire.ConfigVersion) (v wire.ConfigVersion, newer bool, err error) {
	if v.Version, err = tx.Desired.Version(id); err != nil || v.Version == 0 {
		return v, false, err
	}
	v.FleetEpoch, err = tx.Desired.FleetEpoch()
	return v, v.Newer(applied), err
}

// Run lets prices hold when their time has come, and what goods near their dates cost; it sends desired states that changed, and again those that a cabinet has not
// applied, until ctx ends. What came due while nobody ran holds at once.
func (s *Service) Run(ctx context.Context) {
	look, send := time.NewTimer(0), time.NewTicker(sendEvery)
	defer look.Stop()
	defer send.Stop()
	mark := time.NewTimer(0)
	defer mark.Stop()
	var seen uint64
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			var next time.Duration
			if next, err = s.Turn(ctx); err == nil {
				err = s.look(ctx, &seen)
			}
			look.Reset(soon(next))
		case <-mark.C:
			var changed bool
			if changed, err = s.Mark(ctx); changed {
				s.Hub.FleetChanged()
				err = s.sendAll(ctx)
			}
			mark.Reset(markEvery)
		case <-send.C:
			err = s.sendAll(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Logger.Warn("desired states", "error", err)
		}
	}
}

// Due lets prices hold whose time has come, and what goods near their dates cost; it sends what cabinets have not applied.
func (s *Service) Due(ctx context.Context) error {
	if _, err := s.Turn(ctx); err != nil {
		return err
	}
	if _, err := s.Mark(ctx); err != nil {
		return err
	}
	return s.sendAll(ctx)
}

// soon is when it is looked again: in time for prices that are to come.
func soon(next time.Duration) time.Duration {
	if next > 0 && next < lookEvery {
		return next
	}
	return lookEvery
}

// look sends at once where master data changed since it was seen.
func (s *Service) look(ctx context.Context, seen *uint64) error {
	var revision uint64
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		revision, err = tx.Plans.Revision()
		return err
	}); err != nil || revision == *seen {
		return err
	}
	*seen = revision
	s.Hub.FleetChanged()
	return s.sendAll(ctx)
}

func (s *Service) sendAll(ctx context.Context) error {
	var versions map[protocol.CabinetID]uint64
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		versions, err = tx.Desired.Versions()
		return err
	}); err != nil {
		return err
	}
	for id, version := range versions {
		p := s.Presence.Of(id)
		if !p.Connected || p.Applied.Version == version {
			continue
		}
		if err := s.Greet(ctx, id, p.Applied); err != nil {
			return err
		}
	}
	return nil
}
