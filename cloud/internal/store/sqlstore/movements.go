package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type movements struct{ *session }

const movementColumns = `SELECT id, kind, store, cabinet, person, by_name, key, reason, note, corrects, at_ms, lines FROM movements`

// movedLines is how a movement's places and lines are kept.
type movedLines struct {
	From  ledger.Account    `json:"from,omitempty"`
	To    ledger.Account    `json:"to,omitempty"`
	Lines []cloud.MovedLine `json:"lines"`
}

func readMovement(row scanner) (cloud.Movement, error) {
	var m cloud.Movement
	var kept movedLines
	err := row.Scan(idColumn{&m.ID}, &m.Kind, &m.Store, &m.Cabinet, idColumn{&m.Person}, &m.By, &m.Key, &m.Reason, &m.Note, idColumn{&m.Corrects},
		timeColumn{&m.At}, jsonColumn{&kept})
	m.From, m.To, m.Lines = kept.From, kept.To, kept.Lines
	return m, err
}

// Add implements cloud.Movements.
func (t movements) Add(m cloud.Movement) error {
	kept, err := jsonText(movedLines{m.From, m.To, m.Lines})
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO movements (id, kind, store, cabinet, person, by_name, key, reason, note, corrects, at_ms, lines)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(m.ID), string(m.Kind), string(m.Store), string(m.Cabinet), idText(m.Person), m.By, m.Key, string(m.Reason), m.Note, idText(m.Corrects), ms(m.At), kept)
	if t.dialect.Unique(err) {
		return protocol.Errorf(cloud.CodeConflict, "the movement is booked already, or what it corrects was corrected")
	}
	if err != nil {
		return fmt.Errorf("add movement %s: %w", m.ID, err)
	}
	return nil
}

// Find implements cloud.Movements.
func (t movements) Find(id protocol.UUID) (cloud.Movement, error) {
	found, err := all(t.session, readMovement, movementColumns+` WHERE id = ?`, idText(id))
	if err != nil || len(found) > 0 {
		return first(found), err
	}
	return cloud.Movement{}, protocol.Errorf(cloud.CodeNotFound, "no movement %s", id)
}

// ByKey implements cloud.Movements.
func (t movements) ByKey(person protocol.UUID, key string) (cloud.Movement, bool, error) {
	found, err := all(t.session, readMovement, movementColumns+` WHERE person = ? AND key = ? AND key <> ''`, idText(person), key)
	return first(found), len(found) > 0, err
}

func first[T any](found []T) (one T) {
	if len(found) > 0 {
		one = found[0]
	}
	return one
}

// Latest implements cloud.Movements.
func (t movements) Latest(cabinet protocol.CabinetID, limit int) ([]cloud.Movement, error) {
	if cabinet == "" {
		return all(t.session, readMovement, movementColumns+` ORDER BY at_ms DESC, id DESC LIMIT ?`, limit)
	}
	return all(t.session, readMovement, movementColumns+` WHERE cabinet = ? ORDER BY at_ms DESC, id DESC LIMIT ?`, string(cabinet), limit)
}

// Counts implements cloud.Movements.
func (t movements) Counts(store cloud.StoreID, from, to time.Time) ([]cloud.Movement, error) {
	return all(t.session, readMovement, movementColumns+` WHERE store = ? AND at_ms >= ? AND at_ms < ? AND kind = 'count'
		AND NOT EXISTS (SELECT 1 FROM movements c WHERE c.corrects = movements.id AND c.corrects <> '') ORDER BY at_ms, id`, string(store), ms(from), ms(to))
}
