package cloud

import (
	"context"
	"time"

	"allhours/cloud/picking"
)

// RefillPolicy is one version of what somebody wants of the refills of a store.
type RefillPolicy struct {
	Store   StoreID // empty: of every store that has none of its own
	Version int     // counted for each store, from 1
	At      time.Time
	By      string          // the name of who said it
	Policy  *picking.Policy // nil: the store follows the chain's
}

// PolicyOf is what a store's rounds are planned by.
type PolicyOf struct {
	Policy  picking.Policy
	Chain   picking.Policy // what holds where a store has none of its own
	Own     bool           // the store has one of its own; of the chain: somebody has said it
	Version int            // of the store's own, 0: there was none yet
	History []RefillPolicy // the newest first
}

// RefillPolicies are what a chain wants of its refills.
type RefillPolicies interface {
	// Policy is that of a store, or for the empty one of the chain; CodeNotFound where there is no such store.
	Policy(ctx context.Context, store StoreID) (PolicyOf, error)
	// SetPolicy adds a version after p.Version, which is the last that whoever says it has seen; rounds are planned by it from then on.
	// Errors: protocol.CodeMalformed for numbers out of their bounds, CodeNotFound, CodeChanged where there is a newer version.
	SetPolicy(ctx context.Context, p RefillPolicy) error
}

// RefillPolicyTable keeps all versions.
type RefillPolicyTable interface {
	// Add has CodeConflict where the store has this version.
	Add(p RefillPolicy) error
	// Versions lists so many of a store's, the newest first.
	Versions(store StoreID, limit int) ([]RefillPolicy, error)
}
