package ingest

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/visit"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// effect makes the effect of one event, in the transaction that stores it. A coded error makes the event poison.
func (s *Service) effect(tx cloud.Tx, p *parcel, e wire.Event) (visit.Done, error) {
	body, err := wire.DecodeBody(e.Type, e.Body)
	if err != nil {
		return nil, err
	}
	src := visit.Source{Cabinet: e.Cabinet, Ref: ledger.EventRef(e.Cabinet, e.Journal, e.Seq), At: when(e, p.at)}
	switch b := body.(type) {
	case wire.BegunBody:
		return s.Visits.Begun(tx, src, b)
	case wire.OpenedBody:
		return s.Visits.Opened(tx, src, b)
	case wire.AbortedBody:
		return s.Visits.Aborted(tx, src, b)
	case wire.SettledBody:
		done, err := s.Visits.Settled(tx, src, b)
		if err != nil {
			return nil, err
		}
		return done, s.settledFigures(tx, p, b)
	case wire.StockBody:
		return nil, tx.Meters.SaveLevels(e.Cabinet, b.Levels, src.At)
	case wire.AliveBody:
		return nil, s.compare(tx, p, b.Counters)
	case wire.AppliedBody:
		p.applied = &b.Config
		return nil, nil
	}
	return nil, p.note(tx, body)
}

// when is the cabinet's own time where its clock was right; otherwise the time of arrival is the best that is known.
func when(e wire.Event, arrived time.Time) time.Time {
	at := time.UnixMilli(e.At).UTC()
	if !e.Clock || at.After(arrived.Add(time.Hour)) {
		return arrived
	}
	return at
}

// note opens and closes the incidents that an event speaks of; other events are evidence only.
func (p *parcel) note(tx cloud.Tx, body wire.Body) error {
	switch b := body.(type) {
	case wire.DoorBody:
		return p.door(tx, b)
	case wire.ScaleBody:
		if b.EventType == wire.ScaleClear {
			return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentScale, string(b.Platform), p.at)
		}
		return p.incident(tx, cloud.IncidentScale, string(b.Platform), b.Reason)
	case wire.SaleBody:
		if b.EventType == wire.SaleResumed {
			return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentStopped, compartmentOf(b.Compartment), p.at)
		}
		return p.incident(tx, cloud.IncidentStopped, compartmentOf(b.Compartment), fmt.Sprintf("%s: %s", b.Code, b.Detail))
	}
	return nil
}

func (p *parcel) door(tx cloud.Tx, b wire.DoorBody) error {
	subject := compartmentOf(b.Compartment)
	switch {
	case b.EventType == wire.DoorLeftOpen:
		return p.incident(tx, cloud.IncidentLeftOpen, subject, fmt.Sprintf("open for %d s", b.OpenMS/1000))
	case b.EventType == wire.DoorShut:
		return tx.Incidents.Close(p.from.Cabinet, cloud.IncidentLeftOpen, subject, p.at)
	case b.Visit == nil:
		return p.incident(tx, cloud.IncidentKeyOpening, subject, "opened without a visit")
	}
	return nil
}

// settledFigures keeps the levels, and adds the visit to what the counters must have grown by.
func (s *Service) settledFigures(tx cloud.Tx, p *parcel, b wire.SettledBody) error {
	if err := tx.Meters.SaveLevels(p.from.Cabinet, b.Answer.Levels, p.at); err != nil {
		return err
	}
	tally, found, err := tx.Meters.Counters(p.from.Cabinet)
	if err != nil {
		return err
	}
	if !found {
		return tx.Meters.SaveCounters(p.from.Cabinet, cloud.Tally{Reported: b.Counters})
	}
	if b.Purpose == protocol.PurposePurchase && b.Answer.Decision == settle.Bill {
		config, _, err := tx.Desired.At(p.from.Cabinet, b.Config)
		if err != nil {
			return err
		}
		for _, l := range b.Answer.Lines {
			tally.Events.Units += uint64(max(l.Qty, 0))
			tally.Events.Fen += config.Goods[l.SKU].Price * protocol.Fen(l.Qty)
		}
	}
	if err := tx.Meters.SaveCounters(p.from.Cabinet, tally); err != nil {
		return err
	}
	return s.compare(tx, p, b.Counters)
}

// compare holds the growth of a cabinet's lifetime counters against the sum of its events.
func (s *Service) compare(tx cloud.Tx, p *parcel, now wire.Counters) error {
	tally, found, err := tx.Meters.Counters(p.from.Cabinet)
	if err != nil {
		return err
	}
	units, fen := tally.Reported.Units+tally.Events.Units, tally.Reported.Fen+tally.Events.Fen
	if found && (now.Units != units || now.Fen != fen || now.Openings < tally.Reported.Openings) {
		detail := fmt.Sprintf("reported %d units and %s, events add up to %d and %s", now.Units, now.Fen, units, fen)
		if err := p.incident(tx, cloud.IncidentCounters, "", detail); err != nil {
			return err
		}
	}
	return tx.Meters.SaveCounters(p.from.Cabinet, cloud.Tally{Reported: now})
}

// compartmentOf names a door in an incident.
func compartmentOf(c protocol.Compartment) string { return fmt.Sprint(c) }
