package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type plans struct{ *session }

// Save implements cloud.Plans.
func (p plans) Save(m cloud.MasterData) error {
	c := m.Chain
	health, err := jsonText(c.Health)
	if err != nil {
		return err
	}
	quiet, err := jsonText(c.Quiet)
	if err != nil {
		return err
	}
	retention, err := jsonText(c.Retention)
	if err != nil {
		return err
	}
	if _, err := p.exec(`INSERT INTO chain (id, name_zh, name_en, support_phone, hold_fen, time_zone, waive_after_ms,
		offline_valid_ms, offline_openings, offline_fen, offline_per_ms, offline_cabinet, offline_service, health,
		dispute_within_ms, support_visit_fen, support_fen, support_per_ms, quiet, retention)
		VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, support_phone = excluded.support_phone,
		hold_fen = excluded.hold_fen, time_zone = excluded.time_zone, waive_after_ms = excluded.waive_after_ms,
		offline_valid_ms = excluded.offline_valid_ms, offline_openings = excluded.offline_openings, offline_fen = excluded.offline_fen,
		offline_per_ms = excluded.offline_per_ms, offline_cabinet = excluded.offline_cabinet,
		offline_service = excluded.offline_service, health = excluded.health, dispute_within_ms = excluded.dispute_within_ms,
		support_visit_fen = excluded.support_visit_fen, support_fen = excluded.support_fen, support_per_ms = excluded.support_per_ms,
		quiet = excluded.quiet, retention = excluded.retention`,
		c.Name.Zh, c.Name.En, c.SupportPhone, int64(c.Hold), c.TimeZone, c.WaiveAfter.Milliseconds(),
		c.Offline.Valid.Milliseconds(), c.Offline.Openings, int64(c.Offline.Fen), c.Offline.Per.Milliseconds(), c.Offline.Cabinet, c.Offline.Service, health,
		c.Disputing.Within.Milliseconds(), int64(c.Disputing.SupportVisit), int64(c.Disputing.SupportFen), c.Disputing.SupportPer.Milliseconds(), quiet, retention); err != nil {
		return fmt.Errorf("save chain: %w", err)
	}
	for _, s := range m.Stores {
		if err := p.saveStore(s); err != nil {
			return fmt.Errorf("save store %s: %w", s.ID, err)
		}
	}
	for _, a := range m.Articles {
		if err := p.saveArticle(a); err != nil {
			return fmt.Errorf("save article %s: %w", a.SKU, err)
		}
	}
	for _, m := range m.Markdowns {
		rule, err := jsonText(m.Markdown)
		if err != nil {
			return err
		}
		if _, err := p.exec(`INSERT INTO markdowns (category, rule) VALUES (?, ?) ON CONFLICT (category) DO UPDATE SET rule = excluded.rule`, m.Category, rule); err != nil {
			return fmt.Errorf("save markdown of %q: %w", m.Category, err)
		}
	}
	return p.run(`UPDATE settings SET value = value + 1 WHERE name = 'revision'`)
}

// Markdowns implements cloud.Plans.
func (p plans) Markdowns() (cloud.Markdowns, error) {
	return all(p.session, func(row scanner) (cloud.Markdown, error) {
		var m cloud.Markdown
		return m, row.Scan(&m.Category, jsonColumn{&m.Markdown})
	}, `SELECT category, rule FROM markdowns ORDER BY category`)
}

func (p plans) saveStore(s cloud.Store) error {
	hours, err := jsonText(s.Hours)
	if err != nil {
		return err
	}
	_, err = p.exec(`INSERT INTO stores (id, name_zh, name_en, hours, latitude, longitude) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, hours = excluded.hours,
		latitude = excluded.latitude, longitude = excluded.longitude`,
		string(s.ID), s.Name.Zh, s.Name.En, hours, s.At.Latitude, s.At.Longitude)
	return err
}

func (p plans) saveArticle(a cloud.Article) error {
	facts, err := jsonText(a)
	if err != nil {
		return err
	}
	_, err = p.exec(`INSERT INTO articles (sku, facts) VALUES (?, ?) ON CONFLICT (sku) DO UPDATE SET facts = excluded.facts`, string(a.SKU), facts)
	return err
}

// Chain implements cloud.Plans.
func (p plans) Chain() (cloud.Chain, error) {
	var c cloud.Chain
	var waiveAfter, valid, per, within, supportPer int64
	found, err := p.one(`SELECT name_zh, name_en, support_phone, hold_fen, time_zone, waive_after_ms,
		offline_valid_ms, offline_openings, offline_fen, offline_per_ms, offline_cabinet, offline_service, health,
		dispute_within_ms, support_visit_fen, support_fen, support_per_ms, quiet, retention FROM chain`, nil,
		&c.Name.Zh, &c.Name.En, &c.SupportPhone, &c.Hold, &c.TimeZone, &waiveAfter,
		&valid, &c.Offline.Openings, &c.Offline.Fen, &per, &c.Offline.Cabinet, &c.Offline.Service, jsonColumn{&c.Health},
		&within, &c.Disputing.SupportVisit, &c.Disputing.SupportFen, &supportPer, jsonColumn{&c.Quiet}, jsonColumn{&c.Retention})
	if err != nil {
		return c, fmt.Errorf("chain: %w", err)
	}
	if !found {
		return c, protocol.Errorf(cloud.CodeNotFound, "no master data was applied yet")
	}
	c.WaiveAfter = time.Duration(waiveAfter) * time.Millisecond
	c.Disputing.Within, c.Disputing.SupportPer = time.Duration(within)*time.Millisecond, time.Duration(supportPer)*time.Millisecond
	c.Offline.Valid, c.Offline.Per = time.Duration(valid)*time.Millisecond, time.Duration(per)*time.Millisecond
	return c, nil
}

// Stores implements cloud.Plans.
func (p plans) Stores() ([]cloud.Store, error) {
	return all(p.session, func(row scanner) (cloud.Store, error) {
		var s cloud.Store
		return s, row.Scan(&s.ID, &s.Name.Zh, &s.Name.En, jsonColumn{&s.Hours}, &s.At.Latitude, &s.At.Longitude)
	}, `SELECT id, name_zh, name_en, hours, latitude, longitude FROM stores ORDER BY id`)
}

// Articles implements cloud.Plans.
func (p plans) Articles() ([]cloud.Article, error) {
	return all(p.session, func(row scanner) (cloud.Article, error) {
		var a cloud.Article
		return a, row.Scan(jsonColumn{&a})
	}, `SELECT facts FROM articles ORDER BY sku`)
}

// Article implements cloud.Plans.
func (p plans) Article(sku protocol.SKU) (cloud.Article, error) {
	var a cloud.Article
	found, err := p.one(`SELECT facts FROM articles WHERE sku = ?`, []any{string(sku)}, jsonColumn{&a})
	if err == nil && !found {
		err = protocol.Errorf(cloud.CodeUnknownArticle, "article %q is not in the assortment", sku)
	}
	return a, err
}

// Revision implements cloud.Plans.
func (p plans) Revision() (uint64, error) { return p.setting("revision") }

func (s *session) setting(name string) (uint64, error) {
	var value int64
	if _, err := s.one(`SELECT value FROM settings WHERE name = ?`, []any{name}, &value); err != nil {
		return 0, fmt.Errorf("setting %s: %w", name, err)
	}
	return uint64(value), nil
}
