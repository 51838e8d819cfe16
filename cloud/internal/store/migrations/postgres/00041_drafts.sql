-- +goose Up
-- A change of planograms or prices in many cabinets at once. It never changes, but that what has not taken effect of it is withdrawn.
CREATE TABLE rollouts (
    number       BIGINT NOT NULL PRIMARY KEY,
    kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN ('plan', 'swap', 'prices', 'back')),
    what         TEXT COLLATE "C" NOT NULL,
    why          TEXT COLLATE "C" NOT NULL,
    made_ms      BIGINT NOT NULL,
    by_name      TEXT COLLATE "C" NOT NULL,
    back         BIGINT NOT NULL,
    withdrawn_ms BIGINT NOT NULL,
    withdrawn_by TEXT COLLATE "C" NOT NULL
);
CREATE TRIGGER rollouts_never_go BEFORE DELETE ON rollouts FOR EACH ROW EXECUTE FUNCTION refuse('a roll-out never goes');
CREATE TRIGGER rollouts_never_all_go BEFORE TRUNCATE ON rollouts EXECUTE FUNCTION refuse('a roll-out never goes');
CREATE TRIGGER rollouts_are_withdrawn_once BEFORE UPDATE ON rollouts FOR EACH ROW WHEN (OLD.withdrawn_ms <> 0) EXECUTE FUNCTION refuse('a roll-out is withdrawn once');

-- The next planogram of a cabinet: it takes effect, or is withdrawn, once. A cabinet has one at most that waits.
CREATE TABLE drafts (
    number   BIGINT NOT NULL PRIMARY KEY,
    cabinet  TEXT COLLATE "C" NOT NULL REFERENCES cabinets (id),
    plan     TEXT COLLATE "C" NOT NULL,
    why      TEXT COLLATE "C" NOT NULL,
    made_ms  BIGINT NOT NULL,
    by_name  TEXT COLLATE "C" NOT NULL,
    rollout  BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    taken    BOOLEAN NOT NULL,
    ended_by TEXT COLLATE "C" NOT NULL,
    round    TEXT COLLATE "C" NOT NULL,
    before   TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX drafts_waiting ON drafts (cabinet) WHERE ended_ms = 0;
CREATE INDEX drafts_of ON drafts (cabinet, number);
CREATE INDEX drafts_in ON drafts (rollout, number);
CREATE TRIGGER drafts_never_go BEFORE DELETE ON drafts FOR EACH ROW EXECUTE FUNCTION refuse('a draft never goes');
CREATE TRIGGER drafts_never_all_go BEFORE TRUNCATE ON drafts EXECUTE FUNCTION refuse('a draft never goes');
CREATE TRIGGER drafts_end_once BEFORE UPDATE ON drafts FOR EACH ROW WHEN (OLD.ended_ms <> 0) EXECUTE FUNCTION refuse('a draft ends once');

-- Which draft a stop sets up, and how the lane of a line turns by it.
ALTER TABLE round_stops ADD COLUMN draft BIGINT NOT NULL DEFAULT 0;
ALTER TABLE round_lines ADD COLUMN turn TEXT COLLATE "C" NOT NULL DEFAULT '';
