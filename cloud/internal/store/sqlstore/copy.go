package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// copied is a table whose rows a copy has. What is not among them is made by the schema itself (balances, days, settings), or ends
// with the place: who is signed in.
type copied struct {
	name  string
	order string // of the rows
	skip  string // a column that the target fills
}

// copies lists the tables so that no row comes before one that it refers to. Postings come before their entry, which
// checks them.
func copies() []copied {
	return slices.Concat(copiesOfSales(), copiesOfGoods())
}

// copiesOfSales are what a chain plans, and what its visits and its money came to.
func copiesOfSales() []copied {
	return []copied{
		{name: "chain"},
		{name: "stores"},
		{name: "articles"},
		{name: "aisles"},
		{name: "cabinets"},
		{name: "stays"},
		{name: "claims"},
		{name: "price_versions"},
		{name: "prices"},
		{name: "price_changes"},
		{name: "price_change_lines"},
		{name: "price_change_ends"},
		{name: "article_costs"},
		{name: "rollouts"},
		{name: "drafts"},
		{name: "desired"},
		{name: "visits"},
		{name: "orders"},
		{name: "order_lines"},
		{name: "decisions"},
		{name: "decision_lines"},
		{name: "review_openings"},
		{name: "review_recordings"},
		{name: "journals"},
		{name: "retired_journals"},
		{name: "inbox", order: " ORDER BY cabinet, journal, seq", skip: "number"},
		{name: "quarantine"},
		{name: "incidents", order: " ORDER BY id", skip: "id"},
		{name: "incident_steps"},
		{name: "notices"},
		{name: "levels"},
		{name: "tallies"},
		{name: "ledger_postings", order: " ORDER BY entry, line"},
		{name: "ledger_entries"},
		{name: "closed_days", order: " ORDER BY store, day"}, // no entry of a closed day could follow
		{name: "day_doubts"},
		{name: "day_levels"},
		{name: "statements"},
		{name: "statement_lines"},
		{name: "statement_days"},
		{name: "payment_ops", order: " ORDER BY created_ms, id"}, // a refund comes after its capture
		{name: "debts"},
		{name: "remembered"},
		{name: "disputes"},
		{name: "open_disputes"},
		{name: "dispute_lines"},
		{name: "rulings"},
		{name: "ruling_lines"},
		{name: "refunds"},
		{name: "actions"},
		{name: "tasks"},
		{name: "halts"},
		{name: "halts_in_force"},
		{name: "handovers"},
		{name: "calibrations"},
	}
}

// copiesOfGoods are what people move, what is expected, and whom the chain knows.
func copiesOfGoods() []copied {
	return []copied{
		{name: "movements"},
		{name: "lots"},
		{name: "lane_counts"},
		{name: "markdowns"},
		{name: "rounds"},
		{name: "round_stops"},
		{name: "round_lines"},
		{name: "round_rests"},
		{name: "round_visits"},
		{name: "round_steps"},
		{name: "round_transfers"},
		{name: "round_legs"},
		{name: "photos"},
		{name: "round_photos"},
		{name: "markdown_ends"},
		{name: "refill_policies"},
		{name: "simulated_past"},
		{name: "round_habits"},
		{name: "past_sales"},
		{name: "demand_parts"},
		{name: "coverage_facts", order: " ORDER BY number", skip: "number"},
		{name: "coverage_heads"},
		{name: "coverage_rules", order: " ORDER BY number", skip: "number"},
		{name: "special_hours"},
		{name: "special_hours_of"},
		{name: "special_hours_ends"},
		{name: "coverage_days"},
		{name: "coverage_corrections", order: " ORDER BY number", skip: "number"},
		{name: "births"},
		{name: "air"},
		{name: "residents"},
		{name: "staff"},
		{name: "passkeys"},
		{name: "recovery_codes"},
		{name: "trail", order: " ORDER BY number"},
		{name: "wishes"},
		{name: "consents"},
		{name: "erasures"},
		{name: "words"},
		{name: "messages"},
	}
}

// copyGroup is how many values one statement inserts at most.
const copyGroup = 2000

// CopyOptions say what the copy is for.
type CopyOptions struct {
	// Restored is when the copy is made to serve in place of a database that may have had more; zero: it is not. It raises the
	// fleet's epoch, so that cabinets send again what the copy lacks, and its debts rest.
	Restored time.Time
	Told     func(table string, rows int) // of each table that is done
}

