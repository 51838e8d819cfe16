-- +goose Up
-- Where each cabinet stood. An end is written once; 0 means that it stands there, or that nobody knows since when.
CREATE TABLE stays (
    cabinet  TEXT    NOT NULL REFERENCES cabinets (id),
    from_ms  INTEGER NOT NULL,
    store    TEXT    NOT NULL REFERENCES stores (id),
    until_ms INTEGER NOT NULL CHECK (until_ms = 0 OR until_ms > from_ms),
    PRIMARY KEY (cabinet, from_ms)
) WITHOUT ROWID;
CREATE INDEX stays_with ON stays (store, from_ms);
CREATE UNIQUE INDEX stays_one_lasts ON stays (cabinet) WHERE until_ms = 0;

-- What is known of before: the stores that the entries of a cabinet were booked to, in the order of booking, and where it
-- stands now. It moved with the first entry that was booked elsewhere; and after the last one, where it stands elsewhere now.
INSERT INTO stays (cabinet, from_ms, store, until_ms)
WITH booked AS (
    SELECT e.cabinet, e.store, e.at_ms, e.id, MAX(e.at_ms) OVER (PARTITION BY e.cabinet ORDER BY e.id) AS until_now
    FROM ledger_entries e JOIN cabinets c ON c.id = e.cabinet JOIN stores t ON t.id = e.store
), told AS (
    SELECT cabinet, store, id AS turn, until_now AS at_ms FROM booked
    UNION ALL
    SELECT c.id, c.store, '~', COALESCE((SELECT MAX(b.at_ms) FROM booked b WHERE b.cabinet = c.id), 0) + 1 FROM cabinets c
), turns AS (
    SELECT cabinet, store, turn, at_ms, LAG(store) OVER (PARTITION BY cabinet ORDER BY turn) AS before FROM told
), begun AS (
    SELECT cabinet, store, turn, CASE WHEN before IS NULL THEN 0 ELSE at_ms END AS from_ms FROM turns WHERE before IS NULL OR before <> store
), lasting AS (
    SELECT cabinet, store, from_ms, COALESCE(LEAD(from_ms) OVER (PARTITION BY cabinet ORDER BY turn), 0) AS until_ms FROM begun
)
SELECT cabinet, from_ms, store, until_ms FROM lasting WHERE until_ms = 0 OR until_ms > from_ms;

-- +goose StatementBegin
CREATE TRIGGER stays_stand BEFORE UPDATE ON stays
WHEN OLD.until_ms <> 0 OR NEW.cabinet <> OLD.cabinet OR NEW.from_ms <> OLD.from_ms OR NEW.store <> OLD.store
BEGIN SELECT RAISE(ABORT, 'where a cabinet stood never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER stays_never_go BEFORE DELETE ON stays BEGIN SELECT RAISE(ABORT, 'where a cabinet stood never changes'); END;
-- +goose StatementEnd

-- Of which days a file states everything, as whoever took it in said.
CREATE TABLE statement_days (
    day     TEXT    NOT NULL,
    file    TEXT    NOT NULL REFERENCES statements (sum) DEFERRABLE INITIALLY DEFERRED,
    by_name TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (day, file)
) WITHOUT ROWID;
CREATE INDEX statement_days_of_file ON statement_days (file, day);

INSERT INTO statement_days (day, file, by_name, at_ms)
SELECT DISTINCT l.day, l.file, s.by_name, s.at_ms FROM statement_lines l JOIN statements s ON s.sum = l.file;
-- +goose StatementBegin
CREATE TRIGGER statement_days_never_change BEFORE UPDATE ON statement_days BEGIN SELECT RAISE(ABORT, 'what the provider stated never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_days_never_go BEFORE DELETE ON statement_days BEGIN SELECT RAISE(ABORT, 'what the provider stated never changes'); END;
-- +goose StatementEnd
