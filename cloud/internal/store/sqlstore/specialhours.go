package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type specialHours struct{ *session }

const specialColumns = `SELECT h.id, h.from_day, h.to_day, h.hours, h.reason, h.by_name, h.made_ms, COALESCE(e.by_name, ''), COALESCE(e.at_ms, 0)
	FROM special_hours h LEFT JOIN special_hours_ends e ON e.hours = h.id `

func readSpecial(row scanner) (cloud.SpecialHours, error) {
	var h cloud.SpecialHours
	return h, row.Scan(idColumn{&h.ID}, &h.From, &h.To, jsonColumn{&h.Hours}, &h.Reason, &h.By, timeColumn{&h.Made}, &h.Ender, timeColumn{&h.Ended})
}

// Add implements cloud.SpecialTable.
func (t specialHours) Add(h cloud.SpecialHours) error {
	hours, err := jsonText(h.Hours)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO special_hours (id, from_day, to_day, hours, reason, by_name, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		idText(h.ID), string(h.From), string(h.To), hours, h.Reason, h.By, ms(h.Made)); err != nil {
		return fmt.Errorf("special hours: %w", err)
	}
	rows := make([][]any, len(h.Stores))
	for i, store := range h.Stores {
		rows[i] = []any{string(store), idText(h.ID)}
	}
	if err := t.insert("special_hours_of", []string{"store", "hours"}, "", rows); err != nil {
		return fmt.Errorf("stores of special hours: %w", err)
	}
	return nil
}

// End implements cloud.SpecialTable.
func (t specialHours) End(id protocol.UUID, by string, at time.Time) error {
	n, err := t.exec(`INSERT INTO special_hours_ends (hours, by_name, at_ms) VALUES (?, ?, ?) ON CONFLICT (hours) DO NOTHING`, idText(id), by, ms(at))
	return exactlyOne(n, err, "take special hours back")
}

// Find implements cloud.SpecialTable.
func (t specialHours) Find(id protocol.UUID) (cloud.SpecialHours, error) {
	found, err := t.whole(specialColumns+`WHERE h.id = ?`, idText(id))
	if err == nil && len(found) == 0 {
		err = protocol.Errorf(cloud.CodeNotFound, "no special hours %s", id)
	}
	return first(found), err
}

// List implements cloud.SpecialTable.
func (t specialHours) List(limit int) ([]cloud.SpecialHours, error) {
	return t.whole(specialColumns+`ORDER BY h.made_ms DESC, h.id DESC LIMIT ?`, limit)
}

// Of implements cloud.SpecialTable.
func (t specialHours) Of(store cloud.StoreID) ([]cloud.SpecialHours, error) {
	return all(t.session, readSpecial, specialColumns+`WHERE h.id IN (SELECT o.hours FROM special_hours_of o WHERE o.store = ?) ORDER BY h.made_ms, h.id`, string(store))
}

// On implements cloud.SpecialTable.
func (t specialHours) On(day ledger.Day) ([]cloud.SpecialHours, error) {
	return t.whole(specialColumns+`WHERE h.to_day >= ? AND h.from_day <= ? AND e.hours IS NULL ORDER BY h.made_ms, h.id`, string(day), string(day))
}

// whole reads them with their stores.
func (t specialHours) whole(query string, args ...any) ([]cloud.SpecialHours, error) {
	found, err := all(t.session, readSpecial, query, args...)
	if err != nil {
		return nil, fmt.Errorf("special hours: %w", err)
	}
	for i := range found {
		if found[i].Stores, err = all(t.session, func(row scanner) (store cloud.StoreID, err error) {
			return store, row.Scan(&store)
		}, `SELECT store FROM special_hours_of WHERE hours = ? ORDER BY store`, idText(found[i].ID)); err != nil {
			return nil, fmt.Errorf("stores of special hours: %w", err)
		}
	}
	return found, nil
}

var _ cloud.SpecialTable = specialHours{}
