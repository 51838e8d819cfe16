package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type refunds struct{ *session }

// Add implements cloud.RefundTable; the schema holds the sum.
func (t refunds) Add(op, dispute protocol.UUID) error {
	if _, err := t.exec(`INSERT INTO refunds (op, dispute) VALUES (?, ?)`, idText(op), idText(dispute)); err != nil {
		return fmt.Errorf("refund %s: %w", op, err)
	}
	return nil
}

// Of implements cloud.RefundTable.
func (t refunds) Of(op protocol.UUID) (dispute protocol.UUID, found bool, err error) {
	found, err = t.one(`SELECT dispute FROM refunds WHERE op = ?`, []any{idText(op)}, idColumn{&dispute})
	return dispute, found, err
}

// Given implements cloud.RefundTable.
func (t refunds) Given(role protocol.Role, visit protocol.VisitID, person protocol.UUID, since time.Time) (ofVisit, ofPerson protocol.Fen, err error) {
	const waivers = ` + COALESCE((SELECT SUM(amount_fen) FROM actions WHERE kind = 'waive' AND dispute = '' AND role = ? AND `
	if _, err = t.one(`SELECT CAST(COALESCE((SELECT SUM(refund_fen + waived_fen) FROM rulings WHERE visit = ? AND role = ?), 0)`+waivers+`visit = ?), 0) AS BIGINT)`,
		[]any{idText(visit), string(role), string(role), idText(visit)}, &ofVisit); err != nil {
		return 0, 0, fmt.Errorf("given for visit %s: %w", visit, err)
	}
	if _, err = t.one(`SELECT CAST(COALESCE((SELECT SUM(refund_fen + waived_fen) FROM rulings WHERE person = ? AND role = ? AND at_ms > ?), 0)`+waivers+`at_ms > ?
			AND visit IN (SELECT id FROM visits WHERE person = ?)), 0) AS BIGINT)`,
		[]any{idText(person), string(role), ms(since), string(role), ms(since), idText(person)}, &ofPerson); err != nil {
		return 0, 0, fmt.Errorf("given to %s: %w", person, err)
	}
	return ofVisit, ofPerson, nil
}

// givenBack fills what of a visit's bill went back to the resident, or was forgiven.
func (t visits) givenBack(v *cloud.VisitRecord) error {
	if _, err := t.one(`SELECT CAST((SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops WHERE visit = ? AND kind = 'refund' AND state = 'done') AS BIGINT),
		CAST((SELECT COALESCE(SUM(waived_fen), 0) FROM rulings WHERE visit = ?)
			+ (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops WHERE visit = ? AND kind = 'waive' AND state = 'done') AS BIGINT)`,
		[]any{idText(v.ID), idText(v.ID), idText(v.ID)}, &v.Refunded, &v.Forgiven); err != nil {
		return fmt.Errorf("given back of visit %s: %w", v.ID, err)
	}
	return nil
}
