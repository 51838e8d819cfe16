package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
)

// With ten million events a store's page took half a second: the cases that wait were sought among all visits that its cabinets ever
// had.
func TestWaitingCasesOfAStoreAreFoundByThoseThatWait(t *testing.T) {
	path := blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))
	db := open(t, sqlite.Options{Path: path})
	defer db.Close()
	if err := db.View(t.Context(), func(tx cloud.Tx) error {
		if _, err := tx.Cases.Queue(cloud.BoundTo("north"), 10); err != nil {
			return err
		}
		_, err := tx.Cases.Count(cloud.BoundTo("north"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	looked := 0
	for _, query := range db.Prepared() {
		if strings.Contains(query, "v.payment = 'review'") {
			looked++
			if plan := explain(t, raw, query); !strings.Contains(plan, "visits_in_review") {
				t.Errorf("%s\n%s\nwant the visits read by those in review", query, plan)
			}
		}
	}
	if looked != 2 {
		t.Errorf("%d questions for what waits among %q: want 2", looked, db.Prepared())
	}
}
