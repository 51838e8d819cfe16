-- +goose Up
-- A change of planograms or prices in many cabinets at once. It never changes, but that what has not taken effect of it is withdrawn.
CREATE TABLE rollouts (
    number       INTEGER NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL CHECK (kind IN ('plan', 'swap', 'prices', 'back')),
    what         TEXT    NOT NULL,
    why          TEXT    NOT NULL,
    made_ms      INTEGER NOT NULL,
    by_name      TEXT    NOT NULL,
    back         INTEGER NOT NULL,
    withdrawn_ms INTEGER NOT NULL,
    withdrawn_by TEXT    NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER rollouts_never_go BEFORE DELETE ON rollouts BEGIN SELECT RAISE(ABORT, 'a roll-out never goes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rollouts_are_withdrawn_once BEFORE UPDATE ON rollouts WHEN OLD.withdrawn_ms <> 0 BEGIN SELECT RAISE(ABORT, 'a roll-out is withdrawn once'); END;
-- +goose StatementEnd

-- The next planogram of a cabinet: it takes effect, or is withdrawn, once. A cabinet has one at most that waits.
CREATE TABLE drafts (
    number   INTEGER NOT NULL PRIMARY KEY,
    cabinet  TEXT    NOT NULL REFERENCES cabinets (id),
    plan     TEXT    NOT NULL,
    why      TEXT    NOT NULL,
    made_ms  INTEGER NOT NULL,
    by_name  TEXT    NOT NULL,
    rollout  INTEGER NOT NULL,
    ended_ms INTEGER NOT NULL,
    taken    BOOLEAN NOT NULL,
    ended_by TEXT    NOT NULL,
    round    TEXT    NOT NULL,
    before   TEXT    NOT NULL
);
CREATE UNIQUE INDEX drafts_waiting ON drafts (cabinet) WHERE ended_ms = 0;
CREATE INDEX drafts_of ON drafts (cabinet, number);
CREATE INDEX drafts_in ON drafts (rollout, number);
-- +goose StatementBegin
CREATE TRIGGER drafts_never_go BEFORE DELETE ON drafts BEGIN SELECT RAISE(ABORT, 'a draft never goes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER drafts_end_once BEFORE UPDATE ON drafts WHEN OLD.ended_ms <> 0 BEGIN SELECT RAISE(ABORT, 'a draft ends once'); END;
-- +goose StatementEnd

-- Which draft a stop sets up, and how the lane of a line turns by it.
ALTER TABLE round_stops ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
ALTER TABLE round_lines ADD COLUMN turn TEXT NOT NULL DEFAULT '';
