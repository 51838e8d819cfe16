package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type consents struct{ *session }

// Add implements cloud.ConsentTable.
func (t consents) Add(resident protocol.UUID, c cloud.Consent) error {
	if _, err := t.exec(`INSERT INTO consents (person, version, at_ms) VALUES (?, ?, ?) ON CONFLICT (person, version) DO NOTHING`,
		idText(resident), c.Version, ms(c.At)); err != nil {
		return fmt.Errorf("consent of %s: %w", resident, err)
	}
	return nil
}

// Of implements cloud.ConsentTable.
func (t consents) Of(resident protocol.UUID) ([]cloud.Consent, error) {
	return all(t.session, func(row scanner) (cloud.Consent, error) {
		var c cloud.Consent
		return c, row.Scan(&c.Version, timeColumn{&c.At})
	}, `SELECT version, at_ms FROM consents WHERE person = ? ORDER BY at_ms, version`, idText(resident))
}

type erasures struct{ *session }

// Unsettled implements cloud.Erasures.
func (t erasures) Unsettled(resident protocol.UUID) (visit, open bool, err error) {
	var one string
	if visit, err = t.one(`SELECT id FROM visits WHERE person = ? AND (ended_ms = 0 OR payment IN ('held', 'unknown', 'review')) LIMIT 1`,
		[]any{idText(resident)}, &one); err != nil {
		return false, false, err
	}
	open, err = t.one(`SELECT o.dispute FROM visits v JOIN open_disputes o ON o.visit = v.id WHERE v.person = ? LIMIT 1`, []any{idText(resident)}, &one)
	return visit, open, err
}

// Erase implements cloud.Erasures. The residents' row goes last: it is what the others are found by.
func (t erasures) Erase(resident protocol.UUID, at time.Time) (bool, error) {
	for _, statement := range []string{
		`DELETE FROM sign_in_codes WHERE phone_mac IN (SELECT phone_mac FROM residents WHERE id = ?)`,
		`DELETE FROM sessions WHERE person = ?`,
		`DELETE FROM consents WHERE person = ?`,
		`DELETE FROM wishes WHERE person = ?`,
		`DELETE FROM messages WHERE person = ? AND person <> ''`,
		`DELETE FROM words WHERE person = ?`,
		`UPDATE payment_ops SET note = '' WHERE person = ? AND kind IN ('pay', 'topup', 'waive') AND note <> ''`,
	} {
		if _, err := t.exec(statement, idText(resident)); err != nil {
			return false, fmt.Errorf("erase %s: %w", resident, err)
		}
	}
	gone, err := t.exec(`DELETE FROM residents WHERE id = ?`, idText(resident))
	if err != nil || gone == 0 {
		return false, err
	}
	_, err = t.exec(`INSERT INTO erasures (person, at_ms) VALUES (?, ?) ON CONFLICT (person) DO NOTHING`, idText(resident), ms(at))
	return err == nil, err
}

// Erased implements cloud.Erasures.
func (t erasures) Erased() ([]protocol.UUID, error) {
	return all(t.session, readID, `SELECT person FROM erasures ORDER BY at_ms, person`)
}

func readID(row scanner) (protocol.UUID, error) {
	var id protocol.UUID
	return id, row.Scan(idColumn{&id})
}

type old struct{ *session }

// aged is a kind of data that goes by its age alone: which rows these are, and how they go. The rows are named by one column.
type aged struct{ rows, gone string }

func agedOf(kind cloud.KeptKind) (aged, bool) {
	words := func(of string) aged {
		return aged{
			`SELECT id FROM words WHERE ` + of + ` AND at_ms < ?`,
			`DELETE FROM words WHERE ` + of + ` AND id IN (SELECT id FROM words WHERE ` + of + ` AND at_ms < ? ORDER BY at_ms LIMIT ?)`,
		}
	}
	a, known := map[cloud.KeptKind]aged{
		cloud.KeptCode: {
			`SELECT phone_mac FROM sign_in_codes WHERE expires_ms < ?`,
			`DELETE FROM sign_in_codes WHERE phone_mac IN (SELECT phone_mac FROM sign_in_codes WHERE expires_ms < ? ORDER BY expires_ms LIMIT ?)`,
		},
		cloud.KeptSession: {
			`SELECT hash FROM sessions WHERE expires_ms < ?`,
			`DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE expires_ms < ? ORDER BY expires_ms LIMIT ?)`,
		},
		cloud.KeptMessage: {
			`SELECT id FROM messages WHERE state <> 'waiting' AND created_ms < ?`,
			`DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE state <> 'waiting' AND created_ms < ? ORDER BY created_ms LIMIT ?)`,
		},
		cloud.KeptNote: words(`kind = 'note'`),
		// What is said to a case that nobody has decided stays until somebody has.
		cloud.KeptCase: words(`kind IN ('objection', 'ruling', 'decision') AND NOT EXISTS (SELECT 1 FROM open_disputes o WHERE o.dispute = words.id)`),
		// The same picture may have been taken again.
		cloud.KeptPhoto: {
			`SELECT sum FROM photos WHERE ` + notTakenSince,
			`DELETE FROM photos WHERE sum IN (SELECT sum FROM photos WHERE ` + notTakenSince + ` LIMIT ?)`,
		},
	}[kind]
	return a, known
}

