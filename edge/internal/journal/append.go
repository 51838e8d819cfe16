package journal

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Append writes events, in their order, and what they imply, in one transaction. Events of a visit may use the room that
// was reserved for it. The counters of settlements and alive marks are filled in here.
func (j *Journal) Append(bodies ...wire.Body) error {
	stamp := j.opt.Clock.Stamp()
	underWay := false
	for _, b := range bodies {
		underWay = underWay || ofVisit(b)
	}
	err := j.write(underWay, func(tx *sql.Tx) error {
		for _, b := range bodies {
			if err := j.add(tx, stamp, b); err != nil {
				return fmt.Errorf("append %s: %w", b.Type(), err)
			}
		}
		return nil
	})
	if err == nil {
		j.notify()
	}
	return err
}

func (j *Journal) notify() {
	select {
	case j.changed <- struct{}{}:
	default:
	}
}

// ofVisit reports whether an event belongs to a visit under way.
func ofVisit(b wire.Body) bool {
	switch b := b.(type) {
	case wire.OpenedBody, wire.StepBody, wire.SettledBody, wire.AbortedBody:
		return true
	case wire.DoorBody:
		return b.Visit != nil
	case wire.LockBody:
		return b.Visit != nil
	}
	return false
}

// add writes one event under the next number, after what it implies.
func (j *Journal) add(tx *sql.Tx, stamp edge.Stamp, body wire.Body) error {
	body, err := imply(tx, body)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO events (seq, boot, at, up, clock, type, body)
		SELECT last + 1, ?, ?, ?, ?, ?, ? FROM state`, j.boot, stamp.At, stamp.Up, stamp.Clock, body.Type(), string(raw))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE state SET last = last + 1, floor = max(floor, ?)`, stamp.Floor)
	return err
}

// imply does in the same transaction what an event means for the cabinet's memory, and fills in its counters.
func imply(tx *sql.Tx, body wire.Body) (wire.Body, error) {
	switch b := body.(type) {
	case wire.OpenedBody:
		return b, opened(tx, b.Visit)
	case wire.AbortedBody:
		return b, ended(tx, b.Visit)
	case wire.SettledBody:
		return settled(tx, b)
	case wire.AliveBody:
		counters, err := countersOf(tx)
		b.Counters = counters
		return b, err
	case wire.SaleBody:
		return b, sale(tx, b)
	case wire.ScaleBody:
		return b, scale(tx, b)
	case wire.CalibratedBody:
		return b, calibrated(tx, b)
	}
	return body, nil
}

func opened(tx *sql.Tx, visit protocol.VisitID) error {
	changed, err := tx.Exec(`UPDATE visits SET opened = 1 WHERE visit = ? AND opened = 0 AND ended = 0`, visit.String())
	if err := one(changed, err); err != nil {
		return fmt.Errorf("visit %s: open it: %w", visit, err)
	}
	_, err = tx.Exec(`UPDATE state SET openings = openings + 1`)
	return err
}

// ended gives the visit its one outcome; a second one is an error and nothing is written.
func ended(tx *sql.Tx, visit protocol.VisitID) error {
	changed, err := tx.Exec(`UPDATE visits SET ended = 1 WHERE visit = ? AND ended = 0`, visit.String())
	if err := one(changed, err); err != nil {
		return fmt.Errorf("visit %s: end it: %w", visit, err)
	}
	return nil
}

func one(changed sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := changed.RowsAffected()
	if err == nil && n != 1 {
		err = fmt.Errorf("%w: %d rows changed: want 1", ErrContradiction, n)
	}
	return err
}

func settled(tx *sql.Tx, b wire.SettledBody) (wire.Body, error) {
	if err := ended(tx, b.Visit); err != nil {
		return nil, err
	}
	for _, level := range b.Answer.Levels {
		if err := shelve(tx, level.Platform, level.Units); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(`UPDATE troubles SET visits = visits + 1 WHERE platform = ?`, level.Platform); err != nil {
			return nil, err
		}
	}
	if b.Answer.Decision == settle.Bill && b.Purpose == protocol.PurposePurchase {
		if err := count(tx, b.Answer.Lines); err != nil {
			return nil, err
		}
	}
	counters, err := countersOf(tx)
	b.Counters = counters
	return b, err
}

func shelve(tx *sql.Tx, platform protocol.PlatformID, units []settle.Line) error {
	for _, u := range units {
		_, err := tx.Exec(`INSERT INTO book (platform, sku, units) VALUES (?, ?, ?)
			ON CONFLICT (platform, sku) DO UPDATE SET units = excluded.units`, platform, u.SKU, max(u.Qty, 0))
		if err != nil {
			return fmt.Errorf("book %s of %s: %w", u.SKU, platform, err)
		}
	}
	return nil
}

// count adds a bill to the lifetime counters, at the prices of the desired state in force.
func count(tx *sql.Tx, lines []settle.Line) error {
	cfg, err := configOf(tx)
	if err != nil || cfg == nil {
		return err
	}
	var units int
	var fen protocol.Fen
	for _, l := range lines {
		units += l.Qty
		fen += protocol.Fen(l.Qty) * cfg.Goods[l.SKU].Price
	}
	_, err = tx.Exec(`UPDATE state SET units = units + ?, fen = fen + ?`, units, fen)
	return err
}

// sale keeps why a compartment does not sell. To resume takes every reason back; one that is left is told again after it.
func sale(tx *sql.Tx, b wire.SaleBody) error {
	if b.EventType == wire.SaleResumed {
		_, err := tx.Exec(`DELETE FROM stops WHERE compartment = ?`, b.Compartment)
		return err
	}
	_, err := tx.Exec(`INSERT INTO stops (compartment, code, detail) VALUES (?, ?, ?)
		ON CONFLICT (compartment, code) DO UPDATE SET detail = excluded.detail`, b.Compartment, b.Code, b.Detail)
	return err
}

// calibrated keeps a platform's correction, and forgets how its zero had wandered.
func calibrated(tx *sql.Tx, b wire.CalibratedBody) error {
	record, err := json.Marshal(edge.Correction{Offset: b.Offset, PPM: b.PPM})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT OR REPLACE INTO corrections (platform, record) VALUES (?, ?)`, b.Platform, string(record)); err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM drifts WHERE platform = ?`, b.Platform)
	return err
}

func scale(tx *sql.Tx, b wire.ScaleBody) error {
	if b.EventType == wire.ScaleClear {
		_, err := tx.Exec(`DELETE FROM troubles WHERE platform = ?`, b.Platform)
		return err
	}
	_, err := tx.Exec(`INSERT INTO troubles (platform, reason) VALUES (?, ?)
		ON CONFLICT (platform) DO UPDATE SET reason = excluded.reason`, b.Platform, b.Reason)
	return err
}
