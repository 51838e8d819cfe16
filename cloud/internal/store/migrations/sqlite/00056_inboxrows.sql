-- +goose Up
-- Events lie one behind the other as they come, and an index finds them. In the order of their key each cabinet had pages of its
-- own, which a few events filled, and the way to one of a million led over eight of them.
CREATE TABLE inbox_rows (
    number  INTEGER PRIMARY KEY,
    cabinet TEXT    NOT NULL,
    journal TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    hash    TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    event   TEXT    NOT NULL
);
INSERT INTO inbox_rows (cabinet, journal, seq, hash, at_ms, event) SELECT cabinet, journal, seq, hash, at_ms, event FROM inbox ORDER BY cabinet, journal, seq;
DROP TABLE inbox;
ALTER TABLE inbox_rows RENAME TO inbox;
CREATE UNIQUE INDEX inbox_once ON inbox (cabinet, journal, seq);

-- +goose StatementBegin
CREATE TRIGGER inbox_never_changes BEFORE UPDATE ON inbox BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
-- +goose StatementEnd
