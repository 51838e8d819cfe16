-- +goose Up
-- How often a technician may open cabinets whose line is down.
ALTER TABLE chain ADD COLUMN offline_service INTEGER NOT NULL DEFAULT 20;

-- Who opened a door without buying, and why.
ALTER TABLE visits ADD COLUMN by_name TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN why TEXT NOT NULL DEFAULT '';

-- What cabinets are asked for, until they answer or the time is over, and what they answered.
CREATE TABLE tasks (
    id         TEXT    PRIMARY KEY,
    cabinet    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    args       TEXT    NOT NULL,
    by_name    TEXT    NOT NULL,
    asked_ms   INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    done_ms    INTEGER NOT NULL DEFAULT 0,
    code       TEXT    NOT NULL DEFAULT '',
    detail     TEXT    NOT NULL DEFAULT '',
    result     BLOB
);
CREATE INDEX tasks_of_cabinet ON tasks (cabinet, asked_ms);
CREATE INDEX tasks_waiting ON tasks (expires_ms) WHERE done_ms = 0;

-- Who left a cabinet to its residents, when, and what was not right then.
CREATE TABLE handovers (
    id      TEXT    PRIMARY KEY,
    cabinet TEXT    NOT NULL,
    by_name TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    points  TEXT    NOT NULL
);
CREATE INDEX handovers_of_cabinet ON handovers (cabinet, at_ms);
-- +goose StatementBegin
CREATE TRIGGER handovers_never_change BEFORE UPDATE ON handovers BEGIN SELECT RAISE(ABORT, 'what was signed never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER handovers_never_go BEFORE DELETE ON handovers BEGIN SELECT RAISE(ABORT, 'what was signed never changes'); END;
-- +goose StatementEnd
