package dispute

import (
	"allhours/cloud"
	"allhours/protocol"
)

// News is what a resident is told of an objection.
type News string

// The kinds of news.
const (
	NewsDecided       News = "decided"        // Amount need not be paid, or comes back
	NewsRefused       News = "refused"        // the bill stands
	NewsRefunded      News = "refunded"       // Amount was given back
	NewsRefundRefused News = "refund_refused" // the provider did not give Amount back; somebody sees to it
)

// Notice is one piece of news. Ref names its fact: the same one is told once.
type Notice struct {
	News   News
	Ref    string
	Person protocol.UUID
	Visit  protocol.VisitID
	Amount protocol.Fen
}

// Teller tells residents what happened, in the transaction that makes it true.
type Teller interface {
	Tell(tx cloud.Tx, n Notice) error
}

// tell is the one place where residents are told.
func (s *Service) tell(tx cloud.Tx, n Notice) error {
	if s.Teller == nil || n.Person.IsZero() {
		return nil
	}
	return s.Teller.Tell(tx, n)
}

// RefundEnded is what the payment service calls where it books what became of a refund.
func (s *Service) RefundEnded(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord, done bool) error {
	news := NewsRefundRefused
	if done {
		news = NewsRefunded
		if err := s.seenTo(tx, op, v); err != nil {
			return err
		}
	}
	return s.tell(tx, Notice{News: news, Ref: string(news) + ":" + op.ID.String(), Person: v.Person, Visit: v.ID, Amount: op.Amount})
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