// notTakenSince are the pictures of which the last was taken before a time.
const notTakenSince = `NOT EXISTS (SELECT 1 FROM round_photos r WHERE r.sum = photos.sum AND r.at_ms >= ?)`

// notesOfPayments go with the notes beside visits; an operation of the books stays.
const notesOfPayments = `SELECT id FROM payment_ops WHERE note <> '' AND kind <> 'refund' AND created_ms < ?`

// Count implements cloud.OldTable.
func (t old) Count(kind cloud.KeptKind, before time.Time) (int, error) {
	a, known := agedOf(kind)
	if !known {
		return 0, protocol.Errorf(protocol.CodeUnsupported, "%s does not go by its age", kind)
	}
	n, err := t.count(a.rows, before)
	if err != nil || kind != cloud.KeptNote {
		return n, err
	}
	more, err := t.count(notesOfPayments, before)
	return n + more, err
}

func (t old) count(rows string, before time.Time) (n int, err error) {
	_, err = t.one(`SELECT COUNT(*) FROM (`+rows+`) r`, []any{ms(before)}, &n)
	return n, err
}

// Remove implements cloud.OldTable.
func (t old) Remove(kind cloud.KeptKind, before time.Time, limit int) (int, error) {
	a, known := agedOf(kind)
	if !known {
		return 0, protocol.Errorf(protocol.CodeUnsupported, "%s does not go by its age", kind)
	}
	gone, err := t.exec(a.gone, ms(before), limit)
	if err != nil || kind != cloud.KeptNote || int(gone) >= limit {
		return int(gone), err
	}
	more, err := t.exec(`UPDATE payment_ops SET note = '' WHERE id IN (`+notesOfPayments+` ORDER BY created_ms LIMIT ?)`, ms(before), limit-int(gone))
	return int(gone + more), err
}

// Idle implements cloud.OldTable. Ids grow with time, so that nobody is looked at who came since.
func (t old) Idle(before time.Time, after protocol.UUID, limit int) ([]protocol.UUID, error) {
	return all(t.session, readID, `SELECT r.id FROM residents r WHERE r.id > ? AND r.created_ms < ?
		AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.person = r.id)
		AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.person = r.id AND v.created_ms >= ?) ORDER BY r.id LIMIT ?`,
		idText(after), ms(before), ms(before), limit)
}

type persons struct{ *session }

// Own implements cloud.PersonTable.
func (t persons) Own(resident protocol.UUID) (cloud.PersonalData, error) {
	d := cloud.PersonalData{ID: resident}
	found, err := t.one(`SELECT pseudonym, created_ms FROM residents WHERE id = ?`, []any{idText(resident)}, &d.Subject, timeColumn{&d.Since})
	if err == nil && !found {
		err = notFound("resident")
	}
	if err != nil {
		return d, err
	}
	d.Sessions, err = all(t.session, func(row scanner) (cloud.OwnSession, error) {
		var s cloud.OwnSession
		return s, row.Scan(timeColumn{&s.Ends})
	}, `SELECT expires_ms FROM sessions WHERE person = ? ORDER BY expires_ms`, idText(resident))
	return d, err
}

// Messages implements cloud.PersonTable.
func (t persons) Messages(resident protocol.UUID) ([]cloud.OwnMessage, error) {
	return all(t.session, func(row scanner) (cloud.OwnMessage, error) {
		var m cloud.OwnMessage
		return m, row.Scan(&m.Kind, timeColumn{&m.At}, &m.State, &m.Amount, idColumn{&m.Visit})
	}, `SELECT kind, created_ms, state, amount_fen, visit FROM messages WHERE person = ? AND person <> '' ORDER BY created_ms`, idText(resident))
}

// Payments implements cloud.PersonTable.
func (t persons) Payments(resident protocol.UUID) ([]cloud.OwnPayment, error) {
	return all(t.session, func(row scanner) (cloud.OwnPayment, error) {
		var p cloud.OwnPayment
		return p, row.Scan(&p.Kind, &p.Amount, timeColumn{&p.At}, &p.State, &p.Provider, idColumn{&p.Visit}, &p.Note)
	}, `SELECT kind, amount_fen, created_ms, state, provider, visit, note FROM (
			SELECT o.kind, o.amount_fen, o.created_ms, o.state, o.provider, o.visit, o.note, o.id
			FROM visits v JOIN payment_ops o ON o.visit = v.id WHERE v.person = ?
			UNION ALL
			SELECT kind, amount_fen, created_ms, state, provider, '', note, id FROM payment_ops WHERE person = ? AND kind = 'topup' AND visit IS NULL
		) all_of_it ORDER BY created_ms, id`, idText(resident), idText(resident))
}

// Remarks implements cloud.PersonTable.
func (t persons) Remarks(resident protocol.UUID) ([]cloud.OwnRemark, error) {
	return all(t.session, func(row scanner) (cloud.OwnRemark, error) {
		var r cloud.OwnRemark
		return r, row.Scan(&r.Kind, timeColumn{&r.At}, idColumn{&r.Visit}, &r.Text)
	}, `SELECT kind, at_ms, visit, text FROM words WHERE person = ? ORDER BY at_ms, id`, idText(resident))
}
