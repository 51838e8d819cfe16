package postgres_test

import (
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store"
	"allhours/cloud/internal/store/postgres"
	"allhours/cloud/internal/store/postgrestest"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

func open(t *testing.T, url string) *sqlstore.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestPostgreSQL(t *testing.T) {
	cluster := postgrestest.Start(t)
	migrated := cluster.Database(t)
	if err := open(t, migrated).Close(); err != nil {
		t.Fatal(err)
	}
	t.Run("it keeps everything that the domain asks of a database", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) cloud.DB {
			db := open(t, cluster.Copy(t, migrated))
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			return db
		})
	})
	for name, test := range map[string]func(*testing.T, *postgrestest.Cluster, string){
		"it holds the ledger append-only by itself":  appendOnly,
		"what never changes is never emptied":        neverEmptied,
		"it is served by one process at a time":      oneTurn,
		"two processes write in turn":                twoWriters,
		"it is used again after its server was away": serverAway,
	} {
		t.Run(name, func(t *testing.T) { test(t, cluster, cluster.Copy(t, migrated)) })
	}
}

func oneTurn(t *testing.T, _ *postgrestest.Cluster, url string) {
	first, err := postgres.TakeTurn(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.TakeTurn(t.Context(), url); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a second one got %v", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := postgres.TakeTurn(t.Context(), url)
	if err != nil {
		t.Fatalf("after the first was released: %v", err)
	}
	if err := second.Release(); err != nil {
		t.Error(err)
	}
}

// Both read a revision and write the next one: without the writer's lock some of the steps would be lost.
func twoWriters(t *testing.T, _ *postgrestest.Cluster, url string) {
	const each = 100
	var writers sync.WaitGroup
	for range 2 {
		db := open(t, url)
		defer db.Close()
		writers.Go(func() {
			for range each {
				if err := db.Update(t.Context(), nextPrices); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	db := open(t, url)
	defer db.Close()
	if err := db.View(t.Context(), func(tx cloud.Tx) error {
		last, err := tx.Prices.Current()
		if last != 2*each {
			t.Errorf("price version %d, want %d", last, 2*each)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

func nextPrices(tx cloud.Tx) error {
	last, err := tx.Prices.Current()
	if err != nil {
		return err
	}
	return tx.Prices.Add(last+1, map[protocol.SKU]protocol.Fen{"1001": 200}, time.Unix(1, 0))
}

func serverAway(t *testing.T, cluster *postgrestest.Cluster, url string) {
	db := open(t, url)
	defer db.Close()
	if err := db.Update(t.Context(), nextPrices); err != nil {
		t.Fatal(err)
	}
	cluster.Stop(t)
	view := func(cloud.Tx) error { return nil }
	if db.Update(t.Context(), nextPrices) == nil || db.View(t.Context(), view) == nil {
		t.Error("a server that is away took work")
	}
	cluster.Run(t)
	if err := errors.Join(db.Update(t.Context(), nextPrices), db.View(t.Context(), func(tx cloud.Tx) error {
		last, err := tx.Prices.Current()
		if last != 2 {
			t.Errorf("price version %d, want 2", last)
		}
		return err
	})); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

// Whatever refuses that a row goes refuses that all go. A table that a later schema adds is held to it as well.
func neverEmptied(t *testing.T, _ *postgrestest.Cluster, url string) {
	db := open(t, url)
	defer db.Close()
	raw, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var open, kept int
	err = raw.QueryRowContext(t.Context(), `WITH refusing AS (
			SELECT t.tgrelid, t.tgtype FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'refuse'
		) SELECT (SELECT COUNT(DISTINCT tgrelid) FROM refusing WHERE tgtype & 32 = 32),
			(SELECT COUNT(DISTINCT r.tgrelid) FROM refusing r WHERE NOT EXISTS (SELECT 1 FROM refusing a WHERE a.tgrelid = r.tgrelid AND a.tgtype & 32 = 32))`).Scan(&kept, &open)
	if err != nil || open > 0 || kept < 20 {
		t.Errorf("%d tables are never emptied, %d can be: %v", kept, open, err)
	}
	if _, err := raw.ExecContext(t.Context(), `TRUNCATE closed_days`); err == nil || !strings.Contains(err.Error(), "never changes") {
		t.Errorf("closed days were emptied: %v", err)
	}
}

// The triggers are tried past the code, as somebody with a database shell would.
func appendOnly(t *testing.T, _ *postgrestest.Cluster, url string) {
	db := open(t, url)
	defer db.Close()
	entry := ledger.Entry{ID: protocol.UUID{1}, At: time.Unix(1, 0), Ref: "op:1", Day: "1970-01-01", Postings: []ledger.Posting{
		{Account: "hold:1", Unit: ledger.Fen, Amount: 5}, {Account: "resident:1", Unit: ledger.Fen, Amount: -5},
	}}
	if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Ledger.Post(entry) }); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for statement, why := range map[string]string{
		`UPDATE ledger_postings SET amount = 6`:    "append-only",
		`DELETE FROM ledger_postings`:              "append-only",
		`UPDATE ledger_entries SET at_ms = 0`:      "append-only",
		`DELETE FROM ledger_entries`:               "append-only",
		`TRUNCATE ledger_entries, ledger_postings`: "append-only",
		`INSERT INTO ledger_postings SELECT entry, 9, account, unit, 1, pile FROM ledger_postings WHERE line = 0`: "closed",
		`INSERT INTO ledger_entries (id, at_ms, ref) VALUES ('empty', 0, 'x')`:                                    "balance",
		`INSERT INTO ledger_postings (entry, line, account, unit, amount) VALUES ('never', 0, 'a', 'fen', 1)`:     "foreign key",
	} {
		if _, err := raw.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: got %v, want %q", statement, err, why)
		}
	}
}

func TestAWrongAddressIsNamedAndItsPasswordIsNot(t *testing.T) {
	for _, url := range []string{"postgres://u:canary@127.0.0.1:1/x?connect_timeout=1", "postgres://u:canary@[::x/"} {
		_, err := postgres.Open(t.Context(), url)
		if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "PostgreSQL") {
			t.Errorf("%v", err)
		}
	}
}
