package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type ops struct{ *session }

const opColumns = `SELECT id, COALESCE(visit, ''), person, kind, amount_fen, on_op, provider, state, attempts, next_ms, created_ms, key, by_name, note FROM payment_ops`

func readOp(row scanner) (cloud.PaymentOp, error) {
	var op cloud.PaymentOp
	return op, row.Scan(idColumn{&op.ID}, idColumn{&op.Visit}, idColumn{&op.Person}, &op.Kind, &op.Amount, idColumn{&op.On}, &op.Provider,
		&op.State, &op.Attempts, timeColumn{&op.Next}, timeColumn{&op.Created}, &op.Key, &op.By, &op.Note)
}

// Add implements cloud.PaymentOps.
func (t ops) Add(op cloud.PaymentOp) error {
	_, err := t.exec(`INSERT INTO payment_ops (id, visit, person, kind, amount_fen, on_op, provider, state, attempts, next_ms, created_ms, key, by_name, note)
		VALUES (?, NULLIF(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(op.ID), idText(op.Visit), idText(op.Person), string(op.Kind), int64(op.Amount), idText(op.On), op.Provider,
		string(op.State), op.Attempts, ms(op.Next), ms(op.Created), op.Key, op.By, op.Note)
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "a %s of visit %s is there already", op.Kind, op.Visit)
	}
	if err != nil {
		return fmt.Errorf("add %s of visit %s: %w", op.Kind, op.Visit, err)
	}
	return nil
}

// Find implements cloud.PaymentOps.
func (t ops) Find(id protocol.UUID) (cloud.PaymentOp, error) {
	found, err := all(t.session, readOp, opColumns+` WHERE id = ?`, idText(id))
	if err != nil {
		return cloud.PaymentOp{}, err
	}
	if len(found) == 0 {
		return cloud.PaymentOp{}, protocol.Errorf(cloud.CodeNotFound, "payment operation %s is not known", id)
	}
	return found[0], nil
}

// Of implements cloud.PaymentOps.
func (t ops) Of(visit protocol.VisitID) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE visit = ? ORDER BY created_ms, CASE kind WHEN 'hold' THEN 0 ELSE 1 END, id`, idText(visit))
}

// Due implements cloud.PaymentOps.
func (t ops) Due(at time.Time, limit int) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE state IN ('pending', 'sent', 'unknown') AND next_ms <= ? ORDER BY next_ms, id LIMIT ?`, ms(at), limit)
}

// Move implements cloud.PaymentOps.
func (t ops) Move(id protocol.UUID, to cloud.OpState, attempts int, next time.Time) error {
	changed, err := t.exec(`UPDATE payment_ops SET state = ?, attempts = ?, next_ms = ? WHERE id = ? AND state IN ('pending', 'sent', 'unknown')`,
		string(to), attempts, ms(next), idText(id))
	return exactlyOne(changed, err, "move payment operation "+id.String())
}
