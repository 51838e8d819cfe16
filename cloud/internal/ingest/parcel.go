package ingest

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/visit"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// maxHoles is how many holes one acknowledgement asks for.
const maxHoles = 32

// parcel is a batch, or a birth, on its way through the steps.
type parcel struct {
	from     topic.Address
	at       time.Time
	journal  protocol.UUID
	birth    *wire.Birth  // nil for a batch
	batch    []wire.Event // of one journal
	position cloud.Position
	missing  []wire.Range
	epoch    uint64
	refused  bool // nothing of it is acknowledged
	done     []visit.Done
	applied  *wire.ConfigVersion
	doors    []doorWord
	written  time.Time // of the newest event that is applied and whose time is known to be right

	replay *replay // nil: it comes for the first time
	failed error   // why the replay has no effect

	saw witness // what its events say of coverage

	tally, before cloud.Tally // the counters now, and as they are stored
	counted, was  bool        // there are any now, and there were any stored
	tallied       bool        // they were read
}

// doorWord is what an event says of a door, and when by the cabinet's own clock.
type doorWord struct {
	compartment protocol.Compartment
	state       wire.Door
	at          int64
}

// refuse keeps a parcel apart and tells somebody.
func (p *parcel) refuse(tx cloud.Tx, kind cloud.IncidentKind, subject, detail string) error {
	p.refused = true
	for _, e := range p.batch {
		if err := tx.Quarantine.Put(cloud.SetAside{Event: e, Reason: protocol.Code(kind), Detail: detail, At: p.at}); err != nil {
			return err
		}
	}
	return p.incident(tx, kind, subject, detail)
}

// incident is of what arrived.
func (p *parcel) incident(tx cloud.Tx, kind cloud.IncidentKind, subject, detail string) error {
	return p.tell(tx, p.at, kind, subject, detail)
}

// tell is of what happened at the cabinet, perhaps long before it was heard.
func (p *parcel) tell(tx cloud.Tx, at time.Time, kind cloud.IncidentKind, subject, detail string) error {
	return tx.Incidents.Open(cloud.Incident{Cabinet: p.from.Cabinet, Kind: kind, Subject: subject, Detail: detail, Last: at, Opened: p.at})
}

func (s *Service) knowCabinet(tx cloud.Tx, p *parcel) error {
	sender, err := tx.Senders.Find(p.from.Cabinet)
	switch {
	case err != nil:
		return err
	case !sender.Enrolled:
		return p.refuse(tx, cloud.IncidentUnknownCabinet, "", cloud.DetailNotEnrolled.Fill(p.from.Cabinet))
	case sender.Shard != p.from.Shard:
		return p.refuse(tx, cloud.IncidentUnknownCabinet, "", cloud.DetailOtherShard.Fill(p.from.Shard, sender.Shard))
	}
	p.position, p.epoch = sender.Position, sender.FleetEpoch
	return nil
}

func (s *Service) keepBirth(tx cloud.Tx, p *parcel) error {
	if err := s.keepLine(tx, p); err != nil {
		return err
	}
	return tx.Births.Save(*p.birth, p.at)
}

// skipLost gives up on events that the cabinet no longer has: a cloud restored from an old backup may lack them.
func (s *Service) skipLost(tx cloud.Tx, p *parcel) error {
	kept := p.birth.FirstKept
	if kept <= p.position.Applied+1 {
		return nil
	}
	detail := cloud.DetailNowhere.Fill(p.position.Applied+1, kept-1)
	p.position.Applied = kept - 1
	p.position.Seen = max(p.position.Seen, p.position.Applied)
	if err := p.incident(tx, cloud.IncidentEventsLost, p.journal.String(), detail); err != nil {
		return err
	}
	if err := p.endKnown(tx); err != nil {
		return err
	}
	if err := s.apply(tx, p); err != nil {
		return err
	}
	return s.move(tx, p)
}

// put stores what is new. An event that differs from what is known under its key keeps the whole batch from being
// acknowledged; what is stored stays, and is applied.
func (s *Service) put(tx cloud.Tx, p *parcel) error {
	var stored, differs []wire.Event
	arrived, err := tx.Inbox.Put(p.batch, p.at)
	if err != nil {
		return err
	}
	for i, e := range p.batch {
		if arrived[i] == cloud.ArrivalDiffers {
			differs = append(differs, e)
			continue
		}
		stored = append(stored, e)
		p.position.Seen = max(p.position.Seen, e.Seq)
	}
	p.batch = stored
	if len(differs) == 0 {
		return nil
	}
	if err := s.apply(tx, p); err != nil {
		return err
	}
	if err := s.move(tx, p); err != nil {
		return err
	}
	p.batch = differs
	return p.refuse(tx, cloud.IncidentOtherEvent, p.journal.String(), cloud.DetailCameTwice.Fill(differs[0].Seq))
}

// apply takes events in order of seq as far as there is no hole.
func (s *Service) apply(tx cloud.Tx, p *parcel) error {
	at := make(map[uint64]int, len(p.batch))
	for i, e := range p.batch {
		at[e.Seq] = i
	}
	for p.position.Applied < p.position.Seen {
		next := p.position.Applied + 1
		var e wire.Event
		if i, here := at[next]; here {
			e = p.batch[i]
		} else {
			var found bool
			var err error
			if e, found, err = tx.Inbox.Next(p.from.Cabinet, p.position.Journal, next); err != nil || !found {
				return err
			}
		}
		if err := s.applyOne(tx, p, e); err != nil {
			return err
		}
		p.position.Applied = next
	}
	return nil
}

// applyOne makes one event's effect. Poison is set aside with its reason and never blocks what is behind it.
func (s *Service) applyOne(tx cloud.Tx, p *parcel, e wire.Event) error {
	if at := time.UnixMilli(e.At); e.Clock && at.After(p.written) && !at.After(p.at) {
		p.written = at
	}
	done, err := s.effect(tx, p, e)
	code := protocol.CodeOf(err)
	switch {
	case err == nil:
		if done != nil {
			p.done = append(p.done, done)
		}
		return nil
	case code == "":
		return fmt.Errorf("event %d: %w", e.Seq, err)
	}
	if err := tx.Quarantine.Put(cloud.SetAside{Event: e, Reason: code, Detail: err.Error(), At: p.at}); err != nil {
		return err
	}
	return p.incident(tx, cloud.IncidentPoison, poisonOf(e), unread(err))
}

// unread tells what is wrong with what arrived, by its code first.
func unread(err error) string { return cloud.DetailUnread.Fill(protocol.CodeOf(err), err) }

// poisonOf names an event that was set aside in its incident.
func poisonOf(e wire.Event) string { return fmt.Sprintf("%s %d", e.Type, e.Seq) }

// move saves how far the journal is applied, with the counters that go with it.
func (s *Service) move(tx cloud.Tx, p *parcel) error {
	if err := p.saveTally(tx); err != nil {
		return err
	}
	if err := s.keepFacts(tx, p); err != nil {
		return err
	}
	return tx.Inbox.Move(p.from.Cabinet, p.position)
}

func (s *Service) findHoles(tx cloud.Tx, p *parcel) (err error) {
	p.missing, err = tx.Inbox.Holes(p.from.Cabinet, p.position, maxHoles)
	return err
}
