package sqlstore

import (
	"fmt"

	"allhours/cloud"
)

type shelves struct{ *session }

// Put implements cloud.Shelves.
func (t shelves) Put(places []cloud.ShelfPlace) error {
	for _, p := range places {
		query, args := `DELETE FROM aisles WHERE store = ? AND sku = ?`, []any{string(p.Store), string(p.SKU)}
		if p.Aisle != "" {
			query = `INSERT INTO aisles (store, sku, aisle, turn) VALUES (?, ?, ?, ?)
				ON CONFLICT (store, sku) DO UPDATE SET aisle = excluded.aisle, turn = excluded.turn`
			args = append(args, p.Aisle, p.Turn)
		}
		if _, err := t.exec(query, args...); err != nil {
			return fmt.Errorf("aisle of %s in %s: %w", p.SKU, p.Store, err)
		}
	}
	return nil
}

// Of implements cloud.Shelves.
func (t shelves) Of(store cloud.StoreID) ([]cloud.ShelfPlace, error) {
	query, args := `SELECT store, sku, aisle, turn FROM aisles`, []any{}
	if store != "" {
		query, args = query+` WHERE store = ?`, []any{string(store)}
	}
	return all(t.session, func(row scanner) (cloud.ShelfPlace, error) {
		var p cloud.ShelfPlace
		return p, row.Scan(&p.Store, &p.SKU, &p.Aisle, &p.Turn)
	}, query+` ORDER BY store, sku`, args...)
}
