package payment

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// book takes what a provider answered to a call or a query. Where that leaves the outcome unknown, it is queried again.
func (s *Service) book(tx cloud.Tx, op cloud.PaymentOp, word Word) (Result, error) {
	result, err := s.accept(tx, op, word)
	if err != nil || result != ResultUnknown {
		return result, err
	}
	v, err := visitOf(tx, op)
	if err != nil {
		return result, err
	}
	return result, s.bookUnknown(tx, op, v)
}

// accept takes a provider's word of an operation, from an answer, a query or a call: it is compared with what was asked for,
// and its outcome is written once, as the operation's state, the ledger's entry and the visit's payment, in one transaction.
func (s *Service) accept(tx cloud.Tx, op cloud.PaymentOp, word Word) (Result, error) {
	if word != (Word{}) {
		if err := s.answers(tx, op, true); err != nil {
			return ResultUnknown, err
		}
	}
	known, err := tx.Ops.Find(op.ID)
	if err != nil {
		return ResultUnknown, err
	}
	r, err := s.request(tx, known)
	if err != nil {
		return ResultUnknown, err
	}
	v, err := visitOf(tx, known)
	if err != nil {
		return ResultUnknown, err
	}
	wrong := s.differs(r, word)
	if known.State.Final() {
		return resultOf(known.State), s.after(tx, known, v, word, wrong)
	}
	known.Attempts = op.Attempts
	switch {
	case wrong != "":
		return ResultUnknown, s.mismatch(tx, known, v, wrong)
	case word.State == StateDone:
		return ResultDone, s.done(tx, known, v)
	case word.State == StateRefused:
		return ResultRefused, s.refusedAs(tx, known, v, r, word)
	}
	return ResultUnknown, nil
}

// after takes a word that comes when the outcome is known. Where it says that what was refused was taken, the debt that the refusal made, or
// left, is not charged before somebody has looked.
func (s *Service) after(tx cloud.Tx, known cloud.PaymentOp, v cloud.VisitRecord, word Word, wrong string) error {
	if wrong != "" {
		return s.mismatch(tx, known, v, wrong)
	}
	if known.State == cloud.OpRefused && word.State == StateDone && takes(known) {
		if err := tx.Resting.Rest(v.ID, cloud.RestContradicted); err != nil {
			return err
		}
	}
	return s.mismatch(tx, known, v, contradicts(known.State, word.State))
}

// refusedAs books a refusal, of whatever amount: no money can move under its number any more. One of another amount is looked at, before the
// debt that it makes is charged.
func (s *Service) refusedAs(tx cloud.Tx, known cloud.PaymentOp, v cloud.VisitRecord, r Request, word Word) error {
	if err := s.refused(tx, known, v); err != nil {
		return err
	}
	wrong := otherAmount(r, word)
	if wrong != "" && takes(known) {
		if err := tx.Resting.Rest(v.ID, cloud.RestContradicted); err != nil {
			return err
		}
	}
	return s.mismatch(tx, known, v, wrong)
}

func visitOf(tx cloud.Tx, op cloud.PaymentOp) (cloud.VisitRecord, error) {
	if op.Visit.IsZero() {
		return cloud.VisitRecord{}, nil
	}
	return tx.Visits.Find(op.Visit)
}

func resultOf(s cloud.OpState) Result {
	if s == cloud.OpDone {
		return ResultDone
	}
	return ResultRefused
}

// differs compares a word with what was asked for. The zero word says nothing.
func (s *Service) differs(r Request, w Word) string {
	switch {
	case w == Word{}:
		return ""
	case w.Merchant != s.Provider.Account().Merchant:
		return cloud.SaidMerchant.Fill(w.Merchant, s.Provider.Account().Merchant)
	case w.Number != r.Number || w.Order != r.Order || w.Kind != r.Kind:
		return cloud.SaidOther.Fill(w.Kind, w.Number, w.Order, r.Kind, r.Number, r.Order)
	case w.State != StateRefused:
		return otherAmount(r, w)
	}
	return ""
}

// otherAmount compares the amount where a word has one. What is done has one, and so has not every other word.
func otherAmount(r Request, w Word) string {
	if w.Amount == r.Amount || r.Kind == cloud.OpRelease || w.Amount == 0 && w.State != StateDone {
		return ""
	}
	return cloud.SaidAmount.Fill(w.Amount, r.Amount)
}

// contradicts says what is wrong with a word that comes after the outcome. An older one, which was on its way for long, is
// not.
func contradicts(known cloud.OpState, s State) string {
	switch {
	case known != cloud.OpDone && s == StateDone:
		return cloud.SaidDone.Fill(known)
	case known == cloud.OpDone && s == StateRefused:
		return cloud.SaidRefused.Fill()
	}
	return ""
}

// mismatch makes somebody look at what a provider says; no money moves for it.
func (s *Service) mismatch(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord, wrong string) error {
	if wrong == "" {
		return nil
	}
	s.Logger.Error("the payment provider's word differs", "op", op.ID, "kind", op.Kind, "visit", op.Visit, "word", wrong)
	return s.incident(tx, v, cloud.DetailSays.Fill(op.Kind, op.ID, wrong))
}

func (s *Service) incident(tx cloud.Tx, v cloud.VisitRecord, detail string) error {
	subject := ""
	if !v.ID.IsZero() {
		subject = v.ID.String()
	}
	return tx.Incidents.Open(cloud.Incident{
		Cabinet: v.Cabinet, Kind: cloud.IncidentPaymentMismatch, Subject: subject, Detail: detail, Last: s.Now(),
	})
}

