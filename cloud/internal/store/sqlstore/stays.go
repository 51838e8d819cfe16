package sqlstore

import (
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type stays struct{ *session }

const stayColumns = `SELECT s.cabinet, s.store, s.from_ms, s.until_ms FROM stays s `

func readStay(row scanner) (cloud.Stay, error) {
	var s cloud.Stay
	return s, row.Scan(&s.Cabinet, &s.Store, timeColumn{&s.From}, timeColumn{&s.Until})
}

// begin writes down where a cabinet stands from a moment on; nothing where it stood there before. The first stay has no
// beginning, so that whatever is told of an earlier time has a store. Stays never overlap: a clock that was set back begins the
// next one a millisecond after the one before.
func (t stays) begin(cabinet protocol.CabinetID, store cloud.StoreID, at time.Time) error {
	var before string
	var from, last int64
	found, err := t.one(`SELECT store, from_ms FROM stays WHERE cabinet = ? AND until_ms = 0`, []any{string(cabinet)}, &before, &last)
	if err != nil || found && before == string(store) {
		return err
	}
	if found {
		from = max(ms(at), last+1)
		if _, err := t.exec(`UPDATE stays SET until_ms = ? WHERE cabinet = ? AND until_ms = 0`, from, string(cabinet)); err != nil {
			return fmt.Errorf("end the stay of %s at %s: %w", cabinet, before, err)
		}
	}
	if _, err := t.exec(`INSERT INTO stays (cabinet, from_ms, store, until_ms) VALUES (?, ?, ?, 0)`, string(cabinet), from, string(store)); err != nil {
		return fmt.Errorf("begin the stay of %s at %s: %w", cabinet, store, err)
	}
	return nil
}

// At implements cloud.Stays.
func (t stays) At(cabinet protocol.CabinetID, at time.Time) (cloud.Stay, error) {
	found, err := all(t.session, readStay, stayColumns+`WHERE s.cabinet = ? AND s.from_ms = COALESCE(
		(SELECT MAX(b.from_ms) FROM stays b WHERE b.cabinet = ? AND b.from_ms <= ?), (SELECT MIN(f.from_ms) FROM stays f WHERE f.cabinet = ?))`,
		string(cabinet), string(cabinet), ms(at), string(cabinet))
	if err != nil {
		return cloud.Stay{}, fmt.Errorf("where %s stood: %w", cabinet, err)
	}
	if len(found) == 0 {
		return cloud.Stay{}, protocol.Errorf(cloud.CodeUnknownCabinet, "cabinet %q never stood anywhere", cabinet)
	}
	return found[0], nil
}

// Of implements cloud.Stays.
func (t stays) Of(cabinet protocol.CabinetID) ([]cloud.Stay, error) {
	return all(t.session, readStay, stayColumns+`WHERE s.cabinet = ? ORDER BY s.from_ms`, string(cabinet))
}

// Around implements cloud.Stays.
func (t stays) Around(store cloud.StoreID, from, to time.Time) ([]cloud.Stay, error) {
	return all(t.session, readStay, stayColumns+`WHERE s.cabinet IN (SELECT h.cabinet FROM stays h
		WHERE h.store = ? AND h.from_ms < ? AND (h.until_ms = 0 OR h.until_ms > ?))
		AND s.from_ms < ? AND (s.until_ms = 0 OR s.until_ms > ?) ORDER BY s.cabinet, s.from_ms`,
		string(store), ms(to), ms(from), ms(to), ms(from))
}
