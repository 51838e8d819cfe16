package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type handovers struct{ *session }

// Add implements cloud.HandoverTable.
func (t handovers) Add(h cloud.Handover) error {
	points, err := jsonText(h.Points)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO handovers (id, cabinet, by_name, at_ms, points) VALUES (?, ?, ?, ?, ?)`,
		idText(h.ID), string(h.Cabinet), h.By, ms(h.At), points); err != nil {
		return fmt.Errorf("hand over %s: %w", h.Cabinet, err)
	}
	return nil
}

// Latest implements cloud.HandoverTable.
func (t handovers) Latest(cabinet protocol.CabinetID) (h cloud.Handover, found bool, err error) {
	found, err = t.one(`SELECT id, cabinet, by_name, at_ms, points FROM handovers WHERE cabinet = ? ORDER BY at_ms DESC, id DESC LIMIT 1`,
		[]any{string(cabinet)}, idColumn{&h.ID}, &h.Cabinet, &h.By, timeColumn{&h.At}, jsonColumn{&h.Points})
	return h, found, err
}

// Since implements cloud.HandoverTable.
func (t handovers) Since(cabinet protocol.CabinetID) (at time.Time, err error) {
	if _, err := t.one(`SELECT COALESCE(MAX(at_ms), 0) FROM retired_journals WHERE cabinet = ?`, []any{string(cabinet)}, timeColumn{&at}); err != nil {
		return at, fmt.Errorf("since when %s has its card: %w", cabinet, err)
	}
	return at, nil
}
