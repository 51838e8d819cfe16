package sqlstore

import (
	"allhours/cloud"
	"allhours/protocol"
)

type personal struct{ *session }

// ByKey implements cloud.PersonalOps.
func (t personal) ByKey(person protocol.UUID, key string) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE person = ? AND key = ? AND key <> '' ORDER BY created_ms, id`, idText(person), key)
}

// Latest implements cloud.PersonalOps.
func (t personal) Latest(person protocol.UUID, limit int) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE person = ? AND kind IN ('pay', 'topup', 'waive') ORDER BY created_ms DESC, id DESC LIMIT ?`,
		idText(person), limit)
}

// UnderWay implements cloud.PersonalOps.
func (t personal) UnderWay(person protocol.UUID) ([]cloud.PaymentOp, error) {
	return all(t.session, readOp, opColumns+` WHERE person = ? AND kind IN ('pay', 'topup', 'waive')
		AND state IN ('pending', 'sent', 'unknown') ORDER BY created_ms, id`, idText(person))
}