func (s *Service) bookUnknown(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := tx.Ops.Move(op.ID, cloud.OpUnknown, op.Attempts, s.Now().Add(backoff(op.Attempts))); err != nil {
		return err
	}
	if (op.Kind == cloud.OpHold || op.Kind == cloud.OpCapture) && v.Payment.MayBecome(cloud.PaymentUnknown) {
		return tx.Steps.Pay(v.ID, cloud.PaymentUnknown)
	}
	return nil
}

// done books an operation whose money has moved.
func (s *Service) done(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := tx.Ops.Move(op.ID, cloud.OpDone, op.Attempts, time.Time{}); err != nil {
		return err
	}
	switch op.Kind {
	case cloud.OpHold:
		return s.held(tx, op, v)
	case cloud.OpCapture:
		return s.captured(tx, op, v)
	case cloud.OpRelease:
		return s.released(tx, op, v)
	case cloud.OpRefund:
		return s.refunded(tx, op, v)
	case cloud.OpPay:
		return s.paid(tx, op, v)
	case cloud.OpTopUp:
		return s.toppedUp(tx, op)
	case cloud.OpPayout:
		return s.paidOut(tx, op)
	}
	return fmt.Errorf("payment operation %s: nobody is asked for a %s", op.ID, op.Kind)
}

func (s *Service) held(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	postings := append(ledger.Reserve(v.ID, op.Person, op.Amount), sourceOf(op).hold(op.Person, op.Amount)...)
	if err := s.post(tx, ledger.OpRef(op.ID), v, postings); err != nil {
		return err
	}
	// A hold that was recalled waits for a person with its visit, or was found after they had decided.
	if v.Payment != cloud.PaymentReview && v.Payment != cloud.PaymentWaived {
		if err := s.pay(tx, v, cloud.PaymentHeld); err != nil {
			return err
		}
	}
	if v.Outcome == cloud.OutcomeAborted || v.Decided && v.Total == 0 { // The visit did not wait for the answer.
		return s.Free(tx, v)
	}
	return nil
}

// captured books what was taken, what is still owed of the bill, and the end of the hold.
func (s *Service) captured(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	postings := append(sourceOf(op).capture(v.ID, op.Person, op.Amount), ledger.Owe(v.ID, op.Person, v.Total-op.Amount)...)
	postings = append(postings, ledger.Free(v.ID, op.Person, v.Hold)...)
	postings = append(postings, sourceOf(op).free(op.Person, v.Hold-op.Amount)...)
	if err := s.post(tx, ledger.OpRef(op.ID), v, postings); err != nil {
		return err
	}
	if v.Total > op.Amount {
		return s.owe(tx, v, v.Total-op.Amount)
	}
	return s.pay(tx, v, cloud.PaymentCaptured)
}

func (s *Service) released(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	postings := append(ledger.Free(v.ID, op.Person, v.Hold), sourceOf(op).free(op.Person, v.Hold)...)
	if err := s.post(tx, ledger.OpRef(op.ID), v, postings); err != nil {
		return err
	}
	if v.Payment == cloud.PaymentHeld || v.Payment == cloud.PaymentUnknown {
		return s.pay(tx, v, cloud.PaymentNone)
	}
	return nil
}

// kept is what was taken of a visit and not given back.
func kept(tx cloud.Tx, v cloud.VisitRecord) (left protocol.Fen, err error) {
	all, err := tx.Ops.Of(v.ID)
	for _, op := range all {
		switch {
		case op.State != cloud.OpDone:
		case op.Kind == cloud.OpCapture || op.Kind == cloud.OpPay:
			left += op.Amount
		case op.Kind == cloud.OpRefund:
			left -= op.Amount
		}
	}
	return left, err
}

// refused books an operation that never will be done.
func (s *Service) refused(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord) error {
	if err := tx.Ops.Move(op.ID, cloud.OpRefused, op.Attempts, time.Time{}); err != nil {
		return err
	}
	switch op.Kind {
	case cloud.OpHold:
		if err := s.holdLost(tx, op, v); err != nil {
			return err
		}
		if v.Payment == cloud.PaymentUnknown {
			return s.pay(tx, v, cloud.PaymentNone)
		}
		return nil
	case cloud.OpCapture:
		return s.captureRefused(tx, op, v)
	case cloud.OpRefund:
		return s.refundRefused(tx, op, v)
	case cloud.OpPay:
		return s.payRefused(tx, op, v)
	case cloud.OpTopUp:
		return nil
	case cloud.OpPayout: // The money is in the balance, and may be used again.
		return s.tellPayout(tx, cloud.MessagePayoutRefused, op)
	}
	if err := s.incident(tx, v, cloud.DetailRefused.Fill(op.Kind, op.ID)); err != nil {
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
	if err := s.owe(tx, v, v.Total); err != nil {
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
	return s.incident(tx, v, cloud.DetailToBecome.Fill(v.Payment, next))
}

// post books what became of a visit's money, or of a person's where there is no visit.
func (s *Service) post(tx cloud.Tx, ref ledger.Ref, v cloud.VisitRecord, postings []ledger.Posting) error {
	if len(postings) == 0 {
		return nil
	}
	fact := book.Fact{Ref: ref}
	if v.Cabinet != "" {
		cabinet, err := book.Seller(tx, v)
		if err != nil {
			return err
		}
		fact.Cabinet = cabinet
	}
	return s.Book.Post(tx, fact, postings)
}
