package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allhours/protocol/claim"
)

const document = `{
 "chain": {"name_zh": "邻里", "name_en": "Linli", "support_phone": "0571-1234", "hold_fen": 5000, "time_zone": "Asia/Shanghai"},
 "stores": [{"id": "s1", "name_zh": "一店", "name_en": "First", "hours": [{"open": "07:00", "close": "22:00"}]}],
 "articles": [
  {"sku": "1001", "name_zh": "水", "name_en": "Water", "category": "water", "zone": "ambient", "unit_mg": 571000, "sd_mg": 2600,
   "price_fen": 200, "cost_fen": 114, "shelf_life_days": 540, "essential": true, "vat_percent": 13, "min_age": 0, "case_size": 24},
  {"sku": "1002", "name_zh": "泉水", "name_en": "Spring", "category": "water", "zone": "ambient", "unit_mg": 571500, "sd_mg": 2600,
   "price_fen": 200, "cost_fen": 114, "shelf_life_days": 540, "essential": true, "vat_percent": 13, "min_age": 0, "case_size": 24}],
 "cabinets": [{"id": "xs-01", "store": "s1", "number": 3, "place_zh": "门口", "place_en": "Gate", "layout": "shelves",
  "platforms": [{"id": "S1", "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": [{"sku": "1001", "stock": 8}]}]}]
}`

// said is what a command printed.
type said struct{ out, err string }

func ctl(t *testing.T, stdin string, args ...string) (said, error) {
	t.Helper()
	var out, complaint bytes.Buffer
	err := run(t.Context(), args, streams{strings.NewReader(stdin), &out, &complaint})
	return said{out.String(), complaint.String()}, err
}

func want(t *testing.T, stdin string, args ...string) said {
	t.Helper()
	s, err := ctl(t, stdin, args...)
	if err != nil {
		t.Fatalf("fleetctl %v: %v", args, err)
	}
	return s
}

func refused(t *testing.T, reason, stdin string, args ...string) {
	t.Helper()
	if _, err := ctl(t, stdin, args...); err == nil || !strings.Contains(err.Error(), reason) {
		t.Fatalf("fleetctl %v: got %v, want %q", args, err, reason)
	}
}

func TestAFleetIsSetUpFromNothing(t *testing.T) {
	data := filepath.Join(t.TempDir(), "run")
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, "", "--data", data, "apply", file)
	want(t, document, "--data", data, "apply", "-") // the same again changes nothing
	list := want(t, "", "--data", data, "cabinets").out
	if !strings.Contains(list, "xs-01") || strings.Count(list, "\n") != 2 {
		t.Fatalf("cabinets:\n%s", list)
	}

	var first, second enrolled
	for _, into := range []*enrolled{&first, &second} {
		if err := json.Unmarshal([]byte(want(t, "", "--data", data, "enrol", "--json", "--days", "1", "xs-01").out), into); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := claim.ParseCode(first.Code); err != nil || first.Cabinet != "xs-01" || first.Code == second.Code || time.Until(first.Expires) > 24*time.Hour {
		t.Fatalf("enrolled %+v, then %+v: %v", first, second, err)
	}
	if out := want(t, "", "--data", data, "enrol", "--cloud", "https://fleet.example", "xs-01").out; !strings.Contains(out, " --cloud https://fleet.example --config") {
		t.Errorf("it printed %q", out)
	}
	want(t, "", "--data", data, "card-replaced", "xs-01")
	refused(t, "unknown_cabinet", "", "--data", data, "enrol", "--json", "xs-09")
	refused(t, "unknown_cabinet", "", "--data", data, "card-replaced", "xs-09")

	user := []string{"--data", data, "user", "add", "--name", "manager", "--role", "manager", "--password-stdin"}
	want(t, "lit window at night\n", user...)
	refused(t, "conflict", "lit window at night\n", user...)
	want(t, "another one\n", append(user, "--if-missing")...)
}

func TestABadDocumentChangesNothing(t *testing.T) {
	data := t.TempDir()
	refused(t, "$.articles[0].price_fen: want a whole number", strings.Replace(document, `"price_fen": 200`, `"price_fen": "x"`, 1), "--data", data, "apply", "-")
	if list := want(t, "", "--data", data, "cabinets").out; strings.Contains(list, "xs-01") {
		t.Fatalf("a cabinet of a bad document is there:\n%s", list)
	}
}

func TestGoodsThatLookAlikeToTheScalesAreWarnedOf(t *testing.T) {
	twins := strings.Replace(document, `{"sku": "1001", "stock": 8}`, `{"sku": "1001", "stock": 8}, {"sku": "1002", "stock": 8}`, 1)
	s := want(t, twins, "--data", t.TempDir(), "apply", "-")
	if !strings.Contains(s.err, "warning: cabinet xs-01: of 1,000 visits about 1") {
		t.Fatalf("it said %q", s.err)
	}
}

