package dispute

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
)

// Refund implements cloud.Support.
func (s *Service) Refund(ctx context.Context, r cloud.SupportRefund) (d cloud.Dispute, err error) {
	if err := checkReason(r.By, r.Reason); err != nil {
		return d, err
	}
	if r.Key == "" || len(r.Key) > maxKey {
		return d, protocol.Errorf(protocol.CodeMalformed, "Idempotency-Key: want one of %d bytes at most", maxKey)
	}
	if err := s.update(ctx, func(tx cloud.Tx) (protocol.VisitID, error) {
		d, err = s.refund(tx, r)
		return r.Visit, err
	}); err != nil {
		return d, fmt.Errorf("refund visit %s: %w", r.Visit, err)
	}
	return d, nil
}

// refund objects in the resident's stead, and rules at once where the role may.
func (s *Service) refund(tx cloud.Tx, r cloud.SupportRefund) (cloud.Dispute, error) {
	v, err := tx.Visits.Find(r.Visit)
	if err != nil {
		return cloud.Dispute{}, err
	}
	known, err := tx.Disputes.Of(r.Visit)
	if err != nil {
		return cloud.Dispute{}, err
	}
	o := cloud.Objection{Visit: r.Visit, By: r.By, Key: r.Key, Words: r.Reason}
	if d, found := byKey(known, o); found {
		return repeated(d, r)
	}
	if len(r.Lines) == 0 {
		r.Lines = rest(v.Visit, known)
	}
	var total protocol.Fen
	for _, l := range r.Lines {
		if r.Role == protocol.RoleSupport && cloud.ByManager(known, l.SKU) {
			return cloud.Dispute{}, protocol.Errorf(cloud.CodeManagerRuled, "article %s of visit %s: a manager has ruled on it", l.SKU, v.ID)
		}
		o.Lines = append(o.Lines, cloud.DisputeLine{SKU: l.SKU, Qty: asked(v.Visit, l), Why: cloud.ComplaintOther})
		total += l.Amount
	}
	if err := checkObjection(o); err != nil {
		return cloud.Dispute{}, err
	}
	d, err := s.object(tx, o)
	if err != nil {
		return d, err
	}
	over, err := payment.OverLimit(tx, r.Role, v, total, s.Now())
	if err != nil {
		return d, err
	}
	if over {
		return d, tx.Actions.Add(cloud.Action{
			ID: s.NewID(), At: d.At, By: r.By, Role: r.Role, Kind: cloud.ActionAsk, Visit: v.ID, Dispute: d.ID, Amount: total, Why: r.Reason,
		})
	}
	return s.ruleOwn(tx, d, r)
}

// ruleOwn decides what one has asked for oneself within one's limit.
func (s *Service) ruleOwn(tx cloud.Tx, d cloud.Dispute, r cloud.SupportRefund) (cloud.Dispute, error) {
	c, err := s.open(tx, d.ID)
	if err != nil {
		return d, err
	}
	if err := c.judge(cloud.RuleDispute{Dispute: d.ID, By: r.By, Role: r.Role, Lines: r.Lines, Reason: r.Reason}); err != nil {
		return d, err
	}
	if c.given.Total() == 0 {
		return d, protocol.Errorf(cloud.CodeConflict, "visit %s: there is nothing to give back", d.Visit)
	}
	c.given.At = s.Now()
	if err := s.carryOut(tx, c); err != nil {
		return d, err
	}
	return tx.Disputes.Find(d.ID)
}

// repeated takes the same request once more for what it is.
func repeated(d cloud.Dispute, r cloud.SupportRefund) (cloud.Dispute, error) {
	same := d.Words == r.Reason
	if same && len(r.Lines) > 0 {
		same = slices.EqualFunc(d.Lines, r.Lines, func(a cloud.DisputeLine, b cloud.RulingLine) bool { return a.SKU == b.SKU })
		if d.Ruling != nil && d.Ruling.By == r.By {
			same = slices.Equal(d.Ruling.Lines, r.Lines)
		}
	}
	if !same {
		return cloud.Dispute{}, protocol.Errorf(cloud.CodeKeyReused, "the key was used for another refund of visit %s", r.Visit)
	}
	return d, nil
}

// rest is all of a bill that was not given back before; its goods stay sold.
func rest(v cloud.Visit, known []cloud.Dispute) []cloud.RulingLine {
	var lines []cloud.RulingLine
	for _, l := range v.Lines {
		amount := l.Price * protocol.Fen(l.Qty)
		for _, d := range known {
			if d.Ruling == nil {
				continue
			}
			for _, before := range d.Ruling.Lines {
				if before.SKU == l.SKU {
					amount -= before.Amount
				}
			}
		}
		if amount > 0 {
			lines = append(lines, cloud.RulingLine{SKU: l.SKU, Qty: l.Qty, Amount: amount, Goods: cloud.FateSold})
		}
	}
	return lines
}

// asked is how many units an amount is about: as many as are named, or as it takes to come to the money.
func asked(v cloud.Visit, l cloud.RulingLine) int {
	price := billedLine(v, l.SKU).Price
	if price == 0 {
		return max(l.Qty, 1)
	}
	return max(l.Qty, int((l.Amount+price-1)/price))
}

// Retry implements cloud.Support.
func (s *Service) Retry(ctx context.Context, dispute protocol.UUID, by cloud.Principal, why string) (d cloud.Dispute, err error) {
	if err := checkReason(by.Name, why); err != nil {
		return d, err
	}
	if err := s.update(ctx, func(tx cloud.Tx) (protocol.VisitID, error) {
		if d, err = tx.Disputes.Find(dispute); err != nil {
			return d.Visit, err
		}
		v, err := tx.Visits.Find(d.Visit)
		if err != nil {
			return d.Visit, err
		}
		unasked := d.Unasked()
		if unasked <= 0 {
			return d.Visit, protocol.Errorf(cloud.CodeConflict, "objection %s: the provider has refused nothing of it", dispute)
		}
		if err := s.Payments.Refund(tx, v, d, unasked); err != nil {
			return d.Visit, err
		}
		if err := tx.Actions.Add(cloud.Action{
			ID: s.NewID(), At: s.Now(), By: by.Name, Role: by.Role, Kind: cloud.ActionRetry, Visit: v.ID, Dispute: d.ID, Amount: unasked, Why: why,
		}); err != nil {
			return d.Visit, err
		}
		d, err = tx.Disputes.Find(dispute)
		return d.Visit, err
	}); err != nil {
		return d, fmt.Errorf("retry refund of %s: %w", dispute, err)
	}
	return d, nil
}

// Note implements cloud.Support.
func (s *Service) Note(ctx context.Context, visit protocol.VisitID, by cloud.Principal, text string) error {
	if by.Name == "" || text == "" || len(text) > cloud.MaxNote || !utf8.ValidString(text) {
		return protocol.Errorf(protocol.CodeMalformed, "text: want %d bytes at most", cloud.MaxNote)
	}
	err := s.update(ctx, func(tx cloud.Tx) (protocol.VisitID, error) {
		if _, err := tx.Visits.Find(visit); err != nil {
			return visit, err
		}
		return visit, tx.Actions.Add(cloud.Action{ID: s.NewID(), At: s.Now(), By: by.Name, Role: by.Role, Kind: cloud.ActionNote, Visit: visit, Why: text})
	})
	if err != nil {
		return fmt.Errorf("note on visit %s: %w", visit, err)
	}
	return nil
}
