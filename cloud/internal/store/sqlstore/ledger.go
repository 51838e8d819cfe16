package sqlstore

import (
	"fmt"

	"allhours/cloud/ledger"
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

// Balance implements cloud.LedgerTable.
func (t book) Balance(a ledger.Account, unit ledger.Unit) (int64, error) {
	var amount int64
	_, err := t.one(`SELECT amount FROM ledger_balances WHERE account = ? AND unit = ?`, []any{string(a), string(unit)}, &amount)
	return amount, err
}

// Balances implements cloud.LedgerTable.
func (t book) Balances(prefix ledger.Account) ([]ledger.Posting, error) {
	return all(t.session, func(row scanner) (ledger.Posting, error) {
		var p ledger.Posting
		return p, row.Scan(&p.Account, &p.Unit, &p.Amount)
	}, `SELECT account, unit, amount FROM ledger_balances WHERE account >= ? AND account < ? AND amount <> 0 ORDER BY account, unit`,
		string(prefix), string(prefix)+"\U0010FFFF")
}
