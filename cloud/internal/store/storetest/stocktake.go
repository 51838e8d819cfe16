package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
)

func laneCountsKept(t *testing.T, db cloud.DB) {
	first := cloud.LaneCount{Place: "stock:xs-01:S1", SKU: "1001", At: now, Booked: 8, Counted: 7}
	again, other, late := first, first, first
	again.At, again.Booked, again.Counted = now.Add(time.Hour), 7, 0
	other.SKU, other.Place = "1003", "stock:xs-02:S1"
	late.At, late.Counted = now.Add(-time.Hour), 3
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Counts.Put(first), tx.Counts.Put(again), tx.Counts.Put(other), tx.Counts.Put(late))
	})
	view(t, db, func(tx cloud.Tx) error {
		all, err := tx.Counts.In("stock:xs-01:")
		same(t, all, []cloud.LaneCount{again})
		return err
	})
}
