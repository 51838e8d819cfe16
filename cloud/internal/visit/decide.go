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
	decision cloud.Decision
	role     protocol.Role // of who decides
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
		if err := s.mayDecide(tx, r, d); err != nil {
			return err
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
	r.role = d.Role
	r.decision = cloud.Decision{Visit: d.Visit, By: d.By, At: s.Now(), Story: d.Story, Note: d.Note, Lines: []cloud.OrderLine{}}
	said := d.Lines
	switch why := r.order.Answer.Why; {
	case d.Waive:
		r.decision.Waived, r.decision.Story = true, cloud.NoStory
		return nil
	case d.Story == cloud.NoStory:
	case d.Story < 0 || d.Story >= len(why):
		return protocol.Errorf(protocol.CodeMalformed, "story: want one of the %d that the cabinet told, or lines", len(why))
	default:
		said = why[d.Story].Lines
	}
	if err := distinct(said); err != nil {
		return err
	}
	lines, total, unknown, err := s.Catalog.Lines(tx, said, r.visit.PriceVersion)
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
	moves, err := s.moves(tx, r)
	if err != nil {
		return err
	}
	ref := ledger.DecisionRef(r.visit.ID)
	if r.decision.Waived {
		ref = ledger.WaiverRef(r.visit.ID)
	}
	if err := s.Book.Post(tx, book.Fact{Ref: ref, Cabinet: r.cabinet, At: r.decision.At}, moves); err != nil {
		return err
	}
	if r.decision.Total > 0 {
		return s.Payments.Charge(tx, r.visit, r.decision.Total, ref)
	}
	ends := cloud.PaymentNone
	if r.decision.Waived {
		ends = cloud.PaymentWaived
	}
	if err := tx.Steps.Pay(r.visit.ID, ends); err != nil {
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

// moves are what the decision books.
func (s *Service) moves(tx cloud.Tx, r reviewing) ([]ledger.Posting, error) {
	entries, err := tx.Ledger.Entries(ledger.Undecided(r.visit.ID))
	if err != nil {
		return nil, err
	}
	var guessed []ledger.Posting
	for _, e := range entries {
		guessed = append(guessed, e.Postings...)
	}
	homes, then, err := s.homes(tx, r)
	if then && len(entries) == 0 { // Goods that only changed their place stand in no account of the visit.
		guessed = ledger.Leave(r.visit.Cabinet, homes, r.order.Answer, ledger.Undecided(r.visit.ID))
	}
	return r.decision.Moves(r.order, r.visit.Cabinet, r.cabinet.Store, homes, guessed), err
}

// homes are where the articles lay then, or lie now where the plan of that night is not known.
func (s *Service) homes(tx cloud.Tx, r reviewing) (homes ledger.Homes, then bool, err error) {
	config, then, err := tx.Desired.At(r.visit.Cabinet, r.order.Config)
	if err == nil && !then {
		config, _, err = tx.Desired.Latest(r.visit.Cabinet)
	}
	return homesOf(config), then, err
}

// acted lists who decided it, where a person did.
func (s *Service) acted(tx cloud.Tx, r reviewing) error {
	if r.decision.By == "" {
		return nil
	}
	a := cloud.Action{ID: s.NewID(), At: r.decision.At, By: r.decision.By, Role: r.role, Kind: cloud.ActionReview, Visit: r.visit.ID, Amount: r.decision.Total, Why: r.decision.Note}
	if r.decision.Waived {
		a.Kind, a.Amount = cloud.ActionWaive, r.order.Total
	}
	return tx.Actions.Add(a)
}
