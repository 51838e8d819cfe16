package dispute

import (
	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// moved is how many units of a line are no longer sold.
func moved(l cloud.RulingLine) int {
	if l.Goods == cloud.FateSold {
		return 0
	}
	return l.Qty
}

// goods books what becomes of the goods of a ruling.
func (s *Service) goods(tx cloud.Tx, c ruling) ([]ledger.Posting, error) {
	answer, homes, err := billed(tx, c.visit)
	if err != nil {
		return nil, err
	}
	var postings []ledger.Posting
	for _, l := range c.given.Lines {
		if moved(l) > 0 {
			postings = append(postings, ledger.Unsell(c.cabinet.ID, homes, answer, settle.Line{SKU: l.SKU, Qty: l.Qty}, c.backBefore(l.SKU), destination(c.cabinet, l))...)
		}
	}
	return postings, nil
}

// backBefore is how many units of an article earlier rulings brought back to where they were taken from.
func (c ruling) backBefore(sku protocol.SKU) (units int) {
	for _, other := range c.others {
		if other.Ruling == nil {
			continue
		}
		for _, l := range other.Ruling.Lines {
			if l.SKU == sku && l.Goods == cloud.FateBack {
				units += l.Qty
			}
		}
	}
	return units
}

// destination is where goods are booked to; empty: where they came from.
func destination(cabinet cloud.Cabinet, l cloud.RulingLine) ledger.Account {
	switch l.Goods {
	case cloud.FateWrittenOff:
		return ledger.OffQuality
	case cloud.FateMisplaced:
		return ledger.Stray(cabinet.ID, l.Platform)
	case cloud.FateLost:
		return ledger.Lost
	}
	return ""
}

// billed is the settlement as it was billed, after a person's decision where there was one, and where goods lay then.
func billed(tx cloud.Tx, v cloud.VisitRecord) (settle.Answer, ledger.Homes, error) {
	order, _, err := tx.Orders.Find(v.ID)
	if err != nil {
		return settle.Answer{}, nil, err
	}
	answer := order.Answer
	decision, decided, err := tx.Decisions.Find(v.ID)
	if err != nil {
		return settle.Answer{}, nil, err
	}
	switch {
	case decided && decision.Story >= 0 && decision.Story < len(answer.Why):
		answer.Why = answer.Why[decision.Story : decision.Story+1]
		answer.Lines = answer.Why[0].Lines
	case decided:
		answer.Why, answer.Lines = nil, nil
		for _, l := range decision.Lines {
			answer.Lines = append(answer.Lines, settle.Line{SKU: l.SKU, Qty: l.Qty})
		}
	}
	config, known, err := tx.Desired.At(v.Cabinet, order.Config)
	if err == nil && !known {
		config, _, err = tx.Desired.Latest(v.Cabinet)
	}
	homes := make(ledger.Homes, len(config.Platforms))
	for _, p := range config.Platforms {
		homes[p.ID] = p.Known()
	}
	return answer, homes, err
}
