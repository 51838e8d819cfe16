package dispute

import (
	"allhours/cloud"
	"allhours/protocol"
)

// tell is the one place where residents are told. Of names the fact among those of its kind.
func (s *Service) tell(tx cloud.Tx, kind cloud.MessageKind, of protocol.UUID, v cloud.VisitRecord, amount protocol.Fen) error {
	if s.Teller == nil || v.Person.IsZero() {
		return nil
	}
	return s.Teller.Tell(tx, cloud.Message{
		Ref: cloud.MessageRef(kind, of.String()), Kind: kind, Person: v.Person, Visit: v.ID, Amount: amount,
	})
}

// RefundEnded is what the payment service calls where it books what became of a refund.
func (s *Service) RefundEnded(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord, done bool) error {
	news := cloud.MessageRefundRefused
	if done {
		news = cloud.MessageRefund
		if err := s.seenTo(tx, op, v); err != nil {
			return err
		}
	}
	return s.tell(tx, news, op.ID, v, op.Amount)
}

// seenTo closes the incident of a refusal once all that was ruled has come back.
func (s *Service) seenTo(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	id, found, err := tx.Refunds.Of(op.ID)
	if err != nil || !found {
		return err
	}
	d, err := tx.Disputes.Find(id)
	if err != nil || d.Unasked() > 0 || d.Returned() < d.Ruling.Refund {
		return err
	}
	return tx.Incidents.Close(v.Cabinet, cloud.IncidentRefundRefused, v.ID.String(), s.Now())
}
