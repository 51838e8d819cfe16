package round

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// policiesListed is how many versions of a policy are listed.
const policiesListed = 20

// Policy implements cloud.RefillPolicies.
func (s *Service) Policy(ctx context.Context, store cloud.StoreID) (p cloud.PolicyOf, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if store != "" {
			if _, err := findStore(tx, store); err != nil {
				return err
			}
		}
		p, err = policyOf(tx, store, policiesListed)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("policy of %q: %w", store, err)
	}
	return p, nil
}

// policyOf is what a store's rounds are planned by: its own, else the chain's, else the usual one.
func policyOf(tx cloud.Tx, store cloud.StoreID, listed int) (cloud.PolicyOf, error) {
	p := cloud.PolicyOf{Chain: picking.Usual()}
	chain, err := tx.Policies.Versions("", 1)
	if err != nil {
		return p, err
	}
	if len(chain) > 0 && chain[0].Policy != nil {
		p.Chain = *chain[0].Policy
	}
	p.Policy = p.Chain
	if p.History, err = tx.Policies.Versions(store, listed); err != nil || len(p.History) == 0 {
		return p, err
	}
	p.Version = p.History[0].Version
	if own := p.History[0].Policy; own != nil {
		p.Policy, p.Own = *own, true
	}
	return p, nil
}

// SetPolicy implements cloud.RefillPolicies.
func (s *Service) SetPolicy(ctx context.Context, p cloud.RefillPolicy) error {
	if p.By == "" || p.Policy != nil && !p.Policy.Valid() {
		return protocol.Errorf(protocol.CodeMalformed, "want who says it, and each number of the policy within its bounds")
	}
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		if p.Store != "" {
			if _, err := findStore(tx, p.Store); err != nil {
				return err
			}
		}
		now, err := policyOf(tx, p.Store, 1)
		if err != nil {
			return err
		}
		if now.Version != p.Version {
			return protocol.Errorf(cloud.CodeChanged, "the policy is at version %d, not at %d", now.Version, p.Version)
		}
		p.Version, p.At = p.Version+1, s.Now()
		return tx.Policies.Add(p)
	})
	if err != nil {
		return fmt.Errorf("policy of %q: %w", p.Store, err)
	}
	return nil
}
