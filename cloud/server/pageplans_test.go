package server

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// grows are the tables that events make grow.
var grows = strings.Fields(`visits orders order_lines decisions decision_lines inbox quarantine incidents payment_ops debts ledger_entries ledger_postings
	ledger_balances ledger_days ledger_piles day_levels closed_days statement_lines disputes dispute_lines rulings ruling_lines refunds actions
	messages movements tasks review_openings review_recordings steps residents sessions handovers desired levels incident_steps notices halts coverage_facts coverage_days coverage_corrections day_totals consents words drafts trail round_photos`)

// bounded are the indexes that may be read from one end to the other: those of what waits, which is never much, and those that
// are read in their order until there is enough.
var bounded = map[string]bool{
	"visits_in_review": true, "visits_under_way": true, "visits_under_way_at": true, "visits_unsettled": true, "incidents_open": true, "journals_apart": true,
	"open_disputes_waiting": true, "rulings_newest": true, "visits_newest": true, "statements_newest": true, "statement_lines_unknown": true, "tasks_waiting": true, "movements_newest": true, "tasks_newest": true, "visits_under_way_of": true,
	"incidents_unclosed": true, "incidents_over": true, "notices_waiting": true, "drafts_waiting": true, "debts_of_person": true, "debts_resting": true,
}

// ofHistory are what all that ever happened at a place or to a person is found by, or what all the chain did in a time: a statement
// that asks for that alone wants a bound.
var ofHistory = regexp.MustCompile(`^SEARCH \S+ USING (?:` +
	`(?:COVERING )?INDEX (?:visits_of_cabinet|visits_of_person|movements_of_cabinet|movements_of_store|tasks_of_cabinet|ledger_entries_of_day) \(\w+=\?(?: AND \w+<\?)?\)` +
	`|INDEX visits_newest \(|INDEX sqlite_autoindex_ledger_entries_2 \(ref>)`)

// plan is how a database reads what a statement asks for, line by line.
type plan struct {
	query string
	lines []string
}

// plans explains every statement that the pages have asked the database for so far.
func (c *months) plans(t *testing.T) []plan {
	t.Helper()
	raw := c.raw(t)
	defer raw.Close()
	var all []plan
	for _, query := range c.db.Prepared() {
		if word, _, _ := strings.Cut(query, " "); word != "SELECT" && word != "WITH" {
			continue
		}
		rows, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		p := plan{query: query}
		for rows.Next() {
			var id, parent, unused int
			var line string
			if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
				t.Fatal(err)
			}
			p.lines = append(p.lines, line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
		all = append(all, p)
	}
	return all
}

// saysNoScan fails for each statement that reads a table which grows with the events from one end to the other.
func saysNoScan(t *testing.T, plans []plan) {
	t.Helper()
	for _, p := range plans {
		for _, line := range p.lines {
			if why := p.scans(line); why != "" {
				t.Errorf("%s: %s\n%s\n", why, p.query, strings.Join(p.lines, "\n"))
				break
			}
		}
	}
}

func (p plan) scans(line string) string {
	if ofHistory.MatchString(line) && !strings.Contains(p.query, "LIMIT") && !strings.Contains(line, "LIMIT") {
		return "all that ever happened"
	}
	rest, scan := strings.CutPrefix(line, "SCAN ")
	if !scan {
		return ""
	}
	fields := strings.Fields(rest)
	table := p.table(fields[0])
	for i, word := range fields {
		if word == "INDEX" && i+1 < len(fields) && bounded[fields[i+1]] {
			return ""
		}
	}
	if isBig(table) {
		return "scan of " + table
	}
	return ""
}

func isBig(table string) bool { return slices.Contains(grows, table) }

// table is what an alias stands for.
func (p plan) table(alias string) string {
	found := regexp.MustCompile(`(?:FROM|JOIN|,)\s+(\w+)(?:\s+AS)?\s+` + regexp.QuoteMeta(alias) + `\b`).FindStringSubmatch(p.query)
	if found != nil {
		return found[1]
	}
	return alias
}
