package payment

import (
	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// takes reports an operation that brings money of the resident.
func takes(op cloud.PaymentOp) bool {
	return op.Kind == cloud.OpCapture || op.Kind == cloud.OpPay
}

// Taken is what was captured for a visit, by its operations.
func Taken(ops []cloud.PaymentOp) (sum protocol.Fen) {
	for _, op := range ops {
		if takes(op) && op.State == cloud.OpDone {
			sum += op.Amount
		}
	}
	return sum
}

// Left is what may still be given back of a visit: captured, less what went back or is on its way.
func Left(ops []cloud.PaymentOp) (sum protocol.Fen) {
	for _, op := range ops {
		if takes(op) && op.State == cloud.OpDone {
			sum += leftOf(op, ops)
		}
	}
	return sum
}

func leftOf(capture cloud.PaymentOp, ops []cloud.PaymentOp) protocol.Fen {
	rest := capture.Amount
	for _, op := range ops {
		if op.Kind == cloud.OpRefund && op.On == capture.ID && op.State != cloud.OpRefused && op.State != cloud.OpCancelled {
			rest -= op.Amount
		}
	}
	return rest
}

// Forgiven is what of a visit's debt the staff waived without an objection.
func Forgiven(ops []cloud.PaymentOp) (sum protocol.Fen) {
	for _, op := range ops {
		if op.Kind == cloud.OpWaive && op.State == cloud.OpDone {
			sum += op.Amount
		}
	}
	return sum
}

// Owed is what is still to be paid for a visit.
func Owed(v cloud.Visit, ops []cloud.PaymentOp) protocol.Fen {
	if v.Payment != cloud.PaymentOwed {
		return 0
	}
	return max(v.Total-Taken(ops)-v.Forgiven, 0)
}

// UnderWay reports a visit of which nobody knows yet what was taken.
func UnderWay(ops []cloud.PaymentOp) bool {
	for _, op := range ops {
		if (takes(op) || op.Kind == cloud.OpHold) && !op.State.Final() {
			return true
		}
	}
	return false
}

// Refund asks for an amount of a visit's captures back, by the ruling on an objection: in one operation for each capture
// that it takes. It writes the outbox only. CodeConflict where less is left, CodePaymentUnknown while it is not known what
// was taken, CodeNotFound where it would go into the balance of somebody who was forgotten.
func (s *Service) Refund(tx cloud.Tx, v cloud.VisitRecord, d cloud.Dispute, amount protocol.Fen) error {
	ops, err := tx.Ops.Of(v.ID)
	if err != nil || amount == 0 {
		return err
	}
	if UnderWay(ops) {
		return protocol.Errorf(cloud.CodePaymentUnknown, "visit %s: what was taken is not known yet", v.ID)
	}
	if left := Left(ops); amount < 0 || amount > left {
		return protocol.Errorf(cloud.CodeConflict, "visit %s: %s of %s is left to give back", v.ID, left, Taken(ops))
	}
	for _, capture := range ops {
		if !takes(capture) || capture.State != cloud.OpDone || amount == 0 {
			continue
		}
		part := min(amount, leftOf(capture, ops))
		if part == 0 {
			continue
		}
		if err := s.askBack(tx, v, d, capture, part); err != nil {
			return err
		}
		amount -= part
	}
	return nil
}

func (s *Service) askBack(tx cloud.Tx, v cloud.VisitRecord, d cloud.Dispute, capture cloud.PaymentOp, part protocol.Fen) error {
	if sourceOf(capture).prepaid {
		if err := reachable(tx, capture.Person); err != nil {
			return err
		}
	}
	id, err := nextID(tx, v.ID, cloud.OpRefund)
	if err != nil {
		return err
	}
	at := s.Now()
	op := cloud.PaymentOp{
		ID: id, Visit: v.ID, Person: v.Person, Kind: cloud.OpRefund, Amount: part, On: capture.ID, Provider: capture.Provider,
		State: cloud.OpPending, Next: at, Created: at,
	}
	if err := tx.Ops.Add(op); err != nil {
		return err
	}
	if err := tx.Refunds.Add(id, d.ID); err != nil || !inBooks(op.Provider) {
		return err
	}
	return s.doneInBooks(tx, op)
}

// Settle ends the payment of a visit of which all that was taken came back.
func (s *Service) Settle(tx cloud.Tx, visit protocol.VisitID) error {
	v, err := tx.Visits.Find(visit)
	if err != nil {
		return err
	}
	ops, err := tx.Ops.Of(visit)
	if err != nil {
		return err
	}
	if taken := Taken(ops); v.Payment == cloud.PaymentCaptured && taken > 0 && v.Refunded == taken {
		return tx.Steps.Pay(visit, cloud.PaymentRefunded)
	}
	return nil
}

// refunded books what the provider gave back, out of the turnover that the bill went into.
func (s *Service) refunded(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	cabinet, err := book.Seller(tx, v)
	if err != nil {
		return err
	}
	if err := s.post(tx, ledger.OpRef(op.ID), v, sourceOf(op).refund(string(cabinet.Store), op.Person, op.Amount)); err != nil {
		return err
	}
	if err := s.Settle(tx, v.ID); err != nil {
		return err
	}
	return s.refundEnded(tx, op, v, true)
}

// refundRefused lets somebody look: the ruling stands, and the provider can be asked again.
func (s *Service) refundRefused(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := tx.Incidents.Open(cloud.Incident{
		Cabinet: v.Cabinet, Kind: cloud.IncidentRefundRefused, Subject: v.ID.String(),
		Detail: cloud.DetailNotBack.Fill(op.Amount, op.ID), Last: s.Now(),
	}); err != nil {
		return err
	}
	return s.refundEnded(tx, op, v, false)
}

func (s *Service) refundEnded(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord, done bool) error {
	if s.RefundEnded == nil {
		return nil
	}
	return s.RefundEnded(tx, op, v, done)
}
