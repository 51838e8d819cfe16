package sqlstore

import (
	"fmt"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

type births struct{ *session }

// Save implements cloud.Births.
func (t births) Save(b wire.Birth, at time.Time) error {
	birth, err := jsonText(b)
	if err != nil {
		return err
	}
	if _, err := t.exec(`INSERT INTO births (cabinet, at_ms, birth) VALUES (?, ?, ?)
		ON CONFLICT (cabinet) DO UPDATE SET at_ms = excluded.at_ms, birth = excluded.birth`, string(b.Cabinet), ms(at), birth); err != nil {
		return fmt.Errorf("save birth of %s: %w", b.Cabinet, err)
	}
	if _, err := t.exec(`UPDATE journals SET boot = ?, start = ? WHERE cabinet = ? AND journal = ? AND (boot <> ? OR start <> ?)`,
		b.Boot, idText(b.Start), string(b.Cabinet), idText(b.Journal), b.Boot, idText(b.Start)); err != nil {
		return fmt.Errorf("save boot of %s: %w", b.Cabinet, err)
	}
	return nil
}

// Newest implements cloud.Births.
func (t births) Newest(cabinet protocol.CabinetID) (b wire.Birth, at time.Time, found bool, err error) {
	found, err = t.one(`SELECT birth, at_ms FROM births WHERE cabinet = ?`, []any{string(cabinet)}, jsonColumn{&b}, timeColumn{&at})
	if err != nil {
		return b, at, found, fmt.Errorf("birth of %s: %w", cabinet, err)
	}
	return b, at, found, nil
}

// List implements cloud.Births.
func (t births) List() ([]wire.Birth, error) {
	return all(t.session, func(row scanner) (wire.Birth, error) {
		var b wire.Birth
		return b, row.Scan(jsonColumn{&b})
	}, `SELECT birth FROM births ORDER BY cabinet`)
}
