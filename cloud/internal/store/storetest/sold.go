package storetest

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// turnoverFound bills two visits in one quarter of an hour, one in the next, gives something back, and moves goods, which is no
// turnover.
func turnoverFound(t *testing.T, db cloud.DB) {
	planned(t, db)
	const store, cabinet = cloud.StoreID("north"), protocol.CabinetID("xs-01")
	post := func(tx cloud.Tx, n byte, at time.Time, postings []ledger.Posting) error {
		return tx.Ledger.Post(ledger.Entry{
			ID: id(n), At: at, Ref: ledger.Ref("event:" + id(n).String()), Store: string(store), Cabinet: cabinet, Day: "2026-11-21", Postings: postings,
		})
	}
	quarter := now.Truncate(cloud.SoldStep)
	update(t, db, func(tx cloud.Tx) error {
		newest, err := tx.Sold.Newest()
		if !newest.IsZero() {
			t.Errorf("the newest entry of nothing is %s", newest)
		}
		return errors.Join(err,
			post(tx, 1, quarter, ledger.Bill(id(41), string(store), 300)),
			post(tx, 2, quarter.Add(cloud.SoldStep-time.Millisecond), ledger.Bill(id(42), string(store), 500)),
			post(tx, 3, quarter.Add(cloud.SoldStep), ledger.Bill(id(43), string(store), 900)),
			post(tx, 4, quarter.Add(cloud.SoldStep), []ledger.Posting{{Account: ledger.Stock(cabinet, "S1"), Unit: "sku:1001", Amount: 4}, {Account: ledger.Opening, Unit: "sku:1001", Amount: -4}}),
			post(tx, 5, quarter.Add(cloud.SoldStep), ledger.Refund(string(store), 200)),
		)
	})
	view(t, db, func(tx cloud.Tx) error {
		newest, err := tx.Sold.Newest()
		first := cloud.Sold{Store: store, Cabinet: cabinet, At: quarter, Fen: 800, Bills: 2}
		second := cloud.Sold{Store: store, Cabinet: cabinet, At: quarter.Add(cloud.SoldStep), Fen: 700, Bills: 1}
		of, err2 := tx.Sold.Of(store, "2026-11-21", newest)
		same(t, of, []cloud.Sold{first, second})
		early, err3 := tx.Sold.Of(store, "2026-11-21", id(2))
		same(t, early, []cloud.Sold{first})
		none, err4 := tx.Sold.Of(store, "2026-11-20", newest)
		after, last, err5 := tx.Sold.After(id(1), 3)
		same(t, after, []cloud.Sold{
			{Store: store, Cabinet: cabinet, At: quarter.Add(cloud.SoldStep - time.Millisecond), Fen: 500, Bills: 1},
			{Store: store, Cabinet: cabinet, At: quarter.Add(cloud.SoldStep), Fen: 900, Bills: 1},
		})
		rest, end, err6 := tx.Sold.After(last, 3)
		same(t, rest, []cloud.Sold{{Store: store, Cabinet: cabinet, At: quarter.Add(cloud.SoldStep), Fen: -200}})
		nothing, still, err7 := tx.Sold.After(end, 3)
		if last != id(4) || end != newest || newest != id(5) || still != end || len(none)+len(nothing) != 0 {
			t.Errorf("last %s, end %s, newest %s, still %s, %+v %+v", last, end, newest, still, none, nothing)
		}
		return errors.Join(err, err2, err3, err4, err5, err6, err7)
	})
}
