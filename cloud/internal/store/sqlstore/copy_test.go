package sqlstore

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"allhours/cloud/internal/store/migrations"
)

// A table that a later migration adds is either copied or named here with its reason.
func TestACopyLeavesNoTableOut(t *testing.T) {
	left := []string{
		"settings",                                       // copied one by one
		"ledger_balances", "ledger_days", "ledger_piles", // the schema makes them of the postings
		"day_totals", "days_due", // made again of the entries, which have their days added up as they are copied
		"sign_in_codes",  // they live for minutes
		"coverage_marks", // how far this cloud is: another one reads the facts from the first on
		"sessions",       // who is signed in signs in again
	}
	for name, folder := range map[string]fs.FS{"sqlite": migrations.SQLite, "postgres": migrations.Postgres} {
		var tables []string
		files, err := fs.Glob(folder, name+"/*.sql")
		if err != nil || len(files) == 0 {
			t.Fatalf("no migrations: %v", err)
		}
		for _, file := range files {
			text, err := fs.ReadFile(folder, file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range regexp.MustCompile(`CREATE TABLE (\w+)`).FindAllStringSubmatch(string(text), -1) {
				if !strings.Contains(string(text), "ALTER TABLE "+found[1]+" RENAME TO") { // It takes another one's place.
					tables = append(tables, found[1])
				}
			}
		}
		slices.Sort(tables)
		known := slices.Clone(left)
		for _, c := range copies() {
			known = append(known, c.name)
		}
		slices.Sort(known)
		if !slices.Equal(tables, known) {
			t.Errorf("%s has %v, and a copy knows of %v", name, tables, known)
		}
	}
}

// Each database has the same migrations, so that a copy finds the same schema.
func TestBothDatabasesHaveTheSameMigrations(t *testing.T) {
	names := func(folder fs.FS, name string) (all []string) {
		files, err := fs.ReadDir(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			all = append(all, f.Name())
		}
		return all
	}
	if a, b := names(migrations.SQLite, "sqlite"), names(migrations.Postgres, "postgres"); !slices.Equal(a, b) {
		t.Errorf("SQLite has %v, PostgreSQL %v", a, b)
	}
}
