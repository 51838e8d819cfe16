package sqlstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// People is the part of the database that people's sign-ins are kept in. It implements people.Store.
type People struct{ db *DB }

var _ people.Store = People{}

// People gives that part.
func (d *DB) People() People { return People{d} }

const residentColumns = `SELECT id, pseudonym, phone_mac, phone_sealed, masked, created_ms FROM residents`

func readResident(row scanner) (people.Resident, error) {
	var r people.Resident
	var pseudonym []byte
	if err := row.Scan(idColumn{&r.ID}, hexColumn{&pseudonym}, hexColumn{&r.PhoneMAC}, hexColumn{&r.Phone}, &r.Masked, timeColumn{&r.Created}); err != nil {
		return r, err
	}
	if len(pseudonym) != len(grant.Token{}) {
		return r, fmt.Errorf("resident %s: pseudonym of %d bytes", r.ID, len(pseudonym))
	}
	copy(r.Pseudonym[:], pseudonym)
	return r, nil
}

// AddResident implements people.Residents.
func (p People) AddResident(ctx context.Context, r people.Resident) error {
	return p.db.write(ctx, func(s *session) error {
		_, err := s.exec(`INSERT INTO residents (id, pseudonym, phone_mac, phone_sealed, masked, created_ms) VALUES (?, ?, ?, ?, ?, ?)`,
			idText(r.ID), hex.EncodeToString(r.Pseudonym[:]), hex.EncodeToString(r.PhoneMAC), hex.EncodeToString(r.Phone), r.Masked, ms(r.Created))
		return added(s, err, "resident")
	})
}

// ResidentByPhone implements people.Residents.
func (p People) ResidentByPhone(ctx context.Context, phoneMAC []byte) (people.Resident, error) {
	return findOne(ctx, p.db, readResident, residentColumns+` WHERE phone_mac = ?`, hex.EncodeToString(phoneMAC))
}

// Resident implements people.Residents.
func (p People) Resident(ctx context.Context, id protocol.UUID) (people.Resident, error) {
	return findOne(ctx, p.db, readResident, residentColumns+` WHERE id = ?`, idText(id))
}

// PutCode implements people.Codes.
func (p People) PutCode(ctx context.Context, c people.CodeRow, letter cloud.OutMessage) error {
	return p.db.write(ctx, func(s *session) error {
		if err := (messages{s}).Add(letter); err != nil {
			return err
		}
		_, err := s.exec(`INSERT INTO sign_in_codes (phone_mac, code_mac, expires_ms) VALUES (?, ?, ?)
			ON CONFLICT (phone_mac) DO UPDATE SET code_mac = excluded.code_mac, expires_ms = excluded.expires_ms, tries = 0`,
			hex.EncodeToString(c.PhoneMAC), hex.EncodeToString(c.CodeMAC), ms(c.Expires))
		return err
	})
}

// TryCode implements people.Codes.
func (p People) TryCode(ctx context.Context, phoneMAC []byte, tries int, now time.Time) (people.CodeRow, error) {
	var c people.CodeRow
	err := p.db.write(ctx, func(s *session) error {
		phone := hex.EncodeToString(phoneMAC)
		changed, err := s.exec(`UPDATE sign_in_codes SET tries = tries + 1 WHERE phone_mac = ? AND tries < ? AND expires_ms > ?`, phone, tries, ms(now))
		if err != nil {
			return err
		}
		if changed == 0 {
			return notFound("sign-in code")
		}
		_, err = s.one(`SELECT phone_mac, code_mac, expires_ms FROM sign_in_codes WHERE phone_mac = ?`, []any{phone},
			hexColumn{&c.PhoneMAC}, hexColumn{&c.CodeMAC}, timeColumn{&c.Expires})
		return err
	})
	return c, err
}

// UseCode implements people.Codes.
func (p People) UseCode(ctx context.Context, c people.CodeRow) error {
	return p.db.write(ctx, func(s *session) error {
		gone, err := s.exec(`DELETE FROM sign_in_codes WHERE phone_mac = ? AND code_mac = ?`,
			hex.EncodeToString(c.PhoneMAC), hex.EncodeToString(c.CodeMAC))
		if err == nil && gone == 0 {
			err = notFound("sign-in code")
		}
		return err
	})
}

// AddSession implements people.Sessions.
func (p People) AddSession(ctx context.Context, n people.Session, now time.Time) error {
	return p.db.write(ctx, func(s *session) error {
		if err := forget(s, now); err != nil {
			return err
		}
		return addSession(s, n)
	})
}

// Forget implements people.Sessions.
func (p People) Forget(ctx context.Context, now time.Time) error {
	return p.db.write(ctx, func(s *session) error { return forget(s, now) })
}

func forget(s *session, now time.Time) error {
	if _, err := s.exec(`DELETE FROM sessions WHERE expires_ms <= ?`, ms(now)); err != nil {
		return err
	}
	_, err := s.exec(`DELETE FROM sign_in_codes WHERE expires_ms <= ?`, ms(now))
	return err
}

// Holder implements people.Sessions.
func (p People) Holder(ctx context.Context, hash []byte, now time.Time) (cloud.Principal, error) {
	return findOne(ctx, p.db, func(row scanner) (cloud.Principal, error) {
		var h cloud.Principal
		return h, row.Scan(idColumn{&h.ID}, &h.Role, &h.Name, &h.Step, &h.Bound)
	}, `SELECT person, 'resident', masked, step, '' FROM sessions JOIN residents ON residents.id = person WHERE hash = ? AND expires_ms > ?
		UNION ALL
		SELECT person, role, name, step, stores FROM sessions JOIN staff ON staff.id = person WHERE hash = ? AND expires_ms > ? AND blocked_ms = 0`,
		hex.EncodeToString(hash), ms(now), hex.EncodeToString(hash), ms(now))
}

// DropSession implements people.Sessions.
func (p People) DropSession(ctx context.Context, hash []byte) error {
	return p.db.write(ctx, func(s *session) error {
		_, err := s.exec(`DELETE FROM sessions WHERE hash = ?`, hex.EncodeToString(hash))
		return err
	})
}

// findOne reads a single row of people's tables; what was looked for stays out of its errors.
func findOne[T any](ctx context.Context, d *DB, read func(scanner) (T, error), query string, args ...any) (T, error) {
	var found []T
	err := d.read(ctx, func(s *session) (err error) {
		found, err = all(s, read, query, args...)
		return err
	})
	if err == nil && len(found) == 0 {
		err = notFound("row")
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

func added(s *session, err error, what string) error {
	if s.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "this %s is there already", what)
	}
	return err
}

func notFound(what string) error {
	return protocol.Errorf(cloud.CodeNotFound, "no such %s", what)
}
