package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

type lots struct{ *session }

const lotColumns = `SELECT place, sku, until, units, said, since_ms, told FROM lots`

func readLot(row scanner) (cloud.Lot, error) {
	var l cloud.Lot
	return l, row.Scan(&l.Place, &l.SKU, &l.Until, &l.Units, &l.Said, timeColumn{&l.Since}, &l.Told)
}

// Of implements cloud.Lots.
func (t lots) Of(place ledger.Account, sku protocol.SKU) ([]cloud.Lot, error) {
	return all(t.session, readLot, lotColumns+` WHERE place = ? AND sku = ? ORDER BY until`, string(place), string(sku))
}

// In implements cloud.Lots.
func (t lots) In(prefix ledger.Account) ([]cloud.Lot, error) {
	return all(t.session, readLot, lotColumns+` WHERE place >= ? AND place < ? ORDER BY place, sku, until`, string(prefix), string(prefix)+"\U0010FFFF")
}

// Due implements cloud.Lots.
func (t lots) Due(until ledger.Day) ([]cloud.Lot, error) {
	return all(t.session, readLot, lotColumns+` WHERE until <= ? AND place >= 'stock:' AND place < 'stock;' ORDER BY place, sku, until`, string(until))
}

// Put implements cloud.Lots.
func (t lots) Put(place ledger.Account, sku protocol.SKU, put []cloud.Lot) error {
	if _, err := t.exec(`DELETE FROM lots WHERE place = ? AND sku = ?`, string(place), string(sku)); err != nil {
		return fmt.Errorf("lots of %s in %s: %w", sku, place, err)
	}
	return t.Add(put)
}

// Add implements cloud.Lots.
func (t lots) Add(added []cloud.Lot) error {
	rows := make([][]any, len(added))
	for i, l := range added {
		rows[i] = []any{string(l.Place), string(l.SKU), string(l.Until), l.Units, l.Said, ms(l.Since), string(l.Told)}
	}
	if err := t.insert("lots", []string{"place", "sku", "until", "units", "said", "since_ms", "told"}, "", rows); err != nil {
		return fmt.Errorf("add lots: %w", err)
	}
	return nil
}

// Tell implements cloud.Lots.
func (t lots) Tell(l cloud.Lot, stage picking.Stage) error {
	changed, err := t.exec(`UPDATE lots SET told = ? WHERE place = ? AND sku = ? AND until = ?`, string(stage), string(l.Place), string(l.SKU), string(l.Until))
	return exactlyOne(changed, err, fmt.Sprintf("tell of %s in %s", l.SKU, l.Place))
}
