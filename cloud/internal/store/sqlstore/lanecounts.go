package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
)

type laneCounts struct{ *session }

// Put implements cloud.LaneCounts.
func (t laneCounts) Put(c cloud.LaneCount) error {
	if _, err := t.exec(`INSERT INTO lane_counts (place, sku, at_ms, booked, counted) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (place, sku) DO UPDATE SET at_ms = excluded.at_ms, booked = excluded.booked, counted = excluded.counted WHERE lane_counts.at_ms <= excluded.at_ms`,
		string(c.Place), string(c.SKU), ms(c.At), c.Booked, c.Counted); err != nil {
		return fmt.Errorf("count of %s in %s: %w", c.SKU, c.Place, err)
	}
	return nil
}

// In implements cloud.LaneCounts.
func (t laneCounts) In(prefix ledger.Account) ([]cloud.LaneCount, error) {
	return all(t.session, func(row scanner) (cloud.LaneCount, error) {
		var c cloud.LaneCount
		return c, row.Scan(&c.Place, &c.SKU, timeColumn{&c.At}, &c.Booked, &c.Counted)
	}, `SELECT place, sku, at_ms, booked, counted FROM lane_counts WHERE place >= ? AND place < ? ORDER BY place, sku`, string(prefix), beyond(prefix))
}
