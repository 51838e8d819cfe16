package payment

import (
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Sent makes the operation that reserves a visit's money. Hold writes it down, Perform asks for it.
func (s *Service) Sent(kind cloud.OpKind, v cloud.Visit) cloud.PaymentOp {
	at := s.Now()
	return cloud.PaymentOp{
		ID: numbered(v.ID, kind, 0), Visit: v.ID, Person: v.Person, Kind: kind, Amount: v.Hold,
		State: cloud.OpSent, Attempts: 1, Next: at.Add(lease), Created: at,
	}
}

// Hold writes down that a visit's money is about to be reserved, and chooses where it comes from; that stays so for all that
// follows. The visit must be there. What a person paid ahead is reserved with that.
func (s *Service) Hold(tx cloud.Tx, op *cloud.PaymentOp) (err error) {
	if op.Provider, err = s.choose(tx, op.Person, op.Amount); err != nil {
		return err
	}
	return s.add(tx, op)
}

// Charge asks for the money of a billed visit: the hold is captured as far as it reaches, the rest is owed; without a hold
// all of it is owed. It writes the outbox only; Wake makes it happen after the commit.
func (s *Service) Charge(tx cloud.Tx, v cloud.VisitRecord, total protocol.Fen, ref ledger.Ref) error {
	usable, err := s.reclaim(tx, v)
	if err != nil {
		return err
	}
	if !usable {
		if err := s.post(tx, "owed:"+ref, v, ledger.Owe(v.ID, v.Person, total)); err != nil {
			return err
		}
		return s.owe(tx, v, total)
	}
	amount := min(total, v.Hold)
	if taken, err := s.TakenBefore(tx, v); err != nil {
		return err
	} else if taken > 0 {
		amount = min(amount, taken) // It is found under its number, as it was.
	}
	return s.ask(tx, v, cloud.OpCapture, amount)
}

// Free asks for the release of a visit's hold, if it has one.
func (s *Service) Free(tx cloud.Tx, v cloud.VisitRecord) error {
	all, err := tx.Ops.Of(v.ID)
	if err != nil {
		return err
	}
	held := false
	for _, op := range all {
		switch {
		case op.Kind == cloud.OpHold && op.State == cloud.OpDone:
			held = true
		case op.Kind == cloud.OpRelease && op.State != cloud.OpCancelled,
			op.Kind == cloud.OpCapture && op.State != cloud.OpRefused && op.State != cloud.OpCancelled:
			return nil
		}
	}
	if !held { // Where the hold is still unknown, booking it frees it.
		return nil
	}
	return s.ask(tx, v, cloud.OpRelease, 0)
}

// reclaim reports whether a visit's hold may still be captured, and withdraws a release that nobody has asked for yet.
func (s *Service) reclaim(tx cloud.Tx, v cloud.VisitRecord) (usable bool, err error) {
	all, err := tx.Ops.Of(v.ID)
	if err != nil {
		return false, err
	}
	for _, op := range all {
		switch {
		case op.Kind == cloud.OpHold && op.State != cloud.OpRefused:
			usable = true
		case op.Kind == cloud.OpRelease && op.State == cloud.OpPending:
			if err := tx.Ops.Move(op.ID, cloud.OpCancelled, op.Attempts, time.Time{}); err != nil {
				return false, err
			}
		case op.Kind == cloud.OpRelease && op.State.Final() && op.State != cloud.OpCancelled:
			usable = false
		}
	}
	return usable, nil
}

// ask writes down what is done to a visit's hold, by the provider that has it.
func (s *Service) ask(tx cloud.Tx, v cloud.VisitRecord, kind cloud.OpKind, amount protocol.Fen) error {
	hold, err := tx.Ops.Find(v.HoldOp)
	if err != nil {
		return err
	}
	id, err := nextID(tx, v.ID, kind)
	if err != nil {
		return err
	}
	at := s.Now()
	return s.add(tx, &cloud.PaymentOp{
		ID: id, Visit: v.ID, Person: v.Person, Kind: kind, Amount: amount, On: v.HoldOp, Provider: hold.Provider,
		State: cloud.OpPending, Next: at, Created: at,
	})
}
