package visit

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// Service implements cloud.Servicing: the way of a purchase without its money. What is written in one transaction is the
// visit and the way that its grant goes.
func (s *Service) Service(ctx context.Context, v cloud.ServiceVisit) (cloud.Visit, error) {
	v.Why = strings.TrimSpace(v.Why)
	if v.By == "" || v.Why == "" || len(v.Why) > wire.MaxWhy {
		return cloud.Visit{}, protocol.Errorf(protocol.CodeMalformed, "why: want a reason of 1 to %d bytes", wire.MaxWhy)
	}
	return s.attend(ctx, v, func(tx cloud.Tx, o *opening) error { return s.serve(tx, v, protocol.PurposeService, o) })
}

// attend opens a door for a member of the staff, once for a key. Serve writes the visit down.
func (s *Service) attend(ctx context.Context, v cloud.ServiceVisit, serve func(cloud.Tx, *opening) error) (cloud.Visit, error) {
	o := opening{}
	known := false
	err := s.DB.Update(ctx, func(tx cloud.Tx) (err error) {
		earlierVisit := cloud.BeginVisit{Person: v.Person, Cabinet: v.Cabinet, Compartment: v.Compartment, Key: v.Key}
		if o.visit, known, err = earlier(tx, earlierVisit); err != nil || known {
			return err
		}
		return serve(tx, &o)
	})
	if err != nil {
		return cloud.Visit{}, err
	}
	if !known {
		s.Hub.VisitChanged(o.visit.ID)
		if err := s.release(ctx, o); err != nil {
			return cloud.Visit{}, err
		}
	}
	return s.Visit(ctx, o.visit.ID)
}

// serve writes the visit down, and that its grant is sent or shown.
func (s *Service) serve(tx cloud.Tx, v cloud.ServiceVisit, purpose protocol.Purpose, o *opening) error {
	cabinet, err := tx.Cabinets.Find(v.Cabinet)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(cabinet.Platforms, func(p cloud.Platform) bool { return p.Compartment == v.Compartment }) {
		return protocol.Errorf(protocol.CodeOtherCabinet, "cabinet %s has no compartment %d", v.Cabinet, v.Compartment)
	}
	if err := s.halted(tx, v.Cabinet, purpose); err != nil {
		return err
	}
	if err := believed(tx, v.Cabinet); err != nil {
		return err
	}
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	prices, err := tx.Prices.In(v.Cabinet)
	if err != nil {
		return err
	}
	p := s.Presence.Of(v.Cabinet)
	away := p.State(s.Now(), false) == cloud.CabinetAway
	o.shard, o.subject = cabinet.Shard, grant.Token(v.Person)
	o.visit = cloud.VisitRecord{Key: v.Key, Offline: away, Visit: cloud.Visit{
		ID: s.NewID(), Cabinet: v.Cabinet, Compartment: v.Compartment, Purpose: purpose, Person: v.Person,
		PriceVersion: prices, Payment: cloud.PaymentNone, Created: s.Now(), By: v.By, Why: v.Why,
	}}
	if _, err := io.ReadFull(s.Random, o.visit.Nonce[:]); err != nil {
		return fmt.Errorf("nonce: %w", err)
	}
	if away {
		if err := s.mayOffer(tx, chain, o.visit.Visit); err != nil {
			return err
		}
		if err := tx.Visits.Add(o.visit); err != nil {
			return err
		}
		return s.offer(tx, chain, &o.visit)
	}
	if err := serviceable(tx, o.visit.Visit, *p.Telemetry); err != nil {
		return err
	}
	if err := tx.Visits.Add(o.visit); err != nil {
		return err
	}
	r := &o.visit
	r.Command, r.Challenge, r.Sent, r.NotAfter = s.NewID(), p.Challenge, s.Now(), s.Now().Add(grantLife)
	return tx.Steps.Send(r.ID, r.Command, r.Challenge, r.Sent, r.NotAfter)
}

// serviceable reports why a door cannot be opened for service, as far as its cabinet has told; that it does not sell is no
// reason.
func serviceable(tx cloud.Tx, v cloud.Visit, told wire.Telemetry) error {
	underWay, err := tx.Visits.List(cloud.VisitQuery{Cabinet: v.Cabinet, Compartment: v.Compartment, UnderWay: true})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(underWay, cloud.VisitRecord.KeepsDoor) {
		return protocol.Errorf(cloud.CodeCabinetBusy, "door %d of %s: another visit is under way", v.Compartment, v.Cabinet)
	}
	for _, c := range told.Compartments {
		if c.Compartment == v.Compartment && c.Door == wire.DoorStateOpen {
			return protocol.Errorf(cloud.CodeDoorNotShut, "door %d of %s is open", v.Compartment, v.Cabinet)
		}
	}
	return nil
}

// release lets the grant go the way that was written down. The cabinet may have connected anew since that was.
func (s *Service) release(ctx context.Context, o opening) error {
	if o.visit.Sent.IsZero() {
		s.wait(o.visit)
	} else if err := s.command(ctx, o); err != nil {
		return err
	}
	return s.goAnew(ctx, o.visit.Cabinet)
}

// subjectOf is the pseudonym in a visit's grant. Staff are named to cabinets by their own ids, which are nobody's secret.
func (s *Service) subjectOf(ctx context.Context, v cloud.VisitRecord) (grant.Token, error) {
	if v.Purpose != protocol.PurposePurchase {
		return grant.Token(v.Person), nil
	}
	return s.Subject(ctx, v.Person)
}
