package storetest

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func plansComeBack(t *testing.T, db cloud.DB) {
	want := Plan()
	var first, second uint64
	save := func(tx cloud.Tx) error {
		added, err := tx.Cabinets.Save(want.Cabinets[0].Cabinet, time.Time{})
		if wantAdded := first == 0; added != wantAdded {
			t.Errorf("added is %v, want %v", added, wantAdded)
		}
		return err
	}
	update(t, db, func(tx cloud.Tx) error { return tx.Plans.Save(want) })
	update(t, db, save)
	view(t, db, func(tx cloud.Tx) (err error) { first, err = tx.Plans.Revision(); return err })
	update(t, db, func(tx cloud.Tx) error { return tx.Plans.Save(want) })
	update(t, db, save)
	view(t, db, func(tx cloud.Tx) (err error) {
		second, err = tx.Plans.Revision()
		chain, err1 := tx.Plans.Chain()
		stores, err2 := tx.Plans.Stores()
		articles, err3 := tx.Plans.Articles()
		cabinet, err4 := tx.Cabinets.Find("xs-01")
		same(t, chain, want.Chain)
		same(t, stores, want.Stores)
		same(t, articles, want.Articles)
		same(t, cabinet, want.Cabinets[0].Cabinet)
		return errors.Join(err, err1, err2, err3, err4)
	})
	if second <= first {
		t.Errorf("revision went from %d to %d", first, second)
	}
	refused(t, db, cloud.CodeUnknownCabinet, func(tx cloud.Tx) error { _, err := tx.Cabinets.Find("xs-99"); return err })
}

