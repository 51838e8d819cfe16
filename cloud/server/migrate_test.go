package server

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"allhours/cloud/internal/store/migrations"
	"allhours/cloud/internal/store/postgrestest"
)

func TestTheSchemaIsBroughtUpToDateOnce(t *testing.T) {
	cluster := postgrestest.Start(t)
	for name, url := range map[string]string{"SQLite": "", "PostgreSQL": cluster.Database(t)} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			lacks, err := Pending(t.Context(), data, url)
			if err != nil || len(lacks) < 10 || lacks[0] != "00001_plans.sql" || !slices.IsSorted(lacks) {
				t.Fatalf("new books lack %v, %v", lacks, err)
			}
			done, err := Migrate(t.Context(), data, url)
			if err != nil || !slices.Equal(done, lacks) {
				t.Fatalf("made %v, %v: want %v", done, err, lacks)
			}
			if again, err := Migrate(t.Context(), data, url); err != nil || len(again) != 0 {
				t.Errorf("made again %v, %v", again, err)
			}
		})
	}
}

func TestBooksOfAnOlderVersionSayWhatTheyLack(t *testing.T) {
	data := t.TempDir()
	old, err := sql.Open("sqlite3", filepath.Join(data, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations.SQLite, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, old, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 20); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // To look changes nothing.
		lacks, err := Pending(t.Context(), data, "")
		if err != nil || len(lacks) == 0 || lacks[0] != "00021_days.sql" {
			t.Fatalf("lacks %v, %v", lacks, err)
		}
	}
	if done, err := Migrate(t.Context(), data, ""); err != nil || len(done) == 0 {
		t.Errorf("made %v, %v", done, err)
	}
}

func TestNobodyMigratesUnderARunningServer(t *testing.T) {
	var data string
	serve(t, func(o *Options) { data = o.Data })
	if _, err := Migrate(t.Context(), data, ""); err == nil || !strings.Contains(err.Error(), "another fleetd") {
		t.Errorf("got %v", err)
	}
}
