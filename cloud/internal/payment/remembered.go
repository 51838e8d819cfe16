package payment

import (
	"allhours/cloud"
	"allhours/protocol"
)

// mostTries bounds the numbers that a payment of a debt is looked for under. By themselves debts are charged a few times, and residents try
// again by hand.
const mostTries = 64

// takeCapture remembers what was taken of a visit. Its cabinet sends the visit again, and its bill finds the capture by number; a case
// that was decided since waits for a person to decide it again.
func (s *Service) takeCapture(tx cloud.Tx, id protocol.UUID, d Done) error {
	hold, _ := ParseNumber(d.On)
	fresh, err := tx.Remembered.Add(cloud.Remembered{ID: id, Kind: cloud.OpCapture, On: hold, Amount: d.Amount, At: d.At})
	if err != nil || !fresh {
		return err
	}
	on, err := tx.Ops.Find(hold)
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	v, err := visitOf(tx, on)
	switch {
	case err != nil:
		return err
	case v.Payment == cloud.PaymentReview && !v.Decided:
		return s.incident(tx, v, cloud.DetailTookCase.Fill(d.Amount, d.Number))
	case v.Payment == cloud.PaymentWaived || v.Payment == cloud.PaymentNone && !v.Ended.IsZero():
		return s.incident(tx, v, cloud.DetailTookVisit.Fill(d.Amount, d.Number, v.Payment))
	}
	return nil
}

// TakenBefore is what the provider took of a visit's hold before its books were restored, and they do not know of yet.
func (s *Service) TakenBefore(tx cloud.Tx, v cloud.VisitRecord) (protocol.Fen, error) {
	if v.HoldOp.IsZero() {
		return 0, nil
	}
	r, found, err := tx.Remembered.Capture(v.HoldOp)
	if err != nil || !found {
		return 0, err
	}
	return r.Amount, nil
}

// takePay finds the debt that was paid, so that it is not charged again, by another way perhaps. Where there is none, the payment is kept:
// the debt may be made when its cabinet sends the visit again.
func (s *Service) takePay(tx cloud.Tx, id protocol.UUID, d Done) error {
	r := cloud.Remembered{ID: id, Kind: cloud.OpPay, Amount: d.Amount, At: d.At}
	fresh, err := tx.Remembered.Add(r)
	if err != nil || !fresh {
		return err
	}
	debts, err := tx.Debts.Of(d.Person)
	if err != nil {
		return err
	}
	for _, debt := range debts {
		for _, number := range payNumbers(debt.Visit) {
			if number == id {
				return s.payTaken(tx, debt, r)
			}
		}
	}
	return s.payLost(tx, r)
}

// payNumbers are what a payment of a visit's debt may be numbered: refusals, of which no provider tells, leave gaps.
func payNumbers(visit protocol.VisitID) []protocol.UUID {
	numbers := make([]protocol.UUID, mostTries)
	for n := range numbers {
		numbers[n] = numbered(visit, cloud.OpPay, n)
	}
	return numbers
}

// paidBefore finds what was paid before of a debt that is made now, and puts it into the outbox as sent.
func (s *Service) paidBefore(tx cloud.Tx, debt cloud.Debt) (found bool, err error) {
	r, found, err := tx.Remembered.Any(payNumbers(debt.Visit))
	if err != nil || !found {
		return false, err
	}
	if err := tx.Incidents.Close("", cloud.IncidentPayLost, Number(r.ID), s.Now()); err != nil {
		return false, err
	}
	return true, s.payTaken(tx, debt, r)
}

// payTaken has the payment queried and booked. One that is less than the debt left the rest to somebody whose ruling is lost, and one that
// is more, or comes beside another, cannot be booked.
func (s *Service) payTaken(tx cloud.Tx, debt cloud.Debt, r cloud.Remembered) error {
	v, err := tx.Visits.Find(debt.Visit)
	if err != nil {
		return err
	}
	if r.Amount > debt.Amount {
		return s.doubted(tx, v, cloud.DetailTookMore.Fill(r.Amount, Number(r.ID), debt.Amount))
	}
	op := cloud.PaymentOp{
		ID: r.ID, Visit: debt.Visit, Person: debt.Person, Kind: cloud.OpPay, Amount: r.Amount, Provider: s.Provider.Account().Name,
		State: cloud.OpSent, Next: s.Now(), Created: r.At,
	}
	err = tx.Try(func() error { return tx.Ops.Add(op) })
	switch {
	case protocol.CodeOf(err) == cloud.CodeConflict:
		return s.doubted(tx, v, cloud.DetailTookOther.Fill(r.Amount, Number(r.ID)))
	case err != nil || r.Amount == debt.Amount:
		return err
	}
	return s.doubted(tx, v, cloud.DetailTookLess.Fill(r.Amount, Number(r.ID), debt.Amount))
}

// doubted lets a debt rest and somebody look at it, because the provider's word does not fit it.
func (s *Service) doubted(tx cloud.Tx, v cloud.VisitRecord, detail string) error {
	if err := tx.Resting.Rest(v.ID, cloud.RestContradicted); err != nil {
		return err
	}
	return s.incident(tx, v, detail)
}

// paidTwice tells of a debt that restored books took from a balance before they knew that the provider had taken it.
func (s *Service) paidTwice(tx cloud.Tx, known cloud.PaymentOp, d Done) error {
	fresh, err := tx.Remembered.Add(cloud.Remembered{ID: known.ID, Kind: cloud.OpPay, Amount: d.Amount, At: d.At})
	if err != nil || !fresh {
		return err
	}
	v, err := visitOf(tx, known)
	if err != nil {
		return err
	}
	return s.incident(tx, v, cloud.DetailTookTwice.Fill(d.Amount, d.Number))
}

// payLost lets somebody look at a payment that no debt here is known for.
func (s *Service) payLost(tx cloud.Tx, r cloud.Remembered) error {
	return tx.Incidents.Open(cloud.Incident{
		Kind: cloud.IncidentPayLost, Subject: Number(r.ID), Detail: cloud.DetailPayLost.Fill(r.Amount, Number(r.ID)), Last: s.Now(),
	})
}
