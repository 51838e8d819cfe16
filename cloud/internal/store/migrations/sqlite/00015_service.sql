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
