package sim

import (
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3" // the only reader of both sides' files that is not their own

	"allhours/protocol"
)

// disk reads a database file behind its owner's back.
type disk struct {
	t  *testing.T
	db *sql.DB
}

func openDisk(t *testing.T, folder, name string) *disk {
	t.Helper()
	db, err := sql.Open("sqlite3", readOnly(filepath.Join(folder, name)))
	if err != nil {
		t.Fatal(err)
	}
	return &disk{t, db}
}

func readOnly(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&_query_only=on&_busy_timeout=5000"
}

func (d *disk) close() {
	if err := d.db.Close(); err != nil {
		d.t.Error(err)
	}
}

// each calls scan for each row.
func (d *disk) each(scan func(*sql.Rows) error, query string, args ...any) {
	d.t.Helper()
	rows, err := d.db.Query(query, args...)
	if err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			d.t.Fatalf("%s: %v", query, err)
		}
	}
	if err := rows.Err(); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
}

// number reads one number.
func (d *disk) number(query string, args ...any) int64 {
	d.t.Helper()
	var n int64
	if err := d.db.QueryRow(query, args...).Scan(&n); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// burntVisit is the visit without an end in a cabinet's journal; zero where there is none.
func burntVisit(folder string) protocol.VisitID {
	db, err := sql.Open("sqlite3", readOnly(filepath.Join(folder, journalFile)))
	if err != nil {
		return protocol.VisitID{}
	}
	defer db.Close()
	var text string
	if err := db.QueryRow(`SELECT visit FROM visits WHERE ended = 0`).Scan(&text); err != nil {
		return protocol.VisitID{}
	}
	id, err := protocol.ParseUUID(text)
	if errors.Is(err, protocol.ErrUUID) {
		return protocol.VisitID{}
	}
	return id
}

// Names of the two sides' files.
const (
	journalFile = "journal.db"
	fleetFile   = "fleet.db"
)
