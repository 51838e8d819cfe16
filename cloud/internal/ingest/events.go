package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// events takes a batch: decoded, stored and applied in one transaction, then announced and acknowledged.
func (s *Service) events(ctx context.Context, from topic.Address, payload []byte) error {
	unpacker, _ := s.unpackers.Get().(*wire.Unpacker)
	batch, err := unpacker.DecodeBatch(payload, from.Cabinet)
	s.unpackers.Put(unpacker)
	if err != nil {
		return err
	}
	s.Presence.Touch(from.Cabinet, s.Now())
	var errs []error
	for _, p := range s.parcels(from, batch) {
		if !awaited(p.batch) {
			ctx = cloud.Unawaited(ctx)
		}
		errs = append(errs, s.run(ctx, p, s.onEvents()))
	}
	return errors.Join(errs...)
}

// awaited reports whether a batch tells something of a visit for which a resident looks at a phone.
func awaited(batch []wire.Event) bool {
	return slices.ContainsFunc(batch, func(e wire.Event) bool {
		switch e.Type {
		case wire.VisitBegun, wire.VisitOpened, wire.VisitSettled, wire.VisitAborted, wire.VisitRefused:
			return true
		}
		return false
	})
}

// parcels splits a batch by journal; an honest cabinet has one.
func (s *Service) parcels(from topic.Address, batch []wire.Event) []*parcel {
	var all []*parcel
	for _, e := range batch {
		if len(all) == 0 || all[len(all)-1].journal != e.Journal {
			all = append(all, &parcel{from: from, at: s.Now(), journal: e.Journal})
		}
		last := all[len(all)-1]
		last.batch = append(last.batch, legible(e))
	}
	return all
}

// announce lets memory follow what is committed.
func (s *Service) announce(_ context.Context, p *parcel) error {
	for _, done := range p.done {
		done()
	}
	if !p.written.IsZero() {
		s.Presence.Written(p.from.Cabinet, p.journal, p.written)
	}
	for _, d := range p.doors {
		if s.Presence.Door(p.from.Cabinet, d.compartment, d.state, d.at) {
			s.Hub.FleetChanged()
		}
	}
	if p.applied != nil {
		s.Presence.Applied(p.from.Cabinet, *p.applied)
		s.Hub.FleetChanged()
	}
	return nil
}

// hear looks whether a visit without a word is now proven unused.
func (s *Service) hear(ctx context.Context, p *parcel) error {
	return s.Talk.Heard(ctx, p.from.Cabinet)
}

// acknowledge tells the cabinet what is committed. An acknowledgement that is lost is asked for by the next repetition.
func (s *Service) acknowledge(ctx context.Context, p *parcel) error {
	challenge := s.Presence.Of(p.from.Cabinet).Challenge
	payload, err := wire.Seal(wire.KindAck, s.Signer, wire.Ack{
		V: wire.Version, Cabinet: p.from.Cabinet, FleetEpoch: p.epoch, Journal: p.journal, HaveUpTo: p.position.Applied,
		Missing: p.missing, Challenge: challenge[:], At: s.Now().UnixMilli(),
	})
	if err != nil {
		return err
	}
	if err := s.Publisher.Publish(ctx, p.from, topic.Ack, payload); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}
