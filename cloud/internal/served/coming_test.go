package served

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/forecast"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// hourly expects one bottle of water an hour in each of two cabinets.
type hourly struct{ model *forecast.Model }

func newHourly(t *testing.T, until time.Time) hourly {
	t.Helper()
	model := forecast.New(forecast.China(), forecast.Chain{
		Articles: []forecast.Article{{SKU: "1001", Category: "water", Price: 200, Essential: true}}, Cabinets: []forecast.Cabinet{{ID: "xs-01", Store: "north"}, {ID: "xs-02", Store: "north"}},
	})
	sales := []forecast.Sales{{Cabinet: "xs-01", SKU: "1001"}, {Cabinet: "xs-02", SKU: "1001"}}
	for i := range sales {
		for h := range 24 {
			sales[i].Sold[h], sales[i].Able[h] = 1, 1
		}
	}
	last := forecast.DayOf(until)
	for day := last - 56; day < last; day++ {
		if err := model.Learn(day, sales); err != nil {
			t.Fatal(err)
		}
	}
	return hourly{model}
}

func (d hourly) Outlooks(cloud.Tx) (cloud.Outlooks, error) {
	return cloud.Outlooks{Age: cloud.DemandAge{Days: 56}, Model: d.model}, nil
}

// twoCabinets is a store whose first cabinet has a few bottles of water, the second very many.
type twoCabinets struct {
	t   *testing.T
	db  cloud.DB
	s   *Service
	now time.Time
}

func newTwoCabinets(t *testing.T) *twoCabinets {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &twoCabinets{t: t, db: db, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)} // Eight in the evening of the store.
	clock := func() time.Time { return w.now }
	w.s = New(Options{
		DB: db, Book: book.New(clock, func() protocol.UUID { return protocol.UUID{} }), Catalog: catalog.New(), Presence: presence.New(), Demand: newHourly(t, w.now.Add(8*time.Hour)),
		Now: clock, NewID: func() protocol.UUID { return protocol.UUID{6: 0x70, 8: 0x80, 15: 1} }, Logger: slog.New(slog.DiscardHandler),
	})
	w.update(func(tx cloud.Tx) error {
		plan := storetest.Plan()
		plan.Articles[0].Category, plan.Articles[0].Essential = "water", true
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		first := plan.Cabinets[0].Cabinet
		second := first
		second.ID, second.Number, second.Shard = "xs-02", 2, 8
		_, err1 := tx.Cabinets.Save(first, w.now)
		_, err2 := tx.Cabinets.Save(second, w.now)
		return errors.Join(err1, err2, Follow(tx, w.now), w.lie(tx, "xs-01", 1, 3), w.lie(tx, "xs-02", 2, 900))
	})
	w.heard("xs-01", "xs-02")
	return w
}

func (w *twoCabinets) update(work func(tx cloud.Tx) error) {
	w.t.Helper()
	if err := w.db.Update(w.t.Context(), work); err != nil {
		w.t.Fatal(err)
	}
}

// lie puts water into a cabinet, in the books and by its own word.
func (w *twoCabinets) lie(tx cloud.Tx, cabinet protocol.CabinetID, n byte, units int) error {
	at := w.now.Add(-time.Hour)
	entry := ledger.Entry{
		ID: protocol.UUID{6: 0x70, 8: 0x80, 14: 9, 15: n}, At: at, Ref: ledger.Ref("test:" + string(cabinet)), Store: "north", Cabinet: cabinet, Day: "2026-11-20",
		Postings: ledger.Count(cabinet, "S1", "1001", units),
	}
	word := coverage.Fact{Ref: "event:" + string(cabinet), Seq: 1, Cabinet: cabinet, Kind: coverage.Stock, Subject: "S1/1001", Value: 1, At: at.UnixMilli(), Made: at.UnixMilli()}
	return errors.Join(tx.Ledger.Post(entry), tx.CoverageFacts.Add([]coverage.Fact{word}))
}

// heard has cabinets tell everything until now.
func (w *twoCabinets) heard(cabinets ...protocol.CabinetID) {
	w.t.Helper()
	w.update(func(tx cloud.Tx) (err error) {
		for n, id := range cabinets {
			err = errors.Join(err, tx.Inbox.Move(id, cloud.Position{Journal: protocol.UUID{6: 0x70, 8: 0x80, 15: byte(n + 1)}, Applied: 1, Seen: 1, Placed: w.now}))
		}
		return err
	})
}

