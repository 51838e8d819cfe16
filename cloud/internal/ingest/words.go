package ingest

import (
	"context"
	"errors"

	"allhours/cloud"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// birth begins a connection: the cabinet is told what is committed of its journal, and its desired state.
func (s *Service) birth(ctx context.Context, from topic.Address, payload []byte) error {
	var b wire.Birth
	if err := read(payload, from, &b, &b.Cabinet); err != nil {
		return err
	}
	if _, err := wire.ChallengeToken(b.Challenge); err != nil {
		return err
	}
	p := &parcel{from: from, at: s.Now(), journal: b.Journal, birth: &b}
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return p.run(tx, s.onBirth()) }); err != nil {
		return err
	}
	for _, done := range p.done {
		done()
	}
	if p.refused { // Its journal or its card is not believed: it is kept apart, and cannot be opened.
		return nil
	}
	if err := s.Presence.Birth(b, p.at); err != nil {
		return err
	}
	s.Hub.FleetChanged()
	return errors.Join(
		s.acknowledge(ctx, p),
		s.Greeter.Greet(ctx, b.Cabinet, b.Config),
		s.Talk.Heard(ctx, b.Cabinet),
	)
}

func (s *Service) death(_ context.Context, from topic.Address, payload []byte) error {
	var d wire.Death
	if err := read(payload, from, &d, &d.Cabinet); err != nil {
		return err
	}
	if s.Presence.Death(d) {
		s.Hub.FleetChanged()
	}
	return nil
}

func (s *Service) telemetry(ctx context.Context, from topic.Address, payload []byte) error {
	var t wire.Telemetry
	if err := read(payload, from, &t, &t.Cabinet); err != nil {
		return err
	}
	if s.Presence.Telemetry(t, s.Now()) {
		s.Hub.FleetChanged()
	}
	return s.Talk.Heard(ctx, from.Cabinet)
}

func (s *Service) liveWord(_ context.Context, from topic.Address, payload []byte) error {
	var l wire.Live
	if err := read(payload, from, &l, &l.Cabinet); err != nil {
		return err
	}
	s.Presence.Touch(from.Cabinet, s.Now())
	s.Talk.Live(from.Cabinet, l)
	return nil
}

func (s *Service) reply(ctx context.Context, from topic.Address, payload []byte) error {
	var r wire.Reply
	if err := read(payload, from, &r, &r.Cabinet); err != nil {
		return err
	}
	s.Presence.Touch(from.Cabinet, s.Now())
	return s.Talk.Reply(ctx, from.Cabinet, r)
}
