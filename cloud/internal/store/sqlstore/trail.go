package sqlstore

import (
	"context"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/audit"
)

const deedColumns = `SELECT number, at_ms, who, by_name, role, did, method, route, target, outcome, request, seal FROM trail`

func readDeed(row scanner) (cloud.Deed, error) {
	var d cloud.Deed
	return d, row.Scan(&d.Number, timeColumn{&d.At}, idColumn{&d.Who}, &d.Name, &d.Role, &d.Did, &d.Method, &d.Route, &d.Target, &d.Outcome, &d.Request, &d.Seal)
}

// AddDeed implements people.Deeds.
func (p People) AddDeed(ctx context.Context, d cloud.Deed, seal func(before string, d cloud.Deed) string) error {
	return p.db.hand(ctx, func(s *session) error { return addDeed(s, d, seal) })
}

// addDeed gives a deed its number and its seal.
func addDeed(s *session, d cloud.Deed, seal func(before string, d cloud.Deed) string) error {
	before := ""
	if _, err := s.one(`SELECT number, seal FROM trail ORDER BY number DESC LIMIT 1`, nil, &d.Number, &before); err != nil {
		return err
	}
	d.Number++
	d.At = d.At.Truncate(time.Millisecond).UTC() // as it will be read
	d.Seal = seal(before, d)
	if _, err := s.exec(`INSERT INTO trail (number, at_ms, who, by_name, role, did, method, route, target, outcome, request, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.Number, ms(d.At), idText(d.Who), d.Name, string(d.Role), d.Did, d.Method, d.Route, d.Target, d.Outcome, d.Request, d.Seal); err != nil {
		return fmt.Errorf("deed %d: %w", d.Number, err)
	}
	_, err := s.exec(`UPDATE settings SET value = ? WHERE name = 'trail'`, d.Number)
	return err
}

// FindDeeds implements people.Deeds.
func (p People) FindDeeds(ctx context.Context, q cloud.DeedQuery) (list []cloud.Deed, err error) {
	err = p.db.read(ctx, func(s *session) error {
		first, last, err := deedsBetween(s, q.From, q.To)
		if err != nil {
			return err
		}
		if q.Before > 0 {
			last = min(last, q.Before-1)
		}
		query, args := deedColumns+` WHERE number >= ? AND number <= ?`, []any{first, last}
		if q.Name != "" {
			query, args = query+` AND by_name = ?`, append(args, q.Name)
		}
		if q.Did != "" {
			query, args = query+` AND did = ?`, append(args, q.Did)
		}
		list, err = all(s, readDeed, query+` ORDER BY number DESC LIMIT ?`, append(args, q.Limit)...)
		return err
	})
	return list, err
}

// deedsBetween turns a time into numbers, by which deeds follow each other.
func deedsBetween(s *session, from, to time.Time) (first, last int64, err error) {
	const none = 1 << 62
	first, last = 1, none
	if !from.IsZero() {
		found, err := s.one(`SELECT number FROM trail WHERE at_ms >= ? ORDER BY at_ms, number LIMIT 1`, []any{ms(from)}, &first)
		if err != nil {
			return 0, 0, err
		}
		if !found {
			first = none
		}
	}
	if !to.IsZero() {
		found, err := s.one(`SELECT number FROM trail WHERE at_ms < ? ORDER BY at_ms DESC, number DESC LIMIT 1`, []any{ms(to)}, &last)
		if err != nil {
			return 0, 0, err
		}
		if !found {
			last = 0
		}
	}
	return first, last, nil
}

func auditDeeds(s *session) audit.Stream[cloud.Deed] {
	return pages(func(after cloud.Deed) ([]cloud.Deed, error) {
		return all(s, readDeed, deedColumns+` WHERE number > ? ORDER BY number LIMIT ?`, after.Number, pageRows)
	})
}

// Deeds implements audit.Ask.
func (q auditAsk) Deeds() (int64, error) {
	last, err := q.setting("trail")
	return int64(last), err
}
