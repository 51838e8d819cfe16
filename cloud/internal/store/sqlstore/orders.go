package sqlstore

import (
	"encoding/hex"
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type orders struct{ *session }

// Add implements cloud.Orders.
func (t orders) Add(o cloud.Order) error {
	answer, err := jsonText(o.Answer)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO orders (visit, why, total_fen, answer, hash, at_ms, zero_ms, config) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(o.Visit), string(o.Why), int64(o.Total), answer, hex.EncodeToString(o.Hash), ms(o.At), ms(o.Zero), int64(o.Config))
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "visit %s has an order", o.Visit)
	}
	if err != nil {
		return fmt.Errorf("add order of %s: %w", o.Visit, err)
	}
	for i, l := range o.Lines {
		if _, err := t.exec(`INSERT INTO order_lines (visit, line, sku, name_zh, name_en, qty, price_fen) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			idText(o.Visit), i, string(l.SKU), l.Name.Zh, l.Name.En, l.Qty, int64(l.Price)); err != nil {
			return fmt.Errorf("add order of %s: line %d: %w", o.Visit, i, err)
		}
	}
	return nil
}

func readLine(row scanner) (cloud.OrderLine, error) {
	var l cloud.OrderLine
	return l, row.Scan(&l.SKU, &l.Name.Zh, &l.Name.En, &l.Qty, &l.Price)
}

// Find implements cloud.Orders.
func (t orders) Find(visit protocol.VisitID) (cloud.Order, bool, error) {
	o := cloud.Order{Visit: visit}
	found, err := t.one(`SELECT why, total_fen, answer, hash, at_ms, zero_ms, config FROM orders WHERE visit = ?`, []any{idText(visit)},
		&o.Why, &o.Total, jsonColumn{&o.Answer}, hexColumn{&o.Hash}, timeColumn{&o.At}, timeColumn{&o.Zero}, &o.Config)
	if err != nil || !found {
		return o, found, err
	}
	o.Lines, err = all(t.session, readLine, `SELECT sku, name_zh, name_en, qty, price_fen FROM order_lines WHERE visit = ? ORDER BY line`, idText(visit))
	return o, true, err
}
