package sqlstore

import (
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

type remembered struct{ *session }

// lackedColumns are of what no operation of these books has booked.
const lackedColumns = `SELECT r.id, r.kind, r.on_op, r.amount_fen, r.at_ms FROM remembered r
	WHERE NOT EXISTS (SELECT 1 FROM payment_ops p WHERE p.id = r.id)`

// Add implements cloud.RememberedTable.
func (t remembered) Add(r cloud.Remembered) (fresh bool, err error) {
	added, err := t.exec(`INSERT INTO remembered (id, kind, on_op, amount_fen, at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		idText(r.ID), string(r.Kind), idText(r.On), int64(r.Amount), ms(r.At))
	if err != nil {
		return false, fmt.Errorf("remember %s %s: %w", r.Kind, r.ID, err)
	}
	return added > 0, nil
}

// Capture implements cloud.RememberedTable.
func (t remembered) Capture(hold protocol.UUID) (r cloud.Remembered, found bool, err error) {
	return t.first(` AND r.on_op = ? AND r.on_op <> '' AND r.kind = 'capture' ORDER BY r.at_ms, r.id LIMIT 1`, idText(hold))
}

// Any implements cloud.RememberedTable.
func (t remembered) Any(ids []protocol.UUID) (r cloud.Remembered, found bool, err error) {
	if len(ids) == 0 {
		return r, false, nil
	}
	args := make([]any, 0, len(ids))
	for _, id := range ids {
		args = append(args, idText(id))
	}
	return t.first(` AND r.id IN (?`+strings.Repeat(", ?", len(ids)-1)+`) ORDER BY r.at_ms, r.id LIMIT 1`, args...)
}

func (t remembered) first(where string, args ...any) (r cloud.Remembered, found bool, err error) {
	found, err = t.one(lackedColumns+where, args, idColumn{&r.ID}, &r.Kind, idColumn{&r.On}, &r.Amount, timeColumn{&r.At})
	return r, found, err
}
