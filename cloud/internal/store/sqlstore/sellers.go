package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type sellers struct{ *session }

// Of implements cloud.Sellers.
func (t sellers) Of(visit protocol.VisitID) (store cloud.StoreID, found bool, err error) {
	found, err = t.one(`SELECT store FROM (
			SELECT substr(s.account, 7) AS store, 0 AS place, s.entry AS entry FROM ledger_postings d JOIN ledger_postings s ON s.entry = d.entry
			WHERE d.account = ? AND s.account >= 'store:' AND s.account < 'store;'
			UNION ALL SELECT e.store, 1, e.id FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry
			WHERE p.account IN (?, ?) AND e.store <> ''
		) AS booked ORDER BY place, entry LIMIT 1`,
		[]any{string(ledger.Due(visit)), string(ledger.Undecided(visit)), string(ledger.Hold(visit))}, &store)
	if err != nil {
		return "", false, fmt.Errorf("store of visit %s: %w", visit, err)
	}
	return store, found, nil
}
