-- +goose Up
-- How often a technician may open cabinets whose line is down.
ALTER TABLE chain ADD COLUMN offline_service BIGINT NOT NULL DEFAULT 20;

-- Who opened a door without buying, and why.
ALTER TABLE visits ADD COLUMN by_name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN why TEXT COLLATE "C" NOT NULL DEFAULT '';

-- What cabinets are asked for, until they answer or the time is over, and what they answered.
CREATE TABLE tasks (
    id         TEXT COLLATE "C" PRIMARY KEY,
    cabinet    TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    args       TEXT COLLATE "C" NOT NULL,
    by_name    TEXT COLLATE "C" NOT NULL,
    asked_ms   BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    done_ms    BIGINT NOT NULL DEFAULT 0,
    code       TEXT COLLATE "C" NOT NULL DEFAULT '',
    detail     TEXT COLLATE "C" NOT NULL DEFAULT '',
    result     BYTEA
);
CREATE INDEX tasks_of_cabinet ON tasks (cabinet, asked_ms);
CREATE INDEX tasks_waiting ON tasks (expires_ms) WHERE done_ms = 0;

-- Who left a cabinet to its residents, when, and what was not right then.
CREATE TABLE handovers (
    id      TEXT COLLATE "C" PRIMARY KEY,
    cabinet TEXT COLLATE "C" NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    points  TEXT COLLATE "C" NOT NULL
);
CREATE INDEX handovers_of_cabinet ON handovers (cabinet, at_ms);
CREATE TRIGGER handovers_never_change BEFORE UPDATE ON handovers FOR EACH ROW EXECUTE FUNCTION refuse('what was signed never changes');
CREATE TRIGGER handovers_never_go BEFORE DELETE ON handovers FOR EACH ROW EXECUTE FUNCTION refuse('what was signed never changes');
