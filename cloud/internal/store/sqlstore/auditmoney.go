package sqlstore

import (
	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const auditOpColumns = `SELECT o.id, COALESCE(o.visit, ''), o.person, o.kind, o.amount_fen, o.on_op, ` + opProvider + `, o.state, o.attempts, o.next_ms, o.created_ms,
	EXISTS (SELECT 1 FROM ledger_entries e WHERE e.ref = 'op:' || o.id) FROM payment_ops o LEFT JOIN payment_ops h ON h.id = o.on_op`

// opProvider is who was asked for an operation: where it does not say so, who did what it is done to.
const opProvider = `COALESCE(NULLIF(o.provider, ''), h.provider, '')`

func readAuditOp(row scanner) (audit.Op, error) {
	var op audit.Op
	return op, row.Scan(idColumn{&op.ID}, idColumn{&op.Visit}, idColumn{&op.Person}, &op.Kind, &op.Amount, idColumn{&op.On}, &op.Provider,
		&op.State, &op.Attempts, timeColumn{&op.Next}, timeColumn{&op.Created}, &op.Booked)
}

func auditOps(s *session) audit.Stream[audit.Op] {
	return pages(func(after audit.Op) ([]audit.Op, error) {
		found, err := all(s, readAuditOp, auditOpColumns+` WHERE (o.visit, o.id) > (?, ?) ORDER BY o.visit, o.id LIMIT ?`, idText(after.Visit), idText(after.ID), pageRows)
		if err != nil || len(found) == 0 {
			return found, err
		}
		first, last := found[0], found[len(found)-1]
		return found, postingsOf(s, found, `(o.visit, o.id) >= (?, ?) AND (o.visit, o.id) <= (?, ?)`,
			idText(first.Visit), idText(first.ID), idText(last.Visit), idText(last.ID))
	})
}

func auditTopUps(s *session) audit.Stream[audit.Op] {
	return pages(func(after audit.Op) ([]audit.Op, error) {
		found, err := all(s, readAuditOp, auditOpColumns+` WHERE o.visit IS NULL AND o.id > ? ORDER BY o.id LIMIT ?`, idText(after.ID), pageRows)
		if err != nil || len(found) == 0 {
			return found, err
		}
		return found, postingsOf(s, found, `o.visit IS NULL AND o.id >= ? AND o.id <= ?`, idText(found[0].ID), idText(found[len(found)-1].ID))
	})
}

// postingsOf fills the entries of one page of operations.
func postingsOf(s *session, page []audit.Op, where string, span ...any) error {
	at := make(map[protocol.UUID]*audit.Op, len(page))
	for i := range page {
		at[page[i].ID] = &page[i]
	}
	type posting struct {
		op protocol.UUID
		ledger.Posting
	}
	found, err := all(s, func(row scanner) (posting, error) {
		var p posting
		return p, row.Scan(idColumn{&p.op}, &p.Account, &p.Unit, &p.Amount)
	}, `SELECT o.id, p.account, p.unit, p.amount FROM payment_ops o JOIN ledger_entries e ON e.ref = 'op:' || o.id
		JOIN ledger_postings p ON p.entry = e.id WHERE `+where+` ORDER BY o.id, p.line`, span...)
	for _, p := range found {
		if op := at[p.op]; op != nil {
			op.Postings = append(op.Postings, p.Posting)
		}
	}
	return err
}

func auditFees(s *session) audit.Stream[cloud.StatedFees] {
	return pages(func(after cloud.StatedFees) ([]cloud.StatedFees, error) {
		return all(s, readStatedFees, statedFees+`JOIN statements f ON f.sum = l.file AND f.fees_booked
			WHERE l.fee_fen <> 0 AND (l.file, l.day, l.store) > (?, ?, ?)
			GROUP BY l.file, l.day, l.store HAVING SUM(l.fee_fen) <> 0 ORDER BY l.file, l.day, l.store LIMIT ?`,
			after.Statement, string(after.Day), string(after.Store), pageRows)
	})
}

// auditMoved lays what is kept of each person's balances beside what their operations moved. It is one statement: the
// databases sort on the disk where that is much.
func auditMoved(s *session) audit.Stream[audit.Moved] {
	return stream(s, func(row scanner) (audit.Moved, error) {
		var m audit.Moved
		return m, row.Scan(idColumn{&m.Person}, &m.Balance, &m.Kind, &m.Provider, &m.State, &m.Amount, &m.Held)
	}, `SELECT person, balance, kind, provider, state, CAST(SUM(amount) AS BIGINT), CAST(SUM(held) AS BIGINT) FROM (
			SELECT o.person AS person, '' AS balance, o.kind AS kind, `+opProvider+` AS provider, o.state AS state, o.amount_fen AS amount, COALESCE(h.amount_fen, 0) AS held
			FROM payment_ops o LEFT JOIN payment_ops h ON h.id = o.on_op WHERE o.state IN ('done', 'refused')
			UNION ALL SELECT substr(account, 9), 'prepaid', '', '', '', amount, 0 FROM ledger_balances WHERE unit = 'fen' AND account >= 'prepaid:' AND account < 'prepaid;'
			UNION ALL SELECT substr(account, 10), 'reserved', '', '', '', amount, 0 FROM ledger_balances WHERE unit = 'fen' AND account >= 'reserved:' AND account < 'reserved;'
		) AS both_sides GROUP BY person, balance, kind, provider, state ORDER BY person, balance, kind, provider, state`)
}