func (w *twoCabinets) coming() []cloud.ComingGap {
	w.t.Helper()
	of, err := w.s.Store(w.t.Context(), "north", cloud.ServedQuery{Days: weekDays})
	if err != nil {
		w.t.Fatal(err)
	}
	return of.Coming
}

func TestWhatLiesWhereNothingIsSoldKeepsNobodyServed(t *testing.T) {
	lock := func(w *twoCabinets, holds int) {
		w.update(func(tx cloud.Tx) error {
			return tx.CoverageFacts.Add([]coverage.Fact{{
				Ref: "halt:" + string(rune('0'+holds)), Cabinet: "xs-02", Kind: coverage.Halt, Subject: string(protocol.CodeLockedOut), Value: holds, At: w.now.UnixMilli(), Made: w.now.UnixMilli(),
			}})
		})
		w.now = w.now.Add(time.Minute)
	}
	w := newTwoCabinets(t)
	if all := w.coming(); len(all) != 0 {
		t.Fatalf("of 900 bottles %+v comes", all)
	}
	lock(w, 1)
	w.heard("xs-01", "xs-02")
	all := w.coming()
	if len(all) != 1 || all[0].Category != "water" || all[0].Bring.Cabinet != "xs-01" || all[0].Units < 6 || all[0].Lost <= 0 || all[0].Round != nil {
		t.Fatalf("with the fuller cabinet locked out %+v comes", all)
	}
	closes := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	if at := time.UnixMilli(all[0].From); at.Before(closes) || at.After(closes.Add(3*time.Hour)) {
		t.Errorf("three bottles last until %s", at.UTC())
	}
	if idle := all[0].Idle; idle == nil || idle.Cabinet != "xs-02" || idle.Shut != 900 {
		t.Errorf("what lies in the cabinet that is locked out: %+v", idle)
	}
	lock(w, 0)
	w.heard("xs-01", "xs-02")
	if all := w.coming(); len(all) != 0 {
		t.Errorf("with the lock-out ended %+v comes", all)
	}
	w.now = w.now.Add(2 * cloud.AwayAfter)
	w.heard("xs-01")
	if all := w.coming(); len(all) != 1 || all[0].Bring.Cabinet != "xs-01" {
		t.Errorf("with the fuller cabinet away %+v comes", all)
	}
}

func TestARoundThatBringsWhatWouldLackIsNamed(t *testing.T) {
	w := newTwoCabinets(t)
	w.now = w.now.Add(2 * cloud.AwayAfter)
	w.heard("xs-01")
	plan := func(n byte, cabinet protocol.CabinetID, day ledger.Day, due time.Time, units int) protocol.UUID {
		id := protocol.UUID{6: 0x70, 8: 0x80, 13: 7, 15: n}
		w.update(func(tx cloud.Tx) error {
			return tx.Rounds.Add(cloud.Round{
				ID: id, Store: "north", Day: day, State: cloud.RoundPlanned, Created: w.now, By: "Li Na", Walks: "Wang", Person: protocol.UUID{6: 0x70, 8: 0x80, 15: 9}, Key: string(rune('a' + n)),
				Stops: []cloud.RoundStop{{Cabinet: cabinet, State: cloud.StopAhead, Due: due}}, Lines: []cloud.RoundLine{{Cabinet: cabinet, Platform: "S1", SKU: "1001", Planned: units}},
			})
		})
		return id
	}
	plan(1, "xs-02", "2026-11-20", time.Time{}, 30) // To a cabinet that cannot sell.
	plan(2, "xs-01", "2026-11-22", time.Time{}, 30) // When it is too late.
	plan(3, "xs-01", "2026-11-20", w.now.Add(20*time.Hour), 30)
	plan(4, "xs-01", "2026-11-19", time.Time{}, 30) // Nobody walked it.
	if all := w.coming(); len(all) != 1 || all[0].Round != nil {
		t.Fatalf("no round brings it in time: %+v", all)
	}
	want := plan(5, "xs-01", "2026-11-20", w.now.Add(time.Hour), 12)
	all := w.coming()
	if len(all) != 1 || all[0].Round == nil || all[0].Round.ID != want || all[0].Round.Units != 12 || all[0].Round.Walks != "Wang" || all[0].Round.Day != "2026-11-20" {
		t.Fatalf("a round brings it in time: %+v", all)
	}
}
