package sqlstore

import (
	"allhours/cloud"
	"allhours/protocol"
)

type personal struct{ *session }

// ownKinds are what a person, or somebody for them, asks for beside a visit's own payment; an index has these alone.
const ownKinds = `kind IN ('pay', 'topup', 'waive', 'payout')`

// ByKey implements cloud.PersonalOps.
func (t personal) ByKey(person protocol.UUID, key string) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE person = ? AND key = ? AND key <> '' ORDER BY created_ms, id`, idText(person), key)
}

// Latest implements cloud.PersonalOps.
func (t personal) Latest(person protocol.UUID, limit int) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE person = ? AND `+ownKinds+` ORDER BY created_ms DESC, id DESC LIMIT ?`,
		idText(person), limit)
}

// UnderWay implements cloud.PersonalOps.
func (t personal) UnderWay(person protocol.UUID) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE person = ? AND `+ownKinds+`
		AND state IN ('pending', 'sent', 'unknown') ORDER BY created_ms, id`, idText(person))
}

// PaidAhead implements cloud.PersonalOps.
func (t personal) PaidAhead(person protocol.UUID, provider string, limit int) ([]cloud.PaidAhead, error) {
	return all(t.session, func(row scanner) (cloud.PaidAhead, error) {
		var p cloud.PaidAhead
		return p, row.Scan(idColumn{&p.ID}, &p.Left, &p.Times)
	}, `SELECT t.id, CAST(t.amount_fen - COALESCE(SUM(CASE WHEN b.state NOT IN ('refused', 'cancelled') THEN b.amount_fen END), 0) AS BIGINT), COUNT(b.id)
		FROM payment_ops t LEFT JOIN payment_ops b ON b.on_op = t.id AND b.on_op <> '' AND b.kind = 'payout'
		WHERE t.person = ? AND t.kind IN ('pay', 'topup', 'waive', 'payout') AND t.kind = 'topup' AND t.state = 'done' AND t.provider = ?
		GROUP BY t.id, t.amount_fen, t.created_ms
		HAVING t.amount_fen > COALESCE(SUM(CASE WHEN b.state NOT IN ('refused', 'cancelled') THEN b.amount_fen END), 0)
		ORDER BY t.created_ms DESC, t.id DESC LIMIT ?`, idText(person), provider, limit)
}
