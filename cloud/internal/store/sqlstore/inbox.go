package sqlstore

import (
	"encoding/hex"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

type inbox struct{ *session }

// Position implements cloud.Inbox.
func (t inbox) Position(cabinet protocol.CabinetID) (cloud.Position, error) {
	var p cloud.Position
	_, err := t.one(`SELECT journal, applied, seen, placed_ms, boot, start, apart, expects FROM journals WHERE cabinet = ?`, []any{string(cabinet)},
		idColumn{&p.Journal}, &p.Applied, &p.Seen, timeColumn{&p.Placed}, &p.Boot, idColumn{&p.Start}, &p.Apart, &p.Expects)
	return p, err
}

// Put implements cloud.Inbox.
func (t inbox) Put(e wire.Event, at time.Time) (cloud.Arrival, error) {
	text, err := jsonText(e)
	if err != nil {
		return 0, err
	}
	sum := e.Hash()
	hash := hex.EncodeToString(sum[:])
	added, err := t.exec(`INSERT INTO inbox (cabinet, journal, seq, hash, at_ms, event) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(e.Cabinet), idText(e.Journal), int64(e.Seq), hash, ms(at), text)
	if err != nil {
		return 0, fmt.Errorf("put event %d of %s: %w", e.Seq, e.Cabinet, err)
	}
	if added == 1 {
		return cloud.ArrivalNew, nil
	}
	var known string
	if _, err := t.one(`SELECT hash FROM inbox WHERE cabinet = ? AND journal = ? AND seq = ?`,
		[]any{string(e.Cabinet), idText(e.Journal), int64(e.Seq)}, &known); err != nil {
		return 0, err
	}
	if known == hash {
		return cloud.ArrivalRepeat, nil
	}
	return cloud.ArrivalDiffers, nil
}

// Next implements cloud.Inbox.
func (t inbox) Next(cabinet protocol.CabinetID, journal protocol.UUID, seq uint64) (wire.Event, bool, error) {
	var e wire.Event
	found, err := t.one(`SELECT event FROM inbox WHERE cabinet = ? AND journal = ? AND seq = ?`,
		[]any{string(cabinet), idText(journal), int64(seq)}, jsonColumn{&e})
	return e, found, err
}

// Move implements cloud.Inbox.
func (t inbox) Move(cabinet protocol.CabinetID, p cloud.Position) error {
	changed, err := t.exec(`INSERT INTO journals (cabinet, journal, applied, seen, placed_ms) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (cabinet) DO UPDATE SET applied = excluded.applied, seen = excluded.seen, placed_ms = excluded.placed_ms
		WHERE journals.journal = excluded.journal AND journals.applied <= excluded.applied AND journals.seen <= excluded.seen`,
		string(cabinet), idText(p.Journal), int64(p.Applied), int64(p.Seen), ms(p.Placed))
	return exactlyOne(changed, err, "move position of "+string(cabinet))
}

// Holes implements cloud.Inbox.
func (t inbox) Holes(cabinet protocol.CabinetID, p cloud.Position, limit int) ([]wire.Range, error) {
	if p.Seen <= p.Applied {
		return nil, nil
	}
	holes, err := all(t.session, func(row scanner) (wire.Range, error) {
		var r wire.Range
		return r, row.Scan(&r.From, &r.To)
	}, `SELECT before + 1, seq - 1 FROM (
			SELECT seq, LAG(seq, 1, ?) OVER (ORDER BY seq) AS before FROM inbox WHERE cabinet = ? AND journal = ? AND seq > ?
		) AS neighbours WHERE seq > before + 1 ORDER BY seq LIMIT ?`,
		int64(p.Applied), string(cabinet), idText(p.Journal), int64(p.Applied), limit)
	if err != nil {
		return nil, fmt.Errorf("holes of %s: %w", cabinet, err)
	}
	return holes, nil
}
