package visit

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

// age is how old one must be for everything behind a door.
func (s *Service) age(tx cloud.Tx, c cloud.Cabinet, door protocol.Compartment) (years int, err error) {
	articles, err := s.Catalog.Articles(tx)
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
	}
	return years, nil
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
