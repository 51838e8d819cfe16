package visit

import (
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/message"
)

// receiptLife is how long after it was billed a receipt is worth a message. A cabinet whose line was down for days bills late, and whoever is
// charged then is told then.
const receiptLife = 24 * time.Hour

// tellBill tells the resident what was billed, in case they have closed the page.
func (s *Service) tellBill(tx cloud.Tx, g settling) error {
	return s.Teller.Tell(tx, cloud.Message{
		Ref: cloud.MessageRef(cloud.MessageReceipt, g.visit.ID.String()), Kind: cloud.MessageReceipt,
		Person: g.visit.Person, Visit: g.visit.ID, Amount: g.order.Total, Expires: g.order.At.Add(receiptLife),
	})
}

// tellDecision tells the resident what became of a review.
func (s *Service) tellDecision(tx cloud.Tx, r reviewing) error {
	kind := cloud.MessageReviewBilled
	switch {
	case r.decision.Waived:
		kind = cloud.MessageReviewWaived
	case len(r.decision.Lines) == 0:
		kind = cloud.MessageReviewNothing
	}
	return s.Teller.Tell(tx, cloud.Message{
		Ref: cloud.MessageRef(message.RefReview, r.visit.ID.String()), Kind: kind, Person: r.visit.Person, Visit: r.visit.ID, Amount: r.decision.Total,
	})
}
