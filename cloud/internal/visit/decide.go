package visit

import (
	"context"
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// reviewing is a review on its way to a decision.
type reviewing struct {
	visit    cloud.VisitRecord
	order    cloud.Order
	cabinet  cloud.Cabinet
	answer   settle.Answer // what the person holds to be true
	decision cloud.Decision
}

// Decide implements cloud.Visits.
func (s *Service) Decide(ctx context.Context, d cloud.DecideReview) (cloud.Visit, error) {
	if len(d.Note) > cloud.MaxNote || d.By == "" {
		return cloud.Visit{}, protocol.Errorf(protocol.CodeMalformed, "note: want %d bytes at most, and who decides", cloud.MaxNote)
	}
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		r, decided, err := s.openReview(tx, d.Visit)
		if err != nil {
			return err
		}
		if err := s.judge(tx, &r, d); err != nil {
			return err
		}
		if decided {
			return s.sameAgain(tx, r)
		}
		return s.carryOut(tx, r)
	})
	if err != nil {
		return cloud.Visit{}, fmt.Errorf("decide visit %s: %w", d.Visit, err)
	}
	s.Payments.Wake()
	s.Hub.VisitChanged(d.Visit)
	return s.Visit(ctx, d.Visit)
}

// openReview finds what is to be decided; decided tells that it was.
func (s *Service) openReview(tx cloud.Tx, id protocol.VisitID) (r reviewing, decided bool, err error) {
	if r.visit, err = tx.Visits.Find(id); err != nil {
		return r, false, err
	}
	order, found, err := tx.Orders.Find(id)
	if err != nil {
		return r, false, err
	}
	if !found || order.Why == "" {
		return r, false, protocol.Errorf(cloud.CodeConflict, "visit %s is not in review", id)
	}
	r.order = order
	r.cabinet, err = book.Seller(tx, r.visit)
	return r, r.visit.Decided, err
}

// judge fills in what the person decided. A person may not bill what has no price.
func (s *Service) judge(tx cloud.Tx, r *reviewing, d cloud.DecideReview) error {
	r.answer = r.order.Answer
	r.decision = cloud.Decision{Visit: d.Visit, By: d.By, At: s.Now(), Story: d.Story, Note: d.Note, Lines: []cloud.OrderLine{}}
	switch {
	case d.Waive:
		r.decision.Waived, r.decision.Story = true, cloud.NoStory
		return nil
	case d.Story == cloud.NoStory:
		r.answer.Lines, r.answer.Why = d.Lines, nil
		if !ledger.Believable(r.answer) {
			r.answer.Strays = nil
		}
	case d.Story < 0 || d.Story >= len(r.answer.Why):
		return protocol.Errorf(protocol.CodeMalformed, "story: want one of the %d that the cabinet told, or lines", len(r.answer.Why))
	default:
		r.answer.Why = r.answer.Why[d.Story : d.Story+1]
		r.answer.Lines = r.answer.Why[0].Lines
	}
	if err := distinct(r.answer.Lines); err != nil {
		return err
	}
	lines, total, unknown, err := s.Catalog.Lines(tx, r.answer.Lines, r.visit.PriceVersion)
	if err != nil {
		return err
	}
	if unknown != "" {
		return protocol.Errorf(unknown, "lines: want articles that have a price in list %d, and whole units", r.visit.PriceVersion)
	}
	r.decision.Lines, r.decision.Total = lines, total
	return nil
}

func distinct(lines []settle.Line) error {
	seen := make(map[protocol.SKU]bool, len(lines))
	for _, l := range lines {
		if seen[l.SKU] {
			return protocol.Errorf(protocol.CodeMalformed, "lines: article %s is there twice", l.SKU)
		}
		seen[l.SKU] = true
	}
	return nil
}

// sameAgain takes the same decision once more for what it is; another one comes too late.
func (s *Service) sameAgain(tx cloud.Tx, r reviewing) error {
	stands, _, err := tx.Decisions.Find(r.visit.ID)
	if err != nil {
		return err
	}
	if stands.By == r.decision.By && stands.Story == r.decision.Story && stands.Waived == r.decision.Waived &&
		slices.EqualFunc(stands.Lines, r.decision.Lines, func(a, b cloud.OrderLine) bool { return a.SKU == b.SKU && a.Qty == b.Qty }) {
		return nil
	}
	return protocol.Errorf(cloud.CodeConflict, "visit %s was decided at %s", r.visit.ID, stands.At)
}

// waiveLate forgives a review that nobody decided in time.
func (s *Service) waiveLate(tx cloud.Tx, id protocol.VisitID) error {
	r, decided, err := s.openReview(tx, id)
	if err != nil || decided {
		return err
	}
	if err := s.judge(tx, &r, cloud.DecideReview{Visit: id, Waive: true}); err != nil {
		return err
	}
	return s.carryOut(tx, r)
}

