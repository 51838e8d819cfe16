package sqlstore

import (
	"fmt"

	"allhours/cloud"
)

type roundHabits struct{ *session }

// Save implements cloud.RoundHabits.
func (t roundHabits) Save(h cloud.RoundHabit) error {
	if _, err := t.exec(`INSERT INTO round_habits (store, minute, days, minutes, totes, by_name, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (store) DO UPDATE SET minute = excluded.minute, days = excluded.days, minutes = excluded.minutes, totes = excluded.totes,
		by_name = excluded.by_name, at_ms = excluded.at_ms`,
		string(h.Store), h.Minute, int(h.Days), h.Minutes, h.Totes, h.By, ms(h.At)); err != nil {
		return fmt.Errorf("habit of %s: %w", h.Store, err)
	}
	return nil
}

// Find implements cloud.RoundHabits.
func (t roundHabits) Find(store cloud.StoreID) (cloud.RoundHabit, bool, error) {
	h := cloud.RoundHabit{Store: store}
	found, err := t.one(`SELECT minute, days, minutes, totes, by_name, at_ms FROM round_habits WHERE store = ?`, []any{string(store)},
		&h.Minute, &h.Days, &h.Minutes, &h.Totes, &h.By, timeColumn{&h.At})
	return h, found, err
}

var _ cloud.RoundHabits = roundHabits{}
