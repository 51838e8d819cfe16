package dispute

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// ruling is an objection on its way to an answer.
type ruling struct {
	dispute cloud.Dispute
	visit   cloud.VisitRecord
	cabinet cloud.Cabinet
	others  []cloud.Dispute // of the same visit
	ops     []cloud.PaymentOp
	given   cloud.Ruling
}

// Rule implements cloud.Disputes.
func (s *Service) Rule(ctx context.Context, r cloud.RuleDispute) (d cloud.Dispute, err error) {
	if err := checkReason(r.By, r.Reason); err != nil {
		return d, err
	}
	if err := s.update(ctx, func(tx cloud.Tx) (protocol.VisitID, error) {
		d, err = s.rule(tx, r)
		return d.Visit, err
	}); err != nil {
		return d, fmt.Errorf("rule on %s: %w", r.Dispute, err)
	}
	return d, nil
}

func checkReason(by, reason string) error {
	if by == "" || reason == "" || len(reason) > cloud.MaxNote || !utf8.ValidString(reason) {
		return protocol.Errorf(protocol.CodeMalformed, "reason: want who decides, and why, in %d bytes at most", cloud.MaxNote)
	}
	return nil
}

// rule answers an objection in one transaction: the ruling, its money and its goods.
func (s *Service) rule(tx cloud.Tx, r cloud.RuleDispute) (cloud.Dispute, error) {
	c, err := s.open(tx, r.Dispute)
	if err != nil {
		return c.dispute, err
	}
	if c.dispute.Ruling != nil {
		return c.dispute, c.sameRuling(r)
	}
	if err := c.judge(r); err != nil {
		return c.dispute, err
	}
	total := c.given.Total()
	c.given.At = s.Now()
	if over, err := payment.OverLimit(tx, r.Role, c.visit, total, s.Now()); err != nil || over {
		return c.dispute, limitOr(err)
	}
	if r.Role == protocol.RoleSupport && again(c.dispute, c.others) {
		return c.dispute, protocol.Errorf(cloud.CodeOverLimit, "an objection that was decided before is for a manager")
	}
	if err := s.carryOut(tx, c); err != nil {
		return c.dispute, err
	}
	return tx.Disputes.Find(c.dispute.ID)
}

func limitOr(err error) error {
	if err != nil {
		return err
	}
	return protocol.Errorf(cloud.CodeOverLimit, "it is more than support gives back without a manager")
}

// open finds an objection and what it is about.
func (s *Service) open(tx cloud.Tx, id protocol.UUID) (c ruling, err error) {
	if c.dispute, err = tx.Disputes.Find(id); err != nil {
		return c, err
	}
	if c.visit, err = tx.Visits.Find(c.dispute.Visit); err != nil {
		return c, err
	}
	if c.cabinet, err = book.Seller(tx, c.visit); err != nil {
		return c, err
	}
	if c.ops, err = tx.Ops.Of(c.visit.ID); err != nil {
		return c, err
	}
	if c.others, err = tx.Disputes.Of(c.visit.ID); err != nil {
		return c, err
	}
	c.others = slices.DeleteFunc(c.others, func(d cloud.Dispute) bool { return d.ID == id })
	return c, nil
}

// again reports an objection that answers a decided one.
func again(d cloud.Dispute, others []cloud.Dispute) bool {
	return slices.ContainsFunc(others, func(o cloud.Dispute) bool { return o.Ruling != nil && o.At.Before(d.At) })
}

func (c ruling) sameRuling(r cloud.RuleDispute) error {
	stands := c.dispute.Ruling
	if stands.By == r.By && stands.Reason == r.Reason && slices.Equal(stands.Lines, r.Lines) {
		return nil
	}
	return protocol.Errorf(cloud.CodeConflict, "%s decided it at %s", stands.By, stands.At)
}

