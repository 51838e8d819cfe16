package ingest

import (
	"bytes"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/visit"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// effect makes the effect of one event, in the transaction that stores it. A coded error makes the event poison. Events
// that touch no table need no savepoint: there are many of them.
func (s *Service) effect(tx cloud.Tx, p *parcel, e wire.Event) (done visit.Done, err error) {
	if err := e.Flaw(); err != nil {
		return nil, err
	}
	body, err := wire.DecodeBody(e.Type, e.Body)
	if err != nil {
		return nil, err
	}
	if err := sane(body); err != nil {
		return nil, err
	}
	before := p.position.Placed
	when, err := s.place(tx, p, e)
	if err != nil {
		return nil, err
	}
	if door, is := body.(wire.DoorBody); is {
		p.doors = append(p.doors, doorWord{door.Compartment, doorAfter(door.EventType), e.At})
	}
	if done, err = s.act(tx, p, sourceOf(e, when), body); err != nil {
		return done, err
	}
	return done, s.testify(tx, p, e, before, when.at, body)
}

// act makes what an event does to visits, books and incidents.
func (s *Service) act(tx cloud.Tx, p *parcel, src visit.Source, body wire.Body) (done visit.Done, err error) {
	switch b := body.(type) {
	case wire.OpenedBody:
		if err := p.opened(tx); err != nil {
			return nil, err
		}
		return s.Visits.Opened(tx, src, b)
	case wire.AliveBody:
		return nil, p.compare(tx, b.Counters)
	case wire.AppliedBody:
		p.applied = &b.Config
		return nil, tx.Incidents.Close(p.from.Cabinet, cloud.IncidentConfig, "", src.At)
	case wire.DoorBody:
		return nil, p.door(tx, src.At, b)
	case wire.StepBody, wire.BootBody, wire.LockBody:
		return nil, nil // Evidence, kept in the inbox.
	}
	err = tx.Try(func() (err error) {
		done, err = s.tables(tx, p, src, body)
		return err
	})
	return done, err
}

func sourceOf(e wire.Event, when hour) visit.Source {
	return visit.Source{
		Cabinet: e.Cabinet, Ref: ledger.EventRef(e.Cabinet, e.Journal, e.Seq), At: when.at, Earliest: when.from, Latest: when.to,
	}
}

// tables makes the effects that are rows.
func (s *Service) tables(tx cloud.Tx, p *parcel, src visit.Source, body wire.Body) (visit.Done, error) {
	switch b := body.(type) {
	case wire.BegunBody:
		return s.Visits.Begun(tx, src, b)
	case wire.AbortedBody:
		return s.Visits.Aborted(tx, src, b)
	case wire.RefusedBody:
		return s.Visits.Refused(tx, src, b)
	case wire.SettledBody:
		done, err := s.Visits.Settled(tx, src, b)
		if err != nil {
			return nil, err
		}
		again := false
		if done == nil {
			if again, err = repeats(tx, b); err != nil {
				return nil, err
			}
		}
		return done, p.settled(tx, src.At, b, again)
	case wire.StockBody:
		return nil, s.levels(tx, src, b)
	}
	return nil, p.note(tx, src.At, body)
}

// repeats reports a settlement that says what the visit's first one said: the cabinet sold nothing more.
func repeats(tx cloud.Tx, b wire.SettledBody) (bool, error) {
	order, found, err := tx.Orders.Find(b.Visit)
	if err != nil || !found {
		return false, err
	}
	hash, err := cloud.OrderHash(b)
	return bytes.Equal(order.Hash, hash), err
}

// note opens and closes the incidents that an event speaks of; other events are evidence only.
func (p *parcel) note(tx cloud.Tx, at time.Time, body wire.Body) error {
	switch b := body.(type) {
	case wire.ScaleBody:
		if b.EventType == wire.ScaleClear {
			return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentScale, string(b.Platform), at)
		}
		return p.tell(tx, at, cloud.IncidentScale, string(b.Platform), b.Reason)
	case wire.CalibratedBody:
		return tx.Spans.Save(p.from.Cabinet, cloud.Calibration{CalibratedBody: b, At: at})
	case wire.MovedBody:
		return p.tell(tx, at, cloud.IncidentMoved, string(b.Platform),
			cloud.DetailMoved.Fill(b.Delta.Grams(), b.OverMS/1000))
	case wire.UnitBody:
		return p.tell(tx, at, cloud.IncidentUnitWeight, string(b.SKU),
			cloud.DetailUnit.Fill(b.Unit.Grams(), b.Was.Grams(), b.Units, b.Visits))
	case wire.NotAppliedBody:
		if b.Code == protocol.CodeStale { // A message that was late: nothing is wrong with what is in force.
			return nil
		}
		return p.tell(tx, at, cloud.IncidentConfig, "", cloud.DetailConfig.Fill(b.Config.FleetEpoch, b.Config.Version, b.Code, b.Detail))
	case wire.LostBody:
		return p.tell(tx, at, cloud.IncidentTemperature, compartmentOf(b.Compartment), lost(b))
	case wire.AttestedBody:
		return p.attested(tx, at, b)
	case wire.SaleBody:
		if b.EventType == wire.SaleResumed {
			return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentStopped, compartmentOf(b.Compartment), at)
		}
		if b.Code.Halt() { // By the word of a person: nothing is wrong.
			return nil
		}
		return p.tell(tx, at, cloud.IncidentStopped, compartmentOf(b.Compartment), cloud.DetailStopped.Fill(b.Code, b.Detail))
	}
	return nil
}

func lost(b wire.LostBody) string {
	if b.Highest == nil {
		return cloud.DetailUnseen.Fill(b.Code, b.Limit, b.WarmMS/1000)
	}
	return cloud.DetailWarm.Fill(b.Code, b.Limit, b.WarmMS/1000, *b.Highest)
}

// attested closes the incident of a temperature with who said why.
func (p *parcel) attested(tx cloud.Tx, at time.Time, b wire.AttestedBody) error {
	said := fmt.Sprintf("attested by %s: %s", b.By, b.Why)
	if b.Visit != nil {
		said = fmt.Sprintf("attested by the service visit %s", b.Visit)
	}
	subject := compartmentOf(b.Compartment)
	if err := p.tell(tx, at, cloud.IncidentTemperature, subject, said); err != nil {
		return err
	}
	return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentTemperature, subject, at)
}

func (p *parcel) door(tx cloud.Tx, at time.Time, b wire.DoorBody) error {
	subject := compartmentOf(b.Compartment)
	switch {
	case b.EventType == wire.DoorLeftOpen:
		return p.tell(tx, at, cloud.IncidentLeftOpen, subject, cloud.DetailLeftOpen.Fill(b.OpenMS/1000))
	case b.EventType == wire.DoorShut:
		return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentLeftOpen, subject, at)
	case b.Visit == nil:
		return p.tell(tx, at, cloud.IncidentKeyOpening, subject, cloud.DetailKey.Fill())
	case b.EventType == wire.DoorOpened: // by its lock, which works
		return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentLock, subject, at)
	}
	return nil
}

// doorAfter is how a door stands after an event of it.
func doorAfter(event wire.EventType) wire.Door {
	if event == wire.DoorShut {
		return wire.DoorStateShut
	}
	return wire.DoorStateOpen
}

// compartmentOf names a door in an incident.
func compartmentOf(c protocol.Compartment) string { return fmt.Sprint(c) }
