-- +goose Up
-- Incidents get a number that people call them by, and who looks after each. What was open before is not told again.
ALTER TABLE incidents ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN opened_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN taken_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN whom TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN escalated_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN cause TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE incidents SET number = id, opened_ms = first_ms, escalated_ms = last_ms;
CREATE UNIQUE INDEX incidents_by_number ON incidents (number);
CREATE INDEX incidents_about ON incidents (cabinet, kind, subject, closed_ms);
CREATE INDEX incidents_unclosed ON incidents (first_ms, number) WHERE closed_ms = 0;
CREATE INDEX incidents_over ON incidents (closed_ms, number);

-- What was done with each, in the order of all. It is what notices are made of.
CREATE TABLE incident_steps (
    id      BIGINT NOT NULL PRIMARY KEY,
    number  BIGINT NOT NULL REFERENCES incidents (number),
    at_ms   BIGINT NOT NULL,
    did     TEXT COLLATE "C" NOT NULL CHECK (did IN ('opened', 'returned', 'ended', 'escalated', 'acknowledged', 'assigned', 'noted', 'closed')),
    by_name TEXT COLLATE "C" NOT NULL,
    whom    TEXT COLLATE "C" NOT NULL CHECK ((whom <> '') = (did = 'assigned')),
    cause   TEXT COLLATE "C" NOT NULL CHECK ((cause <> '') = (did = 'closed')),
    words   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX incident_steps_of ON incident_steps (number, id);
CREATE TRIGGER incident_steps_never_change BEFORE UPDATE ON incident_steps FOR EACH ROW EXECUTE FUNCTION refuse('what was done with an incident never changes');
CREATE TRIGGER incident_steps_never_go BEFORE DELETE ON incident_steps FOR EACH ROW EXECUTE FUNCTION refuse('what was done with an incident never changes');
CREATE TRIGGER incident_steps_never_all_go BEFORE TRUNCATE ON incident_steps EXECUTE FUNCTION refuse('what was done with an incident never changes');

CREATE TABLE notices (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    channel    TEXT COLLATE "C" NOT NULL,
    step       BIGINT NOT NULL REFERENCES incident_steps (id),
    urgency    TEXT COLLATE "C" NOT NULL CHECK (urgency IN ('page', 'ticket')),
    body       TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    next_ms    BIGINT NOT NULL,
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'unneeded')),
    UNIQUE (channel, step)
);
CREATE INDEX notices_waiting ON notices (channel, next_ms, id) WHERE state = 'waiting';
INSERT INTO settings (name, value) VALUES ('incidents_told', 0);
