package ingest

import (
	"context"

	"allhours/cloud"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// birth reads the first word of a connection.
func (s *Service) birth(ctx context.Context, from topic.Address, payload []byte) error {
	var b wire.Birth
	if err := read(payload, from, &b, &b.Cabinet); err != nil {
		return err
	}
	if _, err := wire.ChallengeToken(b.Challenge); err != nil {
		return err
	}
	p := &parcel{from: from, at: s.Now(), journal: b.Journal, birth: &b}
	return s.run(ctx, p, s.onBirth())
}

// connect takes the connection for the cabinet's own. One whose journal or card is not believed cannot be opened.
func (s *Service) connect(_ context.Context, p *parcel) error {
	if err := s.Presence.Birth(*p.birth, p.at); err != nil {
		return err
	}
	s.Hub.FleetChanged()
	return nil
}

func (s *Service) greet(ctx context.Context, p *parcel) error {
	return s.Greeter.Greet(ctx, p.birth.Cabinet, p.birth.Config)
}

func (s *Service) death(ctx context.Context, from topic.Address, payload []byte) error {
	var d wire.Death
	if err := read(payload, from, &d, &d.Cabinet); err != nil {
		return err
	}
	if !s.Presence.Death(d) {
		return nil
	}
	s.Hub.FleetChanged()
	return s.DB.Update(ctx, func(tx cloud.Tx) error { return s.lostLine(tx, d, s.Now()) })
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
