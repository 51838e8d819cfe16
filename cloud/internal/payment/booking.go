package payment

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
)

// book writes the outcome of an operation: its state, the ledger's entry and the visit's payment, in one transaction.
func (s *Service) book(tx cloud.Tx, op cloud.PaymentOp, result Result) error {
	known, err := tx.Ops.Find(op.ID)
	if err != nil || known.State.Final() {
		return err
	}
	v, err := tx.Visits.Find(op.Visit)
	if err != nil {
		return err
	}
	switch result {
	case ResultUnknown:
		return s.bookUnknown(tx, op, v)
	case ResultRefused:
		if err := tx.Ops.Move(op.ID, cloud.OpRefused, op.Attempts, time.Time{}); err != nil {
			return err
		}
		return s.bookRefused(tx, op, v)
	}
	if err := tx.Ops.Move(op.ID, cloud.OpDone, op.Attempts, time.Time{}); err != nil {
		return err
	}
	return s.bookDone(tx, op, v)
}

func (s *Service) bookUnknown(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := tx.Ops.Move(op.ID, cloud.OpUnknown, op.Attempts, s.Now().Add(backoff(op.Attempts))); err != nil {
		return err
	}
	if op.Kind != cloud.OpRelease && v.Payment.MayBecome(cloud.PaymentUnknown) {
		return tx.Steps.Pay(v.ID, cloud.PaymentUnknown)
	}
	return nil
}

func (s *Service) bookDone(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	switch op.Kind {
	case cloud.OpHold:
		return s.held(tx, op, v)
	case cloud.OpCapture:
		return s.captured(tx, op, v)
	case cloud.OpRelease:
		return s.released(tx, op, v)
	}
	cabinet, err := tx.Cabinets.Find(v.Cabinet)
	if err != nil {
		return err
	}
	if err := s.post(tx, ledger.OpRef(op.ID), v, ledger.Refund(string(cabinet.Store), op.Amount)); err != nil {
		return err
	}
	return s.pay(tx, v, cloud.PaymentRefunded)
}

func (s *Service) held(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := s.post(tx, ledger.OpRef(op.ID), v, ledger.Reserve(v.ID, op.Person, op.Amount)); err != nil {
		return err
	}
	if err := s.pay(tx, v, cloud.PaymentHeld); err != nil {
		return err
	}
	if v.Outcome == cloud.OutcomeAborted { // The visit did not wait for the answer.
		return s.Free(tx, v)
	}
	return nil
}

// captured books what was taken, what is still owed of the bill, and the end of the hold.
func (s *Service) captured(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	postings := append(ledger.Capture(v.ID, op.Amount), ledger.Owe(v.ID, op.Person, v.Total-op.Amount)...)
	postings = append(postings, ledger.Free(v.ID, op.Person, v.Hold)...)
	if err := s.post(tx, ledger.OpRef(op.ID), v, postings); err != nil {
		return err
	}
	if v.Total > op.Amount {
		return s.pay(tx, v, cloud.PaymentOwed)
	}
	return s.pay(tx, v, cloud.PaymentCaptured)
}

func (s *Service) released(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := s.post(tx, ledger.OpRef(op.ID), v, ledger.Free(v.ID, op.Person, v.Hold)); err != nil {
		return err
	}
	if v.Payment == cloud.PaymentHeld || v.Payment == cloud.PaymentUnknown {
		return s.pay(tx, v, cloud.PaymentNone)
	}
	return nil
}

func (s *Service) bookRefused(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	switch op.Kind {
	case cloud.OpHold:
		if v.Payment == cloud.PaymentUnknown {
			return s.pay(tx, v, cloud.PaymentNone)
		}
		return nil
	case cloud.OpCapture:
		return s.captureRefused(tx, op, v)
	}
	if err := tx.Incidents.Open(cloud.Incident{
		Cabinet: v.Cabinet, Kind: cloud.IncidentPaymentMismatch, Subject: v.ID.String(),
		Detail: fmt.Sprintf("the provider refused the %s %s", op.Kind, op.ID), Last: s.Now(),
	}); err != nil {
		return err
	}
	if op.Kind == cloud.OpRelease { // A hold that cannot be released is gone.
		return s.released(tx, op, v)
	}
	return nil
}

// captureRefused leaves the whole bill owed; the hold, where there still is one, is given back.
func (s *Service) captureRefused(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := s.post(tx, ledger.OpRef(op.ID), v, ledger.Owe(v.ID, op.Person, v.Total)); err != nil {
		return err
	}
	if err := s.pay(tx, v, cloud.PaymentOwed); err != nil {
		return err
	}
	return s.Free(tx, v)
}

// pay moves a payment. Where the provider's word does not fit the visit, somebody must look: the word stands in the ledger.
func (s *Service) pay(tx cloud.Tx, v cloud.VisitRecord, next cloud.Payment) error {
	switch {
	case v.Payment == next:
		return nil
	case v.Payment.MayBecome(next):
		return tx.Steps.Pay(v.ID, next)
	}
	return tx.Incidents.Open(cloud.Incident{
		Cabinet: v.Cabinet, Kind: cloud.IncidentPaymentMismatch, Subject: v.ID.String(),
		Detail: fmt.Sprintf("the payment is %s and was told to become %s", v.Payment, next), Last: s.Now(),
	})
}

// post books what became of a visit's money.
func (s *Service) post(tx cloud.Tx, ref ledger.Ref, v cloud.VisitRecord, postings []ledger.Posting) error {
	if len(postings) == 0 {
		return nil
	}
	cabinet, err := tx.Cabinets.Find(v.Cabinet)
	if err != nil {
		return err
	}
	return s.Book.Post(tx, book.Fact{Ref: ref, Cabinet: cabinet}, postings)
}
