package sqlstore

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

type prices struct{ *session }

// Current implements cloud.Prices.
func (p prices) Current() (uint32, error) {
	var version uint32
	if _, err := p.one(`SELECT COALESCE(MAX(version), 0) FROM price_versions`, nil, &version); err != nil {
		return 0, fmt.Errorf("price version: %w", err)
	}
	return version, nil
}

// Of implements cloud.Prices.
func (p prices) Of(version uint32) (map[protocol.SKU]protocol.Fen, error) {
	var at int64
	found, err := p.one(`SELECT at_ms FROM price_versions WHERE version = ?`, []any{version}, &at)
	if err != nil {
		return nil, fmt.Errorf("prices %d: %w", version, err)
	}
	if !found {
		return nil, protocol.Errorf(cloud.CodeUnknownPrice, "price version %d was never there", version)
	}
	list := make(map[protocol.SKU]protocol.Fen)
	_, err = all(p.session, func(row scanner) (struct{}, error) {
		var sku protocol.SKU
		var fen protocol.Fen
		err := row.Scan(&sku, &fen)
		list[sku] = fen
		return struct{}{}, err
	}, `SELECT sku, fen FROM prices WHERE version = ?`, version)
	return list, err
}

// Add implements cloud.Prices.
func (p prices) Add(version uint32, list map[protocol.SKU]protocol.Fen, at time.Time) error {
	if _, err := p.exec(`INSERT INTO price_versions (version, at_ms) VALUES (?, ?)`, version, ms(at)); err != nil {
		return fmt.Errorf("add prices %d: %w", version, err)
	}
	for _, sku := range slices.Sorted(maps.Keys(list)) {
		if _, err := p.exec(`INSERT INTO prices (version, sku, fen) VALUES (?, ?, ?)`, version, string(sku), int64(list[sku])); err != nil {
			return fmt.Errorf("add price of %s: %w", sku, err)
		}
	}
	return nil
}

type desired struct{ *session }

// Latest implements cloud.DesiredStates.
func (d desired) Latest(cabinet protocol.CabinetID) (wire.Config, bool, error) {
	var c wire.Config
	found, err := d.one(`SELECT config FROM desired WHERE cabinet = ? ORDER BY version DESC LIMIT 1`, []any{string(cabinet)}, jsonColumn{&c})
	return c, found, err
}

// Version implements cloud.DesiredStates.
func (d desired) Version(cabinet protocol.CabinetID) (uint64, error) {
	var version uint64
	_, err := d.one(`SELECT COALESCE(MAX(version), 0) FROM desired WHERE cabinet = ?`, []any{string(cabinet)}, &version)
	return version, err
}

// At implements cloud.DesiredStates.
func (d desired) At(cabinet protocol.CabinetID, version uint64) (wire.Config, bool, error) {
	var c wire.Config
	found, err := d.one(`SELECT config FROM desired WHERE cabinet = ? AND version = ?`, []any{string(cabinet), int64(version)}, jsonColumn{&c})
	return c, found, err
}

// Add implements cloud.DesiredStates.
func (d desired) Add(c wire.Config, at time.Time) error {
	config, err := jsonText(c)
	if err != nil {
		return err
	}
	if _, err := d.exec(`INSERT INTO desired (cabinet, version, at_ms, config) VALUES (?, ?, ?, ?)`,
		string(c.Cabinet), int64(c.Config.Version), ms(at), config); err != nil {
		return fmt.Errorf("add desired state of %s: %w", c.Cabinet, err)
	}
	return d.run(`UPDATE settings SET value = value + 1 WHERE name = 'states'`)
}

// Added implements cloud.DesiredStates.
func (d desired) Added() (uint64, error) { return d.setting("states") }

// FleetEpoch implements cloud.DesiredStates.
func (d desired) FleetEpoch() (uint64, error) { return d.setting("fleet_epoch") }
