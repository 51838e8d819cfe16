package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type halts struct{ *session }

const haltColumns = `SELECT h.id, h.cabinet, h.kind, h.holds, h.at_ms, h.by_name, h.role, h.reason, h.text_zh, h.text_en, h.until_ms, h.note FROM halts h `

func readHalt(row scanner) (cloud.Halt, error) {
	var h cloud.Halt
	return h, row.Scan(idColumn{&h.ID}, &h.Cabinet, &h.Kind, &h.Holds, timeColumn{&h.At}, &h.By, &h.Role, &h.Reason, &h.Text.Zh, &h.Text.En,
		timeColumn{&h.Until}, &h.Note)
}

// Add implements cloud.Halts.
func (t halts) Add(h cloud.Halt) error {
	if _, err := t.exec(`INSERT INTO halts (id, cabinet, kind, holds, at_ms, by_name, role, reason, text_zh, text_en, until_ms, note)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, idText(h.ID), string(h.Cabinet), string(h.Kind), h.Holds, ms(h.At), h.By, string(h.Role),
		string(h.Reason), h.Text.Zh, h.Text.En, ms(h.Until), h.Note); err != nil {
		return fmt.Errorf("halt %s: %w", h.Cabinet, err)
	}
	if !h.Holds {
		_, err := t.exec(`DELETE FROM halts_in_force WHERE cabinet = ? AND kind = ?`, string(h.Cabinet), string(h.Kind))
		return err
	}
	_, err := t.exec(`INSERT INTO halts_in_force (cabinet, kind, halt) VALUES (?, ?, ?) ON CONFLICT (cabinet, kind) DO UPDATE SET halt = excluded.halt`,
		string(h.Cabinet), string(h.Kind), idText(h.ID))
	return err
}

// InForce implements cloud.Halts. The severer kind comes first by its name.
func (t halts) InForce(cabinet protocol.CabinetID) ([]cloud.Halt, error) {
	query, args := haltColumns+`JOIN halts_in_force f ON f.halt = h.id ORDER BY f.cabinet, f.kind`, []any(nil)
	if cabinet != "" {
		query, args = haltColumns+`JOIN halts_in_force f ON f.halt = h.id WHERE f.cabinet = ? ORDER BY f.cabinet, f.kind`, []any{string(cabinet)}
	}
	found, err := all(t.session, readHalt, query, args...)
	if err != nil {
		return nil, fmt.Errorf("halts in force: %w", err)
	}
	return found, nil
}

// Of implements cloud.Halts.
func (t halts) Of(cabinet protocol.CabinetID, limit int) ([]cloud.Halt, error) {
	found, err := all(t.session, readHalt, haltColumns+`WHERE h.cabinet = ? ORDER BY h.at_ms DESC, h.id DESC LIMIT ?`, string(cabinet), limit)
	if err != nil {
		return nil, fmt.Errorf("halts of %s: %w", cabinet, err)
	}
	return found, nil
}

// Since implements cloud.Halts. Each word ends the one of its kind before it.
func (t halts) Since(from time.Time) ([]cloud.HaltSpan, error) {
	read := func(row scanner) (cloud.HaltSpan, error) {
		var s cloud.HaltSpan
		return s, row.Scan(&s.Cabinet, timeColumn{&s.From}, timeColumn{&s.To})
	}
	found, err := all(t.session, read, `SELECT s.cabinet, s.at_ms, s.to_ms FROM (
		SELECT w.cabinet, w.at_ms, w.holds, CASE WHEN w.next_ms = 0 OR w.until_ms <> 0 AND w.until_ms < w.next_ms THEN w.until_ms ELSE w.next_ms END AS to_ms FROM (
			SELECT h.cabinet, h.at_ms, h.holds, h.until_ms,
				COALESCE(LEAD(h.at_ms) OVER (PARTITION BY h.cabinet, h.kind ORDER BY h.at_ms, h.id), 0) AS next_ms FROM halts h
		) w
	) s WHERE s.holds AND (s.to_ms = 0 OR s.to_ms > ?) ORDER BY s.cabinet, s.at_ms, s.to_ms`, ms(from))
	if err != nil {
		return nil, fmt.Errorf("halts since %s: %w", from, err)
	}
	return found, nil
}
