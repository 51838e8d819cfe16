package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

func open(t *testing.T, o sqlite.Options) *sqlstore.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func opener(oneConnection bool) storetest.Open {
	return func(t *testing.T) cloud.DB {
		db := open(t, sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db")), OneConnection: oneConnection})
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	}
}

func TestConformance(t *testing.T) { storetest.Run(t, opener(false)) }

func TestConformanceOverOneConnection(t *testing.T) { storetest.Run(t, opener(true)) }

func TestTheDatabaseRunsOnFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := open(t, sqlite.Options{Path: filepath.Join(t.TempDir(), "fleet.db"), OneConnection: true})
		began := time.Now()
		time.AfterFunc(24*time.Hour, func() {})
		if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Plans.Save(storetest.Plan()) }); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a commit took %s of fake time", waited)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// The triggers are tried past the code, as somebody with a database shell would.
func TestTheDatabaseItselfHoldsTheLedgerAppendOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fleet.db")
	db := open(t, sqlite.Options{Path: path})
	entry := ledger.Entry{ID: protocol.UUID{1}, At: time.Unix(1, 0), Ref: "op:1", Day: "1970-01-01", Postings: []ledger.Posting{
		{Account: "hold:1", Unit: ledger.Fen, Amount: 5}, {Account: "resident:1", Unit: ledger.Fen, Amount: -5},
	}}
	if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Ledger.Post(entry) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	for statement, why := range map[string]string{
		`UPDATE ledger_postings SET amount = 6`: "append-only",
		`DELETE FROM ledger_postings`:           "append-only",
		`UPDATE ledger_entries SET at_ms = 0`:   "append-only",
		`DELETE FROM ledger_entries`:            "append-only",
		`INSERT INTO ledger_postings SELECT entry, 9, account, unit, 1, pile FROM ledger_postings WHERE line = 0`: "closed",
		`INSERT INTO ledger_entries (id, at_ms, ref) VALUES ('empty', 0, 'x')`:                                    "balance",
		`INSERT INTO ledger_postings (entry, line, account, unit, amount) VALUES ('never', 0, 'a', 'fen', 1)`:     "FOREIGN KEY",
	} {
		_, err := raw.Exec(statement)
		if why == "" && err != nil || why != "" && (err == nil || !strings.Contains(err.Error(), why)) {
			t.Errorf("%s: got %v, want %q", statement, err, why)
		}
	}
}

func TestWhatWasCommittedIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fleet.db")
	db := open(t, sqlite.Options{Path: path})
	if err := db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Plans.Save(storetest.Plan()) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), func(cloud.Tx) error { return nil }); err == nil {
		t.Error("a closed database took work")
	}
	again := open(t, sqlite.Options{Path: path})
	defer again.Close()
	if err := again.View(t.Context(), func(tx cloud.Tx) error { _, err := tx.Plans.Chain(); return err }); err != nil {
		t.Error(err)
	}
}
