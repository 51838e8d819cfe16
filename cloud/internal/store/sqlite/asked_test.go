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
	plans := plansOf(t, func(tx cloud.Tx) error {
		_, err := tx.Senders.Find("c-1")
		return err
	})
	for query, plan := range plans {
		if !strings.Contains(plan, "SEARCH c USING COVERING INDEX") {
			t.Errorf("%s\n%s\nwant the cabinet read from an index alone", query, plan)
		}
	}
	if len(plans) != 1 {
		t.Errorf("asked %v: want one question", plans)
	}
}

// With ten million events a store's page took half a second: the cases that wait were sought among all visits that its cabinets ever
// had.
func TestWaitingCasesOfAStoreAreFoundByThoseThatWait(t *testing.T) {
	plans := plansOf(t, func(tx cloud.Tx) error {
		if _, err := tx.Cases.Queue(cloud.BoundTo("north"), 10); err != nil {
			return err
		}
		_, err := tx.Cases.Waiting(cloud.BoundTo("north"))
		return err
	})
	for query, plan := range plans {
		if !strings.Contains(plan, "visits_in_review") {
			t.Errorf("%s\n%s\nwant the visits read by those in review", query, plan)
		}
	}
	if len(plans) != 2 {
		t.Errorf("asked %v: want two questions", plans)
	}
}

// The open objections are few, and the decided ones are read from the newest on, whatever visits a store's cabinets ever had.
func TestObjectionsOfAStoreAreNotSoughtAmongItsVisits(t *testing.T) {
	list := func(open bool) func(tx cloud.Tx) error {
		return func(tx cloud.Tx) error {
			_, err := tx.Disputes.List(cloud.BoundTo("north"), open, 10)
			return err
		}
	}
	for from, look := range map[string]func(tx cloud.Tx) error{
		"SCAN w USING INDEX open_disputes_waiting\n": list(true),
		"SCAN r USING INDEX rulings_newest\n":        list(false),
		"SCAN w\n": func(tx cloud.Tx) error {
			_, _, err := tx.Disputes.Waiting(cloud.BoundTo("north"))
			return err
		},
	} {
		plans := plansOf(t, look)
		if len(plans) != 1 {
			t.Errorf("asked %v: want one question", plans)
		}
		for query, plan := range plans {
			if !strings.HasPrefix(plan, from) || !strings.Contains(plan, "SEARCH v USING INDEX sqlite_autoindex_visits_1 (id=?)") {
				t.Errorf("%s\n%s\nwant it to begin with %q, and each visit to be found by its id", query, plan, from)
			}
		}
	}
}

// plansOf tells how the database reads each of the questions that a look asks.
func plansOf(t *testing.T, look func(tx cloud.Tx) error) map[string]string {
	t.Helper()
	path := blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))
	db := open(t, sqlite.Options{Path: path})
	defer db.Close()
	if err := db.View(t.Context(), look); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	plans := make(map[string]string)
	for _, query := range db.Prepared() {
		if strings.HasPrefix(query, "SELECT") {
			plans[query] = explain(t, raw, query)
		}
	}
	return plans
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