func TestCommandsThatAreRefused(t *testing.T) {
	data := t.TempDir()
	cases := []struct {
		name, reason string
		args         []string
	}{
		{"no data", "--data: want the folder", []string{"cabinets"}},
		{"no command", `command "": want one of apply, audit, backup`, []string{"--data", data}},
		{"a command that is none", `command "dance": want one of apply, audit, backup`, []string{"--data", data, "dance"}},
		{"apply without a file", "want one file", []string{"--data", data, "apply"}},
		{"apply of a file that is not there", "no such file", []string{"--data", data, "apply", filepath.Join(data, "none")}},
		{"apply of nothing", "not JSON", []string{"--data", data, "apply", "-"}},
		{"enrol of nobody", "want a cabinet, or several", []string{"--data", data, "enrol"}},
		{"enrol for ever", "--days 1000: want 1 to 90", []string{"--data", data, "enrol", "--days", "1000", "xs-01"}},
		{"a replaced card of nobody", "want one cabinet", []string{"--data", data, "card-replaced"}},
		{"enrol of no id", "cabinet id", []string{"--data", data, "enrol", "--json", "XS"}},
		{"a user without a role", "want --name, --role", []string{"--data", data, "user", "add", "--name", "x", "--password-stdin"}},
		{"a user with a role that is none", "role", []string{"--data", data, "user", "add", "--name", "x", "--role", "king", "--password-stdin"}},
		{"a user with too short a password", "8 characters", []string{"--data", data, "user", "add", "--name", "x", "--role", "manager", "--password-stdin"}},
		{"a user without a verb", "want user add, list", []string{"--data", data, "user"}},
		{"broker files for nowhere", "want --out", []string{"--data", data, "broker-files"}},
		{"broker files for a port that is none", "port", []string{"--data", data, "broker-files", "--out", data, "--listen", ":0"}},
		{"broker files for an address without a port", "--listen", []string{"--data", data, "broker-files", "--out", data, "--listen", "127.0.0.1"}},
		{"a statement of no day", "want --day", []string{"--data", data, "statement"}},
		{"a statement without a fleet", "not_found", []string{"--data", data, "statement", "--day", "2026-11-28"}},
		{"cabinets with more", "want no arguments", []string{"--data", data, "cabinets", "all"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { refused(t, c.reason, "", c.args...) })
	}
}

func TestATableIsTakenInAndGivenOut(t *testing.T) {
	data := filepath.Join(t.TempDir(), "run")
	want(t, document, "--data", data, "apply", "-")
	const dearer = "sku,price_yuan\n1001,2.50\n1002,2.00\n"
	s := want(t, dearer, "--data", data, "import", "--dry-run", "prices", "-")
	if !strings.Contains(s.out, "price_fen: 200 -> 250") || !strings.Contains(s.out, "would change: 1, unchanged: 1") {
		t.Errorf("seen before: %s", s.out)
	}
	for _, counts := range []string{"changed: 1, unchanged: 1", "changed: 0, unchanged: 2"} {
		if s := want(t, dearer, "--data", data, "import", "prices", "-"); !strings.Contains(s.out, counts) {
			t.Errorf("want %q, got %s", counts, s.out)
		}
	}
	s = want(t, dearer, "--data", data, "import", "--from", "2100-01-01T00:00", "prices", "-")
	if !strings.Contains(s.out, "changed: 0") {
		t.Errorf("prices that will hold anyway: %s", s.out)
	}
	s = want(t, "sku,price_yuan\n1001,3", "--data", data, "import", "--from", "2100-01-01T00:00", "prices", "-")
	if !strings.Contains(s.out, "changed: 1, unchanged: 0, from 2100-01-01T00:00:00+08:00 on") {
		t.Errorf("prices to come: %s", s.out)
	}
	if s := want(t, "", "--data", data, "export", "prices"); !strings.Contains(s.out, "1001,水,Water,2.50\r\n") {
		t.Errorf("given out: %s", s.out)
	}
	refused(t, "nothing was taken in:\nline 2, column price_yuan: want a number from 0.01", "sku,price_yuan\n1001,x", "--data", data, "import", "prices", "-")
	refused(t, "table \"visits\": want one of [stores articles prices planograms markdowns aisles cabinets]", "", "--data", data, "export", "visits")
	refused(t, "--from \"soon\"", dearer, "--data", data, "import", "--from", "soon", "prices", "-")
	refused(t, "that is past", dearer, "--data", data, "import", "--from", "2020-01-01T00:00", "prices", "-")
}
