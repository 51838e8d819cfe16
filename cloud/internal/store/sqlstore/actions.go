package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type actions struct{ *session }

// Add implements cloud.Actions.
func (t actions) Add(a cloud.Action) error {
	if _, err := t.exec(`INSERT INTO actions (id, at_ms, by_name, role, kind, visit, dispute, amount_fen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		idText(a.ID), ms(a.At), a.By, string(a.Role), string(a.Kind), idText(a.Visit), idText(a.Dispute), int64(a.Amount)); err != nil {
		return fmt.Errorf("%s of %s on visit %s: %w", a.Kind, a.By, a.Visit, err)
	}
	return t.keepWords(cloud.WordsNote, a.ID, a.Visit, a.At, a.Why)
}

// Of implements cloud.Actions.
func (t actions) Of(visit protocol.VisitID) ([]cloud.Action, error) {
	return all(t.session, func(row scanner) (cloud.Action, error) {
		var a cloud.Action
		return a, row.Scan(idColumn{&a.ID}, timeColumn{&a.At}, &a.By, &a.Role, &a.Kind, idColumn{&a.Visit}, idColumn{&a.Dispute}, &a.Amount, &a.Why)
	}, `SELECT id, at_ms, by_name, role, kind, visit, dispute, amount_fen, `+wordsOf(cloud.WordsNote, "actions.id")+` FROM actions WHERE visit = ? ORDER BY at_ms, id`, idText(visit))
}
