package postgres_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
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

func TestConformance(t *testing.T) {
	cluster := postgrestest.Start(t)
	storetest.Run(t, func(t *testing.T) cloud.DB {
		db := open(t, cluster.Database(t))
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	})
}

// The triggers are tried past the code, as somebody with a database shell would.
func TestTheDatabaseItselfHoldsTheLedgerAppendOnly(t *testing.T) {
	url := postgrestest.Start(t).Database(t)
	db := open(t, url)
	defer db.Close()
	entry := ledger.Entry{ID: protocol.UUID{1}, At: time.Unix(1, 0), Ref: "op:1", Postings: []ledger.Posting{
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
		`INSERT INTO ledger_postings SELECT entry, 9, account, unit, 1 FROM ledger_postings WHERE line = 0`:   "closed",
		`INSERT INTO ledger_entries (id, at_ms, ref) VALUES ('empty', 0, 'x')`:                                "balance",
		`INSERT INTO ledger_postings (entry, line, account, unit, amount) VALUES ('never', 0, 'a', 'fen', 1)`: "foreign key",
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
