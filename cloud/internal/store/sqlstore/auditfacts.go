package sqlstore

import (
	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

func auditRulings(s *session) audit.Stream[cloud.Ruling] {
	return pages(func(after cloud.Ruling) ([]cloud.Ruling, error) {
		found, err := all(s, func(row scanner) (cloud.Ruling, error) {
			var r cloud.Ruling
			return r, row.Scan(idColumn{&r.Dispute}, idColumn{&r.Visit}, idColumn{&r.Person}, &r.By, &r.Role, timeColumn{&r.At}, &r.Refund, &r.Waived)
		}, `SELECT dispute, visit, person, by_name, role, at_ms, refund_fen, waived_fen FROM rulings
			WHERE (visit, at_ms, dispute) > (?, ?, ?) ORDER BY visit, at_ms, dispute LIMIT ?`, idText(after.Visit), ms(after.At), idText(after.Dispute), pageRows)
		for i := range found {
			if err == nil {
				found[i].Lines, err = rulingLines(s, found[i].Dispute)
			}
		}
		return found, err
	})
}

func auditMovements(s *session) audit.Stream[cloud.Movement] {
	return pages(func(after cloud.Movement) ([]cloud.Movement, error) {
		return all(s, readMovement, movementColumns+` WHERE id > ? ORDER BY id LIMIT ?`, idText(after.ID), pageRows)
	})
}

func auditOpenings(s *session) audit.Stream[wire.Config] {
	return pages(func(after wire.Config) ([]wire.Config, error) {
		return all(s, func(row scanner) (wire.Config, error) {
			var c wire.Config
			return c, row.Scan(jsonColumn{&c})
		}, `SELECT config FROM desired WHERE cabinet > ? AND version = (SELECT MIN(version) FROM desired o WHERE o.cabinet = desired.cabinet)
			ORDER BY cabinet LIMIT ?`, string(after.Cabinet), pageRows)
	})
}

func auditClosed(s *session) audit.Stream[cloud.ClosedDay] {
	return pages(func(after cloud.ClosedDay) ([]cloud.ClosedDay, error) {
		return all(s, func(row scanner) (cloud.ClosedDay, error) {
			var c cloud.ClosedDay
			return c, row.Scan(&c.Store, &c.Day, &c.By, &c.Figures, &c.Sum)
		}, `SELECT store, day, by_name, figures, sum FROM closed_days WHERE (store, day) > (?, ?) ORDER BY store, day LIMIT ?`,
			string(after.Store), string(after.Day), pageRows)
	})
}

// Answer implements audit.Ask.
func (q auditAsk) Answer(visit protocol.VisitID) (a settle.Answer, err error) {
	_, err = q.one(`SELECT answer FROM orders WHERE visit = ?`, []any{idText(visit)}, jsonColumn{&a})
	return a, err
}

// Booked implements audit.Ask.
func (q auditAsk) Booked(before protocol.UUID, a ledger.Account, unit ledger.Unit) (sum int64, err error) {
	_, err = q.one(`SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_postings WHERE account = ? AND unit = ? AND entry < ?`,
		[]any{string(a), string(unit), idText(before)}, &sum)
	return sum, err
}

// Piles implements audit.Ask.
func (q auditAsk) Piles(store cloud.StoreID, day ledger.Day) ([]reconcile.Pile, error) {
	return days(q).Piles(store, day)
}
