package sqlstore

import (
	"fmt"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

type book struct{ *session }

// Post implements cloud.LedgerTable. The entry goes in last: the database checks the balance then.
func (t book) Post(e ledger.Entry) error {
	if err := e.Validate(); err != nil {
		return err
	}
	var known string
	if found, err := t.one(`SELECT id FROM ledger_entries WHERE ref = ?`, []any{string(e.Ref)}, &known); err != nil || found {
		return conflictOr(err, "%s is booked already", e.Ref)
	}
	for i, p := range e.Postings {
		if _, err := t.exec(`INSERT INTO ledger_postings (entry, line, account, unit, amount, pile) VALUES (?, ?, ?, ?, ?, ?)`,
			idText(e.ID), i, string(p.Account), string(p.Unit), p.Amount, string(e.Pile(p))); err != nil {
			return fmt.Errorf("post %s: %w", e.Ref, err)
		}
	}
	if _, err := t.exec(`INSERT INTO ledger_entries (id, at_ms, ref, store, cabinet, day, late) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		idText(e.ID), ms(e.At), string(e.Ref), e.Store, string(e.Cabinet), string(e.Day), string(e.Late)); err != nil {
		return fmt.Errorf("post %s: %w", e.Ref, err)
	}
	return nil
}

const entryColumns = `SELECT id, at_ms, ref, store, cabinet, day, late FROM ledger_entries`

func readEntry(row scanner) (ledger.Entry, error) {
	var e ledger.Entry
	return e, row.Scan(idColumn{&e.ID}, timeColumn{&e.At}, &e.Ref, &e.Store, &e.Cabinet, &e.Day, &e.Late)
}

// Entries implements cloud.LedgerTable.
func (t book) Entries(a ledger.Account) ([]ledger.Entry, error) {
	return t.whole(a, entryColumns+` WHERE id IN (SELECT entry FROM ledger_postings WHERE account = ?) ORDER BY at_ms, id`, string(a))
}

// Latest implements cloud.LedgerTable.
func (t book) Latest(a ledger.Account, unit ledger.Unit, limit int) ([]ledger.Entry, error) {
	return t.whole(a, entryColumns+` WHERE id IN (SELECT entry FROM ledger_postings WHERE account = ? AND unit = ?) ORDER BY at_ms DESC, id DESC LIMIT ?`,
		string(a), string(unit), limit)
}

// whole reads entries with their postings.
func (t book) whole(a ledger.Account, query string, args ...any) ([]ledger.Entry, error) {
	entries, err := all(t.session, readEntry, query, args...)
	if err != nil {
		return nil, fmt.Errorf("entries of %s: %w", a, err)
	}
	for i := range entries {
		if entries[i].Postings, err = t.postings(entries[i].ID); err != nil {
			return nil, fmt.Errorf("entries of %s: %w", a, err)
		}
	}
	return entries, nil
}

func (t book) postings(entry protocol.UUID) ([]ledger.Posting, error) {
	return all(t.session, readPosting, `SELECT account, unit, amount FROM ledger_postings WHERE entry = ? ORDER BY line`, idText(entry))
}

func readPosting(row scanner) (ledger.Posting, error) {
	var p ledger.Posting
	return p, row.Scan(&p.Account, &p.Unit, &p.Amount)
}

// Posted implements cloud.LedgerTable.
func (t book) Posted(ref ledger.Ref) ([]ledger.Posting, error) {
	return all(t.session, readPosting, `SELECT p.account, p.unit, p.amount FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry
		WHERE e.ref = ? ORDER BY p.entry, p.line`, string(ref))
}

// Balance implements cloud.LedgerTable.
func (t book) Balance(a ledger.Account, unit ledger.Unit) (int64, error) {
	var amount int64
	_, err := t.one(`SELECT amount FROM ledger_balances WHERE account = ? AND unit = ?`, []any{string(a), string(unit)}, &amount)
	return amount, err
}

// Held implements cloud.LedgerTable.
func (t book) Held(cabinet protocol.CabinetID, unit ledger.Unit, before protocol.UUID) (sum int64, err error) {
	stock, stray := ledger.StockPrefix(cabinet), ledger.Stray(cabinet, "")
	in := ` WHERE unit = ? AND (account >= ? AND account < ? OR account >= ? AND account < ?)`
	args := []any{string(unit), string(stock), beyond(stock), string(stray), beyond(stray)}
	query := `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_balances` + in
	if !before.IsZero() {
		query, args = `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_postings`+in+` AND entry < ?`, append(args, idText(before))
	}
	_, err = t.one(query, args, &sum)
	return sum, err
}

// Balances implements cloud.LedgerTable.
func (t book) Balances(prefix ledger.Account) ([]ledger.Posting, error) {
	return all(t.session, readPosting, `SELECT account, unit, amount FROM ledger_balances WHERE account >= ? AND account < ? AND amount <> 0 ORDER BY account, unit`,
		string(prefix), beyond(prefix))
}

// Changes implements cloud.LedgerTable.
func (t book) Changes(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error) {
	return all(t.session, readPosting, `SELECT pile, unit, change FROM ledger_days WHERE day = ? AND pile >= ? AND pile < ? AND change <> 0 ORDER BY pile, unit`,
		string(day), string(prefix), beyond(prefix))
}

// Closing implements cloud.LedgerTable.
func (t book) Closing(prefix ledger.Account, day ledger.Day) ([]ledger.Posting, error) {
	return all(t.session, readPosting, `SELECT pile, unit, closing FROM (`+closingOfPiles+`) AS piles WHERE closing <> 0 ORDER BY pile, unit`,
		string(day), string(prefix), beyond(prefix))
}

// closingOfPiles is what piles came to at the end of a day; null where they began later.
const closingOfPiles = `SELECT p.pile, p.unit, (SELECT d.closing FROM ledger_days d WHERE d.pile = p.pile AND d.unit = p.unit AND d.day <= ? ORDER BY d.day DESC LIMIT 1) AS closing
	FROM ledger_piles p WHERE p.pile >= ? AND p.pile < ?`

// beyond comes after every account that begins with prefix.
func beyond(prefix ledger.Account) string { return string(prefix) + "\U0010FFFF" }
