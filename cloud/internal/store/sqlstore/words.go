package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// keepWords keeps free words beside the row of a visit that they belong to. They may have a name in them, and go before the
// row does.
func (s *session) keepWords(kind cloud.WordsKind, id protocol.UUID, visit protocol.VisitID, at time.Time, text string) error {
	if text == "" {
		return nil
	}
	if _, err := s.exec(`INSERT INTO words (kind, id, person, visit, at_ms, text) SELECT ?, ?, v.person, v.id, CAST(? AS BIGINT), ? FROM visits v WHERE v.id = ?`,
		string(kind), idText(id), ms(at), text, idText(visit)); err != nil {
		return fmt.Errorf("words of %s %s: %w", kind, id, err)
	}
	return nil
}

// wordsOf reads them as a column of the row; empty where they are gone.
func wordsOf(kind cloud.WordsKind, id string) string {
	return `COALESCE((SELECT x.text FROM words x WHERE x.kind = '` + string(kind) + `' AND x.id = ` + id + `), '')`
}
