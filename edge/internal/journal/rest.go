package journal

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"allhours/edge"
	"allhours/protocol"
)

// What is known between visits is kept as it is: no event depends on it, and what a crash loses is learnt again.

// SaveDrifts keeps how the zeros of platforms stand.
func (j *Journal) SaveDrifts(drifts map[protocol.PlatformID]edge.Drift) error {
	return saveRecords(j, `INSERT OR REPLACE INTO drifts (platform, record) VALUES (?, ?)`, drifts)
}

// Drifts is what SaveDrifts kept.
func (j *Journal) Drifts() (map[protocol.PlatformID]edge.Drift, error) {
	return records[protocol.PlatformID, edge.Drift](j, `SELECT platform, record FROM drifts`)
}

// SaveLearnt keeps what was learnt of articles.
func (j *Journal) SaveLearnt(learnt map[protocol.SKU]edge.Learnt) error {
	return saveRecords(j, `INSERT OR REPLACE INTO learnt (sku, record) VALUES (?, ?)`, learnt)
}

// Learnt is what SaveLearnt kept.
func (j *Journal) Learnt() (map[protocol.SKU]edge.Learnt, error) {
	return records[protocol.SKU, edge.Learnt](j, `SELECT sku, record FROM learnt`)
}

// SaveWarmth keeps for how long the air of compartments has been warm.
func (j *Journal) SaveWarmth(warmth map[protocol.Compartment]edge.Warmth) error {
	return saveRecords(j, `INSERT OR REPLACE INTO warmth (compartment, record) VALUES (?, ?)`, warmth)
}

// Warmth is what SaveWarmth kept.
func (j *Journal) Warmth() (map[protocol.Compartment]edge.Warmth, error) {
	return records[protocol.Compartment, edge.Warmth](j, `SELECT compartment, record FROM warmth`)
}

// Corrections are the calibrations of platforms, as the newest event of each says.
func (j *Journal) Corrections() (map[protocol.PlatformID]edge.Correction, error) {
	return records[protocol.PlatformID, edge.Correction](j, `SELECT platform, record FROM corrections`)
}

// named is what a record is kept under.
type named interface{ ~string | ~uint8 }

func saveRecords[K named, V any](j *Journal, insert string, all map[K]V) error {
	err := j.write(false, func(tx *sql.Tx) error {
		for key, value := range all {
			raw, err := json.Marshal(value)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(insert, key, string(raw)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep what was learnt between visits: %w", err)
	}
	return nil
}

func records[K named, V any](j *Journal, query string) (map[K]V, error) {
	all := map[K]V{}
	err := j.each(query, func(rows *sql.Rows) error {
		var key K
		var raw string
		if err := rows.Scan(&key, &raw); err != nil {
			return err
		}
		var value V
		if err := json.Unmarshal([]byte(raw), &value); err != nil {
			return fmt.Errorf("%w: record of %v: %w", ErrDamaged, key, err)
		}
		all[key] = value
		return nil
	})
	return all, err
}
