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

// The row of a cabinet has its layout, of some kilobytes. Those of ten thousand, read for each message, took the writer's memory
// from what is written.
func TestWhoSendsIsFoundWithoutTheCabinetsRow(t *testing.T) {
	path := blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))
	db := open(t, sqlite.Options{Path: path})
	defer db.Close()
	if err := db.View(t.Context(), func(tx cloud.Tx) error {
		_, err := tx.Senders.Find("c-1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	found := false
	for _, query := range db.Prepared() {
		if strings.Contains(query, "fleet_epoch") && strings.Contains(query, "FROM cabinets c") {
			found = true
			if plan := explain(t, raw, query); !strings.Contains(plan, "SEARCH c USING COVERING INDEX") {
				t.Errorf("%s\n%s\nwant the cabinet read from an index alone", query, plan)
			}
		}
	}
	if !found {
		t.Errorf("no such question among %q", db.Prepared())
	}
}

func explain(t *testing.T, raw *sql.DB, query string) string {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
