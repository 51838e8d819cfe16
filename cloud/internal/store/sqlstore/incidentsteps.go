package sqlstore

import (
	"fmt"
	"strings"
	"time"

	"allhours/cloud"
)

type incidentSteps struct{ *session }

func (t incidentSteps) add(s cloud.IncidentStep) error {
	if _, err := t.one(`SELECT COALESCE(MAX(id), 0) + 1 FROM incident_steps`, nil, &s.ID); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO incident_steps (id, number, at_ms, did, by_name, whom, cause, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.Number, ms(s.At), string(s.Did), s.By, s.Whom, string(s.Cause), s.Words)
	return err
}

// Take implements cloud.IncidentSteps.
func (t incidentSteps) Take(s cloud.IncidentStep) error {
	if _, err := incidents(t).Find(s.Number); err != nil {
		return err
	}
	var moves string
	var args []any
	switch s.Did {
	case cloud.IncidentAcknowledged:
		moves, args = `taken_ms = CASE WHEN taken_ms = 0 THEN ? ELSE taken_ms END`, []any{ms(s.At)}
	case cloud.IncidentAssigned:
		moves, args = `taken_ms = CASE WHEN taken_ms = 0 THEN ? ELSE taken_ms END, whom = ?`, []any{ms(s.At), s.Whom}
	case cloud.IncidentEscalated:
		moves, args = `escalated_ms = ?`, []any{ms(s.At)}
	case cloud.IncidentClosed:
		moves, args = `closed_ms = ?, cause = ?`, []any{ms(s.At), string(s.Cause)}
	case cloud.IncidentNoted:
		return t.took(s, nil)
	default:
		return fmt.Errorf("incident %d: %q is no step that is taken", s.Number, s.Did)
	}
	guard := ` WHERE number = ? AND closed_ms = 0`
	if s.Did == cloud.IncidentEscalated {
		guard += ` AND escalated_ms = 0`
	}
	changed, err := t.exec(`UPDATE incidents SET `+moves+guard, append(args, s.Number)...)
	return t.took(s, exactlyOne(changed, err, fmt.Sprintf("incident %d", s.Number)))
}

// took writes the step down after its incident was moved.
func (t incidentSteps) took(s cloud.IncidentStep, err error) error {
	if err != nil {
		return err
	}
	if err := t.add(s); err != nil {
		return fmt.Errorf("step of incident %d: %w", s.Number, err)
	}
	return nil
}

const stepFields = `s.id, s.number, s.at_ms, s.did, s.by_name, s.whom, s.cause, s.words`

func incidentStepRow(s *cloud.IncidentStep) []any {
	return []any{&s.ID, &s.Number, timeColumn{&s.At}, &s.Did, &s.By, &s.Whom, &s.Cause, &s.Words}
}

// Of implements cloud.IncidentSteps.
func (t incidentSteps) Of(number int) ([]cloud.IncidentStep, error) {
	return all(t.session, func(row scanner) (cloud.IncidentStep, error) {
		var s cloud.IncidentStep
		return s, row.Scan(incidentStepRow(&s)...)
	}, `SELECT `+stepFields+` FROM incident_steps s WHERE s.number = ? ORDER BY s.id`, number)
}

// After implements cloud.IncidentSteps.
func (t incidentSteps) After(step int64, limit int) ([]cloud.IncidentTold, error) {
	return all(t.session, func(row scanner) (cloud.IncidentTold, error) {
		var told cloud.IncidentTold
		return told, row.Scan(append(append(incidentStepRow(&told.Step), incidentRow(&told.Incident)...), &told.Store)...)
	}, `SELECT `+stepFields+`, `+incidentFields+`, COALESCE(c.store, '') FROM incident_steps s
		JOIN incidents i ON i.number = s.number LEFT JOIN cabinets c ON c.id = i.cabinet WHERE s.id > ? ORDER BY s.id LIMIT ?`, step, limit)
}

type notices struct{ *session }

// Told implements cloud.NoticeTable.
func (t notices) Told() (int64, error) {
	told, err := t.setting("incidents_told")
	return int64(told), err
}

// Tell implements cloud.NoticeTable.
func (t notices) Tell(through int64, told []cloud.Notice) error {
	if _, err := t.exec(`UPDATE settings SET value = ? WHERE name = 'incidents_told'`, through); err != nil {
		return fmt.Errorf("incidents told through %d: %w", through, err)
	}
	for _, n := range told {
		if _, err := t.exec(`INSERT INTO notices (id, channel, step, urgency, body, created_ms, attempts, next_ms, state) VALUES (?, ?, ?, ?, ?, ?, 0, ?, 'waiting')
			ON CONFLICT (channel, step) DO NOTHING`, idText(n.ID), n.Channel, n.Step, string(n.Urgency), string(n.Body), ms(n.Created), ms(n.Next)); err != nil {
			return fmt.Errorf("add notice %s: %w", n.ID, err)
		}
	}
	return nil
}

// Due implements cloud.NoticeTable.
func (t notices) Due(channel string, at time.Time, limit int) ([]cloud.Notice, error) {
	return all(t.session, func(row scanner) (cloud.Notice, error) {
		var n cloud.Notice
		var body string
		err := row.Scan(idColumn{&n.ID}, &n.Channel, &n.Step, &n.Urgency, &body, timeColumn{&n.Created}, &n.Attempts, timeColumn{&n.Next}, &n.State)
		n.Body = []byte(body)
		return n, err
	}, `SELECT id, channel, step, urgency, body, created_ms, attempts, next_ms, state FROM notices WHERE state = 'waiting' AND channel = ? AND next_ms <= ? ORDER BY next_ms, id LIMIT ?`, channel, ms(at), limit)
}

// Move implements cloud.NoticeTable.
func (t notices) Move(n cloud.Notice) error {
	changed, err := t.exec(`UPDATE notices SET attempts = ?, next_ms = ?, state = ? WHERE id = ? AND state = 'waiting'`, n.Attempts, ms(n.Next), string(n.State), idText(n.ID))
	return exactlyOne(changed, err, "notice "+n.ID.String())
}

// Retire implements cloud.NoticeTable.
func (t notices) Retire(but []string) error {
	args := make([]any, len(but))
	for i, channel := range but {
		args[i] = channel
	}
	kept := ""
	if len(but) > 0 {
		kept = ` AND channel NOT IN (?` + strings.Repeat(", ?", len(but)-1) + `)`
	}
	if _, err := t.exec(`UPDATE notices SET state = 'unneeded' WHERE state = 'waiting'`+kept, args...); err != nil {
		return fmt.Errorf("retire notices: %w", err)
	}
	return nil
}

// Backlog implements cloud.NoticeTable.
func (t notices) Backlog(at time.Time) (waiting int, oldest time.Time, err error) {
	_, err = t.one(`SELECT COUNT(*), COALESCE(MIN(CASE WHEN next_ms <= ? THEN created_ms END), 0) FROM notices WHERE state = 'waiting'`, []any{ms(at)},
		&waiting, timeColumn{&oldest})
	return waiting, oldest, err
}
