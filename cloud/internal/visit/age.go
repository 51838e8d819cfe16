package visit

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// age is how old one must be for everything behind a door, what a draft puts there included once somebody came to set it up: no scale
// may have been able to say that it lies there.
func (s *Service) age(tx cloud.Tx, c cloud.Cabinet, door protocol.Compartment) (years int, err error) {
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return 0, err
	}
	draft, err := tx.WaitingDraft(c.ID)
	if err != nil {
		return 0, err
	}
	for _, p := range c.Platforms {
		if p.Compartment != door {
			continue
		}
		for _, sku := range p.SKUs {
			years = max(years, articles[sku].MinAge)
		}
		for _, sku := range draft.Coming(p) {
			if articles[sku].MinAge <= years {
				continue
			}
			here, err := mayLie(tx, ledger.Stock(c.ID, p.ID), sku, draft)
			if err != nil {
				return 0, err
			}
			if here {
				years = articles[sku].MinAge
			}
		}
	}
	return years, nil
}

// mayLie reports an article of a draft that lies in a lane by the books, or may lie there, for a round has opened the door to put it.
func mayLie(tx cloud.Tx, lane ledger.Account, sku protocol.SKU, draft cloud.Draft) (bool, error) {
	there, err := tx.Ledger.Balance(lane, ledger.Article(sku))
	if err != nil || there > 0 {
		return there > 0, err
	}
	open, err := tx.Rounds.List(cloud.RoundQuery{Open: true})
	for _, r := range open {
		if stop := r.Stop(draft.Cabinet); stop != nil && stop.Draft == draft.Number && stop.State == cloud.StopOpen {
			return true, err
		}
	}
	return false, err
}

// oldEnough refuses a person of whom nobody knows that they are of the age: also where nobody was made to know it.
func (s *Service) oldEnough(ctx context.Context, person protocol.UUID, years int) error {
	if years == 0 {
		return nil
	}
	if s.Ages == nil {
		return protocol.Errorf(cloud.CodeAgeUnverified, "behind the door are goods for people of %d years, and nobody looks at who opens it", years)
	}
	known, err := s.Ages.OldEnough(ctx, person, years)
	if err != nil {
		return fmt.Errorf("age of a resident: %w", err)
	}
	if !known {
		return protocol.Errorf(cloud.CodeAgeUnverified, "behind the door are goods for people of %d years", years)
	}
	return nil
}
