package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type disputes struct{ *session }

const disputeColumns = `SELECT d.id, d.visit, d.person, d.at_ms, d.by_name, d.key, ` +
	`COALESCE((SELECT x.text FROM words x WHERE x.kind = 'objection' AND x.id = d.id), '') FROM disputes d`

func readDispute(row scanner) (cloud.Dispute, error) {
	var d cloud.Dispute
	return d, row.Scan(idColumn{&d.ID}, idColumn{&d.Visit}, idColumn{&d.Person}, timeColumn{&d.At}, &d.By, &d.Key, &d.Words)
}

// Add implements cloud.DisputeTable.
func (t disputes) Add(d cloud.Dispute) error {
	var open string
	if found, err := t.one(`SELECT dispute FROM open_disputes WHERE visit = ?`, []any{idText(d.Visit)}, &open); err != nil || found {
		return conflictOr(err, "an objection to visit %s is open", d.Visit)
	}
	if _, err := t.exec(`INSERT INTO disputes (id, visit, person, at_ms, by_name, key) VALUES (?, ?, ?, ?, ?, ?)`,
		idText(d.ID), idText(d.Visit), idText(d.Person), ms(d.At), d.By, d.Key); err != nil {
		return fmt.Errorf("object to visit %s: %w", d.Visit, err)
	}
	if err := t.keepWords(cloud.WordsObjection, d.ID, d.Visit, d.At, d.Words); err != nil {
		return err
	}
	for i, l := range d.Lines {
		if _, err := t.exec(`INSERT INTO dispute_lines (dispute, line, sku, qty, why) VALUES (?, ?, ?, ?, ?)`,
			idText(d.ID), i, string(l.SKU), l.Qty, string(l.Why)); err != nil {
			return fmt.Errorf("object to visit %s: line %d: %w", d.Visit, i, err)
		}
	}
	if _, err := t.exec(`INSERT INTO open_disputes (visit, dispute, at_ms) VALUES (?, ?, ?)`, idText(d.Visit), idText(d.ID), ms(d.At)); err != nil {
		return fmt.Errorf("object to visit %s: %w", d.Visit, err)
	}
	return nil
}

// Find implements cloud.DisputeTable.
func (t disputes) Find(id protocol.UUID) (cloud.Dispute, error) {
	found, err := t.read(disputeColumns+` WHERE d.id = ?`, idText(id))
	if err != nil {
		return cloud.Dispute{}, err
	}
	if len(found) == 0 {
		return cloud.Dispute{}, protocol.Errorf(cloud.CodeNotFound, "objection %s is not known", id)
	}
	return found[0], nil
}

// Of implements cloud.DisputeTable.
func (t disputes) Of(visit protocol.VisitID) ([]cloud.Dispute, error) {
	return t.read(disputeColumns+` WHERE d.visit = ? ORDER BY d.at_ms, d.id`, idText(visit))
}

// List implements cloud.DisputeTable.
func (t disputes) List(of cloud.Bound, open bool, limit int) ([]cloud.Dispute, error) {
	where, args := with(of)
	at := ` JOIN visits v ON v.id = d.visit` + where
	if open {
		return t.read(disputeColumns+` JOIN open_disputes w ON w.dispute = d.id`+at+` ORDER BY w.at_ms, d.id LIMIT ?`, append(args, limit)...)
	}
	return t.read(disputeColumns+` JOIN rulings r ON r.dispute = d.id`+at+` ORDER BY r.at_ms DESC, d.id DESC LIMIT ?`, append(args, limit)...)
}

// Waiting implements cloud.DisputeTable.
func (t disputes) Waiting(of cloud.Bound) (n int, since time.Time, err error) {
	where, args := with(of)
	_, err = t.one(`SELECT COUNT(*), COALESCE(MIN(w.at_ms), 0) FROM open_disputes w JOIN visits v ON v.id = w.visit`+where, args, &n, timeColumn{&since})
	return n, since, err
}

// read adds to each objection its lines, its ruling and what came of it.
func (t disputes) read(query string, args ...any) ([]cloud.Dispute, error) {
	found, err := all(t.session, readDispute, query, args...)
	if err != nil {
		return nil, fmt.Errorf("objections: %w", err)
	}
	for i := range found {
		if err := t.complete(&found[i]); err != nil {
			return nil, fmt.Errorf("objection %s: %w", found[i].ID, err)
		}
	}
	return found, nil
}

func (t disputes) complete(d *cloud.Dispute) (err error) {
	if d.Lines, err = all(t.session, func(row scanner) (cloud.DisputeLine, error) {
		var l cloud.DisputeLine
		return l, row.Scan(&l.SKU, &l.Qty, &l.Why)
	}, `SELECT sku, qty, why FROM dispute_lines WHERE dispute = ? ORDER BY line`, idText(d.ID)); err != nil {
		return err
	}
	r := cloud.Ruling{Dispute: d.ID}
	ruled, err := t.one(`SELECT visit, person, by_name, role, at_ms, refund_fen, waived_fen, `+wordsOf(cloud.WordsRuling, "rulings.dispute")+` FROM rulings WHERE dispute = ?`, []any{idText(d.ID)},
		idColumn{&r.Visit}, idColumn{&r.Person}, &r.By, &r.Role, timeColumn{&r.At}, &r.Refund, &r.Waived, &r.Reason)
	if err != nil || !ruled {
		return err
	}
	if r.Lines, err = rulingLines(t.session, d.ID); err != nil {
		return err
	}
	d.Ruling = &r
	d.Refunds, err = all(t.session, readOp, opColumns+` WHERE id IN (SELECT op FROM refunds WHERE dispute = ?) ORDER BY created_ms, id`, idText(d.ID))
	return err
}

func rulingLines(s *session, dispute protocol.UUID) ([]cloud.RulingLine, error) {
	return all(s, func(row scanner) (cloud.RulingLine, error) {
		var l cloud.RulingLine
		return l, row.Scan(&l.SKU, &l.Qty, &l.Amount, &l.Goods, &l.Platform)
	}, `SELECT sku, qty, amount_fen, goods, platform FROM ruling_lines WHERE dispute = ? ORDER BY line`, idText(dispute))
}

// Rule implements cloud.DisputeTable.
func (t disputes) Rule(r cloud.Ruling) error {
	closed, err := t.exec(`DELETE FROM open_disputes WHERE visit = ? AND dispute = ?`, idText(r.Visit), idText(r.Dispute))
	if err != nil || closed != 1 {
		return conflictOr(err, "objection %s was decided", r.Dispute)
	}
	if _, err := t.exec(`INSERT INTO rulings (dispute, visit, person, by_name, role, at_ms, refund_fen, waived_fen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(r.Dispute), idText(r.Visit), idText(r.Person), r.By, string(r.Role), ms(r.At), int64(r.Refund), int64(r.Waived)); err != nil {
		return fmt.Errorf("rule on %s: %w", r.Dispute, err)
	}
	if err := t.keepWords(cloud.WordsRuling, r.Dispute, r.Visit, r.At, r.Reason); err != nil {
		return err
	}
	for i, l := range r.Lines {
		if _, err := t.exec(`INSERT INTO ruling_lines (dispute, line, sku, qty, amount_fen, goods, platform) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			idText(r.Dispute), i, string(l.SKU), l.Qty, int64(l.Amount), string(l.Goods), string(l.Platform)); err != nil {
			return fmt.Errorf("rule on %s: line %d: %w", r.Dispute, i, err)
		}
	}
	return nil
}
