package sqlstore

import (
	"context"
	"encoding/hex"
	"time"

	"allhours/cloud/internal/people"
	"allhours/protocol"
)

func addSession(s *session, n people.Session) error {
	_, err := s.exec(`INSERT INTO sessions (hash, person, expires_ms, opened_ms, step, device) VALUES (?, ?, ?, ?, ?, ?)`,
		hex.EncodeToString(n.Hash), idText(n.Person), ms(n.Expires), ms(n.Opened), string(n.Step), n.Device)
	return added(s, err, "session")
}

func endSessions(s *session, person protocol.UUID, keep []byte) error {
	_, err := s.exec(`DELETE FROM sessions WHERE person = ? AND hash <> ?`, idText(person), hex.EncodeToString(keep))
	return err
}

// Challenge implements people.Sessions.
func (p People) Challenge(ctx context.Context, hash []byte, challenge string) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`UPDATE sessions SET challenge = ? WHERE hash = ?`, challenge, hex.EncodeToString(hash))
		if err == nil && changed == 0 {
			err = notFound("session")
		}
		return err
	})
}

// Answered implements people.Sessions.
func (p People) Answered(ctx context.Context, hash []byte) (challenge string, err error) {
	err = p.db.write(ctx, func(s *session) error {
		found, err := s.one(`SELECT challenge FROM sessions WHERE hash = ? AND challenge <> ''`, []any{hex.EncodeToString(hash)}, &challenge)
		if err == nil && !found {
			err = notFound("challenge")
		}
		if err != nil {
			return err
		}
		_, err = s.exec(`UPDATE sessions SET challenge = '' WHERE hash = ?`, hex.EncodeToString(hash))
		return err
	})
	return challenge, err
}

// Admit implements people.SessionsOf.
func (p People) Admit(ctx context.Context, n people.Session, password string) error {
	return p.db.write(ctx, func(s *session) error {
		var one int
		same, err := s.one(`SELECT 1 FROM staff WHERE id = ? AND password = ?`, []any{idText(n.Person), password}, &one)
		if err == nil && !same {
			err = notFound("password")
		}
		if err != nil {
			return err
		}
		return admit(s, n)
	})
}

// Advance implements people.SessionsOf.
func (p People) Advance(ctx context.Context, old []byte, n people.Session) error {
	return p.db.write(ctx, func(s *session) error {
		found, err := s.one(`SELECT device FROM sessions WHERE hash = ?`, []any{hex.EncodeToString(old)}, &n.Device)
		if err == nil && !found {
			err = notFound("session")
		}
		if err != nil {
			return err
		}
		if _, err := s.exec(`DELETE FROM sessions WHERE hash = ?`, hex.EncodeToString(old)); err != nil {
			return err
		}
		return admit(s, n)
	})
}

func admit(s *session, n people.Session) error {
	if n.Step == "" {
		if _, err := s.exec(`UPDATE staff SET signed_in_ms = ? WHERE id = ?`, ms(n.Opened), idText(n.Person)); err != nil {
			return err
		}
	}
	return addSession(s, n)
}

// SessionsOf implements people.SessionsOf.
func (p People) SessionsOf(ctx context.Context, person protocol.UUID, now time.Time) (list []people.Session, err error) {
	err = p.db.read(ctx, func(s *session) error {
		list, err = all(s, func(row scanner) (people.Session, error) {
			n := people.Session{Person: person}
			return n, row.Scan(hexColumn{&n.Hash}, timeColumn{&n.Opened}, timeColumn{&n.Expires}, &n.Device)
		}, `SELECT hash, opened_ms, expires_ms, device FROM sessions WHERE person = ? AND step = '' AND expires_ms > ? ORDER BY expires_ms DESC, hash`, idText(person), ms(now))
		return err
	})
	return list, err
}

// EndSession implements people.SessionsOf.
func (p People) EndSession(ctx context.Context, person protocol.UUID, id string) error {
	return p.db.write(ctx, func(s *session) error {
		changed, err := s.exec(`DELETE FROM sessions WHERE person = ? AND substr(hash, 1, 16) = ?`, idText(person), id)
		if err == nil && changed == 0 {
			err = notFound("session")
		}
		return err
	})
}

// EndSessions implements people.SessionsOf.
func (p People) EndSessions(ctx context.Context, person protocol.UUID, keep []byte) error {
	return p.db.write(ctx, func(s *session) error { return endSessions(s, person, keep) })
}
