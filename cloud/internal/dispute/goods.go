package dispute

import (
	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol/settle"
)

// moves are what a ruling books.
func (s *Service) moves(tx cloud.Tx, c ruling) ([]ledger.Posting, error) {
	answer, homes, err := billed(tx, c.visit)
	if err != nil {
		return nil, err
	}
	var before []cloud.Ruling
	for _, other := range c.others {
		if other.Ruling != nil {
			before = append(before, *other.Ruling)
		}
	}
	return c.given.Moves(c.cabinet.ID, homes, answer, before), nil
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
	if decided {
		answer = decision.Settled(answer)
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
