package payment

import (
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

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
		return s.pay(tx, v, cloud.PaymentOwed)
	}
	return s.ask(tx, v, cloud.OpCapture, min(total, v.Hold))
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

func (s *Service) ask(tx cloud.Tx, v cloud.VisitRecord, kind cloud.OpKind, amount protocol.Fen) error {
	at := s.Now()
	return tx.Ops.Add(cloud.PaymentOp{
		ID: s.NewID(), Visit: v.ID, Person: v.Person, Kind: kind, Amount: amount, On: v.HoldOp,
		State: cloud.OpPending, Next: at, Created: at,
	})
}
