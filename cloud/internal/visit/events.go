package visit

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Source is the event behind a change: whose, which, and when by the cabinet's account.
type Source struct {
	Cabinet protocol.CabinetID
	Ref     ledger.Ref
	At      time.Time

	Earliest, Latest time.Time // between which it happened, where its clock does not say when; else zero
}

// Done is run after the commit of the transaction that an event was applied in.
type Done func()

// Begun applies visit.begun: the grant was burnt. A visit that is not known here came from a cloud that is no more.
func (s *Service) Begun(tx cloud.Tx, src Source, b wire.BegunBody) (Done, error) {
	v, err := tx.Visits.Find(b.Visit)
	if protocol.CodeOf(err) == cloud.CodeUnknownVisit {
		return s.foreign(tx, src, b)
	}
	if err != nil {
		return nil, err
	}
	if err := belongs(v, src); err != nil || !v.Begun.IsZero() {
		return nil, err
	}
	if err := tx.Steps.Begin(v.ID, src.At); err != nil {
		return nil, err
	}
	if v.Payment == cloud.PaymentUnknown && v.Ended.IsZero() {
		if err := tx.Steps.Pay(v.ID, cloud.PaymentHeld); err != nil {
			return nil, err
		}
	}
	return func() {
		s.waiting.remove(v.ID)
		if v.Ended.IsZero() {
			s.live.begin(v.ID, wire.PhaseOpening)
		}
		s.Hub.VisitChanged(v.ID)
	}, nil
}

func (s *Service) foreign(tx cloud.Tx, src Source, b wire.BegunBody) (Done, error) {
	v := cloud.VisitRecord{Foreign: true, Begun: src.At, Visit: cloud.Visit{
		ID: b.Visit, Cabinet: src.Cabinet, Compartment: b.Compartment, Purpose: b.Purpose, PriceVersion: b.PriceVersion,
		Payment: cloud.PaymentNone, Created: src.At,
	}}
	recall := b.Purpose == protocol.PurposePurchase && b.Limit > 0
	if recall {
		v.Hold, v.HoldOp = b.Limit, payment.HoldID(v.ID)
	}
	if err := tx.Visits.Add(v); err != nil {
		return nil, err
	}
	if recall {
		if err := s.Payments.Recall(tx, v); err != nil {
			return nil, err
		}
	}
	kind, detail := cloud.IncidentUnknownVisit, cloud.DetailBegunThere
	if b.Own && b.Purpose == protocol.PurposeService {
		kind, detail = cloud.IncidentServiceByClaim, cloud.DetailOwnKey
	}
	return func() {
		s.Payments.Wake()
		s.Hub.VisitChanged(v.ID)
	}, incident(tx, src, v, kind, detail.Fill())
}

func incident(tx cloud.Tx, src Source, v cloud.VisitRecord, kind cloud.IncidentKind, detail string) error {
	return tx.Incidents.Open(cloud.Incident{Cabinet: v.Cabinet, Kind: kind, Subject: v.ID.String(), Detail: detail, Last: src.At})
}

// endOf is when a visit ended by the cabinet's account, which cannot be before it began by anybody's.
func endOf(v cloud.VisitRecord, src Source) time.Time {
	at := src.At
	for _, before := range []time.Time{v.Created, v.Begun} {
		if before.After(at) {
			at = before
		}
	}
	return at
}

func belongs(v cloud.VisitRecord, src Source) error {
	if v.Cabinet != src.Cabinet {
		return protocol.Errorf(protocol.CodeOtherCabinet, "visit %s is of cabinet %s", v.ID, v.Cabinet)
	}
	return nil
}

// Opened applies visit.opened: somebody pulled the door.
func (s *Service) Opened(_ cloud.Tx, _ Source, b wire.OpenedBody) (Done, error) {
	return func() {
		if s.live.change(b.Visit, func(l *live) { l.phase = wire.PhaseOpen }) {
			s.Hub.VisitChanged(b.Visit)
		}
	}, nil
}

// Aborted applies visit.aborted: the visit ended without an opening. Two failures of a lock in a row are an incident.
func (s *Service) Aborted(tx cloud.Tx, src Source, b wire.AbortedBody) (Done, error) {
	v, err := tx.Visits.Find(b.Visit)
	if err != nil {
		return nil, err
	}
	if err := belongs(v, src); err != nil || !v.Ended.IsZero() {
		return nil, err
	}
	if b.Code == protocol.CodeLockFailed {
		if err := s.lockFailed(tx, v, src.At); err != nil {
			return nil, err
		}
	}
	if err := s.abort(tx, v, b.Code, endOf(v, src)); err != nil {
		return nil, err
	}
	return s.ended(v.ID), nil
}

func (s *Service) lockFailed(tx cloud.Tx, v cloud.VisitRecord, at time.Time) error {
	latest, err := tx.Visits.List(cloud.VisitQuery{Cabinet: v.Cabinet, Compartment: v.Compartment, Limit: 2})
	if err != nil || len(latest) < 2 || latest[1].Code != protocol.CodeLockFailed {
		return err
	}
	return tx.Incidents.Open(cloud.Incident{
		Cabinet: v.Cabinet, Kind: cloud.IncidentLock, Subject: fmt.Sprint(v.Compartment), Detail: cloud.DetailLock.Fill(), Last: at,
	})
}

func (s *Service) ended(id protocol.VisitID) Done {
	return func() {
		s.Payments.Wake()
		s.forget(id)
	}
}
