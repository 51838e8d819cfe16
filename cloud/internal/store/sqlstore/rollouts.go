package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type rollouts struct{ *session }

// Add implements cloud.RolloutTable.
func (t rollouts) Add(r cloud.Rollout) (uint32, error) {
	var number uint32
	if _, err := t.one(`SELECT COALESCE(MAX(number), 0) + 1 FROM rollouts`, nil, &number); err != nil {
		return 0, fmt.Errorf("number of a roll-out: %w", err)
	}
	what, err := jsonText(r.What)
	if err != nil {
		return 0, err
	}
	if _, err := t.exec(`INSERT INTO rollouts (number, kind, what, why, made_ms, by_name, back, withdrawn_ms, withdrawn_by) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')`,
		number64(number), string(r.Kind), what, r.Why, ms(r.Made), r.By, number64(r.Back)); err != nil {
		return 0, fmt.Errorf("add roll-out: %w", err)
	}
	return number, nil
}

const rolloutColumns = `SELECT number, kind, what, why, made_ms, by_name, back, withdrawn_ms, withdrawn_by FROM rollouts`

func readRollout(row scanner) (cloud.Rollout, error) {
	var r cloud.Rollout
	return r, row.Scan(&r.Number, &r.Kind, jsonColumn{&r.What}, &r.Why, timeColumn{&r.Made}, &r.By, &r.Back, timeColumn{&r.Withdrawn}, &r.WithdrawnBy)
}

// Find implements cloud.RolloutTable.
func (t rollouts) Find(number uint32) (cloud.Rollout, error) {
	found, err := all(t.session, readRollout, rolloutColumns+` WHERE number = ?`, number64(number))
	if err != nil {
		return cloud.Rollout{}, fmt.Errorf("roll-out %d: %w", number, err)
	}
	if len(found) == 0 {
		return cloud.Rollout{}, protocol.Errorf(cloud.CodeNotFound, "no roll-out %d", number)
	}
	return found[0], nil
}

// List implements cloud.RolloutTable.
func (t rollouts) List(of cloud.Bound, limit int) ([]cloud.Rollout, error) {
	where, args := standing("d.cabinet", of)
	if where != "" {
		const drafts = ` EXISTS (SELECT 1 FROM drafts d WHERE d.rollout = rollouts.number`
		where = ` WHERE NOT` + drafts + `) OR` + drafts + where + `)`
	}
	found, err := all(t.session, readRollout, rolloutColumns+where+` ORDER BY number DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("roll-outs: %w", err)
	}
	return found, nil
}

// Withdraw implements cloud.RolloutTable.
func (t rollouts) Withdraw(number uint32, at time.Time, by string) error {
	changed, err := t.exec(`UPDATE rollouts SET withdrawn_ms = ?, withdrawn_by = ? WHERE number = ? AND withdrawn_ms = 0`, ms(at), by, number64(number))
	return exactlyOne(changed, err, fmt.Sprintf("withdraw roll-out %d", number))
}

var _ cloud.RolloutTable = rollouts{}
