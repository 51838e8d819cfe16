package people_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/protocol"
)

func (r rig) did(t *testing.T, did string) {
	t.Helper()
	if err := r.Keep(t.Context(), cloud.Deed{Who: protocol.UUID{9}, Name: "owner", Role: protocol.RoleOwner, Did: did, Method: "POST", Route: "/people/:person", Outcome: cloud.DeedDone}); err != nil {
		t.Fatal(err)
	}
	r.pass(time.Second)
}

// trailDifferences is what an audit of the log finds.
func (r rig) trailDifferences(t *testing.T) (where []string, looked audit.Looked) {
	t.Helper()
	err := r.db.Audit(t.Context(), func(books audit.Books) (err error) {
		books.Seal = r.Seal
		looked, err = audit.Run(books, func(d audit.Difference) error {
			if d.Check == audit.CheckTrail {
				where = append(where, d.Where)
			}
			return nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return where, looked
}

// past the rules of the schema, as somebody could who has the file.
func (r rig) tamper(t *testing.T, statements ...string) {
	t.Helper()
	raw, err := sql.Open("sqlite3", "file:"+r.path+"?_busy_timeout=30000")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range statements {
		if _, err := raw.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestAnAuditLogThatWasTouchedShowsIt(t *testing.T) {
	const free = `DROP TRIGGER trail_never_changes; DROP TRIGGER trail_never_goes`
	cases := []struct {
		name string
		do   []string
		want string
	}{
		{"nothing", nil, ""},
		{"another name", []string{free, `UPDATE trail SET by_name = 'somebody' WHERE number = 3`}, "deed 3"},
		{"another outcome", []string{free, `UPDATE trail SET outcome = 'forbidden' WHERE number = 1`}, "deed 1"},
		{"another time", []string{free, `UPDATE trail SET at_ms = at_ms + 1 WHERE number = 5`}, "deed 5"},
		{"one is missing", []string{free, `DELETE FROM trail WHERE number = 2`}, "deed 3 deed 3"}, // the hole, and the seal over it
		{"one is missing, and the others moved up", []string{free, `DELETE FROM trail WHERE number = 2`, `UPDATE trail SET number = number - 1 WHERE number > 2`}, "deed 2 deed 3 deed 4 the last deed"},
		{"the end is cut off", []string{free, `DELETE FROM trail WHERE number = 5`}, "the last deed"},
		{"one is made up", []string{`INSERT INTO trail SELECT 6, at_ms, who, by_name, role, did, method, route, target, outcome, request, 'f00' FROM trail WHERE number = 5`, `UPDATE settings SET value = 6 WHERE name = 'trail'`}, "deed 6"},
		{"all is gone", []string{free, `DELETE FROM trail`}, "the last deed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, _, _ := owned(t, nil)
			for _, did := range []string{cloud.DidHire, cloud.DidBlock, cloud.DidRole, cloud.DidRenew, cloud.DidUnblock} {
				r.did(t, did)
			}
			r.tamper(t, c.do...)
			where, looked := r.trailDifferences(t)
			if got := strings.Join(where, " "); got != c.want {
				t.Errorf("differences at %q, want %q", got, c.want)
			}
			if c.do == nil && (looked.Deeds != 5 || len(looked.Sealed) != 64) {
				t.Errorf("looked at %+v", looked)
			}
		})
	}
}

func TestTheDatabaseRefusesToChangeTheAuditLog(t *testing.T) {
	r, _, _ := owned(t, nil)
	r.did(t, cloud.DidHire)
	raw, err := sql.Open("sqlite3", "file:"+r.path+"?_busy_timeout=30000")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range []string{`UPDATE trail SET by_name = 'x'`, `DELETE FROM trail`} {
		if _, err := raw.Exec(s); err == nil || !strings.Contains(err.Error(), "what the staff did never changes") {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestWhatTheAuditLogTakesIsOneShortLine(t *testing.T) {
	r, _, _ := owned(t, nil)
	if err := r.Keep(t.Context(), cloud.Deed{Name: "li\x00\nna", Target: strings.Repeat("柜", 300), Outcome: "\xff"}); err != nil {
		t.Fatal(err)
	}
	found, err := r.Deeds(t.Context(), cloud.DeedQuery{})
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if d := found[0]; d.Name != "li  na" || len(d.Target) != 198 || d.Outcome != "?" {
		t.Errorf("kept as %q, %d bytes, %q", d.Name, len(d.Target), d.Outcome)
	}
	if where, _ := r.trailDifferences(t); len(where) != 0 {
		t.Errorf("differences at %v", where)
	}
}
