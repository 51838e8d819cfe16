-- +goose Up
-- By whose word cabinets sell no more, and by whose they sell again.
CREATE TABLE halts (
    id       TEXT    NOT NULL PRIMARY KEY,
    cabinet  TEXT    NOT NULL REFERENCES cabinets (id),
    kind     TEXT    NOT NULL CHECK (kind IN ('off_sale', 'locked_out')),
    holds    BOOLEAN NOT NULL,
    at_ms    INTEGER NOT NULL,
    by_name  TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    text_zh  TEXT    NOT NULL,
    text_en  TEXT    NOT NULL,
    until_ms INTEGER NOT NULL,
    note     TEXT    NOT NULL
) WITHOUT ROWID;
CREATE INDEX halts_of ON halts (cabinet, at_ms, id);
-- +goose StatementBegin
CREATE TRIGGER halts_never_change BEFORE UPDATE ON halts BEGIN SELECT RAISE(ABORT, 'by whose word a cabinet was halted never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER halts_never_go BEFORE DELETE ON halts BEGIN SELECT RAISE(ABORT, 'by whose word a cabinet was halted never changes'); END;
-- +goose StatementEnd

-- Those that nobody has taken back.
CREATE TABLE halts_in_force (
    cabinet TEXT NOT NULL,
    kind    TEXT NOT NULL,
    halt    TEXT NOT NULL REFERENCES halts (id),
    PRIMARY KEY (cabinet, kind)
) WITHOUT ROWID;

-- When a cabinet was heard to have a task.
ALTER TABLE tasks ADD COLUMN reached_ms INTEGER NOT NULL DEFAULT 0;
