package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
)

// off is goods that were written off on a platform.
func off(n byte, day ledger.Day, reason ledger.Reason, units int) ledger.Entry {
	return ledger.Entry{
		ID: id(n), At: now.Add(time.Duration(n) * time.Second), Ref: ledger.MovementRef(id(n)), Store: "north", Cabinet: "xs-01", Day: day,
		Postings: ledger.Move("1001", units, ledger.Stock("xs-01", "S1"), ledger.Off(reason)),
	}
}

func wasteFound(t *testing.T, db cloud.DB) {
	lost, elsewhere := off(13, "2026-11-20", ledger.Expired, 1), off(14, "2026-11-20", ledger.Expired, 9)
	lost.Postings = ledger.Counted(ledger.Stock("xs-01", "S1"), "1002", 6, 4)
	elsewhere.Store, elsewhere.Cabinet = "south", "xs-02"
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(
			tx.Ledger.Post(sale(10, "2026-11-19", "")), tx.Ledger.Post(off(11, "2026-11-19", ledger.Expired, 2)), tx.Ledger.Post(off(12, "2026-11-20", ledger.Damaged, 3)),
			tx.Ledger.Post(lost), tx.Ledger.Post(elsewhere), tx.Ledger.Post(off(15, "2026-11-21", ledger.Theft, 5)),
		)
	})
	view(t, db, func(tx cloud.Tx) error {
		piles, err := tx.Wasted.Piles("north", "2026-11-19", "2026-11-20")
		sums := map[string]int64{}
		for _, p := range piles {
			sums[string(p.Day)+" "+string(p.Pile.Pile)] += p.Amount
		}
		for want, amount := range map[string]int64{
			"2026-11-19 sold:xs-01": 2, "2026-11-19 off:expired:xs-01": 2, "2026-11-20 off:damaged:xs-01": 3, "2026-11-20 lost:xs-01": 2, "2026-11-21 off:theft:xs-01": 0,
		} {
			if sums[want] != amount {
				t.Errorf("%s has %d, want %d of %v", want, sums[want], amount, sums)
			}
		}
		q := cloud.WasteQuery{Store: "north", From: "2026-11-19", To: "2026-11-20"}
		all, err2 := tx.Wasted.Entries(q)
		if len(all) != 3 || all[0].ID != id(13) || all[1].ID != id(12) || all[2].ID != id(11) || len(all[0].Postings) != 2 {
			t.Errorf("entries %+v", all)
		}
		q.SKU, q.Limit = "1001", 1
		some, err3 := tx.Wasted.Entries(q)
		if len(some) != 1 || some[0].ID != id(12) {
			t.Errorf("of one article %+v", some)
		}
		q.SKU, q.Cabinet = "", "xs-02"
		none, err4 := tx.Wasted.Entries(q)
		if len(none) != 0 {
			t.Errorf("of another cabinet %+v", none)
		}
		latest, err5 := tx.Ledger.Latest(ledger.Stock("xs-01", "S1"), "sku:1001", 2)
		if len(latest) != 2 || latest[0].ID != id(15) || latest[1].ID != id(14) || len(latest[1].Postings) != 2 {
			t.Errorf("the latest of a lane %+v", latest)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})
}
