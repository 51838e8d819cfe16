package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

// resident signs somebody in, beside no server.
func residentOf(t *testing.T, s *Server, phone string) protocol.UUID {
	t.Helper()
	code, err := s.People().RequestCode(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	_, who, err := s.People().SignIn(t.Context(), phone, code)
	if err != nil {
		t.Fatal(err)
	}
	return who.ID
}

func opened(t *testing.T, data string) *Server {
	t.Helper()
	s, err := New(t.Context(), Options{Data: data, Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhoWasForgottenSinceABackupIsForgottenAgain(t *testing.T) {
	data := t.TempDir()
	s := opened(t, data)
	stays, goes := residentOf(t, s, "+8613900007777"), residentOf(t, s, "+8613900008888")
	backup := filepath.Join(t.TempDir(), "before.db")
	if err := s.Admin().Backup(t.Context(), backup, func(string, int) {}); err != nil {
		t.Fatal(err)
	}
	if err := s.core.Privacy.Erase(t.Context(), goes); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	if err := os.Rename(filepath.Join(data, keysName), filepath.Join(again, keysName)); err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	if err := Restore(t.Context(), again, "", backup, func(what string, n int) { told[what] = n }); err != nil {
		t.Fatal(err)
	}
	if told["residents forgotten again"] != 1 {
		t.Errorf("told %v", told)
	}
	s = opened(t, again)
	defer s.Close()
	if _, err := s.people.Masked(t.Context(), goes); protocol.CodeOf(err) != cloud.CodeNotFound {
		t.Errorf("who was forgotten is back: %v", err)
	}
	if masked, err := s.people.Masked(t.Context(), stays); err != nil || masked != "139****7777" {
		t.Errorf("who stays: %q, %v", masked, err)
	}
}

func TestTheListOfTheForgottenIsMendedAtTheStart(t *testing.T) {
	data := t.TempDir()
	s := opened(t, data)
	goes := residentOf(t, s, "+8613900008888")
	if err := s.core.Privacy.Erase(t.Context(), goes); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, left := range map[string]string{"lost": "", "cut": goes.String()[:20]} {
		if err := os.WriteFile(erasedPath(data), []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := opened(t, data).Close(); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(erasedPath(data))
		if err != nil || !strings.Contains(string(raw), "\n"+goes.String()+"\n") {
			t.Errorf("%s: %q, %v", name, raw, err)
		}
		if ids, err := readErased(data); err != nil || len(ids) != 1 || ids[0] != goes {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
	}
}
