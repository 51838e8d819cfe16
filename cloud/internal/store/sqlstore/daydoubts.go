package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/cloud/ledger"
)

type dayDoubts struct{ *session }

// Add implements cloud.DayDoubts.
func (t dayDoubts) Add(d cloud.DayDoubt) error {
	if _, err := t.exec(`INSERT INTO day_doubts (ref, store, cabinet, first_day, last_day) VALUES (?, ?, ?, ?, ?)`,
		string(d.Ref), string(d.Store), string(d.Cabinet), string(d.First), string(d.Last)); err != nil {
		return fmt.Errorf("the day of %s: %w", d.Ref, err)
	}
	return nil
}

// Of implements cloud.DayDoubts.
func (t dayDoubts) Of(store cloud.StoreID, day ledger.Day) ([]cloud.DoubtPile, error) {
	piles, err := all(t.session, func(row scanner) (cloud.DoubtPile, error) {
		var p cloud.DoubtPile
		return p, row.Scan(&p.First, &p.Last, &p.Booked, &p.Cabinet, &p.Pile.Pile, &p.Unit, &p.Event, &p.Amount, &p.Entries)
	}, `SELECT d.first_day, d.last_day, e.day, `+pileColumns+` FROM day_doubts d CROSS JOIN ledger_entries e JOIN ledger_postings p ON p.entry = e.id
		WHERE e.ref = d.ref AND d.store = ? AND (d.first_day <= ? AND d.last_day >= ? OR e.day = ?)
		GROUP BY d.first_day, d.last_day, e.day, e.cabinet, p.pile, p.unit, by_event, p.amount > 0`, string(store), string(day), string(day), string(day))
	if err != nil {
		return nil, fmt.Errorf("what has no certain day of %s on %s: %w", store, day, err)
	}
	return piles, nil
}
