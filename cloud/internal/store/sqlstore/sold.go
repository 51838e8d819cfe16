package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type sold struct{ *session }

// Newest implements cloud.SoldTable.
func (t sold) Newest() (last protocol.UUID, err error) {
	_, err = t.one(`SELECT COALESCE(MAX(id), '') FROM ledger_entries`, nil, idColumn{&last})
	return last, err
}

// ofStores are the postings to the turnover of stores, from which a bill takes, and to what was given back of it.
const ofStores = `p.entry = e.id AND p.unit = 'fen' AND (p.pile >= 'store:' AND p.pile < 'store;' OR p.pile >= 'refund:' AND p.pile < 'refund;')`

// Of implements cloud.SoldTable.
func (t sold) Of(store cloud.StoreID, day ledger.Day, through protocol.UUID) ([]cloud.Sold, error) {
	const piece = `e.at_ms / 900000`
	found, err := all(t.session, func(row scanner) (cloud.Sold, error) {
		s := cloud.Sold{Store: store}
		return s, row.Scan(&s.Cabinet, timeColumn{&s.At}, &s.Fen, &s.Bills)
	}, `SELECT e.cabinet, `+piece+` * 900000, CAST(-SUM(p.amount) AS BIGINT), CAST(SUM(CASE WHEN p.amount < 0 THEN 1 ELSE 0 END) AS BIGINT)
		FROM ledger_entries e JOIN ledger_postings p ON `+ofStores+`
		WHERE e.store = ? AND e.day = ? AND e.id <= ? GROUP BY e.cabinet, `+piece, string(store), string(day), idText(through))
	if err != nil {
		return nil, fmt.Errorf("what %s sold on %s: %w", store, day, err)
	}
	return found, nil
}

// After implements cloud.SoldTable.
func (t sold) After(entry protocol.UUID, limit int) (found []cloud.Sold, last protocol.UUID, err error) {
	type line struct {
		cloud.Sold
		id    protocol.UUID
		money bool
	}
	lines, err := all(t.session, func(row scanner) (line, error) {
		var l line
		return l, row.Scan(idColumn{&l.id}, &l.Store, &l.Cabinet, timeColumn{&l.At}, &l.Fen, &l.money)
	}, `SELECT e.id, e.store, e.cabinet, e.at_ms, CAST(COALESCE(-p.amount, 0) AS BIGINT), p.amount IS NOT NULL
		FROM (SELECT id, store, cabinet, at_ms FROM ledger_entries WHERE id > ? ORDER BY id LIMIT ?) e LEFT JOIN ledger_postings p ON `+ofStores+`
		ORDER BY e.id`, idText(entry), limit)
	if err != nil {
		return nil, entry, fmt.Errorf("what was sold since: %w", err)
	}
	last = entry
	for _, l := range lines {
		if last = l.id; !l.money || l.Fen == 0 {
			continue
		}
		if l.Fen > 0 {
			l.Bills = 1
		}
		found = append(found, l.Sold)
	}
	return found, last, nil
}

// Came implements cloud.SoldTable.
func (t sold) Came(q cloud.CameQuery) ([]cloud.Came, error) {
	query, args := `SELECT v.id, v.cabinet, v.purpose, v.outcome, v.created_ms, v.ended_ms FROM visits v WHERE v.created_ms >= ?`, []any{ms(q.From)}
	narrow := func(use bool, condition string, arg any) {
		if use {
			query, args = query+" AND "+condition, append(args, arg)
		}
	}
	narrow(!q.To.IsZero(), `v.created_ms < ?`, ms(q.To))
	narrow(q.Cabinet != "", `v.cabinet = ?`, string(q.Cabinet))
	narrow(q.Outcome != "", `v.outcome = ?`, string(q.Outcome))
	found, err := all(t.session, func(row scanner) (cloud.Came, error) {
		var c cloud.Came
		return c, row.Scan(idColumn{&c.Visit}, &c.Cabinet, &c.Purpose, &c.Outcome, timeColumn{&c.At}, timeColumn{&c.Ended})
	}, query+` ORDER BY v.created_ms DESC, v.id DESC LIMIT ?`, append(args, q.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("who came: %w", err)
	}
	return found, nil
}

var _ cloud.SoldTable = sold{}
