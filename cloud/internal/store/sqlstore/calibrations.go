package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type calibrations struct{ *session }

// Save implements cloud.Calibrations.
func (t calibrations) Save(cabinet protocol.CabinetID, c cloud.Calibration) error {
	body, err := jsonText(c.CalibratedBody)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO calibrations (cabinet, platform, way, at_ms, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (cabinet, platform, way) DO UPDATE SET at_ms = excluded.at_ms, body = excluded.body`,
		string(cabinet), string(c.Platform), c.With, ms(c.At), body); err != nil {
		return fmt.Errorf("save calibration of %s %s: %w", cabinet, c.Platform, err)
	}
	return nil
}

// Of implements cloud.Calibrations.
func (t calibrations) Of(cabinet protocol.CabinetID) ([]cloud.Calibration, error) {
	return all(t.session, func(row scanner) (cloud.Calibration, error) {
		var c cloud.Calibration
		return c, row.Scan(timeColumn{&c.At}, jsonColumn{&c.CalibratedBody})
	}, `SELECT at_ms, body FROM calibrations WHERE cabinet = ? ORDER BY platform, way`, string(cabinet))
}
