package server

import (
	"os"
	"path/filepath"
	"testing"

	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/protocol"
)

// mustAudit tells what is wrong with the books of a server.
func mustAudit(t *testing.T, s *Server) {
	t.Helper()
	if _, err := s.Admin().Audit(t.Context(), func(d audit.Difference) error {
		t.Errorf("audit: %+v", d)
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// restoredFrom is a server over books that were restored from a backup; the keys and the provider are what they were.
func restoredFrom(t *testing.T, data, backup string) *Server {
	t.Helper()
	again := t.TempDir()
	for _, name := range []string{keysName, paymentsName} {
		if err := os.Rename(filepath.Join(data, name), filepath.Join(again, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Restore(t.Context(), again, "", backup, silent); err != nil {
		t.Fatal(err)
	}
	return opened(t, again)
}

func TestWhatWasPaidAheadSinceABackupIsAskedOfTheProvider(t *testing.T) {
	data := t.TempDir()
	s := opened(t, data)
	if _, err := s.Admin().Apply(t.Context(), []byte(document)); err != nil {
		t.Fatal(err)
	}
	known, goes := residentOf(t, s, "+8613900007777"), residentOf(t, s, "+8613900009999")
	topUp := func(person protocol.UUID, amount protocol.Fen, key string) {
		t.Helper()
		if _, err := s.core.Money.TopUp(t.Context(), cloud.TopUp{Person: person, Amount: amount, Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	balance := func(person protocol.UUID) protocol.Fen {
		t.Helper()
		purse, err := s.core.Money.Purse(t.Context(), person)
		if err != nil {
			t.Fatal(err)
		}
		return purse.Balance
	}
	topUp(known, 10000, "before")
	backup := filepath.Join(t.TempDir(), "before.db")
	if err := s.Admin().Backup(t.Context(), backup, silent); err != nil {
		t.Fatal(err)
	}
	topUp(known, 5000, "after")
	payOut := func(person protocol.UUID, amount protocol.Fen) {
		t.Helper()
		if _, err := s.core.Money.PayOut(t.Context(), cloud.PayOut{Person: person, Amount: amount, Key: "out"}); err != nil {
			t.Fatal(err)
		}
	}
	payOut(known, 6000) // Of both top-ups.
	topUp(goes, 3000, "goes")
	payOut(goes, 3000)
	if err := s.core.Privacy.Erase(t.Context(), goes); err != nil {
		t.Fatal(err)
	}
	since := residentOf(t, s, "+8613900008888")
	topUp(since, 2000, "new")
	want := balance(known)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = restoredFrom(t, data, backup)
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 3 { // A payout waits for its top-up.
		if err := s.core.Pay(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := balance(known); got != want || want != 9000 {
		t.Errorf("the balance is %s, and was %s before the restore", got, want)
	}
	if left := balance(goes); left != 0 {
		t.Errorf("%s are left of who was forgotten since", left)
	}
	if err := s.Admin().db.View(t.Context(), func(tx cloud.Tx) error {
		open, err := tx.Incidents.Unclosed("")
		if len(open) != 1 || open[0].Kind != cloud.IncidentAheadLost {
			t.Errorf("of who came since the backup is told %+v", open)
		}
		_, ask, err2 := tx.Restored.Since()
		if ask {
			t.Error("the provider would be asked for ever")
		}
		return firstOf(err, err2)
	}); err != nil {
		t.Error(err)
	}
	mustAudit(t, s)
}
