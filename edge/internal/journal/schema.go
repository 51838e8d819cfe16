package journal

import (
	"database/sql"
	"fmt"
)

// schemaVersion is kept in the file's user_version; a newer file is refused.
const schemaVersion = 5

// tables are those of each version, which the version before lacks.
var tables = [schemaVersion]string{`
CREATE TABLE state (
	id            INTEGER PRIMARY KEY CHECK (id = 1),
	journal       TEXT    NOT NULL,
	boot          INTEGER NOT NULL DEFAULT 0,
	clean         INTEGER NOT NULL DEFAULT 1,
	last          INTEGER NOT NULL DEFAULT 0,
	acked         INTEGER NOT NULL DEFAULT 0,
	fleet_epoch   INTEGER NOT NULL DEFAULT 0,
	floor         INTEGER NOT NULL DEFAULT 0,
	openings      INTEGER NOT NULL DEFAULT 0,
	units         INTEGER NOT NULL DEFAULT 0,
	fen           INTEGER NOT NULL DEFAULT 0,
	stock_version INTEGER NOT NULL DEFAULT 0,
	config        TEXT    NOT NULL DEFAULT ''
);
CREATE TABLE events (
	seq   INTEGER PRIMARY KEY,
	boot  INTEGER NOT NULL,
	at    INTEGER NOT NULL,
	up    INTEGER NOT NULL,
	clock INTEGER NOT NULL,
	type  TEXT    NOT NULL,
	body  TEXT    NOT NULL
);
CREATE TABLE visits (
	visit       TEXT    PRIMARY KEY,
	nonce       BLOB    NOT NULL UNIQUE,
	compartment INTEGER NOT NULL,
	opened      INTEGER NOT NULL DEFAULT 0,
	ended       INTEGER NOT NULL DEFAULT 0,
	record      TEXT    NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_visit_a_door ON visits (compartment) WHERE ended = 0;
CREATE TABLE book (
	platform TEXT    NOT NULL,
	sku      TEXT    NOT NULL,
	units    INTEGER NOT NULL,
	PRIMARY KEY (platform, sku)
) WITHOUT ROWID;
CREATE TABLE stops (
	compartment INTEGER NOT NULL,
	code        TEXT    NOT NULL,
	detail      TEXT    NOT NULL,
	PRIMARY KEY (compartment, code)
) WITHOUT ROWID;
CREATE TABLE troubles (
	platform TEXT    PRIMARY KEY,
	reason   TEXT    NOT NULL,
	visits   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
`, `
CREATE TABLE drifts (
	platform TEXT    PRIMARY KEY,
	record   TEXT    NOT NULL
) WITHOUT ROWID;
CREATE TABLE learnt (
	sku      TEXT    PRIMARY KEY,
	record   TEXT    NOT NULL
) WITHOUT ROWID;
`, `
CREATE TABLE shown (
	visit      TEXT    PRIMARY KEY,
	subject    BLOB    NOT NULL,
	not_before INTEGER NOT NULL,
	fen        INTEGER NOT NULL,
	begun      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX shown_by_begun ON shown (begun);
CREATE INDEX shown_by_subject ON shown (subject, not_before);
`, `
CREATE TABLE warmth (
	compartment INTEGER PRIMARY KEY,
	record      TEXT    NOT NULL
) WITHOUT ROWID;
`, `
CREATE TABLE corrections (
	platform TEXT    PRIMARY KEY,
	record   TEXT    NOT NULL
) WITHOUT ROWID;
`}

// migrate brings the file to this program's schema; a file without a journal id gets one.
func migrate(tx *sql.Tx, newID func() (string, error)) error {
	var version int
	if err := tx.QueryRow(`PRAGMA user_version`).Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	switch {
	case version == schemaVersion:
		return nil
	case version > schemaVersion:
		return fmt.Errorf("schema version %d: this program knows %d at most", version, schemaVersion)
	}
	for i, missing := range tables[version:] {
		if _, err := tx.Exec(missing); err != nil {
			return fmt.Errorf("create the tables of schema version %d: %w", version+i+1, err)
		}
	}
	if version == 0 {
		if err := name(tx, newID); err != nil {
			return fmt.Errorf("name the journal: %w", err)
		}
	}
	_, err := tx.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, schemaVersion))
	return err
}

func name(tx *sql.Tx, newID func() (string, error)) error {
	id, err := newID()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO state (id, journal) VALUES (1, ?)`, id)
	return err
}
