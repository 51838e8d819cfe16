package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type wishes struct{ *session }

// Find implements cloud.WishTable.
func (t wishes) Find(person protocol.UUID) (cloud.Wishes, error) {
	w := cloud.Wishes{Receipts: true}
	_, err := t.one(`SELECT lang, receipts FROM wishes WHERE person = ?`, []any{idText(person)}, &w.Lang, &w.Receipts)
	return w, err
}

// Save implements cloud.WishTable.
func (t wishes) Save(person protocol.UUID, w cloud.Wishes) error {
	if _, err := t.exec(`INSERT INTO wishes (person, lang, receipts) VALUES (?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET lang = excluded.lang, receipts = excluded.receipts`, idText(person), w.Lang, w.Receipts); err != nil {
		return fmt.Errorf("wishes of %s: %w", person, err)
	}
	return nil
}