// judge fills in what was decided, and divides the money: what is owed is forgiven first, the rest comes back.
func (c *ruling) judge(r cloud.RuleDispute) error {
	c.given = cloud.Ruling{
		Dispute: c.dispute.ID, Visit: c.visit.ID, Person: c.visit.Person, By: r.By, Role: r.Role, Lines: r.Lines, Reason: r.Reason,
	}
	seen := make(map[protocol.SKU]bool, len(r.Lines))
	var total protocol.Fen
	for _, l := range r.Lines {
		if seen[l.SKU] {
			return protocol.Errorf(protocol.CodeMalformed, "article %s is there twice", l.SKU)
		}
		seen[l.SKU] = true
		if err := c.judgeLine(l); err != nil {
			return err
		}
		total += l.Amount
	}
	if total > 0 && payment.UnderWay(c.ops) {
		return protocol.Errorf(cloud.CodePaymentUnknown, "what visit %s paid is not known yet", c.visit.ID)
	}
	c.given.Waived = min(total, payment.Owed(c.visit.Visit, c.ops))
	c.given.Refund = total - c.given.Waived
	left := payment.Left(c.ops)
	switch over := c.given.Refund - left; {
	case over <= 0:
	case over <= payment.Forgiven(c.ops): // So much of it the resident never paid, and owes no more.
		c.given.Refund = left
	default:
		return protocol.Errorf(cloud.CodeConflict, "visit %s: %s is left to give back", c.visit.ID, left)
	}
	return nil
}

// judgeLine holds a line to what was objected to, and to what earlier rulings have left of it.
func (c *ruling) judgeLine(l cloud.RulingLine) error {
	i := slices.IndexFunc(c.dispute.Lines, func(d cloud.DisputeLine) bool { return d.SKU == l.SKU })
	billed := billedLine(c.visit.Visit, l.SKU)
	if i < 0 || l.Qty < 0 || l.Qty > c.dispute.Lines[i].Qty || l.Amount < 0 || l.Amount > billed.Price*protocol.Fen(c.dispute.Lines[i].Qty) {
		return protocol.Errorf(protocol.CodeMalformed, "article %s: want no more units and money than were objected to", l.SKU)
	}
	if !slices.Contains(cloud.Fates(), l.Goods) || (l.Goods == cloud.FateMisplaced) != (l.Platform != "") ||
		l.Platform != "" && !slices.ContainsFunc(c.cabinet.Platforms, func(p cloud.Platform) bool { return p.ID == l.Platform }) {
		return protocol.Errorf(protocol.CodeMalformed, "article %s: want what becomes of it, and where it lies if that is elsewhere in the cabinet", l.SKU)
	}
	amount, units := l.Amount, l.Moved()
	for _, other := range c.others {
		if other.Ruling == nil {
			continue
		}
		for _, before := range other.Ruling.Lines {
			if before.SKU == l.SKU {
				amount, units = amount+before.Amount, units+before.Moved()
			}
		}
	}
	if amount > billed.Price*protocol.Fen(billed.Qty) || units > billed.Qty {
		return protocol.Errorf(cloud.CodeConflict, "article %s: with what was ruled before it would be more than was billed", l.SKU)
	}
	return nil
}

// carryOut writes a ruling with all that follows from it.
func (s *Service) carryOut(tx cloud.Tx, c ruling) error {
	if err := tx.Disputes.Rule(c.given); err != nil {
		return err
	}
	moves, err := s.moves(tx, c)
	if err != nil {
		return err
	}
	fact := book.Fact{Ref: ledger.DisputeRef(c.dispute.ID), Cabinet: c.cabinet, At: c.given.At}
	if err := s.Book.Post(tx, fact, moves); err != nil {
		return err
	}
	if c.given.Waived > 0 {
		if err := s.Payments.Lessen(tx, c.visit, c.given.Waived); err != nil {
			return err
		}
	}
	if err := s.Payments.Refund(tx, c.visit, c.dispute, c.given.Refund); err != nil {
		return err
	}
	if err := s.acted(tx, c); err != nil {
		return err
	}
	news := cloud.MessageDisputeDecided
	if c.given.Total() == 0 {
		news = cloud.MessageDisputeRefused
	}
	return s.tell(tx, news, c.dispute.ID, c.visit, c.given.Total())
}

// acted lists who did it.
func (s *Service) acted(tx cloud.Tx, c ruling) error {
	did := func(kind cloud.ActionKind, amount protocol.Fen) error {
		return tx.Actions.Add(cloud.Action{
			ID: s.NewID(), At: c.given.At, By: c.given.By, Role: c.given.Role, Kind: kind, Visit: c.visit.ID, Dispute: c.dispute.ID,
			Amount: amount, Why: c.given.Reason,
		})
	}
	if c.given.Total() == 0 {
		return did(cloud.ActionRefuse, 0)
	}
	if c.given.Waived > 0 {
		if err := did(cloud.ActionWaive, c.given.Waived); err != nil {
			return err
		}
	}
	if c.given.Refund > 0 {
		return did(cloud.ActionRefund, c.given.Refund)
	}
	return nil
}
