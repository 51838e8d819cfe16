package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/store/sqlite"
	"allhours/protocol"
)

// What a piece of work could have to take back would be written to a file of its own, twice as often as the log: at two thousand
// events a second two of three writes went there.
func TestWorkThatChangesManyPagesKeepsNothingInAFileBesides(t *testing.T) {
	db := open(t, sqlite.Options{Path: filepath.Join(t.TempDir(), "fleet.db")})
	defer db.Close()
	facts := func(round int) (all []coverage.Fact) {
		for n := range 2000 {
			all = append(all, coverage.Fact{
				Ref: fmt.Sprintf("event:c-%d/%d", n, round), Cabinet: protocol.CabinetID(fmt.Sprintf("c-%d", n)), Kind: coverage.Stock,
				Subject: "S1/1001", At: int64(round), Code: strings.Repeat("x", 200),
			})
		}
		return all
	}
	for round := range 2 {
		if err := db.Update(t.Context(), func(tx cloud.Tx) error {
			if err := tx.CoverageFacts.Add(facts(round)); err != nil {
				return err
			}
			if open := unlinked(t); len(open) > 0 {
				t.Errorf("round %d: open beside the books: %v", round, open)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// unlinked are the files that this process has open and nobody can find: temporary ones.
func unlinked(t *testing.T) (found []string) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range open {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && (strings.Contains(to, "etilqs_") || strings.HasPrefix(to, "/var/tmp/")) {
			found = append(found, to)
		}
	}
	return found
}
