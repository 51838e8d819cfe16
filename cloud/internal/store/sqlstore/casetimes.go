package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
)

type caseTimes struct{ *session }

// Look implements cloud.CaseTimes.
func (t caseTimes) Look(o cloud.CaseOpening) error {
	if _, err := t.exec(`INSERT INTO review_openings (visit, by_name, opened_ms, seen_ms) VALUES (?, ?, ?, ?)
		ON CONFLICT (visit, by_name, opened_ms) DO UPDATE SET seen_ms = CASE WHEN excluded.seen_ms > review_openings.seen_ms
		THEN excluded.seen_ms ELSE review_openings.seen_ms END`, idText(o.Visit), o.By, ms(o.Opened), ms(o.Seen)); err != nil {
		return fmt.Errorf("opening of case %s: %w", o.Visit, err)
	}
	return nil
}

// Spent implements cloud.CaseTimes.
func (t caseTimes) Spent(since time.Time, most time.Duration) (time.Duration, error) {
	var spent int64
	_, err := t.one(`SELECT CAST(COALESCE(SUM(CASE WHEN seen_ms - opened_ms > ? THEN ? ELSE seen_ms - opened_ms END), 0) AS BIGINT)
		FROM review_openings WHERE opened_ms >= ?`, []any{most.Milliseconds(), most.Milliseconds(), ms(since)}, &spent)
	return time.Duration(spent) * time.Millisecond, err
}

// Waits implements cloud.CaseTimes.
func (t caseTimes) Waits(since time.Time) ([]time.Duration, error) {
	return all(t.session, func(row scanner) (time.Duration, error) {
		var waited int64
		err := row.Scan(&waited)
		return time.Duration(waited) * time.Millisecond, err
	}, `SELECT d.at_ms - o.at_ms FROM decisions d JOIN orders o ON o.visit = d.visit WHERE d.at_ms >= ?`, ms(since))
}

// Visits implements cloud.CaseTimes. It asks for nothing but what the index of their times has.
func (t caseTimes) Visits(since time.Time) (n int, err error) {
	_, err = t.one(`SELECT COUNT(*) FROM visits WHERE created_ms >= ?`, []any{ms(since)}, &n)
	return n, err
}

// Late implements cloud.CaseTimes.
func (t caseTimes) Late(asked time.Time, limit int) ([]cloud.QueuedCase, error) {
	return all(t.session, readCase, queuedCases+` AND o.at_ms <= ? AND `+takenOf+` = 0 ORDER BY o.at_ms, v.id LIMIT ?`, ms(asked), limit)
}
