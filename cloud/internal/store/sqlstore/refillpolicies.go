package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type refillPolicies struct{ *session }

// Add implements cloud.RefillPolicyTable.
func (t refillPolicies) Add(p cloud.RefillPolicy) error {
	policy, err := jsonText(p.Policy)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO refill_policies (store, version, at_ms, by_name, policy) VALUES (?, ?, ?, ?, ?)`, string(p.Store), p.Version, ms(p.At), p.By, policy)
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "version %d of the policy is there", p.Version)
	}
	if err != nil {
		return fmt.Errorf("refill policy of %q: %w", p.Store, err)
	}
	return nil
}

// Versions implements cloud.RefillPolicyTable.
func (t refillPolicies) Versions(store cloud.StoreID, limit int) ([]cloud.RefillPolicy, error) {
	return all(t.session, func(row scanner) (cloud.RefillPolicy, error) {
		p := cloud.RefillPolicy{Store: store}
		return p, row.Scan(&p.Version, timeColumn{&p.At}, &p.By, jsonColumn{&p.Policy})
	}, `SELECT version, at_ms, by_name, policy FROM refill_policies WHERE store = ? ORDER BY version DESC LIMIT ?`, string(store), limit)
}

var _ cloud.RefillPolicyTable = refillPolicies{}
