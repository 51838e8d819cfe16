package sqlstore

import (
	"fmt"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type cases struct{ *session }

// undecided are the reviews without a decision: those of decided ones wait for their capture only.
const undecided = ` FROM visits v JOIN orders o ON o.visit = v.id
	WHERE v.payment = 'review' AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.visit = v.id)`

// with narrows them to the cabinets of some stores. The cabinet is asked for as what is made of it: by its own index a database
// would read all visits that the stores ever had, and those that wait are few.
func with(of cloud.Bound) (where string, args []any) { return standing("v.cabinet || ''", of) }

// standing narrows a question to cabinets that stand with some stores now.
func standing(cabinet string, of cloud.Bound) (where string, args []any) {
	stores := of.Stores()
	if len(stores) == 0 {
		return "", nil
	}
	for _, s := range stores {
		args = append(args, string(s))
	}
	return ` AND ` + cabinet + ` IN (SELECT id FROM cabinets WHERE store IN (?` + strings.Repeat(", ?", len(stores)-1) + `))`, args
}

// takenOf is what the provider took of a visit before the books were restored.
const takenOf = `COALESCE((SELECT r.amount_fen FROM remembered r WHERE r.on_op = v.hold_op AND r.on_op <> '' AND r.kind = 'capture'
	AND NOT EXISTS (SELECT 1 FROM payment_ops p WHERE p.id = r.id)), 0)`

const queuedCases = `SELECT v.id, v.cabinet, o.why, o.total_fen, v.created_ms, o.at_ms, COALESCE((SELECT r.task FROM review_recordings r WHERE r.visit = v.id), ''), ` +
	takenOf + undecided

func readCase(row scanner) (cloud.QueuedCase, error) {
	var c cloud.QueuedCase
	return c, row.Scan(idColumn{&c.Visit}, &c.Cabinet, &c.Why, &c.Guess, timeColumn{&c.Began}, timeColumn{&c.Asked}, idColumn{&c.Task}, &c.Taken)
}

// Queue implements cloud.CaseTable.
func (t cases) Queue(of cloud.Bound, limit int) ([]cloud.QueuedCase, error) {
	where, args := with(of)
	return all(t.session, readCase, queuedCases+where+` ORDER BY o.at_ms, v.id LIMIT ?`, append(args, limit)...)
}

// Waiting implements cloud.CaseTable.
func (t cases) Waiting(of cloud.Bound) (w cloud.CasesWaiting, err error) {
	where, args := with(of)
	_, err = t.one(`SELECT COUNT(*), CAST(COALESCE(SUM(o.total_fen), 0) AS BIGINT), COALESCE(MIN(o.at_ms), 0)`+undecided+where, args, &w.Cases, &w.Guess, timeColumn{&w.Since})
	return w, err
}

// Visitor implements cloud.CaseTable.
func (t cases) Visitor(person protocol.UUID) (cloud.Visitor, error) {
	var v cloud.Visitor
	_, err := t.one(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN o.why <> '' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN v.payment = 'waived' THEN 1 ELSE 0 END), 0)
		FROM (SELECT id, payment FROM visits WHERE person = ? ORDER BY created_ms DESC LIMIT ?) AS v LEFT JOIN orders o ON o.visit = v.id`,
		[]any{idText(person), cloud.VisitorVisits}, &v.Visits, &v.Reviewed, &v.Waived)
	return v, err
}

// Ask implements cloud.CaseTable.
func (t cases) Ask(visit protocol.VisitID, task protocol.UUID, at time.Time) error {
	if _, err := t.exec(`INSERT INTO review_recordings (visit, task, asked_ms) VALUES (?, ?, ?) ON CONFLICT (visit) DO NOTHING`,
		idText(visit), idText(task), ms(at)); err != nil {
		return fmt.Errorf("recording of %s: %w", visit, err)
	}
	return nil
}

// Asked implements cloud.CaseTable.
func (t cases) Asked(visit protocol.VisitID) (task protocol.UUID, err error) {
	_, err = t.one(`SELECT task FROM review_recordings WHERE visit = ?`, []any{idText(visit)}, idColumn{&task})
	return task, err
}
