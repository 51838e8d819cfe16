package main

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // to write past the rules of the schema

	"allhours/cloud/audit"
)

func TestAnAuditEndsWithThreeWhereTheBooksDiffer(t *testing.T) {
	data := fleetOf(t)
	if told := want(t, "", "--data", data, "audit").out; !strings.Contains(told, " entries\n") || !strings.Contains(told, " 0 differences\n") {
		t.Errorf("sound books are told of as\n%s", told)
	}
	db, err := sql.Open("sqlite3", filepath.Join(data, "fleet.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`UPDATE ledger_balances SET amount = amount + 3 WHERE account = (SELECT min(account) FROM ledger_balances)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	told, err := ctl(t, "", "--data", data, "audit")
	if exitCode(err) != against || !strings.Contains(told.out, "DIFFERENCE balance: ") || !strings.Contains(told.out, "made of: count:") {
		t.Errorf("ended with %d, %v, and said\n%s", exitCode(err), err, told.out)
	}
	told, err = ctl(t, "", "--data", data, "audit", "--json")
	lines := strings.Split(strings.TrimSpace(told.out), "\n")
	var d audit.Difference
	if exitCode(err) != against || len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &d) != nil || d.Check != audit.CheckBalance || len(d.Refs) == 0 {
		t.Errorf("ended with %d, %v, and said\n%s", exitCode(err), err, told.out)
	}
	refused(t, "want no arguments", "", "--data", data, "audit", "now")
}

func TestWhatIsSetAsideIsListedAndNamed(t *testing.T) {
	data := fleetOf(t)
	if told := want(t, "", "--data", data, "quarantine", "list").out; strings.Count(told, "\n") != 1 {
		t.Errorf("nothing is set aside, and listed is\n%s", told)
	}
	const event = "xs-01/01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f/7"
	refused(t, "is not set aside", "", "--data", data, "quarantine", "show", event)
	refused(t, "is set aside", "", "--data", data, "quarantine", "replay", "--by", "li", event)
	refused(t, "is set aside", "", "--data", data, "quarantine", "dismiss", "--by", "li", event)
	refused(t, "want --by NAME", "", "--data", data, "quarantine", "replay", event)
	refused(t, "want cabinet/journal/seq", "", "--data", data, "quarantine", "show", "7")
	refused(t, "want list, show, replay or dismiss", "", "--data", data, "quarantine")
}

func TestTheSchemaIsUpToDateOrSaysWhatItLacks(t *testing.T) {
	fresh := t.TempDir()
	if told := want(t, "", "--data", fresh, "migrate", "--dry-run").out; !strings.HasPrefix(told, "lacks 00001_plans.sql\n") {
		t.Errorf("new books: %s", told)
	}
	if told := want(t, "", "--data", fresh, "migrate").out; !strings.HasPrefix(told, "made 00001_plans.sql\n") {
		t.Errorf("new books: %s", told)
	}
	for _, args := range [][]string{{"migrate"}, {"migrate", "--dry-run"}} {
		if told := want(t, "", append([]string{"--data", fresh}, args...)...).out; told != "up to date\n" {
			t.Errorf("%v: %s", args, told)
		}
	}
}
