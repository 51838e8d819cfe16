package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func priceChanges(t *testing.T, db cloud.DB) {
	planned(t, db)
	late := cloud.PriceChange{From: now.Add(2 * time.Hour), Entered: now, By: "manager", Prices: map[protocol.SKU]protocol.Fen{"1001": 250, "1002": 300}}
	soon := cloud.PriceChange{From: now.Add(time.Hour), Entered: now, Prices: map[protocol.SKU]protocol.Fen{"1001": 220}}
	again := soon
	update(t, db, func(tx cloud.Tx) error {
		for n, c := range []*cloud.PriceChange{&late, &soon, &again} {
			number, err := tx.Changes.Add(*c)
			if err != nil {
				return err
			}
			if c.Number = number; number != uint32(n+1) {
				t.Errorf("change %d has the number %d", n, number)
			}
		}
		return nil
	})
	view(t, db, func(tx cloud.Tx) error {
		coming, err := tx.Changes.Coming()
		same(t, coming, []cloud.PriceChange{soon, again, late})
		ended, err2 := tx.Changes.Latest(5)
		same(t, ended, []cloud.PriceChange{})
		return errors.Join(err, err2)
	})
	late.End = cloud.PriceEnd{At: now.Add(time.Minute), By: "owner"}
	soon.End = cloud.PriceEnd{At: soon.From, Version: 2}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Changes.End(late.Number, late.End), tx.Changes.End(soon.Number, soon.End))
	})
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Changes.End(late.Number, soon.End) })
	refused(t, db, cloud.CodeConflict, func(tx cloud.Tx) error { return tx.Changes.End(99, soon.End) })
	view(t, db, func(tx cloud.Tx) error {
		coming, err := tx.Changes.Coming()
		same(t, coming, []cloud.PriceChange{again})
		ended, err2 := tx.Changes.Latest(5)
		same(t, ended, []cloud.PriceChange{soon, late})
		return errors.Join(err, err2)
	})
}

func costsKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	first := cloud.CostChange{SKU: "1001", From: now, Cost: 114, By: "owner"}
	second := cloud.CostChange{SKU: "1001", From: now, Cost: 115}
	third := cloud.CostChange{SKU: "1001", From: now.Add(time.Hour), Cost: 130}
	other := cloud.CostChange{SKU: "1002", From: now.Add(time.Hour), Cost: 90}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Costs.Add(first), tx.Costs.Add(other), tx.Costs.Add(second), tx.Costs.Add(third))
	})
	view(t, db, func(tx cloud.Tx) error {
		of, err := tx.Costs.Of("1001")
		same(t, of, []cloud.CostChange{first, second, third})
		before, err2 := tx.Costs.At(now.Add(-time.Hour))
		same(t, before, map[protocol.SKU]protocol.Fen{"1001": 114, "1002": 90})
		then, err3 := tx.Costs.At(now.Add(time.Minute))
		same(t, then, map[protocol.SKU]protocol.Fen{"1001": 115, "1002": 90})
		last, err4 := tx.Costs.At(now.Add(time.Hour))
		same(t, last, map[protocol.SKU]protocol.Fen{"1001": 130, "1002": 90})
		return errors.Join(err, err2, err3, err4)
	})
}
