package sqlstore

import (
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
)

type wastes struct{ *session }

// Piles implements cloud.WasteTable. What is grouped by first is what no index has in its order, as for Late.
func (t wastes) Piles(store cloud.StoreID, from, to ledger.Day) ([]cloud.DayPile, error) {
	piles, err := all(t.session, func(row scanner) (cloud.DayPile, error) {
		var p cloud.DayPile
		return p, row.Scan(&p.Day, &p.Cabinet, &p.Pile.Pile, &p.Unit, &p.Event, &p.Amount, &p.Entries)
	}, `SELECT e.day, `+pileColumns+` FROM ledger_entries e JOIN ledger_postings p ON p.entry = e.id
		WHERE e.store = ? AND e.day BETWEEN ? AND ? AND p.unit <> 'fen' GROUP BY p.pile, e.cabinet, p.unit, by_event, p.amount > 0, e.day`,
		string(store), string(from), string(to))
	if err != nil {
		return nil, fmt.Errorf("how goods moved in %s: %w", store, err)
	}
	return piles, nil
}

// Entries implements cloud.WasteTable.
func (t wastes) Entries(q cloud.WasteQuery) ([]ledger.Entry, error) {
	query := entryColumns + ` WHERE store = ? AND day BETWEEN ? AND ?`
	args := []any{string(q.Store), string(q.From), string(q.To)}
	if q.Cabinet != "" {
		query += ` AND cabinet = ?`
		args = append(args, string(q.Cabinet))
	}
	query += ` AND EXISTS (SELECT 1 FROM ledger_postings p WHERE p.entry = ledger_entries.id
		AND (p.account >= 'off:' AND p.account < 'off;' OR p.account IN ('lost', 'found'))`
	if q.SKU != "" {
		query += ` AND p.unit = ?`
		args = append(args, string(ledger.Article(q.SKU)))
	}
	if len(q.SKUs) > 0 {
		query += ` AND p.unit IN (` + strings.Repeat("?, ", len(q.SKUs)-1) + `?)`
		for _, sku := range q.SKUs {
			args = append(args, string(ledger.Article(sku)))
		}
	}
	query += `) ORDER BY day DESC, at_ms DESC, id DESC`
	if q.Limit > 0 {
		query += ` LIMIT ?`
		args = append(args, q.Limit)
	}
	return book(t).whole(ledger.Account("waste of "+string(q.Store)), query, args...)
}
