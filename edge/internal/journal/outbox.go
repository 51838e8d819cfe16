package journal

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// Bounds gives the oldest and the newest number on disk; first is 0 for an empty journal.
func (j *Journal) Bounds() (first, last uint64, err error) {
	err = j.reader.QueryRow(`SELECT coalesce((SELECT min(seq) FROM events), 0), last FROM state`).Scan(&first, &last)
	if err != nil {
		err = fmt.Errorf("read journal bounds: %w", judged(err))
	}
	return first, last, err
}

// Acked is the number up to which the cloud has committed everything, as it said last, and its fleet epoch.
func (j *Journal) Acked() (upTo, fleetEpoch uint64, err error) {
	if err = j.reader.QueryRow(`SELECT acked, fleet_epoch FROM state`).Scan(&upTo, &fleetEpoch); err != nil {
		err = fmt.Errorf("read ack: %w", judged(err))
	}
	return upTo, fleetEpoch, err
}

// Ack moves the mark, backwards too where a restored cloud has less than it had. A mark beyond the journal's end is
// refused: the cloud then knows a journal that this one is a copy of.
func (j *Journal) Ack(upTo, fleetEpoch uint64) error {
	err := j.write(false, func(tx *sql.Tx) error {
		changed, err := tx.Exec(`UPDATE state SET acked = ?1, fleet_epoch = ?2 WHERE ?1 <= last`, upTo, fleetEpoch)
		if err != nil {
			return err
		}
		if one(changed, nil) != nil {
			return protocol.Errorf(protocol.CodeStale, "up to %d is beyond this journal", upTo)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ack: %w", err)
	}
	return nil
}

// batchRow is about what the envelope of an event takes beside its body, in bytes.
const batchRow = 240

// Batch gives the events from number from to number to, as many as one batch may hold.
func (j *Journal) Batch(from, to uint64) ([]wire.Event, error) {
	var batch []wire.Event
	size := 2
	err := j.each(`SELECT seq, boot, at, up, clock, type, body FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`,
		func(rows *sql.Rows) error {
			e := wire.Event{V: wire.Version, Cabinet: j.opt.Cabinet, Journal: j.id}
			var body string
			if err := rows.Scan(&e.Seq, &e.Boot, &e.At, &e.Up, &e.Clock, &e.Type, &body); err != nil {
				return err
			}
			size += len(body) + batchRow
			if size <= wire.MaxBatchBytes || len(batch) == 0 {
				e.Body = json.RawMessage(body)
				batch = append(batch, e)
			}
			return nil
		}, from, to, wire.MaxBatchEvents)
	for i := 1; i < len(batch); i++ {
		if batch[i].Seq != batch[i-1].Seq+1 {
			return batch[:i], err
		}
	}
	return batch, err
}

// Prune removes acknowledged events that are older than KeepAcked, or more than KeepBytes. now is the true UTC; an event
// that is not acknowledged is never removed. An event whose time was not known when it was written is as old as the next
// one whose time was.
func (j *Journal) Prune(now time.Time) error {
	oldest := now.Add(-j.opt.KeepAcked).UnixMilli()
	err := j.write(false, func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM events WHERE seq <= (SELECT acked FROM state)
			AND seq <= (SELECT max(e.seq) FROM events e WHERE e.clock = 1 AND e.at < ?)`, oldest)
		if err != nil {
			return err
		}
		return pruneBytes(tx, j.opt.KeepBytes)
	})
	if err != nil {
		return fmt.Errorf("prune journal: %w", err)
	}
	return nil
}

func pruneBytes(tx *sql.Tx, keep int64) error {
	var size, events int64
	if err := tx.QueryRow(`SELECT coalesce(sum(length(body)), 0), count(*) FROM events`).Scan(&size, &events); err != nil {
		return err
	}
	size += events * batchRow
	if size <= keep || events == 0 {
		return nil
	}
	excess := (size-keep)/(size/events) + 1
	_, err := tx.Exec(`DELETE FROM events WHERE seq <= (SELECT acked FROM state)
		AND seq < (SELECT min(seq) + ? FROM events)`, excess)
	return err
}
