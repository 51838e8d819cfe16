package sqlstore

import (
	"encoding/hex"
	"fmt"
	"slices"
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

// Put implements cloud.Inbox. What is new goes in by few statements, and only where something was not is it looked at what is
// there: to another server the way there and back takes longer than the row.
func (t inbox) Put(batch []wire.Event, at time.Time) ([]cloud.Arrival, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	rows, hashes := make([][]any, len(batch)), make([]string, len(batch))
	for i, e := range batch {
		text, sum := e.Text()
		hashes[i] = hex.EncodeToString(sum[:])
		rows[i] = []any{string(e.Cabinet), idText(e.Journal), int64(e.Seq), hashes[i], ms(at), string(text)}
	}
	added, err := insertReturning(t.session, func(row scanner) (seq uint64, err error) { return seq, row.Scan(&seq) },
		"inbox", []string{"cabinet", "journal", "seq", "hash", "at_ms", "event"}, " ON CONFLICT (cabinet, journal, seq) DO NOTHING RETURNING seq", rows)
	if err != nil {
		return nil, fmt.Errorf("put events of %s from %d: %w", batch[0].Cabinet, batch[0].Seq, err)
	}
	arrived := make([]cloud.Arrival, len(batch))
	if len(added) == len(batch) {
		return arrived, nil
	}
	return arrived, t.compare(batch, hashes, added, arrived)
}

// compare says of the events that were not added whether they are those that are stored.
func (t inbox) compare(batch []wire.Event, hashes []string, added []uint64, arrived []cloud.Arrival) error {
	known, err := t.hashes(batch)
	if err != nil {
		return err
	}
	for i, e := range batch {
		n := slices.Index(added, e.Seq)
		switch {
		case n >= 0: // Of two with one number in a batch the first was added.
			added = slices.Delete(added, n, n+1)
		case known[e.Seq] == hashes[i]:
			arrived[i] = cloud.ArrivalRepeat
		default:
			arrived[i] = cloud.ArrivalDiffers
		}
	}
	return nil
}

// hashes are of the events that are stored within the bounds of a batch, by number.
func (t inbox) hashes(batch []wire.Event) (map[uint64]string, error) {
	type stored struct {
		seq  uint64
		hash string
	}
	first, last := batch[0].Seq, batch[0].Seq
	for _, e := range batch {
		first, last = min(first, e.Seq), max(last, e.Seq)
	}
	found, err := all(t.session, func(row scanner) (stored, error) {
		var s stored
		return s, row.Scan(&s.seq, &s.hash)
	}, `SELECT seq, hash FROM inbox WHERE cabinet = ? AND journal = ? AND seq BETWEEN ? AND ?`,
		string(batch[0].Cabinet), idText(batch[0].Journal), int64(first), int64(last))
	known := make(map[uint64]string, len(found))
	for _, s := range found {
		known[s.seq] = s.hash
	}
	return known, err
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
