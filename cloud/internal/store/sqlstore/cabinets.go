package sqlstore

import (
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type cabinets struct{ *session }

const cabinetColumns = `SELECT id, store, number, place_zh, place_en, layout, shard, platforms, health, latitude, longitude, hours,
	(SELECT COALESCE(MAX(version), 0) FROM desired WHERE cabinet = cabinets.id) FROM cabinets`

func readCabinet(row scanner) (cloud.Cabinet, error) {
	var c cloud.Cabinet
	return c, row.Scan(&c.ID, &c.Store, &c.Number, &c.Place.Zh, &c.Place.En, &c.Layout, &c.Shard, jsonColumn{&c.Platforms}, jsonColumn{&c.Health},
		&c.At.Latitude, &c.At.Longitude, jsonColumn{&c.Hours}, &c.Config)
}

// Save implements cloud.Cabinets. The shard of a cabinet that is there stays as it is.
func (t cabinets) Save(c cloud.Cabinet, at time.Time) (bool, error) {
	platforms, err := jsonText(c.Platforms)
	if err != nil {
		return false, err
	}
	health, err := jsonText(c.Health)
	if err != nil {
		return false, err
	}
	hours, err := jsonText(c.Hours)
	if err != nil {
		return false, err
	}
	added, err := t.exec(`INSERT INTO cabinets (id, store, number, place_zh, place_en, layout, shard, platforms, health, latitude, longitude, hours)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
		string(c.ID), string(c.Store), c.Number, c.Place.Zh, c.Place.En, c.Layout, c.Shard, platforms, health, c.At.Latitude, c.At.Longitude, hours)
	if err != nil {
		return false, fmt.Errorf("save cabinet %s: %w", c.ID, err)
	}
	if added == 1 {
		return true, stays(t).begin(c.ID, c.Store, at)
	}
	if _, err := t.exec(`UPDATE cabinets SET store = ?, number = ?, place_zh = ?, place_en = ?, layout = ?, platforms = ?, health = ?,
		latitude = ?, longitude = ?, hours = ? WHERE id = ?`,
		string(c.Store), c.Number, c.Place.Zh, c.Place.En, c.Layout, platforms, health, c.At.Latitude, c.At.Longitude, hours, string(c.ID)); err != nil {
		return false, fmt.Errorf("save cabinet %s: %w", c.ID, err)
	}
	return false, stays(t).begin(c.ID, c.Store, at)
}

// List implements cloud.Cabinets.
func (t cabinets) List() ([]cloud.Cabinet, error) {
	return all(t.session, readCabinet, cabinetColumns+` ORDER BY store, number, id`)
}

// Find implements cloud.Cabinets.
func (t cabinets) Find(id protocol.CabinetID) (cloud.Cabinet, error) {
	found, err := all(t.session, readCabinet, cabinetColumns+` WHERE id = ?`, string(id))
	if err != nil {
		return cloud.Cabinet{}, fmt.Errorf("cabinet %s: %w", id, err)
	}
	if len(found) == 0 {
		return cloud.Cabinet{}, protocol.Errorf(cloud.CodeUnknownCabinet, "cabinet %q is not in the plans", id)
	}
	return found[0], nil
}

// Enrol implements cloud.Cabinets.
func (t cabinets) Enrol(id protocol.CabinetID, passwordHash []byte) error {
	changed, err := t.exec(`UPDATE cabinets SET password_hash = ? WHERE id = ?`, hex.EncodeToString(passwordHash), string(id))
	if err != nil {
		return fmt.Errorf("enrol %s: %w", id, err)
	}
	if changed == 0 {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "cabinet %q is not in the plans", id)
	}
	return nil
}

// Enrolment implements cloud.Cabinets.
func (t cabinets) Enrolment(id protocol.CabinetID) (cloud.Enrolment, error) {
	e := cloud.Enrolment{Cabinet: id}
	found, err := t.one(`SELECT shard, password_hash FROM cabinets WHERE id = ?`, []any{string(id)}, &e.Shard, hexColumn{&e.PasswordHash})
	if err != nil {
		return e, fmt.Errorf("enrolment %s: %w", id, err)
	}
	if !found || len(e.PasswordHash) == 0 {
		return e, protocol.Errorf(cloud.CodeUnknownCabinet, "cabinet %q is not enrolled", id)
	}
	return e, nil
}
