package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type debts struct{ *session }

const debtColumns = `SELECT visit, person, amount_fen, since_ms, tries, next_ms, rests FROM debts`

func readDebt(row scanner) (cloud.Debt, error) {
	var d cloud.Debt
	return d, row.Scan(idColumn{&d.Visit}, idColumn{&d.Person}, &d.Amount, timeColumn{&d.Since}, &d.Tries, timeColumn{&d.Next}, &d.Rests)
}

// Add implements cloud.DebtTable.
func (t debts) Add(d cloud.Debt) error {
	_, err := t.exec(`INSERT INTO debts (visit, person, amount_fen, since_ms, tries, next_ms, rests) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		idText(d.Visit), idText(d.Person), int64(d.Amount), ms(d.Since), d.Tries, ms(d.Next), string(d.Rests))
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
	return all(t.session, readDebt, debtColumns+` WHERE amount_fen > 0 AND next_ms > 0 AND rests = '' AND next_ms <= ? ORDER BY since_ms, visit LIMIT ?`, ms(at), limit)
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

// Rest implements cloud.RestingTable.
func (t debts) Rest(visit protocol.VisitID, why cloud.DebtRest) error {
	if _, err := t.exec(`UPDATE debts SET rests = ? WHERE visit = ?`, string(why), idText(visit)); err != nil {
		return fmt.Errorf("rest the debt of visit %s: %w", visit, err)
	}
	return nil
}

// WakeAll implements cloud.RestingTable.
func (t debts) WakeAll(why cloud.DebtRest) (int, error) {
	woken, err := t.exec(`UPDATE debts SET rests = '' WHERE rests = ? AND rests <> '' AND amount_fen > 0`, string(why))
	if err != nil {
		return 0, fmt.Errorf("wake all debts: %w", err)
	}
	return int(woken), nil
}

// restAll lays all debts to rest that would be charged by themselves.
func (t debts) restAll(why cloud.DebtRest) error {
	if _, err := t.exec(`UPDATE debts SET rests = ? WHERE amount_fen > 0 AND next_ms > 0 AND rests = ''`, string(why)); err != nil {
		return fmt.Errorf("rest all debts: %w", err)
	}
	return nil
}

// List implements cloud.RestingTable.
func (t debts) List(limit int) ([]cloud.RestingDebt, error) {
	return all(t.session, func(row scanner) (cloud.RestingDebt, error) {
		var d cloud.RestingDebt
		return d, row.Scan(idColumn{&d.Visit}, idColumn{&d.Person}, &d.Amount, timeColumn{&d.Since}, &d.Tries, timeColumn{&d.Next}, &d.Rests, &d.Cabinet)
	}, `SELECT d.visit, d.person, d.amount_fen, d.since_ms, d.tries, d.next_ms, d.rests, v.cabinet FROM debts d JOIN visits v ON v.id = d.visit
		WHERE d.amount_fen > 0 AND d.rests <> '' ORDER BY d.since_ms, d.visit LIMIT ?`, limit)
}

// Count implements cloud.RestingTable.
func (t debts) Count(why cloud.DebtRest) (n int, err error) {
	_, err = t.one(`SELECT COUNT(*) FROM debts WHERE amount_fen > 0 AND rests <> '' AND (rests = ? OR ? = '')`, []any{string(why), string(why)}, &n)
	return n, err
}
