package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type rounds struct{ *session }

const roundColumns = `SELECT id, store, day, restocker, walks, state, created_ms, person, by_name, key, locked_ms, left_ms, ended_ms, kind FROM rounds`

func readRound(row scanner) (cloud.Round, error) {
	var r cloud.Round
	return r, row.Scan(idColumn{&r.ID}, &r.Store, &r.Day, idColumn{&r.Restocker}, &r.Walks, &r.State, timeColumn{&r.Created}, idColumn{&r.Person}, &r.By, &r.Key,
		timeColumn{&r.Locked}, timeColumn{&r.Left}, timeColumn{&r.Ended}, &r.Kind)
}

// Add implements cloud.RoundTable.
func (t rounds) Add(r cloud.Round) error {
	_, err := t.exec(`INSERT INTO rounds (id, store, day, restocker, walks, state, created_ms, person, by_name, key, locked_ms, left_ms, ended_ms, kind)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(r.ID), string(r.Store), string(r.Day), idText(r.Restocker), r.Walks, string(r.State), ms(r.Created), idText(r.Person), r.By, r.Key,
		ms(r.Locked), ms(r.Left), ms(r.Ended), string(r.Kind))
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "a round was planned with this key")
	}
	if err != nil {
		return fmt.Errorf("add round %s: %w", r.ID, err)
	}
	return t.saveParts(r)
}

// Find implements cloud.RoundTable.
func (t rounds) Find(id protocol.UUID) (cloud.Round, error) {
	found, err := t.read(roundColumns+` WHERE id = ?`, idText(id))
	if err != nil || len(found) > 0 {
		return first(found), err
	}
	return cloud.Round{}, protocol.Errorf(cloud.CodeNotFound, "no round %s", id)
}

// ByKey implements cloud.RoundTable.
func (t rounds) ByKey(person protocol.UUID, key string) (cloud.Round, bool, error) {
	found, err := t.read(roundColumns+` WHERE person = ? AND key = ? AND key <> ''`, idText(person), key)
	return first(found), len(found) > 0, err
}

// List implements cloud.RoundTable.
func (t rounds) List(q cloud.RoundQuery) ([]cloud.Round, error) {
	query, args := roundColumns+` WHERE 1 = 1`, []any{}
	and := func(what string, values ...any) {
		query += " AND " + what
		args = append(args, values...)
	}
	if q.Store != "" {
		and("store = ?", string(q.Store))
	}
	if q.Day != "" {
		and("day = ?", string(q.Day))
	}
	if q.At != "" {
		and("id IN (SELECT round FROM round_legs WHERE store = ?)", string(q.At))
	}
	if !q.Restocker.IsZero() {
		and("(restocker = ? OR restocker = '')", idText(q.Restocker))
	}
	if q.Open {
		and("state NOT IN ('done', 'cancelled')")
	}
	query += ` ORDER BY created_ms DESC, id DESC`
	if q.Limit > 0 {
		query += ` LIMIT ?`
		args = append(args, q.Limit)
	}
	return t.read(query, args...)
}

// Save implements cloud.RoundTable.
func (t rounds) Save(r cloud.Round) error {
	changed, err := t.exec(`UPDATE rounds SET restocker = ?, walks = ?, state = ?, locked_ms = ?, left_ms = ?, ended_ms = ? WHERE id = ?`,
		idText(r.Restocker), r.Walks, string(r.State), ms(r.Locked), ms(r.Left), ms(r.Ended), idText(r.ID))
	if err := exactlyOne(changed, err, fmt.Sprintf("save round %s", r.ID)); err != nil {
		return err
	}
	for _, part := range []string{"round_stops", "round_lines", "round_rests", "round_transfers", "round_legs"} {
		if _, err := t.exec(`DELETE FROM `+part+` WHERE round = ?`, idText(r.ID)); err != nil {
			return fmt.Errorf("save round %s: %w", r.ID, err)
		}
	}
	return t.saveParts(r)
}

// saveParts writes what a round consists of.
func (t rounds) saveParts(r cloud.Round) error {
	id := idText(r.ID)
	var stops, lines, rests, transfers [][]any
	for i, s := range r.Stops {
		stops = append(stops, []any{id, i, string(s.Cabinet), s.Minutes, string(s.State), ms(s.Came), ms(s.Gone), s.Settled, s.Why, s.Metres, ms(s.Due), int64(s.Late.Seconds()), number64(s.Draft)})
	}
	for i, l := range r.Lines {
		lots, err := jsonText(l.Lots)
		if err != nil {
			return err
		}
		said, err := jsonText(l.Said)
		if err != nil {
			return err
		}
		lines = append(lines, []any{
			id, i, string(l.Cabinet), string(l.Platform), string(l.SKU), l.Planned, l.Picked, string(l.Short), l.Counted, l.Weighed, l.Adjusted, l.Before, l.After,
			string(l.Answer), l.Expired, l.Removed, string(l.Reason), l.Blind, lots, said, string(l.Turn),
		})
	}
	for _, x := range r.Rest {
		rests = append(rests, []any{id, string(x.SKU), x.Expected, x.Back, x.Kept, x.Answered})
	}
	for i, x := range r.Transfers {
		transfers = append(transfers, []any{id, i, string(x.From.SKU), string(x.From.Cabinet), string(x.From.Platform), string(x.To.Cabinet), string(x.To.Platform), x.Units})
	}
	legs, err := legRows(r)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"round_stops", []string{"round", "stop", "cabinet", "minutes", "state", "came_ms", "gone_ms", "settled", "why", "metres", "due_ms", "late", "draft"}, stops},
		{"round_lines", []string{
			"round", "line", "cabinet", "platform", "sku", "planned", "picked", "short", "counted", "weighed", "adjusted", "before", "after", "answer", "expired", "removed", "reason", "blind", "lots", "said", "turn",
		}, lines},
		{"round_rests", []string{"round", "sku", "expected", "back", "kept", "answered"}, rests},
		{"round_transfers", []string{"round", "transfer", "sku", "from_cabinet", "from_platform", "to_cabinet", "to_platform", "units"}, transfers},
		{"round_legs", []string{"round", "leg", "store", "way", "sku", "units", "picked", "short", "lots", "handed", "reason", "over_ms", "why"}, legs},
	} {
		if err := t.insert(part.table, part.columns, "", part.rows); err != nil {
			return fmt.Errorf("round %s: %s: %w", r.ID, part.table, err)
		}
	}
	return nil
}

func (t rounds) read(query string, args ...any) ([]cloud.Round, error) {
	found, err := all(t.session, readRound, query, args...)
	if err != nil {
		return nil, fmt.Errorf("rounds: %w", err)
	}
	for i := range found {
		if err := t.complete(&found[i]); err != nil {
			return nil, fmt.Errorf("round %s: %w", found[i].ID, err)
		}
	}
	return found, nil
}

func (t rounds) complete(r *cloud.Round) (err error) {
	if r.Stops, err = all(t.session, func(row scanner) (cloud.RoundStop, error) {
		var s cloud.RoundStop
		var late int64
		err := row.Scan(&s.Cabinet, &s.Minutes, &s.State, timeColumn{&s.Came}, timeColumn{&s.Gone}, &s.Settled, &s.Why, &s.Metres, timeColumn{&s.Due}, &late, &s.Draft)
		s.Late = time.Duration(late) * time.Second
		return s, err
	}, `SELECT cabinet, minutes, state, came_ms, gone_ms, settled, why, metres, due_ms, late, draft FROM round_stops WHERE round = ? ORDER BY stop`, idText(r.ID)); err != nil {
		return err
	}
	if r.Lines, err = all(t.session, readRoundLine, `SELECT cabinet, platform, sku, planned, picked, short, counted, weighed, adjusted, before, after, answer, expired, removed, reason, blind, lots, said, turn
		FROM round_lines WHERE round = ? ORDER BY line`, idText(r.ID)); err != nil {
		return err
	}
	if r.Transfers, err = all(t.session, func(row scanner) (cloud.RoundTransfer, error) {
		var x cloud.RoundTransfer
		err := row.Scan(&x.From.SKU, &x.From.Cabinet, &x.From.Platform, &x.To.Cabinet, &x.To.Platform, &x.Units)
		x.To.SKU = x.From.SKU
		return x, err
	}, `SELECT sku, from_cabinet, from_platform, to_cabinet, to_platform, units FROM round_transfers WHERE round = ? ORDER BY transfer`, idText(r.ID)); err != nil {
		return err
	}
	if r.Legs, err = all(t.session, readLeg, `SELECT store, way, sku, units, picked, short, lots, handed, reason, over_ms, why FROM round_legs WHERE round = ? ORDER BY leg`, idText(r.ID)); err != nil {
		return err
	}
	r.Rest, err = all(t.session, func(row scanner) (cloud.RoundRest, error) {
		var x cloud.RoundRest
		return x, row.Scan(&x.SKU, &x.Expected, &x.Back, &x.Kept, &x.Answered)
	}, `SELECT sku, expected, back, kept, answered FROM round_rests WHERE round = ? ORDER BY sku`, idText(r.ID))
	return err
}

func readRoundLine(row scanner) (cloud.RoundLine, error) {
	var l cloud.RoundLine
	err := row.Scan(&l.Cabinet, &l.Platform, &l.SKU, &l.Planned, &l.Picked, &l.Short, &l.Counted, &l.Weighed, &l.Adjusted, &l.Before, &l.After, &l.Answer, &l.Expired, &l.Removed, &l.Reason, &l.Blind, jsonColumn{&l.Lots}, jsonColumn{&l.Said}, &l.Turn)
	return l, err
}

// legRows are the rows of a round's legs.
func legRows(r cloud.Round) (rows [][]any, err error) {
	for i, l := range r.Legs {
		lots, err := jsonText(l.Lots)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []any{
			idText(r.ID), i, string(l.Store), string(l.Way), string(l.SKU), l.Units, l.Picked, string(l.Short), lots, l.Handed, string(l.Reason), ms(l.Over), l.Why,
		})
	}
	return rows, nil
}

func readLeg(row scanner) (cloud.RoundLeg, error) {
	var l cloud.RoundLeg
	return l, row.Scan(&l.Store, &l.Way, &l.SKU, &l.Units, &l.Picked, &l.Short, jsonColumn{&l.Lots}, &l.Handed, &l.Reason, timeColumn{&l.Over}, &l.Why)
}

type roundVisits struct{ *session }

// Add implements cloud.RoundVisits.
func (t roundVisits) Add(round protocol.UUID, visit protocol.VisitID) error {
	if _, err := t.exec(`INSERT INTO round_visits (visit, round) VALUES (?, ?)`, idText(visit), idText(round)); err != nil {
		return fmt.Errorf("opening %s of round %s: %w", visit, round, err)
	}
	return nil
}

// Of implements cloud.RoundVisits.
func (t roundVisits) Of(visit protocol.VisitID) (round protocol.UUID, found bool, err error) {
	found, err = t.one(`SELECT round FROM round_visits WHERE visit = ?`, []any{idText(visit)}, idColumn{&round})
	return round, found, err
}

// List implements cloud.RoundVisits.
func (t roundVisits) List(round protocol.UUID) ([]protocol.VisitID, error) {
	return all(t.session, func(row scanner) (protocol.VisitID, error) {
		var id protocol.VisitID
		return id, row.Scan(idColumn{&id})
	}, `SELECT visit FROM round_visits WHERE round = ? ORDER BY visit`, idText(round))
}

type roundSteps struct{ *session }

const roundStepColumns = `SELECT id, round, at_ms, person, by_name, key, kind, body FROM round_steps`

func readRoundStep(row scanner) (cloud.RoundStep, error) {
	var s cloud.RoundStep
	return s, row.Scan(idColumn{&s.ID}, idColumn{&s.Round}, timeColumn{&s.At}, idColumn{&s.Person}, &s.By, &s.Key, &s.Kind, jsonColumn{&s.RoundStepBody})
}

// Add implements cloud.RoundSteps.
func (t roundSteps) Add(s cloud.RoundStep) error {
	body, err := jsonText(s.RoundStepBody)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO round_steps (id, round, at_ms, person, by_name, key, kind, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(s.ID), idText(s.Round), ms(s.At), idText(s.Person), s.By, s.Key, string(s.Kind), body)
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "the round has a step of this key")
	}
	if err != nil {
		return fmt.Errorf("step of round %s: %w", s.Round, err)
	}
	return nil
}

// ByKey implements cloud.RoundSteps.
func (t roundSteps) ByKey(round protocol.UUID, key string) (cloud.RoundStep, bool, error) {
	found, err := all(t.session, readRoundStep, roundStepColumns+` WHERE round = ? AND key = ?`, idText(round), key)
	return first(found), len(found) > 0, err
}

// Of implements cloud.RoundSteps.
func (t roundSteps) Of(round protocol.UUID) ([]cloud.RoundStep, error) {
	return all(t.session, readRoundStep, roundStepColumns+` WHERE round = ? ORDER BY at_ms, id`, idText(round))
}

type crew struct{ *session }

// Restockers implements cloud.Crew.
func (t crew) Restockers() ([]cloud.Principal, error) {
	return all(t.session, readMember, `SELECT id, role, name FROM staff WHERE role IN ('restocker', 'manager', 'owner') AND blocked_ms = 0 ORDER BY CASE role WHEN 'restocker' THEN 0 ELSE 1 END, name`)
}

// Staff implements cloud.Crew.
func (t crew) Staff() ([]cloud.Principal, error) {
	return all(t.session, readMember, `SELECT id, role, name FROM staff WHERE role <> 'auditor' AND blocked_ms = 0 ORDER BY role, name`)
}

// Worked implements cloud.Crew.
func (t crew) Worked(id protocol.UUID) (bool, error) {
	var one int
	return t.one(`SELECT 1 FROM staff WHERE id = ?`, []any{idText(id)}, &one)
}

func readMember(row scanner) (cloud.Principal, error) {
	var p cloud.Principal
	return p, row.Scan(idColumn{&p.ID}, &p.Role, &p.Name)
}

var (
	_ cloud.RoundTable  = rounds{}
	_ cloud.RoundVisits = roundVisits{}
	_ cloud.RoundSteps  = roundSteps{}
	_ cloud.Crew        = crew{}
)
