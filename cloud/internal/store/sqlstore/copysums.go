package sqlstore

import (
	"context"
	"fmt"
)

// summed is what the schema makes of each row of a table as it comes. A copy makes it of all of them at once: row by row the same
// few sums would be changed millions of times in one unit of work, of which PostgreSQL keeps every step until its end.
type summed struct {
	table    string
	triggers []string
	sums     []string
}

func copySums() []summed {
	return []summed{
		{
			table: "ledger_postings", triggers: []string{"ledger_postings_count"},
			sums: []string{`INSERT INTO ledger_balances (account, unit, amount) SELECT account, unit, SUM(amount) FROM ledger_postings GROUP BY account, unit`},
		},
		{
			table: "ledger_entries", triggers: []string{"ledger_entries_days", "ledger_entries_due"},
			sums: []string{
				`INSERT INTO ledger_piles (pile, unit) SELECT DISTINCT pile, unit FROM ledger_postings`,
				`INSERT INTO ledger_days (pile, unit, day, change, closing)
					SELECT pile, unit, day, change, SUM(change) OVER (PARTITION BY pile, unit ORDER BY day)
					FROM (SELECT p.pile, p.unit, e.day, SUM(p.amount) AS change FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry
						GROUP BY p.pile, p.unit, e.day) AS of_day`,
				`INSERT INTO days_due (day, store, times) SELECT day, CASE store WHEN '' THEN 'chain' ELSE store END, COUNT(*) FROM ledger_entries GROUP BY 1, 2`,
			},
		},
	}
}

// withoutSums runs a copy while the schema makes no sums: sumUp makes them, of each table once it is whole.
func withoutSums(s *session, copy func() error) error {
	var resume []string
	for _, t := range copySums() {
		for _, trigger := range t.triggers {
			statements, err := s.dialect.Suspend(context.Background(), s.conn, t.table, trigger)
			if err != nil {
				return fmt.Errorf("suspend %s: %w", trigger, err)
			}
			resume = append(resume, statements...)
		}
	}
	if err := copy(); err != nil {
		return err
	}
	for _, statement := range resume {
		if _, err := s.conn.ExecContext(context.Background(), statement); err != nil {
			return fmt.Errorf("resume what makes sums: %w", err)
		}
	}
	return nil
}

func sumUp(s *session, table string) error {
	for _, t := range copySums() {
		if t.table != table {
			continue
		}
		for _, sum := range t.sums {
			if _, err := s.exec(sum); err != nil {
				return fmt.Errorf("sums of %s: %w", table, err)
			}
		}
	}
	return nil
}
