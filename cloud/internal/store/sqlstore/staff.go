package sqlstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/protocol"
)

// AddStaff implements people.Crew.
func (p People) AddStaff(ctx context.Context, m people.Staff) error {
	return p.db.write(ctx, func(s *session) error {
		_, err := s.exec(`INSERT INTO staff (id, name, role, password, created_ms, starting_ms, stores) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			idText(m.ID), m.Name, string(m.Role), m.Password, ms(m.Created), ms(m.Starting), string(m.Bound))
		return added(s, err, "staff")
	})
}

const staffColumns = `SELECT m.id, m.name, m.role, m.password, m.created_ms, m.blocked_ms, m.starting_ms, m.signed_in_ms, m.app_sealed, m.stores,
	(SELECT COUNT(*) FROM passkeys k WHERE k.person = m.id), (SELECT COUNT(*) FROM recovery_codes r WHERE r.person = m.id AND r.used_ms = 0),
	(SELECT COUNT(*) FROM sessions s WHERE s.person = m.id AND s.step = '' AND s.expires_ms > ?) FROM staff m`

func readStaff(row scanner) (people.Staff, error) {
	var m people.Staff
	return m, row.Scan(idColumn{&m.ID}, &m.Name, &m.Role, &m.Password, timeColumn{&m.Created}, timeColumn{&m.Blocked}, timeColumn{&m.Starting}, timeColumn{&m.SignedIn},
		hexColumn{&m.App}, &m.Bound, &m.Passkeys, &m.Recovery, &m.Sessions)
}

// StaffByName implements people.Crew.
func (p People) StaffByName(ctx context.Context, name string) (people.Staff, error) {
	return findOne(ctx, p.db, readStaff, staffColumns+` WHERE m.name = ?`, int64(0), name)
}

// Member implements people.Crew.
func (p People) Member(ctx context.Context, id protocol.UUID, now time.Time) (people.Staff, error) {
	return findOne(ctx, p.db, readStaff, staffColumns+` WHERE m.id = ?`, ms(now), idText(id))
}

// Members implements people.Crew.
func (p People) Members(ctx context.Context, now time.Time) (list []people.Staff, err error) {
	err = p.db.read(ctx, func(s *session) error {
		list, err = all(s, readStaff, staffColumns+` ORDER BY m.name`, ms(now))
		return err
	})
	return list, err
}

// changeStaff changes one member and ends the member's sessions. It is refused where the fleet had an owner and would have none.
func (p People) changeStaff(ctx context.Context, id protocol.UUID, keep []byte, query string, args ...any) error {
	return p.db.write(ctx, func(s *session) error {
		had, err := owned(s)
		if err != nil {
			return err
		}
		changed, err := s.exec(query, append(args, idText(id))...)
		if err == nil && changed == 0 {
			err = notFound("member of the staff")
		}
		if err != nil {
			return err
		}
		has, err := owned(s)
		if err == nil && had && !has {
			err = protocol.Errorf(cloud.CodeLastOwner, "%s is the last owner", id)
		}
		if err != nil {
			return err
		}
		return endSessions(s, id, keep)
	})
}

// owned reports whether there is an owner who is not blocked.
func owned(s *session) (bool, error) {
	var one int
	return s.one(`SELECT 1 FROM staff WHERE role = 'owner' AND blocked_ms = 0 LIMIT 1`, nil, &one)
}

// SetRole implements people.Rights.
func (p People) SetRole(ctx context.Context, id protocol.UUID, role protocol.Role) error {
	lift := ``
	if !cloud.CanBeBound(role) {
		lift = `, stores = ''`
	}
	return p.changeStaff(ctx, id, nil, `UPDATE staff SET role = ?`+lift+` WHERE id = ?`, string(role))
}

// SetBound implements people.Rights.
func (p People) SetBound(ctx context.Context, id protocol.UUID, bound cloud.Bound) error {
	return p.changeStaff(ctx, id, nil, `UPDATE staff SET stores = ? WHERE id = ?`, string(bound))
}

// SetBlocked implements people.Rights.
func (p People) SetBlocked(ctx context.Context, id protocol.UUID, since time.Time) error {
	return p.changeStaff(ctx, id, nil, `UPDATE staff SET blocked_ms = ? WHERE id = ?`, ms(since))
}

// SetPassword implements people.Rights.
func (p People) SetPassword(ctx context.Context, id protocol.UUID, password string, until time.Time, keep []byte) error {
	return p.changeStaff(ctx, id, keep, `UPDATE staff SET password = ?, starting_ms = ? WHERE id = ?`, password, ms(until))
}

// DropSecond implements people.Rights.
func (p People) DropSecond(ctx context.Context, id protocol.UUID) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`UPDATE staff SET app_sealed = '', app_step = 0 WHERE id = ?`, idText(id))
		if err == nil && changed == 0 {
			err = notFound("member of the staff")
		}
		if err != nil {
			return err
		}
		for _, table := range []string{"passkeys", "recovery_codes"} {
			if _, err := s.exec(`DELETE FROM `+table+` WHERE person = ?`, idText(id)); err != nil {
				return err
			}
		}
		return endSessions(s, id, nil)
	})
}

// SetApp implements people.Seconds.
func (p People) SetApp(ctx context.Context, id protocol.UUID, sealed []byte, step int64) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`UPDATE staff SET app_sealed = ?, app_step = ? WHERE id = ?`, hex.EncodeToString(sealed), step, idText(id))
		if err == nil && changed == 0 {
			err = notFound("member of the staff")
		}
		return err
	})
}

// UseApp implements people.Seconds.
func (p People) UseApp(ctx context.Context, id protocol.UUID, step int64) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`UPDATE staff SET app_step = ? WHERE id = ? AND app_step < ?`, step, idText(id), step)
		if err == nil && changed == 0 {
			err = notFound("time step that is new")
		}
		return err
	})
}

// SetRecovery implements people.Seconds.
func (p People) SetRecovery(ctx context.Context, id protocol.UUID, macs [][]byte) error {
	return p.db.write(ctx, func(s *session) error {
		if _, err := s.exec(`DELETE FROM recovery_codes WHERE person = ?`, idText(id)); err != nil {
			return err
		}
		for _, mac := range macs {
			if _, err := s.exec(`INSERT INTO recovery_codes (person, mac, used_ms) VALUES (?, ?, 0)`, idText(id), hex.EncodeToString(mac)); err != nil {
				return fmt.Errorf("recovery code: %w", err)
			}
		}
		return nil
	})
}

// UseRecovery implements people.Seconds.
func (p People) UseRecovery(ctx context.Context, id protocol.UUID, mac []byte, now time.Time) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`UPDATE recovery_codes SET used_ms = ? WHERE person = ? AND mac = ? AND used_ms = 0`, ms(now), idText(id), hex.EncodeToString(mac))
		if err == nil && changed == 0 {
			err = notFound("recovery code")
		}
		return err
	})
}

// AddPasskey implements people.Keys.
func (p People) AddPasskey(ctx context.Context, k people.Passkey) error {
	return p.db.write(ctx, func(s *session) error {
		_, err := s.exec(`INSERT INTO passkeys (id, person, name, credential, created_ms, used_ms) VALUES (?, ?, ?, ?, ?, ?)`,
			k.ID, idText(k.Person), k.Name, string(k.Credential), ms(k.Created), ms(k.Used))
		return added(s, err, "passkey")
	})
}

// PasskeysOf implements people.Keys.
func (p People) PasskeysOf(ctx context.Context, id protocol.UUID) (list []people.Passkey, err error) {
	err = p.db.read(ctx, func(s *session) error {
		list, err = all(s, func(row scanner) (people.Passkey, error) {
			k := people.Passkey{Person: id}
			var credential string
			err := row.Scan(&k.ID, &k.Name, &credential, timeColumn{&k.Created}, timeColumn{&k.Used})
			k.Credential = []byte(credential)
			return k, err
		}, `SELECT id, name, credential, created_ms, used_ms FROM passkeys WHERE person = ? ORDER BY created_ms, id`, idText(id))
		return err
	})
	return list, err
}

// UsePasskey implements people.Keys.
func (p People) UsePasskey(ctx context.Context, k people.Passkey) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`UPDATE passkeys SET credential = ?, used_ms = ? WHERE id = ? AND person = ?`, string(k.Credential), ms(k.Used), k.ID, idText(k.Person))
		if err == nil && changed == 0 {
			err = notFound("passkey")
		}
		return err
	})
}

// DropPasskey implements people.Keys.
func (p People) DropPasskey(ctx context.Context, person protocol.UUID, id string, keep []byte) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`DELETE FROM passkeys WHERE id = ? AND person = ?`, id, idText(person))
		if err == nil && changed == 0 {
			err = notFound("passkey")
		}
		if err != nil {
			return err
		}
		return endSessions(s, person, keep)
	})
}