// carryOut writes the decision, moves goods and money, and asks for the payment, all in one transaction.
func (s *Service) carryOut(tx cloud.Tx, r reviewing) error {
	if r.visit.Payment != cloud.PaymentReview {
		return protocol.Errorf(cloud.CodeConflict, "visit %s: the payment is %s", r.visit.ID, r.visit.Payment)
	}
	if err := s.comesTo(tx, r); err != nil {
		return err
	}
	if err := tx.Decisions.Add(r.decision); err != nil {
		return err
	}
	if err := s.acted(tx, r); err != nil {
		return err
	}
	if err := s.tellDecision(tx, r); err != nil {
		return err
	}
	if r.visit.Outcome == cloud.OutcomeNone {
		if err := tx.Steps.Decide(r.visit.ID, r.outcome()); err != nil {
			return err
		}
	}
	if r.decision.Waived {
		return s.waiveNow(tx, r)
	}
	goods, err := s.goods(tx, r)
	if err != nil {
		return err
	}
	ref := ledger.DecisionRef(r.visit.ID)
	if err := s.Book.Post(tx, r.fact(ref), append(goods, ledger.Bill(r.visit.ID, string(r.cabinet.Store), r.decision.Total)...)); err != nil {
		return err
	}
	if r.decision.Total > 0 {
		return s.Payments.Charge(tx, r.visit, r.decision.Total, ref)
	}
	if err := tx.Steps.Pay(r.visit.ID, cloud.PaymentNone); err != nil {
		return err
	}
	return s.Payments.Free(tx, r.visit)
}

// comesTo refuses a decision that comes to less than the provider took of the visit before the books were restored: nothing would give the
// rest back. The bill stands as it was, and what is too much of it goes back by an objection.
func (s *Service) comesTo(tx cloud.Tx, r reviewing) error {
	taken, err := s.Payments.TakenBefore(tx, r.visit)
	if err == nil && r.decision.Total < taken {
		err = protocol.Errorf(cloud.CodeTakenBefore, "visit %s: the provider took %s of it before the books were restored", r.visit.ID, taken)
	}
	return err
}

func (r reviewing) fact(ref ledger.Ref) book.Fact {
	return book.Fact{Ref: ref, Cabinet: r.cabinet, At: r.decision.At}
}

func (r reviewing) outcome() cloud.Outcome {
	lines := len(r.decision.Lines)
	if r.decision.Waived {
		lines = len(r.order.Lines)
	}
	if lines == 0 {
		return cloud.OutcomeNothingTaken
	}
	return cloud.OutcomeSold
}

// goods brings what the best guess took back to its shelves, and takes what the person holds to be true.
func (s *Service) goods(tx cloud.Tx, r reviewing) ([]ledger.Posting, error) {
	guessed, err := tx.Ledger.Entries(ledger.Undecided(r.visit.ID))
	if err != nil {
		return nil, err
	}
	var postings []ledger.Posting
	for _, e := range guessed {
		postings = append(postings, ledger.Return(e.Postings)...)
	}
	homes, err := s.homes(tx, r)
	if err != nil {
		return nil, err
	}
	return ledger.Sum(append(postings, ledger.Leave(r.visit.Cabinet, homes, r.answer, ledger.Sold(r.visit.Cabinet))...)), nil
}

// homes are where the articles lay, or lie now where the plan of that night is not known.
func (s *Service) homes(tx cloud.Tx, r reviewing) (ledger.Homes, error) {
	config, known, err := tx.Desired.At(r.visit.Cabinet, r.order.Config)
	if err == nil && !known {
		config, _, err = tx.Desired.Latest(r.visit.Cabinet)
	}
	return homesOf(config), err
}

// waiveNow books what the best guess would have cost as billed and forgiven, and its goods as lost.
func (s *Service) waiveNow(tx cloud.Tx, r reviewing) error {
	goods, err := tx.Ledger.Balances(ledger.Undecided(r.visit.ID))
	if err != nil {
		return err
	}
	if err := tx.Steps.Pay(r.visit.ID, cloud.PaymentWaived); err != nil {
		return err
	}
	postings := append(ledger.Waive(string(r.cabinet.Store), r.order.Total), ledger.Pass(goods, ledger.Lost)...)
	if err := s.Book.Post(tx, r.fact(ledger.WaiverRef(r.visit.ID)), postings); err != nil {
		return err
	}
	return s.Payments.Free(tx, r.visit)
}

// acted lists who decided it, where a person did.
func (s *Service) acted(tx cloud.Tx, r reviewing) error {
	if r.decision.By == "" {
		return nil
	}
	a := cloud.Action{ID: s.NewID(), At: r.decision.At, By: r.decision.By, Kind: cloud.ActionReview, Visit: r.visit.ID, Amount: r.decision.Total, Why: r.decision.Note}
	if r.decision.Waived {
		a.Kind, a.Amount = cloud.ActionWaive, r.order.Total
	}
	return tx.Actions.Add(a)
}
