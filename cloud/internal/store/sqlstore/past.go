package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type past struct{ *session }

// Mark implements cloud.PastTable.
func (t past) Mark(p cloud.SimulatedPast) error {
	added, err := t.exec(`INSERT INTO simulated_past (one, from_ms, until_ms, seed) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING`,
		ms(p.From), ms(p.Until), p.Seed)
	if err == nil && added != 1 {
		err = protocol.Errorf(cloud.CodeConflict, "the books have a simulated past")
	}
	if err != nil {
		return fmt.Errorf("mark the past: %w", err)
	}
	return nil
}

// Find implements cloud.PastTable.
func (t past) Find() (cloud.SimulatedPast, error) {
	found, err := all(t.session, func(row scanner) (cloud.SimulatedPast, error) {
		var p cloud.SimulatedPast
		return p, row.Scan(timeColumn{&p.From}, timeColumn{&p.Until}, &p.Seed)
	}, `SELECT from_ms, until_ms, seed FROM simulated_past`)
	if err != nil {
		return cloud.SimulatedPast{}, fmt.Errorf("find the past: %w", err)
	}
	if len(found) == 0 {
		return cloud.SimulatedPast{}, nil
	}
	return found[0], nil
}

var _ cloud.PastTable = past{}
