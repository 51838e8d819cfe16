package sqlite_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
)

// The writer brought the log into the file itself, for seconds at a time, and no door opened meanwhile.
func TestTheLogIsBroughtIntoTheFileBesideTheWriter(t *testing.T) {
	path := blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))
	db := open(t, sqlite.Options{Path: path})
	defer db.Close()
	const facts = 500
	for n := range facts {
		if err := db.Update(t.Context(), func(tx cloud.Tx) error {
			return tx.CoverageFacts.Add([]coverage.Fact{{Ref: fmt.Sprint("event:c-1/", n), Cabinet: "c-1", Kind: coverage.Stock, At: int64(n)}})
		}); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if found := inFileAlone(t, path); found == facts {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("%d of %d facts are in the file after a minute", found, facts)
		}
	}
}

// inFileAlone counts the facts in a copy of the database's file without its log. A file that is written to meanwhile counts as none.
func inFileAlone(t *testing.T, path string) (facts int) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "alone.db")
	if err := os.WriteFile(alone, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+alone)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM coverage_facts").Scan(&facts); err != nil {
		return 0
	}
	return facts
}
