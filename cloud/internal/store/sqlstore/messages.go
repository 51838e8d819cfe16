package sqlstore

import (
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type messages struct{ *session }

const messageColumns = `SELECT id, ref, kind, person, visit, amount_fen, lang, sealed, created_ms, expires_ms, state, attempts, next_ms, provider, why, ended_ms FROM messages`

func readMessage(row scanner) (cloud.OutMessage, error) {
	var m cloud.OutMessage
	return m, row.Scan(idColumn{&m.ID}, &m.Ref, &m.Kind, idColumn{&m.Person}, idColumn{&m.Visit}, &m.Amount, &m.Lang, hexColumn{&m.Sealed},
		timeColumn{&m.Created}, timeColumn{&m.Expires}, &m.State, &m.Attempts, timeColumn{&m.Next}, &m.Provider, &m.Why, timeColumn{&m.Ended})
}

// Add implements cloud.MessageTable.
func (t messages) Add(m cloud.OutMessage) error {
	if _, err := t.exec(`INSERT INTO messages (id, ref, kind, person, visit, amount_fen, lang, sealed, state, attempts, next_ms, created_ms, expires_ms, ended_ms, provider)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 0, '') ON CONFLICT (ref) DO NOTHING`,
		idText(m.ID), m.Ref, string(m.Kind), idText(m.Person), idText(m.Visit), int64(m.Amount), m.Lang, hex.EncodeToString(m.Sealed),
		string(m.State), ms(m.Next), ms(m.Created), ms(m.Expires)); err != nil {
		return fmt.Errorf("add message %s: %w", m.ID, err)
	}
	return nil
}

// Due implements cloud.MessageTable.
func (t messages) Due(at time.Time, limit int) ([]cloud.OutMessage, error) {
	return all(t.session, readMessage, messageColumns+` WHERE state = 'waiting' AND next_ms <= ? ORDER BY next_ms, id LIMIT ?`, ms(at), limit)
}

// Retry implements cloud.MessageTable.
func (t messages) Retry(id protocol.UUID, attempts int, next time.Time) error {
	changed, err := t.exec(`UPDATE messages SET attempts = ?, next_ms = ? WHERE id = ? AND state = 'waiting'`, attempts, ms(next), idText(id))
	return exactlyOne(changed, err, "message "+id.String())
}

// End implements cloud.MessageTable.
func (t messages) End(id protocol.UUID, end cloud.MessageEnd) error {
	changed, err := t.exec(`UPDATE messages SET state = ?, provider = ?, why = ?, ended_ms = ?, sealed = '' WHERE id = ? AND state = 'waiting'`,
		string(end.State), end.Provider, string(end.Why), ms(end.At), idText(id))
	return exactlyOne(changed, err, "message "+id.String())
}

// Of implements cloud.ToldTable.
func (t messages) Of(visit protocol.VisitID) ([]cloud.OutMessage, error) {
	return all(t.session, readMessage, messageColumns+` WHERE visit = ? AND visit <> '' ORDER BY created_ms, id`, idText(visit))
}

// Find implements cloud.MessageTable.
func (t messages) Find(ref string) (cloud.OutMessage, bool, error) {
	found, err := all(t.session, readMessage, messageColumns+` WHERE ref = ?`, ref)
	if err != nil || len(found) == 0 {
		return cloud.OutMessage{}, false, err
	}
	return found[0], true, nil
}

// Backlog implements cloud.MessageTable.
func (t messages) Backlog(at time.Time) (waiting int, oldest time.Time, err error) {
	_, err = t.one(`SELECT COUNT(*), COALESCE(MIN(CASE WHEN next_ms <= ? THEN created_ms END), 0) FROM messages WHERE state = 'waiting'`, []any{ms(at)},
		&waiting, timeColumn{&oldest})
	return waiting, oldest, err
}
