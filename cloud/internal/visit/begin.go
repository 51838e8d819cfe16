package visit

import (
	"context"
	"fmt"
	"io"
	"slices"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// opening is a door on its way to being opened.
type opening struct {
	visit   cloud.VisitRecord
	subject grant.Token
	shard   uint8
	hold    cloud.PaymentOp
	age     int   // that one must be of for the goods behind the door; 0: any
	refusal error // why the door stays shut, or why no grant is given out to be shown
}

// Begin implements cloud.Visits. The visit and the hold are written down before the provider is asked, so that neither is
// forgotten wherever this stops; the door is claimed in the same transaction, so that only one resident's money is held.
func (s *Service) Begin(ctx context.Context, b cloud.BeginVisit) (cloud.Visit, error) {
	var o opening
	var known bool
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if o.visit, known, err = earlier(tx, b); err != nil || known {
			return err
		}
		return s.plan(tx, b, &o)
	})
	if err != nil {
		return cloud.Visit{}, err
	}
	if known {
		return s.Visit(ctx, o.visit.ID)
	}
	if err := s.oldEnough(ctx, b.Person, o.age); err != nil {
		return cloud.Visit{}, err
	}
	if o.subject, err = s.Subject(ctx, b.Person); err != nil {
		return cloud.Visit{}, err
	}
	return s.open(ctx, o)
}

// earlier finds the visit that the caller's key has already begun.
func earlier(tx cloud.Tx, b cloud.BeginVisit) (cloud.VisitRecord, bool, error) {
	if b.Key == "" {
		return cloud.VisitRecord{}, false, nil
	}
	v, found, err := tx.Visits.ByKey(b.Person, b.Key)
	if err == nil && found && (v.Cabinet != b.Cabinet || b.Compartment != 0 && v.Compartment != b.Compartment) {
		return v, false, protocol.Errorf(cloud.CodeKeyReused, "the key was used for door %d of %s", v.Compartment, v.Cabinet)
	}
	return v, found, err
}

// plan checks whether the door may be asked for, in the order in which a resident should hear of it.
func (s *Service) plan(tx cloud.Tx, b cloud.BeginVisit, o *opening) error {
	cabinet, err := tx.Cabinets.Find(b.Cabinet)
	if err != nil {
		return err
	}
	if b.Compartment == 0 && len(cabinet.Platforms) > 0 {
		b.Compartment = cabinet.Platforms[0].Compartment
	}
	if err := s.halted(tx, b.Cabinet, protocol.PurposePurchase); err != nil {
		return err
	}
	if err := believed(tx, b.Cabinet); err != nil {
		return err
	}
	debt, err := tx.Ledger.Balance(ledger.Debt(b.Person), ledger.Fen)
	if err != nil {
		return err
	}
	if debt > 0 {
		return protocol.Errorf(cloud.CodeDebt, "%s are owed from earlier visits", protocol.Fen(debt))
	}
	underWay, err := tx.Visits.List(cloud.VisitQuery{Cabinet: b.Cabinet, Compartment: b.Compartment, UnderWay: true})
	if err != nil {
		return err
	}
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	p := s.Presence.Of(b.Cabinet)
	away := p.State(s.Now(), false) == cloud.CabinetAway
	if away {
		err = s.mayOffer(tx, chain, cloud.Visit{Person: b.Person, Cabinet: b.Cabinet, Compartment: b.Compartment, Hold: chain.Hold})
	} else {
		err = sellable(b, slices.ContainsFunc(underWay, cloud.VisitRecord.KeepsDoor), *p.Telemetry)
	}
	if err != nil {
		return err
	}
	if o.age, err = s.age(tx, cabinet, b.Compartment); err != nil {
		return err
	}
	prices, err := tx.Prices.In(b.Cabinet)
	if err != nil {
		return err
	}
	o.shard = cabinet.Shard
	o.visit = cloud.VisitRecord{Key: b.Key, Offline: away, Visit: cloud.Visit{
		ID: s.NewID(), Cabinet: b.Cabinet, Compartment: b.Compartment, Purpose: protocol.PurposePurchase, Person: b.Person,
		PriceVersion: prices, Hold: chain.Hold, Payment: cloud.PaymentNone, Created: s.Now(),
	}}
	if _, err := io.ReadFull(s.Random, o.visit.Nonce[:]); err != nil {
		return fmt.Errorf("nonce: %w", err)
	}
	return nil
}

// believed refuses a cabinet whose card may be a copy: what it would say of a visit could not be believed.
func believed(tx cloud.Tx, cabinet protocol.CabinetID) error {
	position, err := tx.Inbox.Position(cabinet)
	if err == nil && position.Apart != "" {
		err = protocol.Errorf(cloud.CodeCardApart, "the card of %s is set apart: %s", cabinet, position.Apart)
	}
	return err
}

// sellable reports why a door cannot be opened as far as its cabinet has told.
func sellable(b cloud.BeginVisit, busy bool, told wire.Telemetry) error {
	if busy {
		return protocol.Errorf(cloud.CodeCabinetBusy, "door %d of %s: another visit is under way", b.Compartment, b.Cabinet)
	}
	for _, c := range told.Compartments {
		switch {
		case c.Compartment != b.Compartment:
		case c.Door != wire.DoorStateShut:
			return protocol.Errorf(cloud.CodeDoorNotShut, "door %d of %s is %s", b.Compartment, b.Cabinet, c.Door)
		case c.Why.Warmth() || c.Why.Halt():
			return protocol.Errorf(c.Why, "door %d of %s does not sell", b.Compartment, b.Cabinet)
		case !c.Selling:
			return protocol.Errorf(protocol.CodeNotSelling, "door %d of %s does not sell: %s", b.Compartment, b.Cabinet, c.Why)
		default:
			return nil
		}
	}
	return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s says nothing of door %d", b.Cabinet, b.Compartment)
}

