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
		if _, err := t.exec(`INSERT INTO ledger_postings (entry, line, account, unit, amount) VALUES (?, ?, ?, ?, ?)`,
			idText(e.ID), i, string(p.Account), string(p.Unit), p.Amount); err != nil {
			return fmt.Errorf("post %s: %w", e.Ref, err)
		}
	}
	if _, err := t.exec(`INSERT INTO ledger_entries (id, at_ms, ref) VALUES (?, ?, ?)`, idText(e.ID), ms(e.At), string(e.Ref)); err != nil {
		return fmt.Errorf("post %s: %w", e.Ref, err)
	}
	return nil
}

// Entries implements cloud.LedgerTable.
func (t book) Entries(a ledger.Account) ([]ledger.Entry, error) {
	entries, err := all(t.session, func(row scanner) (ledger.Entry, error) {
		var e ledger.Entry
		return e, row.Scan(idColumn{&e.ID}, timeColumn{&e.At}, &e.Ref)
	}, `SELECT id, at_ms, ref FROM ledger_entries WHERE id IN (SELECT entry FROM ledger_postings WHERE account = ?) ORDER BY at_ms, id`, string(a))
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

// Balance implements cloud.LedgerTable.
func (t book) Balance(a ledger.Account, unit ledger.Unit) (int64, error) {
	var amount int64
	_, err := t.one(`SELECT amount FROM ledger_balances WHERE account = ? AND unit = ?`, []any{string(a), string(unit)}, &amount)
	return amount, err
}

// Balances implements cloud.LedgerTable.
func (t book) Balances(prefix ledger.Account) ([]ledger.Posting, error) {
	return all(t.session, readPosting, `SELECT account, unit, amount FROM ledger_balances WHERE account >= ? AND account < ? AND amount <> 0 ORDER BY account, unit`,
		string(prefix), string(prefix)+"\U0010FFFF")
}
