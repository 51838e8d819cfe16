-- +goose Up
-- Incidents get a number that people call them by, and who looks after each. What was open before is not told again.
ALTER TABLE incidents ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN opened_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN taken_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN whom TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN escalated_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN cause TEXT NOT NULL DEFAULT '';
UPDATE incidents SET number = id, opened_ms = first_ms, escalated_ms = last_ms;
CREATE UNIQUE INDEX incidents_by_number ON incidents (number);
CREATE INDEX incidents_about ON incidents (cabinet, kind, subject, closed_ms);
CREATE INDEX incidents_unclosed ON incidents (first_ms, number) WHERE closed_ms = 0;
CREATE INDEX incidents_over ON incidents (closed_ms, number);

-- What was done with each, in the order of all. It is what notices are made of.
CREATE TABLE incident_steps (
    id      INTEGER NOT NULL PRIMARY KEY,
    number  INTEGER NOT NULL REFERENCES incidents (number),
    at_ms   INTEGER NOT NULL,
    did     TEXT    NOT NULL CHECK (did IN ('opened', 'returned', 'ended', 'escalated', 'acknowledged', 'assigned', 'noted', 'closed')),
    by_name TEXT    NOT NULL,
    whom    TEXT    NOT NULL CHECK ((whom <> '') = (did = 'assigned')),
    cause   TEXT    NOT NULL CHECK ((cause <> '') = (did = 'closed')),
    words   TEXT    NOT NULL
);
CREATE INDEX incident_steps_of ON incident_steps (number, id);
-- +goose StatementBegin
CREATE TRIGGER incident_steps_never_change BEFORE UPDATE ON incident_steps BEGIN
    SELECT RAISE(ABORT, 'what was done with an incident never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER incident_steps_never_go BEFORE DELETE ON incident_steps BEGIN
    SELECT RAISE(ABORT, 'what was done with an incident never changes');
END;
-- +goose StatementEnd

CREATE TABLE notices (
    id         TEXT    NOT NULL PRIMARY KEY,
    channel    TEXT    NOT NULL,
    step       INTEGER NOT NULL REFERENCES incident_steps (id),
    urgency    TEXT    NOT NULL CHECK (urgency IN ('page', 'ticket')),
    body       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    next_ms    INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'unneeded')),
    UNIQUE (channel, step)
) WITHOUT ROWID;
CREATE INDEX notices_waiting ON notices (channel, next_ms, id) WHERE state = 'waiting';
INSERT INTO settings (name, value) VALUES ('incidents_told', 0);
