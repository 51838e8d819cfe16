package visit

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// latestOfPerson is how many of a person's visits are looked at for those that risk something.
const latestOfPerson = 50

// mayOffer refuses a grant to be shown, which the chain's limits do not risk or the cabinet cannot read. The cabinet counts
// for itself too; here a person is counted over all cabinets. A technician's may be given to the cabinet's program by hand.
func (s *Service) mayOffer(tx cloud.Tx, chain cloud.Chain, v cloud.Visit) error {
	p := s.Presence.Of(v.Cabinet)
	if err := s.halted(tx, v.Cabinet, v.Purpose); err != nil {
		return err
	}
	if v.Purpose == protocol.PurposeRefill { // Cabinets read no grant for a refill.
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s was last heard of at %s", v.Cabinet, p.LastSeen)
	}
	if service := v.Purpose == protocol.PurposeService; chain.Offline.Valid <= 0 || !p.Reader && !service {
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s was last heard of at %s", v.Cabinet, p.LastSeen)
	}
	if v.Purpose == protocol.PurposeService {
		return s.riskPerson(tx, chain.Offline, v)
	}
	if p.Telemetry != nil {
		for _, c := range p.Telemetry.Compartments {
			if c.Compartment == v.Compartment && !c.Selling {
				return protocol.Errorf(protocol.CodeNotSelling, "door %d of %s did not sell when it was last heard of: %s", v.Compartment, v.Cabinet, c.Why)
			}
		}
	}
	if err := s.riskPerson(tx, chain.Offline, v); err != nil {
		return err
	}
	underWay, err := tx.Visits.List(cloud.VisitQuery{Cabinet: v.Cabinet, UnderWay: true})
	if err != nil {
		return err
	}
	offered := 0
	for _, other := range underWay {
		if !other.Offered.IsZero() && other.Purpose == protocol.PurposePurchase {
			offered++
		}
	}
	if offered >= chain.Offline.Cabinet {
		return protocol.Errorf(protocol.CodeCabinetLimit, "%d grants may be shown to %s and nothing was heard of them", offered, v.Cabinet)
	}
	return nil
}

func (s *Service) riskPerson(tx cloud.Tx, limits cloud.Offline, v cloud.Visit) error {
	latest, err := tx.Visits.List(cloud.VisitQuery{Person: v.Person, Limit: latestOfPerson})
	if err != nil {
		return err
	}
	openings, fen := 0, protocol.Fen(0)
	for _, other := range latest {
		if !other.Offered.IsZero() && other.Outcome != cloud.OutcomeAborted && other.Offered.After(s.Now().Add(-limits.Per)) {
			openings++
			fen += other.Hold
		}
	}
	most := limits.Openings
	if v.Purpose == protocol.PurposeService {
		most = limits.Service
	}
	if openings+1 > most || fen+v.Hold > limits.Fen {
		return protocol.Errorf(protocol.CodeResidentLimit, "%d grants to be shown, for %s, are out already", openings, fen)
	}
	return nil
}

// offer makes the grant that is shown from now on. It is signed whenever the page is, always the same.
func (s *Service) offer(tx cloud.Tx, chain cloud.Chain, v *cloud.VisitRecord) error {
	v.Offline, v.Offered, v.PassEnds = true, s.Now(), s.Now().Add(chain.Offline.Valid)
	return tx.Steps.Offer(v.ID, v.Offered, v.PassEnds)
}

// pass is the grant of a visit that may be shown now; empty where there is none.
func (s *Service) pass(ctx context.Context, v cloud.VisitRecord) (string, error) {
	if v.Offered.IsZero() || !v.Begun.IsZero() || !v.Ended.IsZero() || s.Now().After(v.PassEnds) {
		return "", nil
	}
	if open, err := s.stillOpen(ctx, v); err != nil || !open {
		return "", err
	}
	subject, err := s.subjectOf(ctx, v)
	if err != nil {
		return "", err
	}
	g := grantOf(v, subject)
	g.NotBefore, g.NotAfter = v.Offered, v.PassEnds
	raw, err := s.Signer.Sign(g)
	if err != nil {
		return "", fmt.Errorf("sign visit %s: %w", v.ID, err)
	}
	return grant.Text(raw), nil
}

// Refused applies visit.refused: the grant was shown to a cabinet and opened nothing. It may be shown again until its end,
// so that only the reason is kept.
func (s *Service) Refused(tx cloud.Tx, src Source, b wire.RefusedBody) (Done, error) {
	v, err := tx.Visits.Find(b.Visit)
	switch {
	case protocol.CodeOf(err) == cloud.CodeUnknownVisit:
		return nil, nil // Evidence, kept in the inbox.
	case err != nil:
		return nil, err
	case v.Cabinet != src.Cabinet && b.Code != protocol.CodeOtherCabinet, !v.Begun.IsZero(), !v.Ended.IsZero():
		return nil, nil
	}
	if err := tx.Steps.Refuse(v.ID, b.Code); err != nil {
		return nil, err
	}
	return func() { s.Hub.VisitChanged(v.ID) }, nil
}

// offerAgain lets the grant of a visit be shown whose command nobody answered: nothing was heard of the cabinet since it
// was sent, so its line may well be down.
func (s *Service) offerAgain(tx cloud.Tx, v *cloud.VisitRecord) error {
	if !s.Presence.Of(v.Cabinet).LastSeen.Before(v.Sent) {
		return nil
	}
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	switch err := s.mayOffer(tx, chain, v.Visit); {
	case err == nil:
		return s.offer(tx, chain, v)
	case protocol.CodeOf(err) == "":
		return err
	}
	return nil // It stays unknown until the cabinet speaks.
}
