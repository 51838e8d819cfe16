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
	if _, err := p.one(`SELECT COALESCE(MAX(version), 0) FROM price_versions WHERE cabinet = ''`, nil, &version); err != nil {
		return 0, fmt.Errorf("price version: %w", err)
	}
	return version, nil
}

// Of implements cloud.Prices.
func (p prices) Of(version uint32) (map[protocol.SKU]protocol.Fen, error) {
	var base uint32
	found, err := p.one(`SELECT base FROM price_versions WHERE version = ?`, []any{version}, &base)
	if err != nil {
		return nil, fmt.Errorf("prices %d: %w", version, err)
	}
	if !found {
		return nil, protocol.Errorf(cloud.CodeUnknownPrice, "price version %d was never there", version)
	}
	list := make(map[protocol.SKU]protocol.Fen)
	if base > 0 {
		if list, err = p.named(base, list); err != nil {
			return nil, err
		}
	}
	return p.named(version, list)
}

// named puts the prices that a version names over others.
func (p prices) named(version uint32, list map[protocol.SKU]protocol.Fen) (map[protocol.SKU]protocol.Fen, error) {
	_, err := all(p.session, func(row scanner) (struct{}, error) {
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
	return p.add(cloud.OwnPrices{Version: version, Prices: list}, at)
}

func (p prices) add(o cloud.OwnPrices, at time.Time) error {
	if _, err := p.exec(`INSERT INTO price_versions (version, at_ms, cabinet, base) VALUES (?, ?, ?, ?)`, o.Version, ms(at), string(o.Cabinet), o.Base); err != nil {
		return fmt.Errorf("add prices %d: %w", o.Version, err)
	}
	for _, sku := range slices.Sorted(maps.Keys(o.Prices)) {
		if _, err := p.exec(`INSERT INTO prices (version, sku, fen) VALUES (?, ?, ?)`, o.Version, string(sku), int64(o.Prices[sku])); err != nil {
			return fmt.Errorf("add price of %s: %w", sku, err)
		}
	}
	return nil
}

// Set implements cloud.Prices.
func (p prices) Set(o cloud.OwnPrices, at time.Time) (uint32, error) {
	var err error
	if o.Version, err = p.Next(); err != nil {
		return 0, err
	}
	return o.Version, p.add(o, at)
}

// Next implements cloud.Prices.
func (p prices) Next() (uint32, error) {
	var version uint32
	if _, err := p.one(`SELECT COALESCE(MAX(version), 0) + 1 FROM price_versions`, nil, &version); err != nil {
		return 0, fmt.Errorf("next price version: %w", err)
	}
	return version, nil
}

// In implements cloud.Prices.
func (p prices) In(cabinet protocol.CabinetID) (uint32, error) {
	chain, err := p.Current()
	if err != nil {
		return 0, err
	}
	var own uint32
	if _, err := p.one(`SELECT COALESCE(MAX(version), 0) FROM price_versions WHERE cabinet = ? AND cabinet <> ''`, []any{string(cabinet)}, &own); err != nil {
		return 0, fmt.Errorf("price version of %s: %w", cabinet, err)
	}
	return max(chain, own), nil
}

// Own implements cloud.Prices.
func (p prices) Own() ([]cloud.OwnPrices, error) {
	list, err := all(p.session, func(row scanner) (cloud.OwnPrices, error) {
		var o cloud.OwnPrices
		return o, row.Scan(&o.Version, &o.Cabinet, &o.Base)
	}, `SELECT v.version, v.cabinet, v.base FROM price_versions v JOIN (SELECT cabinet, MAX(version) AS newest FROM price_versions WHERE cabinet <> '' GROUP BY cabinet) n
		ON n.newest = v.version ORDER BY v.cabinet`)
	if err != nil {
		return nil, fmt.Errorf("prices of cabinets: %w", err)
	}
	for i := range list {
		if list[i].Prices, err = p.named(list[i].Version, make(map[protocol.SKU]protocol.Fen)); err != nil {
			return nil, err
		}
	}
	return list, nil
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

// Versions implements cloud.DesiredStates.
func (d desired) Versions() (map[protocol.CabinetID]uint64, error) {
	type newest struct {
		cabinet protocol.CabinetID
		version uint64
	}
	list, err := all(d.session, func(row scanner) (newest, error) {
		var n newest
		return n, row.Scan(&n.cabinet, &n.version)
	}, `SELECT id, (SELECT COALESCE(MAX(version), 0) FROM desired WHERE cabinet = cabinets.id) FROM cabinets`)
	versions := make(map[protocol.CabinetID]uint64, len(list))
	for _, n := range list {
		versions[n.cabinet] = n.version
	}
	return versions, err
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
