package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type cards struct{ *session }

// Accept implements cloud.Cards.
func (t cards) Accept(cabinet protocol.CabinetID, journal protocol.UUID, at time.Time) error {
	id, next := string(cabinet), idText(journal)
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO retired_journals (cabinet, journal, applied, at_ms) SELECT cabinet, journal, applied, CAST(? AS BIGINT) FROM journals WHERE cabinet = ?`, []any{ms(at), id}},
		{`DELETE FROM journals WHERE cabinet = ?`, []any{id}},
		{`INSERT INTO journals (cabinet, journal, applied, seen) VALUES (?, ?, 0, 0)`, []any{id, next}},
		{`DELETE FROM births WHERE cabinet = ?`, []any{id}},
		{`DELETE FROM tallies WHERE cabinet = ?`, []any{id}},
	} {
		if _, err := t.exec(step.query, step.args...); err != nil {
			return fmt.Errorf("accept journal %s of %s: %w", journal, cabinet, err)
		}
	}
	return nil
}

// Expect implements cloud.Cards. Where there is no journal yet, the first one is accepted anyway.
func (t cards) Expect(cabinet protocol.CabinetID) error {
	if _, err := cabinets(t).Find(cabinet); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE journals SET expects = 1 WHERE cabinet = ?`, string(cabinet)); err != nil {
		return fmt.Errorf("expect another journal of %s: %w", cabinet, err)
	}
	return nil
}

// Retired implements cloud.Cards.
func (t cards) Retired(cabinet protocol.CabinetID, journal protocol.UUID) (bool, error) {
	var retired bool
	_, err := t.one(`SELECT EXISTS (SELECT 1 FROM retired_journals WHERE journal = ?)
		OR EXISTS (SELECT 1 FROM journals WHERE journal = ? AND cabinet <> ?)`, []any{idText(journal), idText(journal), string(cabinet)}, &retired)
	if err != nil {
		return false, fmt.Errorf("retired journal %s of %s: %w", journal, cabinet, err)
	}
	return retired, nil
}

// SetApart implements cloud.Cards.
func (t cards) SetApart(cabinet protocol.CabinetID, why cloud.IncidentKind) error {
	changed, err := t.exec(`UPDATE journals SET apart = ? WHERE cabinet = ?`, string(why), string(cabinet))
	if err := exactlyOne(changed, err, "set the card of "+string(cabinet)+" apart"); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM births WHERE cabinet = ?`, string(cabinet)); err != nil {
		return fmt.Errorf("forget the connection of %s: %w", cabinet, err)
	}
	return nil
}

// Apart implements cloud.Cards.
func (t cards) Apart() (map[protocol.CabinetID]cloud.IncidentKind, error) {
	type entry struct {
		cabinet protocol.CabinetID
		why     cloud.IncidentKind
	}
	list, err := all(t.session, func(row scanner) (entry, error) {
		var e entry
		return e, row.Scan(&e.cabinet, &e.why)
	}, `SELECT cabinet, apart FROM journals WHERE apart <> ''`)
	if err != nil {
		return nil, fmt.Errorf("cards that are set apart: %w", err)
	}
	apart := make(map[protocol.CabinetID]cloud.IncidentKind, len(list))
	for _, e := range list {
		apart[e.cabinet] = e.why
	}
	return apart, nil
}
