package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type roundFigures struct{ *session }

// Shelf implements cloud.RoundFigures. A balance of nothing says that the books knew the article there.
func (t roundFigures) Shelf(store cloud.StoreID) (map[protocol.SKU]int, error) {
	type pile struct {
		unit  ledger.Unit
		units int
	}
	piles, err := all(t.session, func(row scanner) (pile, error) {
		var p pile
		return p, row.Scan(&p.unit, &p.units)
	}, `SELECT unit, amount FROM ledger_balances WHERE account = ?`, string(ledger.Shop(string(store))))
	if err != nil {
		return nil, fmt.Errorf("shelf of %s: %w", store, err)
	}
	shelf := make(map[protocol.SKU]int, len(piles))
	for _, p := range piles {
		if sku := p.unit.SKU(); sku != "" {
			shelf[sku] = p.units
		}
	}
	return shelf, nil
}

// Variances implements cloud.RoundFigures. Lines on which nothing was to be done and nothing was done are no part of it. The scales see what
// was put less what was taken out.
func (t roundFigures) Variances(store cloud.StoreID, from, to ledger.Day) ([]cloud.RoundVariance, error) {
	return all(t.session, func(row scanner) (cloud.RoundVariance, error) {
		var v cloud.RoundVariance
		return v, row.Scan(idColumn{&v.Round}, &v.Day, &v.Walks, &v.Cabinet, &v.Lines, &v.Planned, &v.Picked, &v.Put, &v.Asked, &v.Adjusted)
	}, `SELECT r.id, r.day, r.walks, l.cabinet, COUNT(*), CAST(SUM(l.planned) AS BIGINT), CAST(SUM(l.picked) AS BIGINT), 
		CAST(SUM(CASE WHEN l.weighed + l.adjusted + l.removed > 0 THEN l.weighed + l.adjusted + l.removed ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN l.answer <> '' THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(ABS(l.adjusted)) AS BIGINT)
		FROM rounds r JOIN round_lines l ON l.round = r.id
		WHERE r.day BETWEEN ? AND ? AND r.store = ? AND r.state = 'done' AND r.kind = '' AND (l.planned <> 0 OR l.picked <> 0 OR l.weighed <> 0 OR l.adjusted <> 0 OR l.counted <> 0)
		GROUP BY r.id, r.day, r.walks, r.created_ms, l.cabinet ORDER BY r.day DESC, r.created_ms DESC, r.id, l.cabinet`, string(from), string(to), string(store))
}

var _ cloud.RoundFigures = roundFigures{}