// Copy writes one snapshot of a database into another, empty one, of the same schema: all or nothing. Nobody may write to
// the target meanwhile.
func Copy(ctx context.Context, from, to *DB, o CopyOptions) error {
	return from.read(ctx, func(source *session) error {
		return to.write(ctx, func(target *session) error {
			if err := withoutSums(target, func() error { return copyTables(source, target, o) }); err != nil {
				return err
			}
			if err := copySettings(source, target, o.Restored); err != nil {
				return fmt.Errorf("copy settings: %w", err)
			}
			return sameBalances(source, target)
		})
	})
}

func copyTables(source, target *session, o CopyOptions) error {
	for _, t := range copies() {
		rows, err := t.copy(source, target)
		if err == nil {
			err = sumUp(target, t.name)
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", t.name, err)
		}
		o.Told(t.name, rows)
	}
	return nil
}

func (t copied) copy(source, target *session) (int, error) {
	if err := t.mustBeEmpty(target); err != nil {
		return 0, err
	}
	kinds, err := t.kinds(target)
	if err != nil {
		return 0, err
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name()
	}
	rows, err := source.conn.QueryContext(context.Background(), "SELECT "+strings.Join(names, ", ")+" FROM "+t.name+t.order)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	into := inserter{session: target, table: t.name, kinds: kinds, names: names}
	for rows.Next() {
		if err := into.add(rows); err != nil {
			return 0, err
		}
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	return into.rows, into.flush()
}

func (t copied) mustBeEmpty(target *session) error {
	var one int
	found, err := target.one("SELECT 1 FROM "+t.name+" LIMIT 1", nil, &one)
	if err != nil {
		return err
	}
	if found {
		return protocol.Errorf(protocol.CodeMalformed, "there are rows already: want an empty database")
	}
	return nil
}

// kinds are the columns as the target has them: the databases order them alike, but one has truth values.
func (t copied) kinds(target *session) ([]*sql.ColumnType, error) {
	rows, err := target.conn.QueryContext(context.Background(), "SELECT * FROM "+t.name+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(kinds, func(k *sql.ColumnType) bool { return k.Name() == t.skip }), rows.Err()
}

// inserter gathers rows into statements of several.
type inserter struct {
	*session
	table string
	kinds []*sql.ColumnType
	names []string
	held  []any
	rows  int
}

func (i *inserter) add(row *sql.Rows) error {
	values := make([]any, len(i.kinds))
	places := make([]any, len(values))
	for n := range values {
		places[n] = &values[n]
	}
	if err := row.Scan(places...); err != nil {
		return err
	}
	for n, k := range i.kinds {
		if number, is := values[n].(int64); is && k.DatabaseTypeName() == "BOOL" {
			values[n] = number != 0
		}
	}
	i.held, i.rows = append(i.held, values...), i.rows+1
	if len(i.held)+len(values) > copyGroup {
		return i.flush()
	}
	return nil
}

func (i *inserter) flush() error {
	if len(i.held) == 0 {
		return nil
	}
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(i.kinds)), ", ") + ")"
	all := strings.TrimSuffix(strings.Repeat(one+", ", len(i.held)/len(i.kinds)), ", ")
	_, err := i.exec("INSERT INTO "+i.table+" ("+strings.Join(i.names, ", ")+") VALUES "+all, i.held...)
	i.held = i.held[:0]
	return err
}

func copySettings(source, target *session, restored time.Time) error {
	for _, name := range []string{"fleet_epoch", "revision", "incidents_told", "trail", askProvider, restoredAt} {
		value, err := source.setting(name)
		if err != nil {
			return err
		}
		switch {
		case restored.IsZero():
		case name == "fleet_epoch":
			value++
		case name == restoredAt:
			value = uint64(ms(restored))
		}
		if _, err := target.exec(`UPDATE settings SET value = ? WHERE name = ?`, int64(value), name); err != nil {
			return err
		}
	}
	if restored.IsZero() {
		return nil
	}
	if err := askLater(source, target); err != nil {
		return err
	}
	return debts{target}.restAll(cloud.RestRestored)
}

// sameBalances compares what the target's schema made of the postings with what the source's had.
func sameBalances(source, target *session) error {
	was, err := book{source}.Balances("")
	if err != nil {
		return err
	}
	is, err := book{target}.Balances("")
	if err != nil {
		return err
	}
	if !slices.Equal(was, is) {
		return fmt.Errorf("the balances of the copy differ: the source's do not follow from its postings")
	}
	return nil
}
