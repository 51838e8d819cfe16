package journal

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"allhours/edge"
	"allhours/protocol"
)

// Burn uses up a grant: its nonce, its visit, the weights before it and the event are on disk when Burn returns, and room
// for the rest of the visit is reserved. Refusals: protocol.CodeUsed where the nonce or the visit was burnt before,
// protocol.CodeBusy where the compartment has a visit without an end, protocol.CodeDiskFull, and for a grant that was shown
// what the desired state in force does not risk.
func (j *Journal) Burn(v edge.Visit) error {
	if err := j.room.reserve(); err != nil {
		return fmt.Errorf("%w: %w", protocol.Errorf(protocol.CodeDiskFull, "no room for a visit"), err)
	}
	record, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("burn visit %s: %w", v.ID, err)
	}
	stamp := j.opt.Clock.Stamp()
	err = j.write(false, func(tx *sql.Tx) error {
		if err := unused(tx, v); err != nil {
			return err
		}
		if err := risk(tx, v); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO visits (visit, nonce, compartment, record) VALUES (?, ?, ?, ?)`,
			v.ID.String(), v.Nonce[:], v.Compartment, string(record))
		if err != nil {
			return busy(err)
		}
		if _, err := tx.Exec(`UPDATE state SET floor = max(floor, ?)`, v.NotBefore.UnixMilli()); err != nil {
			return err
		}
		return j.add(tx, stamp, v.Begun())
	})
	if err != nil {
		return fmt.Errorf("burn visit %s: %w", v.ID, err)
	}
	j.notify()
	return nil
}

// Unused has protocol.CodeUsed where the nonce or the visit was burnt before.
func (j *Journal) Unused(v edge.Visit) error { return unused(j.reader, v) }

func unused(q querier, v edge.Visit) error {
	var used bool
	err := q.QueryRow(`SELECT EXISTS (SELECT 1 FROM visits WHERE visit = ? OR nonce = ?)`, v.ID.String(), v.Nonce[:]).Scan(&used)
	if err == nil && used {
		err = protocol.Errorf(protocol.CodeUsed, "its nonce or visit was burnt before")
	}
	return err
}

func busy(err error) error {
	if e, ok := errors.AsType[sqlite3.Error](err); ok && e.ExtendedCode == sqlite3.ErrConstraintUnique {
		return protocol.Errorf(protocol.CodeBusy, "the door has a visit without an end")
	}
	return err
}

// Room reports protocol.CodeDiskFull where no room for a visit can be reserved.
func (j *Journal) Room() error {
	if err := j.room.reserve(); err != nil {
		return fmt.Errorf("%w: %w", protocol.Errorf(protocol.CodeDiskFull, "no room for a visit"), err)
	}
	return nil
}
