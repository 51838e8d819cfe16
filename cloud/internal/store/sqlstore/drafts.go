package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type drafts struct{ *session }

// Add implements cloud.DraftTable.
func (t drafts) Add(d cloud.Draft) (uint32, error) {
	var number uint32
	if _, err := t.one(`SELECT COALESCE(MAX(number), 0) + 1 FROM drafts`, nil, &number); err != nil {
		return 0, fmt.Errorf("number of a draft: %w", err)
	}
	plan, err := jsonText(d.Plan)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(`INSERT INTO drafts (number, cabinet, plan, why, made_ms, by_name, rollout, ended_ms, taken, ended_by, round, before)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, FALSE, '', '', 'null')`, number, string(d.Cabinet), plan, d.Why, ms(d.Made), d.By, number64(d.Rollout))
	if t.dialect.Unique(err) {
		return 0, protocol.Errorf(cloud.CodeDraftWaits, "cabinet %s has a draft that waits", d.Cabinet)
	}
	if err != nil {
		return 0, fmt.Errorf("add draft of %s: %w", d.Cabinet, err)
	}
	return number, nil
}

func number64(n uint32) int64 { return int64(n) }

const draftColumns = `SELECT number, cabinet, plan, why, made_ms, by_name, rollout, ended_ms, taken, ended_by, round, before FROM drafts`

func readDraft(row scanner) (cloud.Draft, error) {
	var d cloud.Draft
	return d, row.Scan(&d.Number, &d.Cabinet, jsonColumn{&d.Plan}, &d.Why, timeColumn{&d.Made}, &d.By, &d.Rollout,
		timeColumn{&d.End.At}, &d.End.Taken, &d.End.By, idColumn{&d.End.Round}, jsonColumn{&d.End.Before})
}

// Find implements cloud.DraftTable.
func (t drafts) Find(number uint32) (cloud.Draft, error) {
	found, err := all(t.session, readDraft, draftColumns+` WHERE number = ?`, number64(number))
	if err != nil {
		return cloud.Draft{}, fmt.Errorf("draft %d: %w", number, err)
	}
	if len(found) == 0 {
		return cloud.Draft{}, protocol.Errorf(cloud.CodeNotFound, "no draft %d", number)
	}
	return found[0], nil
}

// List implements cloud.DraftTable.
func (t drafts) List(q cloud.DraftQuery) ([]cloud.Draft, error) {
	where, args := standing("cabinet", q.Of)
	query := draftColumns + ` WHERE 1 = 1` + where
	if q.Cabinet != "" {
		query, args = query+` AND cabinet = ?`, append(args, string(q.Cabinet))
	}
	if q.Rollout != 0 {
		query, args = query+` AND rollout = ?`, append(args, number64(q.Rollout))
	}
	if q.Waiting {
		query += ` AND ended_ms = 0 ORDER BY cabinet`
	} else {
		query += ` ORDER BY number DESC`
	}
	if q.Limit > 0 {
		query, args = query+` LIMIT ?`, append(args, q.Limit)
	}
	found, err := all(t.session, readDraft, query, args...)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	return found, nil
}

// Count implements cloud.DraftTable.
func (t drafts) Count(of cloud.Bound, rollout uint32) (c cloud.DraftCount, err error) {
	var all int
	where, args := standing("cabinet", of)
	_, err = t.one(`SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN ended_ms = 0 THEN 1 ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN taken THEN 1 ELSE 0 END), 0) AS BIGINT) FROM drafts WHERE rollout = ?`+where, append([]any{number64(rollout)}, args...), &all, &c.Waiting, &c.Taken)
	if err != nil {
		return c, fmt.Errorf("drafts of roll-out %d: %w", rollout, err)
	}
	c.Ended = all - c.Waiting - c.Taken
	return c, nil
}

// End implements cloud.DraftTable.
func (t drafts) End(number uint32, e cloud.DraftEnd) error {
	before, err := jsonText(e.Before)
	if err != nil {
		return err
	}
	ended, err := t.exec(`UPDATE drafts SET ended_ms = ?, taken = ?, ended_by = ?, round = ?, before = ? WHERE number = ? AND ended_ms = 0`,
		ms(e.At), e.Taken, e.By, idText(e.Round), before, number64(number))
	return exactlyOne(ended, err, fmt.Sprintf("end draft %d", number))
}

var _ cloud.DraftTable = drafts{}
