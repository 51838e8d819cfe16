package journal

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Apply puts a desired state into force: the state, the count of stock that it may bring and the event are one
// transaction.
func (j *Journal) Apply(cfg wire.Config) error {
	raw, err := json.Marshal(cfg)
	if err != nil {
		return fmt.Errorf("apply config: %w", err)
	}
	stamp := j.opt.Clock.Stamp()
	err = j.write(false, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`UPDATE state SET config = ?`, string(raw)); err != nil {
			return err
		}
		if err := recount(tx, cfg.Stock); err != nil {
			return err
		}
		return j.add(tx, stamp, wire.AppliedBody{Config: cfg.Config})
	})
	if err != nil {
		return fmt.Errorf("apply config %d.%d: %w", cfg.Config.FleetEpoch, cfg.Config.Version, err)
	}
	j.notify()
	return nil
}

// recount replaces the book by a count that is newer than the one applied last.
func recount(tx *sql.Tx, stock wire.StockCount) error {
	changed, err := tx.Exec(`UPDATE state SET stock_version = ?1 WHERE stock_version < ?1`, stock.Version)
	if err != nil {
		return err
	}
	if n, err := changed.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM book`); err != nil {
		return err
	}
	for platform, units := range stock.Book {
		for sku, n := range units {
			if err := shelve(tx, platform, []settle.Line{{SKU: sku, Qty: n}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Config is the desired state in force; nil before the first.
func (j *Journal) Config() (*wire.Config, error) { return configOf(j.reader) }

type querier interface {
	QueryRow(query string, args ...any) *sql.Row
}

func configOf(q querier) (*wire.Config, error) {
	var raw string
	if err := q.QueryRow(`SELECT config FROM state`).Scan(&raw); err != nil {
		return nil, fmt.Errorf("read config: %w", err)
	}
	if raw == "" {
		return nil, nil
	}
	var cfg wire.Config
	if err := json.Unmarshal([]byte(raw), &cfg); err != nil {
		return nil, fmt.Errorf("%w: config in force: %w", ErrDamaged, err)
	}
	return &cfg, nil
}

// Counters are those of the cabinet's life.
func (j *Journal) Counters() (wire.Counters, error) { return countersOf(j.reader) }

func countersOf(q querier) (wire.Counters, error) {
	var c wire.Counters
	err := q.QueryRow(`SELECT openings, units, fen FROM state`).Scan(&c.Openings, &c.Units, &c.Fen)
	if err != nil {
		err = fmt.Errorf("read counters: %w", err)
	}
	return c, err
}

// Floor is a moment before the true time, as the newest event was written with, or the latest not-before of a grant that
// was burnt. Zero where nothing was ever known of the time.
func (j *Journal) Floor() (time.Time, error) {
	var ms int64
	if err := j.reader.QueryRow(`SELECT floor FROM state`).Scan(&ms); err != nil {
		return time.Time{}, fmt.Errorf("read time floor: %w", err)
	}
	if ms == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(ms).UTC(), nil
}

// Unfinished lists the visits without an outcome.
func (j *Journal) Unfinished() ([]edge.Visit, error) {
	var visits []edge.Visit
	err := j.each(`SELECT record, opened FROM visits WHERE ended = 0 ORDER BY compartment`, func(rows *sql.Rows) error {
		var record string
		var v edge.Visit
		var opened bool
		if err := rows.Scan(&record, &opened); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(record), &v); err != nil {
			return fmt.Errorf("%w: visit: %w", ErrDamaged, err)
		}
		v.Opened = opened
		visits = append(visits, v)
		return nil
	})
	return visits, err
}

// Book is what the journal's own events leave on each platform.
func (j *Journal) Book() (edge.Book, error) {
	book := edge.Book{}
	err := j.each(`SELECT platform, sku, units FROM book`, func(rows *sql.Rows) error {
		var platform protocol.PlatformID
		var sku protocol.SKU
		var units int
		if err := rows.Scan(&platform, &sku, &units); err != nil {
			return err
		}
		if book[platform] == nil {
			book[platform] = map[protocol.SKU]int{}
		}
		book[platform][sku] = units
		return nil
	})
	return book, err
}

// Stops lists why compartments do not sell.
func (j *Journal) Stops() ([]edge.Stop, error) {
	var stops []edge.Stop
	err := j.each(`SELECT compartment, code, detail FROM stops ORDER BY compartment, code`, func(rows *sql.Rows) error {
		var s edge.Stop
		if err := rows.Scan(&s.Compartment, &s.Code, &s.Detail); err != nil {
			return err
		}
		stops = append(stops, s)
		return nil
	})
	return stops, err
}

// Troubles lists the platforms that cannot be weighed.
func (j *Journal) Troubles() (map[protocol.PlatformID]edge.Trouble, error) {
	troubles := map[protocol.PlatformID]edge.Trouble{}
	err := j.each(`SELECT platform, reason, visits FROM troubles`, func(rows *sql.Rows) error {
		var platform protocol.PlatformID
		var t edge.Trouble
		if err := rows.Scan(&platform, &t.Reason, &t.Visits); err != nil {
			return err
		}
		troubles[platform] = t
		return nil
	})
	return troubles, err
}

// Steps are what was written down of a visit while it was seen, in order.
func (j *Journal) Steps(visit protocol.VisitID) (steps []settle.Step, err error) {
	err = j.each(`SELECT body FROM events WHERE type = ? AND json_extract(body, '$.visit') = ? ORDER BY seq`, func(rows *sql.Rows) error {
		var raw []byte
		var body wire.StepBody
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &body); err != nil {
			return fmt.Errorf("%w: step: %w", ErrDamaged, err)
		}
		steps = append(steps, body.Steps...)
		return nil
	}, wire.VisitStep, visit.String())
	return steps, err
}

func (j *Journal) each(query string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := j.reader.Query(query, args...)
	if err != nil {
		return fmt.Errorf("read journal: %w", judged(err))
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(fmt.Errorf("read journal: %w", err), rows.Close())
		}
	}
	return errors.Join(judged(rows.Err()), rows.Close())
}
