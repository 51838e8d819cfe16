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
	rows, place := make([][]any, 0, len(levels)), make(map[protocol.PlatformID]int, len(levels))
	for _, l := range levels {
		units, err := jsonText(l.Units)
		if err != nil {
			return err
		}
		row := []any{string(cabinet), string(l.Platform), int64(l.Weight), units, ms(at)}
		if i, twice := place[l.Platform]; twice { // The last word counts, and one statement may say one only.
			rows[i] = row
			continue
		}
		place[l.Platform] = len(rows)
		rows = append(rows, row)
	}
	if err := t.insert("levels", []string{"cabinet", "platform", "weight_mg", "units", "at_ms"},
		` ON CONFLICT (cabinet, platform) DO UPDATE SET weight_mg = excluded.weight_mg, units = excluded.units, at_ms = excluded.at_ms`, rows); err != nil {
		return fmt.Errorf("save levels of %s: %w", cabinet, err)
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