// open takes the door, holds the money and sends the command.
func (s *Service) open(ctx context.Context, o opening) (cloud.Visit, error) {
	o.hold = s.Payments.Sent(cloud.OpHold, o.visit.Visit)
	o.visit.HoldOp = o.hold.ID
	s.opening.add(o.visit.ID)
	defer s.opening.remove(o.visit.ID)
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		if err := tx.Visits.Add(o.visit); err != nil {
			return err
		}
		return s.Payments.Hold(tx, &o.hold)
	}); err != nil {
		return s.lostRace(ctx, o, err)
	}
	s.Hub.VisitChanged(o.visit.ID)
	defer s.Hub.VisitChanged(o.visit.ID)
	if _, err := s.Payments.Perform(ctx, o.hold, func(tx cloud.Tx, r payment.Result) error { return s.heldThen(tx, &o, r) }); err != nil {
		return cloud.Visit{}, err
	}
	if o.refusal == nil {
		o.refusal = s.release(ctx, o)
	}
	if o.refusal != nil {
		s.Payments.Wake()
		return cloud.Visit{}, o.refusal
	}
	return s.Visit(ctx, o.visit.ID)
}

// lostRace answers a request whose twin, with the same key, was a moment faster.
func (s *Service) lostRace(ctx context.Context, o opening, cause error) (cloud.Visit, error) {
	code := protocol.CodeOf(cause)
	if o.visit.Key == "" || code != cloud.CodeConflict && code != cloud.CodeCabinetBusy {
		return cloud.Visit{}, cause
	}
	var twin cloud.VisitRecord
	var found bool
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		twin, found, err = tx.Visits.ByKey(o.visit.Person, o.visit.Key)
		return err
	}); err != nil {
		return cloud.Visit{}, err
	}
	if !found {
		return cloud.Visit{}, cause
	}
	return s.Visit(ctx, twin.ID)
}

// heldThen decides what the hold's outcome means for the door, in the transaction that books it.
func (s *Service) heldThen(tx cloud.Tx, o *opening, r payment.Result) error {
	v := &o.visit
	switch r {
	case payment.ResultRefused:
		o.refusal = protocol.Errorf(cloud.CodePaymentRefused, "a hold of %s was refused", v.Hold)
	case payment.ResultUnknown:
		o.refusal = protocol.Errorf(cloud.CodePaymentUnknown, "the provider did not answer")
	default:
		if o.refusal = s.halted(tx, v.Cabinet, v.Purpose); o.refusal == nil {
			o.refusal = believed(tx, v.Cabinet)
		}
		if o.refusal != nil {
			break
		}
		p := s.Presence.Of(v.Cabinet)
		if p.State(s.Now(), false) != cloud.CabinetAway {
			v.Command, v.Challenge, v.Sent, v.NotAfter = s.NewID(), p.Challenge, s.Now(), s.Now().Add(grantLife)
			return tx.Steps.Send(v.ID, v.Command, v.Challenge, v.Sent, v.NotAfter)
		}
		chain, err := tx.Plans.Chain()
		if err != nil {
			return err
		}
		if o.refusal = s.mayOffer(tx, chain, v.Visit); o.refusal == nil {
			return s.offer(tx, chain, v)
		}
	}
	code := protocol.CodeOf(o.refusal)
	if code == "" {
		return o.refusal
	}
	return s.abort(tx, *v, code, s.Now())
}

// command signs the grant and sends it, once. A command that was surely not sent aborts the visit.
func (s *Service) command(ctx context.Context, o opening) error {
	payload, err := s.sign(o.visit, o.subject)
	if err != nil {
		return err
	}
	s.wait(o.visit)
	to := topic.Address{Shard: o.shard, Cabinet: o.visit.Cabinet}
	if err := s.Publisher.Publish(ctx, to, topic.Command, payload); err != nil {
		s.Logger.Warn("open was not sent", "cabinet", o.visit.Cabinet, "visit", o.visit.ID, "error", err)
		if err := s.abortNow(ctx, o.visit.ID, cloud.CodeCabinetAway, asSent); err != nil {
			return err
		}
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s cannot be reached", o.visit.Cabinet)
	}
	return nil
}

func (s *Service) sign(v cloud.VisitRecord, subject grant.Token) ([]byte, error) {
	g := grantOf(v, subject)
	g.Challenge, g.NotBefore, g.NotAfter = v.Challenge, v.Pressed().Add(-clockGrace), v.NotAfter
	raw, err := s.Signer.Sign(g)
	if err != nil {
		return nil, fmt.Errorf("sign visit %s: %w", v.ID, err)
	}
	return wire.Encode(wire.Command{
		V: wire.Version, ID: v.Command, Cabinet: v.Cabinet, Kind: wire.CommandOpen,
		Expires: v.Pressed().Add(commandLife).UnixMilli(), Grant: grant.Text(raw),
	})
}

// grantOf is a visit's grant but for its connection and its time.
func grantOf(v cloud.VisitRecord, subject grant.Token) grant.Grant {
	return grant.Grant{
		Cabinet: v.Cabinet, Compartment: v.Compartment, Purpose: v.Purpose, Visit: v.ID, Subject: subject,
		Nonce: v.Nonce, LimitFen: v.Hold, PriceVersion: v.PriceVersion,
	}
}
