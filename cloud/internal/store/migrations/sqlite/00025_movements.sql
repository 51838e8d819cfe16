-- +goose Up
-- Goods that a person moved, counted or wrote off: who, when, why. One that was wrong is corrected by another one, which names
-- what it corrects.
CREATE TABLE movements (
    id       TEXT    PRIMARY KEY,
    kind     TEXT    NOT NULL,
    store    TEXT    NOT NULL,
    cabinet  TEXT    NOT NULL,
    person   TEXT    NOT NULL,
    by_name  TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    note     TEXT    NOT NULL,
    corrects TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    lines    TEXT    NOT NULL
);
CREATE UNIQUE INDEX movements_key ON movements (person, key) WHERE key <> '';
CREATE INDEX movements_of_cabinet ON movements (cabinet, at_ms);
CREATE INDEX movements_of_store ON movements (store, at_ms);
CREATE UNIQUE INDEX movements_correct_once ON movements (corrects) WHERE corrects <> '';

-- What became of an event that was set aside: empty while it waits, replayed, or dismissed.
ALTER TABLE quarantine ADD COLUMN how TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN done_by TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN done_ms INTEGER NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE TRIGGER movements_never_change BEFORE UPDATE ON movements BEGIN SELECT RAISE(ABORT, 'what was moved never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER movements_never_go BEFORE DELETE ON movements BEGIN SELECT RAISE(ABORT, 'what was moved never changes'); END;
-- +goose StatementEnd
