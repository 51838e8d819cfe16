package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type roundPhotos struct{ *session }

// Add implements cloud.RoundPhotoTable.
func (t roundPhotos) Add(p cloud.RoundPhoto, picture []byte) error {
	if _, err := t.exec(`INSERT INTO photos (sum, picture) VALUES (?, ?) ON CONFLICT (sum) DO NOTHING`, p.Sum, picture); err != nil {
		return fmt.Errorf("keep photo %s: %w", p.Sum, err)
	}
	_, err := t.exec(`INSERT INTO round_photos (id, round, store, day, cabinet, platform, sku, at_ms, person, by_name, key, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(p.ID), idText(p.Round), string(p.Store), string(p.Day), string(p.Cabinet), string(p.Platform), string(p.SKU), ms(p.At), idText(p.Person), p.By, p.Key, p.Sum)
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "round %s has a photo of this key", p.Round)
	}
	if err != nil {
		return fmt.Errorf("photo of round %s: %w", p.Round, err)
	}
	return nil
}

const photoColumns = `SELECT id, round, store, day, cabinet, platform, sku, at_ms, person, by_name, key, sum,
	NOT EXISTS (SELECT 1 FROM photos p WHERE p.sum = round_photos.sum) FROM round_photos`

func readPhoto(row scanner) (cloud.RoundPhoto, error) {
	var p cloud.RoundPhoto
	return p, row.Scan(idColumn{&p.ID}, idColumn{&p.Round}, &p.Store, &p.Day, &p.Cabinet, &p.Platform, &p.SKU, timeColumn{&p.At}, idColumn{&p.Person}, &p.By, &p.Key, &p.Sum, &p.Gone)
}

// ByKey implements cloud.RoundPhotoTable.
func (t roundPhotos) ByKey(round protocol.UUID, key string) (cloud.RoundPhoto, bool, error) {
	found, err := all(t.session, readPhoto, photoColumns+` WHERE round = ? AND key = ?`, idText(round), key)
	return first(found), len(found) > 0, err
}

// List implements cloud.RoundPhotoTable.
func (t roundPhotos) List(q cloud.PhotoQuery) ([]cloud.RoundPhoto, error) {
	query, args := photoColumns+` WHERE 1 = 1`, []any{}
	and := func(asked bool, what string, value any) {
		if asked {
			query += " AND " + what
			args = append(args, value)
		}
	}
	and(!q.Round.IsZero(), "round = ?", idText(q.Round))
	and(q.Store != "", "store = ?", string(q.Store))
	and(q.From != "", "day >= ?", string(q.From))
	and(q.To != "", "day <= ?", string(q.To))
	and(q.Cabinet != "", "cabinet = ?", string(q.Cabinet))
	and(q.SKU != "", "sku = ?", string(q.SKU))
	query += ` ORDER BY day DESC, at_ms DESC, id DESC`
	if q.Limit > 0 {
		query += ` LIMIT ?`
		args = append(args, q.Limit)
	}
	return all(t.session, readPhoto, query, args...)
}

// Picture implements cloud.RoundPhotoTable.
func (t roundPhotos) Picture(sum string) (picture []byte, found bool, err error) {
	found, err = t.one(`SELECT picture FROM photos WHERE sum = ?`, []any{sum}, &picture)
	return picture, found, err
}

var _ cloud.RoundPhotoTable = roundPhotos{}