func aislesKept(t *testing.T, db cloud.DB) {
	planned(t, db)
	water, tea := cloud.ShelfPlace{Store: "north", SKU: "1001", Aisle: "9", Turn: 2}, cloud.ShelfPlace{Store: "north", SKU: "1002", Aisle: "10"}
	update(t, db, func(tx cloud.Tx) error { return tx.Shelves.Put([]cloud.ShelfPlace{tea, water}) })
	water.Aisle, water.Turn = "3", 0
	update(t, db, func(tx cloud.Tx) error {
		return tx.Shelves.Put([]cloud.ShelfPlace{water, {Store: "north", SKU: "1002"}, {Store: "north", SKU: "1003"}})
	})
	view(t, db, func(tx cloud.Tx) error {
		all, err := tx.Shelves.Of("")
		same(t, all, []cloud.ShelfPlace{water})
		own, err2 := tx.Shelves.Of("north")
		same(t, own, []cloud.ShelfPlace{water})
		none, err3 := tx.Shelves.Of("south")
		if len(none) != 0 {
			t.Errorf("another store has %+v", none)
		}
		return errors.Join(err, err2, err3)
	})
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func planned(t *testing.T, db cloud.DB) {
	t.Helper()
	update(t, db, func(tx cloud.Tx) error {
		if err := tx.Plans.Save(Plan()); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(Plan().Cabinets[0].Cabinet, time.Time{})
		return err
	})
}

func enrolment(t *testing.T, db cloud.DB) {
	planned(t, db)
	find := func(tx cloud.Tx) error { _, err := tx.Cabinets.Enrolment("xs-01"); return err }
	refused(t, db, cloud.CodeUnknownCabinet, find)
	refused(t, db, cloud.CodeUnknownCabinet, func(tx cloud.Tx) error { return tx.Cabinets.Enrol("xs-99", []byte{1}) })
	update(t, db, func(tx cloud.Tx) error { return tx.Cabinets.Enrol("xs-01", []byte{1, 2}) })
	view(t, db, func(tx cloud.Tx) error {
		got, err := tx.Cabinets.Enrolment("xs-01")
		same(t, got, cloud.Enrolment{Cabinet: "xs-01", Shard: 7, PasswordHash: []byte{1, 2}})
		return err
	})
}

func sentBy(t *testing.T, db cloud.DB) {
	planned(t, db)
	sender := func(cabinet protocol.CabinetID, want cloud.Sender) {
		t.Helper()
		view(t, db, func(tx cloud.Tx) error {
			got, err := tx.Senders.Find(cabinet)
			same(t, got, want)
			return err
		})
	}
	sender("xs-99", cloud.Sender{})
	sender("xs-01", cloud.Sender{Shard: 7, FleetEpoch: 1})
	position := cloud.Position{Journal: id(50), Applied: 4, Seen: 5, Placed: now}
	update(t, db, func(tx cloud.Tx) error {
		return errors.Join(tx.Cabinets.Enrol("xs-01", []byte{1, 2}), tx.Inbox.Move("xs-01", position))
	})
	sender("xs-01", cloud.Sender{Enrolled: true, Shard: 7, Position: position, FleetEpoch: 1})
}

func priceLists(t *testing.T, db cloud.DB) {
	planned(t, db)
	list := map[protocol.SKU]protocol.Fen{"1001": 200, "1002": 350}
	update(t, db, func(tx cloud.Tx) error { return tx.Prices.Add(3, list, now) })
	view(t, db, func(tx cloud.Tx) error {
		version, err := tx.Prices.Current()
		same(t, version, uint32(3))
		got, err2 := tx.Prices.Of(3)
		same(t, got, list)
		return errors.Join(err, err2)
	})
	refused(t, db, cloud.CodeUnknownPrice, func(tx cloud.Tx) error { _, err := tx.Prices.Of(4); return err })
	if db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Prices.Add(3, list, now) }) == nil {
		t.Error("a price list was written twice")
	}
	config := wire.Config{V: 1, Cabinet: "xs-01", Config: wire.ConfigVersion{Version: 2}, PriceVersion: 3}
	update(t, db, func(tx cloud.Tx) error { return tx.Desired.Add(config, now) })
	view(t, db, func(tx cloud.Tx) error {
		added, err := tx.Desired.Added()
		if err != nil || added != 1 {
			t.Errorf("%d desired states were added, %v", added, err)
		}
		return err
	})
	view(t, db, func(tx cloud.Tx) error {
		latest, found, err := tx.Desired.Latest("xs-01")
		same(t, latest, config)
		_, other, err2 := tx.Desired.At("xs-01", 1)
		epoch, err3 := tx.Desired.FleetEpoch()
		version, err4 := tx.Desired.Version("xs-01")
		none, err5 := tx.Desired.Version("xs-99")
		versions, err6 := tx.Desired.Versions()
		same(t, versions, map[protocol.CabinetID]uint64{"xs-01": 2})
		if !found || other || epoch != 1 || version != 2 || none != 0 {
			t.Errorf("found %v, other %v, epoch %d, version %d, of a stranger %d", found, other, epoch, version, none)
		}
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
}

func atomic(t *testing.T, db cloud.DB) {
	broken := errors.New("broken")
	err := db.Update(t.Context(), func(tx cloud.Tx) error {
		return errors.Join(tx.Plans.Save(Plan()), broken)
	})
	if !errors.Is(err, broken) {
		t.Fatalf("got %v, want the work's own error", err)
	}
	refused(t, db, cloud.CodeNotFound, func(tx cloud.Tx) error { _, err := tx.Plans.Chain(); return err })
}

func tryAlone(t *testing.T, db cloud.DB) {
	broken := errors.New("broken")
	update(t, db, func(tx cloud.Tx) error {
		if err := tx.Plans.Save(Plan()); err != nil {
			return err
		}
		if err := tx.Try(func() error { return errors.Join(tx.Prices.Add(1, nil, now), broken) }); !errors.Is(err, broken) {
			t.Errorf("got %v, want the work's own error", err)
		}
		stranger := Plan().Cabinets[0].Cabinet
		stranger.Store = "nowhere"
		if err := tx.Try(func() error { _, err := tx.Cabinets.Save(stranger, time.Time{}); return err }); protocol.CodeOf(err) != cloud.CodeConflict {
			t.Errorf("a cabinet of no store: %v", err)
		}
		return tx.Try(func() error { return tx.Prices.Add(2, nil, now) })
	})
	view(t, db, func(tx cloud.Tx) error {
		_, gone := tx.Prices.Of(1)
		_, kept := tx.Prices.Of(2)
		if gone == nil {
			t.Error("a failed try left a price list behind")
		}
		return kept
	})
}

func manyWriters(t *testing.T, db cloud.DB) {
	planned(t, db)
	broken := errors.New("broken")
	var wg sync.WaitGroup
	for n := range 100 {
		wg.Go(func() {
			err := db.Update(t.Context(), func(tx cloud.Tx) error {
				if err := tx.Incidents.Open(cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentScale, Subject: "S1", Last: now}); err != nil {
					return err
				}
				if n%2 == 1 {
					return broken
				}
				return nil
			})
			if n%2 == 1 != errors.Is(err, broken) {
				t.Errorf("writer %d: %v", n, err)
			}
		})
	}
	wg.Wait()
	view(t, db, func(tx cloud.Tx) error {
		found, err := tx.Incidents.Unclosed("")
		if len(found) != 1 || found[0].Count != 50 {
			t.Errorf("got %+v, want one incident counted 50 times", found)
		}
		return err
	})
}
