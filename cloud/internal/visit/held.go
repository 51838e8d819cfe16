package visit

import (
	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// mayDecide holds a decision to what its role may give away, and its own lines to what can have been taken.
func (s *Service) mayDecide(tx cloud.Tx, r reviewing, d cloud.DecideReview) error {
	if d.Waive {
		over, err := payment.OverLimit(tx, d.Role, r.visit, r.order.Total, s.Now())
		if err == nil && over {
			err = protocol.Errorf(cloud.CodeOverLimit, "it is more than support forgives without a manager")
		}
		return err
	}
	if d.Story != cloud.NoStory {
		return nil
	}
	for _, l := range d.Lines {
		most, err := held(tx, r, l.SKU)
		if err != nil {
			return err
		}
		if int64(l.Qty) > most {
			return protocol.Errorf(protocol.CodeMalformed, "lines: article %s: want %d units at most, for the cabinet held no more", l.SKU, most)
		}
	}
	return nil
}

// held is how many units of an article a visit can have found in its cabinet: by the books of when it began, by those of now, which
// know what was told late, or by what the cabinet itself holds to be possible.
func held(tx cloud.Tx, r reviewing, sku protocol.SKU) (int64, error) {
	most, err := tx.Ledger.Held(r.visit.Cabinet, ledger.Article(sku), r.visit.ID)
	if err != nil {
		return 0, err
	}
	guessed, err := tx.Ledger.Balance(ledger.Undecided(r.visit.ID), ledger.Article(sku))
	if err != nil {
		return 0, err
	}
	now, err := tx.Ledger.Held(r.visit.Cabinet, ledger.Article(sku), protocol.UUID{})
	most = max(most, now+guessed)
	for _, why := range r.order.Answer.Why {
		for _, l := range why.Lines {
			if l.SKU == sku {
				most = max(most, int64(l.Qty))
			}
		}
	}
	return most, err
}
