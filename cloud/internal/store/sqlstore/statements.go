package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
)

type statements struct{ *session }

// Put implements cloud.StatementTable. The same file again keeps the word of its first time.
func (t statements) Put(file cloud.StatementImport, lines []cloud.StatementLine) (map[string]bool, error) {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{
			l.Key, file.Sum, ms(l.At), string(l.Day), string(l.Kind), l.Order, l.Refund, int64(l.Amount), int64(l.Fee), l.Merchant, l.Currency, l.Op, string(l.Store),
		}
	}
	keys, err := insertReturning(t.session, func(row scanner) (key string, err error) { return key, row.Scan(&key) }, "statement_lines",
		[]string{"id", "file", "at_ms", "day", "kind", "order_number", "refund_number", "amount_fen", "fee_fen", "merchant", "currency", "op", "store"},
		" ON CONFLICT DO NOTHING RETURNING id", rows)
	if err != nil {
		return nil, fmt.Errorf("put lines of statement %s: %w", file.Sum, err)
	}
	if _, err := t.exec(`INSERT INTO statements (sum, name, by_name, at_ms, lines, added) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (sum) DO UPDATE SET added = statements.added + excluded.added`, file.Sum, file.Name, file.By, ms(file.At), file.Lines, len(keys)); err != nil {
		return nil, fmt.Errorf("add statement %s: %w", file.Sum, err)
	}
	added := make(map[string]bool, len(keys))
	for _, key := range keys {
		added[key] = true
	}
	return added, nil
}

// statedFees are the fees of files, by file, day and store.
const statedFees = `SELECT l.file, l.store, l.day, MAX(l.at_ms), CAST(SUM(l.fee_fen) AS BIGINT) FROM statement_lines l `

func readStatedFees(row scanner) (cloud.StatedFees, error) {
	var f cloud.StatedFees
	return f, row.Scan(&f.Statement, &f.Store, &f.Day, timeColumn{&f.At}, &f.Amount)
}

// Unbooked implements cloud.StatementTable.
func (t statements) Unbooked(sum string) ([]cloud.StatedFees, error) {
	return all(t.session, readStatedFees, statedFees+`WHERE l.file = ? AND l.fee_fen <> 0
		AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.ref = 'fees:' || l.file || '/' || l.day || '/' || l.store)
		GROUP BY l.file, l.day, l.store HAVING SUM(l.fee_fen) <> 0 ORDER BY l.day, l.store`, sum)
}

// Cover implements cloud.StatementTable.
func (t statements) Cover(file cloud.StatementImport) error {
	if _, err := t.exec(`UPDATE statements SET fees_booked = TRUE WHERE sum = ?`, file.Sum); err != nil {
		return fmt.Errorf("fees of statement %s: %w", file.Sum, err)
	}
	for day := file.First; day != "" && day <= file.Last; day = day.Add(1) {
		if _, err := t.exec(`INSERT INTO statement_days (day, file, by_name, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			string(day), file.Sum, file.By, ms(file.At)); err != nil {
			return fmt.Errorf("cover %s by statement %s: %w", day, file.Sum, err)
		}
	}
	return nil
}

// Imports implements cloud.StatementTable.
func (t statements) Imports(limit int) ([]cloud.StatementImport, error) {
	return all(t.session, func(row scanner) (cloud.StatementImport, error) {
		var i cloud.StatementImport
		return i, row.Scan(&i.Sum, &i.Name, &i.By, timeColumn{&i.At}, &i.Lines, &i.Added, &i.First, &i.Last)
	}, `SELECT sum, name, by_name, at_ms, lines, added, COALESCE((SELECT MIN(d.day) FROM statement_days d WHERE d.file = statements.sum), ''),
		COALESCE((SELECT MAX(d.day) FROM statement_days d WHERE d.file = statements.sum), '') FROM statements ORDER BY at_ms DESC, sum LIMIT ?`, limit)
}

const statementColumns = `SELECT id, at_ms, day, kind, order_number, refund_number, amount_fen, fee_fen, merchant, currency, op, store FROM statement_lines `

func readStatement(row scanner) (cloud.StatementLine, error) {
	var l cloud.StatementLine
	return l, row.Scan(&l.Key, timeColumn{&l.At}, &l.Day, &l.Kind, &l.Order, &l.Refund, &l.Amount, &l.Fee, &l.Merchant, &l.Currency, &l.Op, &l.Store)
}

// Of implements cloud.StatementLines.
func (t statements) Of(store cloud.StoreID, day ledger.Day) ([]cloud.StatementLine, error) {
	return all(t.session, readStatement, statementColumns+`WHERE day = ? AND store = ? ORDER BY at_ms, id`, string(day), string(store))
}

// On implements cloud.StatementLines.
func (t statements) On(day ledger.Day) ([]cloud.StatementLine, error) {
	return all(t.session, readStatement, statementColumns+`WHERE day = ? ORDER BY at_ms, id`, string(day))
}

// Naming implements cloud.StatementLines.
func (t statements) Naming(op string) ([]cloud.StatementLine, error) {
	return all(t.session, readStatement, statementColumns+`WHERE op = ? AND op <> '' ORDER BY at_ms, id`, op)
}

// Covers implements cloud.StatementLines.
func (t statements) Covers(day ledger.Day) (bool, error) {
	var one int
	return t.one(`SELECT 1 FROM statement_days WHERE day = ? LIMIT 1`, []any{string(day)}, &one)
}

// Count implements cloud.StatementLines.
func (t statements) Count(day ledger.Day) (n int, err error) {
	_, err = t.one(`SELECT COUNT(*) FROM statement_lines WHERE day = ?`, []any{string(day)}, &n)
	return n, err
}

// Sums implements cloud.StatementLines.
func (t statements) Sums(day ledger.Day) ([]cloud.StoreStated, error) {
	return all(t.session, func(row scanner) (cloud.StoreStated, error) {
		var s cloud.StoreStated
		return s, row.Scan(&s.Store, &s.Lines, &s.Captured, &s.Refunded, &s.Fees)
	}, `SELECT store, COUNT(*), CAST(COALESCE(SUM(CASE WHEN kind = 'capture' THEN amount_fen END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN kind = 'refund' THEN amount_fen END), 0) AS BIGINT), CAST(SUM(fee_fen) AS BIGINT)
		FROM statement_lines WHERE day = ? GROUP BY store ORDER BY store`, string(day))
}

// Unknown implements cloud.StatementLines.
func (t statements) Unknown(limit int) ([]cloud.StatementLine, error) {
	return all(t.session, readStatement, statementColumns+`WHERE store = '' AND kind <> 'fee' AND NOT EXISTS (SELECT 1 FROM payment_ops o WHERE o.id = statement_lines.op) ORDER BY at_ms DESC, id LIMIT ?`, limit)
}

// Place implements cloud.StatementLines.
func (t statements) Place(op string) (cloud.StoreID, error) {
	var store cloud.StoreID
	_, err := t.one(`SELECT COALESCE((SELECT e.store FROM ledger_entries e WHERE e.ref = 'op:' || o.id), s.store) FROM payment_ops o JOIN visits v ON v.id = o.visit
		JOIN stays s ON `+stayAt+` WHERE o.id = ?`, []any{op}, &store)
	return store, err
}
