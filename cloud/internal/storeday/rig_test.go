package storeday_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/internal/storeday"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// rig is a store with one cabinet, whose clock a test moves.
type rig struct {
	t       *testing.T
	db      cloud.DB
	days    *storeday.Service
	book    *book.Book
	now     time.Time
	ids     uint64
	cabinet cloud.Cabinet
}

const (
	store = cloud.StoreID("north")
	day   = ledger.Day("2026-11-27")
)

var shanghai = time.FixedZone("CST", 8*3600)

// at is a moment of the day of these tests, or of one some days later.
func at(days, hour, minute int) time.Time {
	return time.Date(2026, 11, 27+days, hour, minute, 0, 0, shanghai)
}

func newRig(t *testing.T) *rig {
	t.Helper()
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db")), OneConnection: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &rig{t: t, db: db, now: at(0, 8, 0)}
	r.book = book.New(func() time.Time { return r.now }, r.id)
	r.days = storeday.New(storeday.Options{DB: db, Book: r.book, Catalog: catalog.New(), Merchant: "m-1", Now: func() time.Time { return r.now }, Logger: slog.New(slog.DiscardHandler)})
	plan := storetest.Plan()
	for i := range plan.Articles {
		plan.Articles[i].Cost, plan.Articles[i].VATPercent = plan.Articles[i].Price/2, 13
	}
	r.cabinet = plan.Cabinets[0].Cabinet
	r.update(func(tx cloud.Tx) error {
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(r.cabinet, time.Time{})
		return err
	})
	return r
}

func (r *rig) id() protocol.UUID {
	r.ids++
	return protocol.UUID{6: 0x70, 8: 0x80, 13: byte(r.ids >> 16), 14: byte(r.ids >> 8), 15: byte(r.ids)}
}

func (r *rig) update(work func(tx cloud.Tx) error) {
	r.t.Helper()
	if err := r.db.Update(context.Background(), work); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) post(ref ledger.Ref, when time.Time, postings ...ledger.Posting) {
	r.t.Helper()
	r.update(func(tx cloud.Tx) error {
		return r.book.Post(tx, book.Fact{Ref: ref, Cabinet: r.cabinet, At: when}, postings)
	})
}

// event names the next event of the cabinet.
func (r *rig) event() ledger.Ref {
	r.ids++
	return ledger.EventRef(r.cabinet.ID, protocol.UUID{1}, r.ids)
}

func (r *rig) day(d ledger.Day) cloud.StoreDay {
	r.t.Helper()
	found, err := r.days.Day(context.Background(), store, d)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, g := range found.Goods {
		if err := g.Check(); err != nil {
			r.t.Error(err)
		}
	}
	if err := found.Money.Check(); err != nil {
		r.t.Error(err)
	}
	return found
}

func (r *rig) close(d ledger.Day, note string) error {
	_, err := r.days.Close(context.Background(), cloud.CloseDay{Store: store, Day: d, By: "manager", Role: protocol.RoleManager, Note: note})
	return err
}

// sell books a visit that was billed and, where paid, captured; it gives the hold, which the provider's statement names.
func (r *rig) sell(when time.Time, sku protocol.SKU, qty int, price protocol.Fen, paid bool) (hold protocol.UUID) {
	r.t.Helper()
	v, person := r.id(), protocol.UUID{2}
	total := price * protocol.Fen(qty)
	hold, capture := r.id(), r.id()
	r.update(func(tx cloud.Tx) error {
		if err := tx.Visits.Add(cloud.VisitRecord{HoldOp: hold, Visit: cloud.Visit{
			ID: v, Cabinet: r.cabinet.ID, Compartment: 1, Purpose: protocol.PurposePurchase, Person: person, Hold: 5000, Payment: cloud.PaymentCaptured,
			Outcome: cloud.OutcomeSold, Created: when, Ended: when,
		}}); err != nil {
			return err
		}
		if err := tx.Ops.Add(cloud.PaymentOp{ID: hold, Visit: v, Person: person, Kind: cloud.OpHold, Amount: 5000, State: cloud.OpDone, Created: when}); err != nil {
			return err
		}
		return tx.Orders.Add(cloud.Order{Visit: v, Lines: []cloud.OrderLine{{SKU: sku, Qty: qty, Price: price}}, Total: total, At: when})
	})
	goods := []ledger.Posting{{Account: ledger.Stock(r.cabinet.ID, "S1"), Unit: ledger.Article(sku), Amount: -int64(qty)}, {Account: ledger.Sold(r.cabinet.ID), Unit: ledger.Article(sku), Amount: int64(qty)}}
	r.post(r.event(), when, append(goods, ledger.Bill(v, string(store), total)...)...)
	if paid {
		r.update(func(tx cloud.Tx) error {
			return tx.Ops.Add(cloud.PaymentOp{ID: capture, Visit: v, Person: person, Kind: cloud.OpCapture, Amount: total, On: hold, State: cloud.OpDone, Created: when})
		})
		r.post(ledger.OpRef(capture), when, ledger.Capture(v, total)...)
		return hold
	}
	r.post(ledger.OpRef(capture), when, ledger.Owe(v, person, total)...)
	return hold
}

func (r *rig) count(when time.Time, qty ...int64) {
	r.t.Helper()
	counts := make(map[protocol.SKU]reconcile.Level)
	for i, q := range qty {
		counts[[]protocol.SKU{"1001", "1002"}[i]] = reconcile.Level{Qty: q, Low: q, High: q}
	}
	r.update(func(tx cloud.Tx) error {
		return tx.Scales.Save(ledger.DayOf(when, shanghai), cloud.DayLevel{Cabinet: r.cabinet.ID, Platform: "S1", At: when, Counts: counts})
	})
}
