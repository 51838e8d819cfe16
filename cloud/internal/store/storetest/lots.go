package storetest

import (
	"errors"
	"testing"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

func lotsKept(t *testing.T, db cloud.DB) {
	near := cloud.Lot{Place: "stock:xs-01:S1", SKU: "1001", Until: "2026-11-21", Units: 3, Said: true, Since: now}
	far, shelf, other := near, near, near
	far.Until, far.Said = "2026-11-25", false
	shelf.Place = "shop:north"
	other.Place = "stock:xs-02:S1"
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Lots.Add([]cloud.Lot{far, near, shelf, other}), tx.Lots.Tell(near, picking.Soon))
	})
	near.Told = picking.Soon
	view(t, db, func(tx cloud.Tx) error {
		of, err := tx.Lots.Of("stock:xs-01:S1", "1001")
		same(t, of, []cloud.Lot{near, far})
		in, err2 := tx.Lots.In("stock:xs-01:")
		same(t, in, []cloud.Lot{near, far})
		due, err3 := tx.Lots.Due("2026-11-21")
		same(t, due, []cloud.Lot{near, other})
		return errors.Join(err, err2, err3)
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Lots.Put("stock:xs-01:S1", "1001", nil) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Lots.Tell(near, picking.Over) })
}

func ownPrices(t *testing.T, db cloud.DB) {
	planned(t, db)
	update(t, db, func(tx cloud.Tx) error {
		if err := tx.Prices.Add(1, map[protocol.SKU]protocol.Fen{"1001": 200, "1002": 350}, now); err != nil {
			return err
		}
		version, err := tx.Prices.Set(cloud.OwnPrices{Cabinet: "xs-01", Base: 1, Prices: map[protocol.SKU]protocol.Fen{"1001": 0}}, now)
		same(t, version, uint32(2))
		return err
	})
	view(t, db, func(tx cloud.Tx) error {
		chain, err := tx.Prices.Current()
		same(t, chain, uint32(1))
		here, err2 := tx.Prices.In("xs-01")
		there, err3 := tx.Prices.In("xs-02")
		same(t, []uint32{here, there}, []uint32{2, 1})
		list, err4 := tx.Prices.Of(2)
		same(t, list, map[protocol.SKU]protocol.Fen{"1001": 0, "1002": 350})
		own, err5 := tx.Prices.Own()
		same(t, own, []cloud.OwnPrices{{Version: 2, Cabinet: "xs-01", Base: 1, Prices: map[protocol.SKU]protocol.Fen{"1001": 0}}})
		return errors.Join(err, err2, err3, err4, err5)
	})
	update(t, db, func(tx cloud.Tx) error { return tx.Prices.Add(3, map[protocol.SKU]protocol.Fen{"1001": 210}, now) })
	view(t, db, func(tx cloud.Tx) error {
		here, err := tx.Prices.In("xs-01")
		same(t, here, uint32(3))
		return err
	})
}
