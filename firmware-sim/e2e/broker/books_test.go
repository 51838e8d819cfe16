package broker

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"allhours/firmware-sim/street"
)

// compareBooks holds what the cabinets wrote down, what the service has, and what the provider was told to each other.
func compareBooks(t *testing.T, n *street.Neighbourhood, visits []*visit) {
	fleet := open(t, filepath.Join(n.Data(), "fleet.db"))
	for _, cabinet := range n.Cabinets {
		journal := open(t, filepath.Join(n.Folder(cabinet), "agent", "journal.db"))
		until(t, "the service has every event of "+cabinet, func() bool {
			last := number(t, journal, `SELECT last FROM state`)
			return last > 0 && number(t, fleet, `SELECT applied FROM journals WHERE cabinet = ?`, cabinet) == last &&
				number(t, fleet, `SELECT COUNT(*) FROM inbox WHERE cabinet = ?`, cabinet) == last
		})
	}
	if set := number(t, fleet, `SELECT COUNT(*) FROM quarantine`); set != 0 {
		t.Errorf("%d events were set aside", set)
	}
	captured := captures(t, filepath.Join(n.Data(), "payments.jsonl"))
	charged := 0
	for _, v := range visits {
		hold := text(t, fleet, `SELECT hold_op FROM visits WHERE id = ?`, v.id)
		took := captured[hold]
		delete(captured, hold)
		if v.end.State != "charged" {
			if len(took) != 0 {
				t.Errorf("visit %s is %s, and %v was taken", v.id, v.end.State, took)
			}
			continue
		}
		charged++
		if len(took) != 1 || took[0] != v.end.Total || v.end.Total == 0 {
			t.Errorf("visit %s was billed %d fen, and the provider was told to take %v", v.id, v.end.Total, took)
		}
	}
	if len(captured) != 0 {
		t.Errorf("more was taken, of visits that nobody made: %v", captured)
	}
	if charged == 0 {
		t.Error("no visit was charged at all")
	}
	if all := number(t, fleet, `SELECT COUNT(*) FROM visits`); all != int64(len(visits)) {
		t.Errorf("the service knows %d visits, and %d were made", all, len(visits))
	}
}

// open reads a database beside the program that writes it.
func open(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func number(t *testing.T, db *sql.DB, query string, args ...any) (n int64) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func text(t *testing.T, db *sql.DB, query string, args ...any) (s string) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// captures are the fen that the simulated provider was told to take, by the hold that they were taken of. The same order
// of the service twice is one.
func captures(t *testing.T, path string) map[string][]int64 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	took, seen := map[string][]int64{}, map[string]bool{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var call struct {
			Op, Kind, On string
			Amount       int64
			Refused      bool
		}
		if json.Unmarshal(lines.Bytes(), &call) != nil || call.Kind != "capture" || call.Refused || seen[call.Op] {
			continue
		}
		seen[call.Op] = true
		took[call.On] = append(took[call.On], call.Amount)
	}
	return took
}
