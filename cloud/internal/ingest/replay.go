package ingest

import (
	"context"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Replay makes up for an event that was set aside, after what stood in its way was mended. What an event of a visit does is
// done now, once; what an event told of the state of the cabinet has been overtaken by the events behind it, and stays
// evidence. Errors: cloud.CodeNotFound, cloud.CodeConflict where it is not waiting or was never accepted, and whatever still
// stands in its way.
func (s *Service) Replay(ctx context.Context, key cloud.AsideKey, by string) error {
	p := &parcel{at: s.Now(), replay: &replay{key: key, by: by}}
	p.from.Cabinet, p.journal = key.Cabinet, key.Journal
	return s.run(ctx, p, s.onReplay())
}

// Dismiss ends the case of an event that nobody wants to have an effect.
func (s *Service) Dismiss(ctx context.Context, key cloud.AsideKey, by string) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		waiting, err := find(tx, key)
		if err != nil {
			return err
		}
		return tx.Quarantine.Finish(waiting, cloud.AsideDismissed, by, s.Now())
	})
}

// replay is an event on its way for the second time.
type replay struct {
	key  cloud.AsideKey
	by   string
	kept cloud.SetAside
}

// find is the case that a key names: one that waits, and of several the one that the inbox has.
func find(tx cloud.Tx, key cloud.AsideKey) (cloud.SetAside, error) {
	all, err := tx.Quarantine.Find(key)
	if err != nil {
		return cloud.SetAside{}, err
	}
	if len(all) == 0 {
		return cloud.SetAside{}, protocol.Errorf(cloud.CodeNotFound, "no event %d of %s, journal %s, is set aside", key.Seq, key.Cabinet, key.Journal)
	}
	for _, c := range all {
		if c.How == cloud.AsideWaiting {
			return c, nil
		}
	}
	return cloud.SetAside{}, protocol.Errorf(cloud.CodeConflict, "event %d of %s was %s by %s", key.Seq, key.Cabinet, all[0].How, all[0].By)
}

// knowPlace takes only an event that is in the inbox and whose turn has passed: what was never accepted stays apart.
func (s *Service) knowPlace(tx cloud.Tx, p *parcel) (err error) {
	if p.replay.kept, err = find(tx, p.replay.key); err != nil {
		return err
	}
	if p.position, err = tx.Inbox.Position(p.from.Cabinet); err != nil {
		return err
	}
	e := p.replay.kept.Event
	kept, found, err := tx.Inbox.Next(e.Cabinet, e.Journal, e.Seq)
	if err != nil {
		return err
	}
	if !found || kept.Hash() != e.Hash() || p.position.Journal == e.Journal && p.position.Applied < e.Seq {
		return protocol.Errorf(cloud.CodeConflict, "event %d of %s was never accepted: %s", e.Seq, e.Cabinet, p.replay.kept.Detail)
	}
	p.at = p.replay.kept.At // It is placed as it would have been when it came.
	return nil
}

// replayOne makes the effect of an event that is about a visit. Of one that was unreadable what its body says counts, unless it is of
// another cabinet.
func (s *Service) replayOne(tx cloud.Tx, p *parcel) error {
	e := p.replay.kept.Event
	if err := e.Flaw(); protocol.CodeOf(err) == protocol.CodeOtherCabinet {
		return err
	}
	body, err := wire.DecodeBody(e.Type, e.Body)
	if err != nil {
		return err
	}
	if err := sane(body); err != nil {
		return err
	}
	at, err := s.place(tx, p, e)
	if err != nil {
		return err
	}
	src := sourceOf(e, at)
	return tx.Try(func() error {
		switch b := body.(type) {
		case wire.BegunBody:
			p.then(s.Visits.Begun(tx, src, b))
		case wire.AbortedBody:
			p.then(s.Visits.Aborted(tx, src, b))
		case wire.RefusedBody:
			p.then(s.Visits.Refused(tx, src, b))
		case wire.SettledBody:
			p.then(s.Visits.Settled(tx, src, b))
		}
		return p.failed
	})
}

// then keeps what is run after the commit, or why there is none.
func (p *parcel) then(done func(), err error) {
	if p.failed = err; done != nil {
		p.done = append(p.done, done)
	}
}

// recount makes the counters what they would be had the event had its effect when it came: only openings can have grown
// since the cabinet told them last.
func (s *Service) recount(tx cloud.Tx, p *parcel) error {
	tally, counted, err := tx.Meters.Counters(p.from.Cabinet)
	if err != nil || !counted || p.replay.kept.Event.Journal != p.position.Journal {
		return err
	}
	tally.Events = wire.Counters{}
	for seq := p.position.Applied; seq > 0; seq-- {
		e, found, err := tx.Inbox.Next(p.from.Cabinet, p.position.Journal, seq)
		if err != nil || !found {
			return err
		}
		body, apart, err := s.hadEffect(tx, p, e)
		if err != nil {
			return err
		}
		if apart {
			continue
		}
		if now, told := countersOf(body); told {
			tally.Reported = now
			break
		}
		if _, is := body.(wire.OpenedBody); is {
			tally.Events.Openings++
		}
	}
	return tx.Meters.SaveCounters(p.from.Cabinet, tally)
}

// hadEffect reads an event, and whether it is set aside; the one that is replayed no longer is.
func (s *Service) hadEffect(tx cloud.Tx, p *parcel, e wire.Event) (body wire.Body, apart bool, err error) {
	if e.Seq != p.replay.kept.Event.Seq {
		if apart, err = tx.Quarantine.Aside(e); err != nil || apart {
			return nil, apart, err
		}
	}
	body, err = wire.DecodeBody(e.Type, e.Body)
	return body, false, err
}

func countersOf(body wire.Body) (wire.Counters, bool) {
	switch b := body.(type) {
	case wire.SettledBody:
		return b.Counters, true
	case wire.AliveBody:
		return b.Counters, true
	}
	return wire.Counters{}, false
}

// closeCase ends the case, and the incident that told of it.
func (s *Service) closeCase(tx cloud.Tx, p *parcel) error {
	e := p.replay.kept.Event
	if err := tx.Quarantine.Finish(p.replay.kept, cloud.AsideReplayed, p.replay.by, s.Now()); err != nil {
		return err
	}
	return tx.Incidents.Close(e.Cabinet, cloud.IncidentPoison, poisonOf(e), s.Now())
}
