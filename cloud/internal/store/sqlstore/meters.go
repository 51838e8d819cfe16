package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

type meters struct{ *session }

// SaveLevels implements cloud.Meters.
func (t meters) SaveLevels(cabinet protocol.CabinetID, levels []settle.Level, at time.Time) error {
	for _, l := range levels {
		units, err := jsonText(l.Units)
		if err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO levels (cabinet, platform, weight_mg, units, at_ms) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (cabinet, platform) DO UPDATE SET weight_mg = excluded.weight_mg, units = excluded.units, at_ms = excluded.at_ms`,
			string(cabinet), string(l.Platform), int64(l.Weight), units, ms(at)); err != nil {
			return fmt.Errorf("save level of %s %s: %w", cabinet, l.Platform, err)
		}
	}
	return nil
}

// Levels implements cloud.Meters.
func (t meters) Levels(cabinet protocol.CabinetID) ([]settle.Level, error) {
	return all(t.session, func(row scanner) (settle.Level, error) {
		var l settle.Level
		return l, row.Scan(&l.Platform, &l.Weight, jsonColumn{&l.Units})
	}, `SELECT platform, weight_mg, units FROM levels WHERE cabinet = ? ORDER BY platform`, string(cabinet))
}

// SaveCounters implements cloud.Meters.
func (t meters) SaveCounters(cabinet protocol.CabinetID, c cloud.Tally) error {
	tally, err := jsonText(c)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO tallies (cabinet, tally) VALUES (?, ?) ON CONFLICT (cabinet) DO UPDATE SET tally = excluded.tally`, string(cabinet), tally)
	return err
}

// Counters implements cloud.Meters.
func (t meters) Counters(cabinet protocol.CabinetID) (cloud.Tally, bool, error) {
	var c cloud.Tally
	found, err := t.one(`SELECT tally FROM tallies WHERE cabinet = ?`, []any{string(cabinet)}, jsonColumn{&c})
	return c, found, err
}
