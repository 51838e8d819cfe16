package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/postgrestest"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// busy fills books with a bit of everything that a copy must bring over.
func busy(t *testing.T, data, url string) *Admin {
	t.Helper()
	a, err := OpenAdmin(t.Context(), data, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := a.Apply(t.Context(), []byte(document)); err != nil {
		t.Fatal(err)
	}
	visit, entry := protocol.UUID{6: 0x70, 8: 0x80, 15: 1}, protocol.UUID{6: 0x70, 8: 0x80, 15: 2}
	if err := a.db.Update(t.Context(), func(tx cloud.Tx) error {
		if err := tx.Visits.Add(cloud.VisitRecord{Visit: cloud.Visit{ID: visit, Cabinet: "xs-01", Compartment: 1, Purpose: protocol.PurposePurchase, Created: time.Unix(5, 0)}, Offline: true}); err != nil {
			return err
		}
		if err := tx.Orders.Add(cloud.Order{Visit: visit, Total: 200, At: time.Unix(6, 0), Lines: []cloud.OrderLine{{SKU: "1001", Name: cloud.Text{Zh: "水", En: "Water"}, Qty: 1, Price: 200}}}); err != nil {
			return err
		}
		for seq := range uint64(1500) { // More than one statement of the copy takes.
			if _, err := tx.Inbox.Put(wire.Event{V: 1, Cabinet: "xs-01", Journal: visit, Seq: seq + 1, Type: wire.Alive, Body: []byte(`{}`)}, time.Unix(7, 0)); err != nil {
				return err
			}
		}
		if err := tx.Incidents.Open(cloud.Incident{Cabinet: "xs-01", Kind: cloud.IncidentScale, Subject: "S1", Detail: "silent", Last: time.Unix(8, 0)}); err != nil {
			return err
		}
		return tx.Ledger.Post(ledger.Entry{ID: entry, At: time.Unix(6, 0), Ref: "op:1", Day: "1970-01-01", Postings: ledger.Bill(visit, "s1", 200)})
	}); err != nil {
		t.Fatal(err)
	}
	return a
}

// contents is what can be seen of the books, as text.
func contents(t *testing.T, db *sqlstore.DB) string {
	t.Helper()
	var all []any
	if err := db.View(t.Context(), func(tx cloud.Tx) error {
		chain, err1 := tx.Plans.Chain()
		articles, err2 := tx.Plans.Articles()
		cabinets, err3 := tx.Cabinets.List()
		visits, err4 := tx.Visits.List(cloud.VisitQuery{})
		last, _, err5 := tx.Inbox.Next("xs-01", protocol.UUID{6: 0x70, 8: 0x80, 15: 1}, 1500)
		incidents, err6 := tx.Incidents.Unclosed("")
		balances, err7 := tx.Ledger.Balances("")
		all = append(all, chain, articles, cabinets, visits, last, incidents, balances)
		return firstOf(err1, err2, err3, err4, err5, err6, err7)
	}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v", all)
}

func firstOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func epochOf(t *testing.T, db *sqlstore.DB) (epoch uint64) {
	t.Helper()
	if err := db.View(t.Context(), func(tx cloud.Tx) (err error) {
		epoch, err = tx.Desired.FleetEpoch()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return epoch
}

func silent(string, int) {}

func TestBooksComeBackFromABackupAndMoveFromOneDatabaseToAnother(t *testing.T) {
	cluster := postgrestest.Start(t)
	sqlite, postgres := "", cluster.Database(t)
	for _, c := range []struct{ name, from, to string }{
		{"a backup of SQLite is restored", sqlite, sqlite},
		{"a growing chain moves to PostgreSQL", sqlite, cluster.Database(t)},
		{"a backup of PostgreSQL is restored", postgres, cluster.Database(t)},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := busy(t, t.TempDir(), c.from)
			file := filepath.Join(t.TempDir(), "backup.db")
			if err := source.Backup(t.Context(), file, silent); err != nil {
				t.Fatal(err)
			}
			data := t.TempDir()
			if err := Restore(t.Context(), data, c.to, file, silent); err != nil {
				t.Fatal(err)
			}
			restored, err := OpenAdmin(t.Context(), data, c.to)
			if err != nil {
				t.Fatal(err)
			}
			defer restored.Close()
			if was, is := contents(t, source.db), contents(t, restored.db); was != is {
				t.Errorf("restored\n%s\nwant\n%s", is, was)
			}
			if was, is := epochOf(t, source.db), epochOf(t, restored.db); is != was+1 {
				t.Errorf("the fleet's epoch is %d, was %d: want one more, so that cabinets send again what is missing", is, was)
			}
			if err := Restore(t.Context(), data, c.to, file, silent); err == nil || !strings.Contains(err.Error(), "want an empty database") {
				t.Errorf("restored over books that are in use: %v", err)
			}
			if was, is := contents(t, source.db), contents(t, restored.db); was != is {
				t.Errorf("a refused restore changed the books")
			}
		})
	}
}

func TestABackupReplacesNothingAndLeavesNoHalfOne(t *testing.T) {
	source := busy(t, t.TempDir(), "")
	folder := t.TempDir()
	file := filepath.Join(folder, "backup.db")
	if err := os.WriteFile(file, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := source.Backup(t.Context(), file, silent); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("got %v", err)
	}
	if err := source.Backup(t.Context(), filepath.Join(folder, "away", "backup.db"), silent); err == nil {
		t.Error("a folder that is not there took a backup")
	}
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if f.Name() != "backup.db" {
			t.Errorf("%s was left behind", f.Name())
		}
	}
}

func TestARestoreIsRefusedWhileAServerHasTheBooks(t *testing.T) {
	source := busy(t, t.TempDir(), "")
	file := filepath.Join(t.TempDir(), "backup.db")
	if err := source.Backup(t.Context(), file, silent); err != nil {
		t.Fatal(err)
	}
	var data string
	serve(t, func(o *Options) { data = o.Data })
	if err := Restore(t.Context(), data, "", file, silent); err == nil || !strings.Contains(err.Error(), "another fleetd") {
		t.Errorf("got %v", err)
	}
}
