package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type debts struct{ *session }

const debtColumns = `SELECT visit, person, amount_fen, since_ms, tries, next_ms FROM debts`

func readDebt(row scanner) (cloud.Debt, error) {
	var d cloud.Debt
	return d, row.Scan(idColumn{&d.Visit}, idColumn{&d.Person}, &d.Amount, timeColumn{&d.Since}, &d.Tries, timeColumn{&d.Next})
}

// Add implements cloud.DebtTable.
func (t debts) Add(d cloud.Debt) error {
	_, err := t.exec(`INSERT INTO debts (visit, person, amount_fen, since_ms, tries, next_ms) VALUES (?, ?, ?, ?, ?, ?)`,
		idText(d.Visit), idText(d.Person), int64(d.Amount), ms(d.Since), d.Tries, ms(d.Next))
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "visit %s has a debt", d.Visit)
	}
	if err != nil {
		return fmt.Errorf("add debt of visit %s: %w", d.Visit, err)
	}
	return nil
}

// Of implements cloud.DebtTable.
func (t debts) Of(person protocol.UUID) ([]cloud.Debt, error) {
	return all(t.session, readDebt, debtColumns+` WHERE person = ? AND amount_fen > 0 ORDER BY since_ms, visit`, idText(person))
}

// Due implements cloud.DebtTable.
func (t debts) Due(at time.Time, limit int) ([]cloud.Debt, error) {
	return all(t.session, readDebt, debtColumns+` WHERE amount_fen > 0 AND next_ms > 0 AND next_ms <= ? ORDER BY since_ms, visit LIMIT ?`, ms(at), limit)
}

// debtOrder has what is charged no more first.
const debtOrder = `CASE WHEN next_ms = 0 THEN 0 ELSE 1 END, since_ms, visit`

// Open implements cloud.DebtTable.
func (t debts) Open(after protocol.VisitID, limit int) ([]cloud.Debt, error) {
	if after.IsZero() {
		return all(t.session, readDebt, debtColumns+` WHERE amount_fen > 0 ORDER BY `+debtOrder+` LIMIT ?`, limit)
	}
	return all(t.session, readDebt, debtColumns+` WHERE amount_fen > 0 AND (`+debtOrder+`) > (SELECT `+debtOrder+` FROM debts WHERE visit = ?)
		ORDER BY `+debtOrder+` LIMIT ?`, idText(after), limit)
}

// Total implements cloud.DebtTable.
func (t debts) Total() (n int, sum protocol.Fen, err error) {
	_, err = t.one(`SELECT COUNT(*), CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM debts WHERE amount_fen > 0`, nil, &n, &sum)
	return n, sum, err
}

// Lessen implements cloud.DebtTable.
func (t debts) Lessen(visit protocol.VisitID, by protocol.Fen) error {
	changed, err := t.exec(`UPDATE debts SET amount_fen = amount_fen - ? WHERE visit = ? AND amount_fen >= ?`, int64(by), idText(visit), int64(by))
	return exactlyOne(changed, err, "lessen the debt of visit "+visit.String())
}

// Plan implements cloud.DebtTable.
func (t debts) Plan(visit protocol.VisitID, tries int, next time.Time) error {
	changed, err := t.exec(`UPDATE debts SET tries = ?, next_ms = ? WHERE visit = ?`, tries, ms(next), idText(visit))
	return exactlyOne(changed, err, "plan the debt of visit "+visit.String())
}
