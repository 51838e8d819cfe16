package server

import (
	"database/sql"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"allhours/cloud/internal/store/postgres"
	"allhours/cloud/internal/store/postgrestest"
)

// TestPagesReadByIndexOnPostgreSQL has PostgreSQL plan what the pages ask for, as if each scan of a whole table were dear: one that is
// left has no index that would help.
func TestPagesReadByIndexOnPostgreSQL(t *testing.T) {
	c := openCrowd(t)
	for _, k := range c.kinds() {
		c.ask(t, k, 0)
	}
	url := postgrestest.Start(t).Database(t)
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	for _, setting := range []string{"plan_cache_mode = force_generic_plan", "enable_seqscan = off"} {
		if _, err := raw.ExecContext(t.Context(), "SET "+setting); err != nil {
			t.Fatal(err)
		}
	}
	for n, p := range c.plans(t) {
		lines := explained(t, raw, "page"+strconv.Itoa(n), p.query)
		for _, found := range regexp.MustCompile(`Seq Scan on (\w+)`).FindAllStringSubmatch(lines, -1) {
			if isBig(found[1]) {
				t.Errorf("scan of %s: %s\n%s", found[1], p.query, lines)
			}
		}
	}
}

// explained is how PostgreSQL means to run a statement whatever its arguments are.
func explained(t *testing.T, raw *sql.DB, name, query string) string {
	t.Helper()
	parts := strings.Split(query, "?")
	var text strings.Builder
	for i, part := range parts {
		text.WriteString(part)
		if i < len(parts)-1 {
			text.WriteString("$" + strconv.Itoa(i+1))
		}
	}
	if _, err := raw.ExecContext(t.Context(), "PREPARE "+name+" AS "+text.String()); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	args := ""
	if len(parts) > 1 {
		args = "(" + strings.TrimSuffix(strings.Repeat("NULL, ", len(parts)-1), ", ") + ")"
	}
	rows, err := raw.QueryContext(t.Context(), "EXPLAIN EXECUTE "+name+args)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
