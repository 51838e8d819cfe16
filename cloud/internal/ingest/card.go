package ingest

import (
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/visit"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Cards decides which card of a cabinet is believed.
type Cards interface {
	// Admits has CodeCardRetired for a journal that can never be in force any more.
	Admits(tx cloud.Tx, cabinet protocol.CabinetID, position cloud.Position, journal protocol.UUID) error
	Accept(tx cloud.Tx, cabinet protocol.CabinetID, position cloud.Position, journal protocol.UUID) (visit.Done, error)
	SetApart(tx cloud.Tx, cabinet protocol.CabinetID, why cloud.IncidentKind) (visit.Done, error)
}

// knowJournal takes the journal in force, and another one where a person has said that there would be one.
func (s *Service) knowJournal(tx cloud.Tx, p *parcel) error {
	at := p.position
	switch {
	case p.journal == at.Journal && at.Apart != "":
		return p.refuse(tx, at.Apart, p.journal.String(), "it goes on sending; its card is set apart until a person decides")
	case p.journal == at.Journal:
		return nil
	case p.journal.IsZero():
	case at.Journal.IsZero():
		p.position = cloud.Position{Journal: p.journal}
		return tx.Inbox.Move(p.from.Cabinet, p.position)
	case at.Expects && p.birth != nil:
		return s.acceptNext(tx, p)
	}
	return p.refuse(tx, cloud.IncidentOtherJournal, p.journal.String(), cloud.DetailInForce.Fill(at.Journal))
}

// acceptNext puts the journal of a card that was announced into force, unless it is one that was replaced.
func (s *Service) acceptNext(tx cloud.Tx, p *parcel) error {
	err := s.Cards.Admits(tx, p.from.Cabinet, p.position, p.journal)
	if protocol.CodeOf(err) == cloud.CodeCardRetired {
		return p.refuse(tx, cloud.IncidentOtherJournal, p.journal.String(), cloud.DetailRetired.Fill(err))
	}
	if err != nil {
		return err
	}
	done, err := s.Cards.Accept(tx, p.from.Cabinet, p.position, p.journal)
	if err != nil {
		return err
	}
	p.done, p.position = append(p.done, done), cloud.Position{Journal: p.journal}
	return nil
}

// knowCard sets a card apart that is a copy, or of which there is one: nobody can tell here which of the two is the cabinet's.
func (s *Service) knowCard(tx cloud.Tx, p *parcel) error {
	if s.Presence.Of(p.from.Cabinet).Conn == p.birth.Conn {
		return nil // The network may repeat it after what followed it.
	}
	v := judge(p.position, *p.birth)
	switch {
	case v.late, v.kind != "" && !v.certain && !s.doubts.again(p.from.Cabinet, p.at):
		p.refused = true // Not a word of it is believed.
		return nil
	case v.kind == "":
		return nil
	}
	done, err := s.Cards.SetApart(tx, p.from.Cabinet, v.kind)
	if err != nil {
		return err
	}
	p.done = append(p.done, done)
	return p.refuse(tx, v.kind, p.journal.String(), v.detail)
}

// verdict is what a birth says of the card behind it.
type verdict struct {
	kind    cloud.IncidentKind // empty: it may well be the cabinet's own
	certain bool               // a birth that was on its way for long cannot say this
	late    bool               // it was overtaken by what followed it
	detail  string
}

// judge holds a birth to what is known of the card. A journal only grows, and each start of an agent has a boot of its own,
// which is on the disk before the first birth; a cloud that was restored knows less, and suspects nobody.
func judge(at cloud.Position, b wire.Birth) verdict {
	told := !b.Start.IsZero() && !at.Start.IsZero()
	lacks := cloud.DetailLacks.Fill(b.Boot, b.Last, at.Seen)
	switch lost := b.Last < at.Seen; {
	case b.Boot == at.Boot && b.Start == at.Start && told && lost:
		return verdict{late: true}
	case lost:
		return verdict{kind: cloud.IncidentRestoredCard, certain: b.Boot > at.Boot || b.Boot == at.Boot && told, detail: lacks}
	case b.Boot == at.Boot && b.Start != at.Start && told:
		return verdict{kind: cloud.IncidentClonedCard, certain: true, detail: cloud.DetailTwoBoots.Fill(b.Boot)}
	case b.Boot < at.Boot:
		return verdict{kind: cloud.IncidentClonedCard, detail: cloud.DetailBootBack.Fill(b.Boot, at.Boot)}
	}
	return verdict{}
}

// What a birth says that may only have been late is believed when it is said again, not at once and not much later.
const (
	doubtAfter = 10 * time.Second
	doubtUntil = 10 * time.Minute
)

// doubts are births that looked like those of a copy.
type doubts struct {
	mu    sync.Mutex
	since map[protocol.CabinetID]time.Time
}

func newDoubts() *doubts { return &doubts{since: make(map[protocol.CabinetID]time.Time)} }

// again reports that the doubt is no new one.
func (d *doubts) again(cabinet protocol.CabinetID, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	since, known := d.since[cabinet]
	if !known || now.Sub(since) > doubtUntil {
		d.since[cabinet] = now
		return false
	}
	return now.Sub(since) >= doubtAfter
}
