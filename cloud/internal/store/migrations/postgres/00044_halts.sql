-- +goose Up
-- By whose word cabinets sell no more, and by whose they sell again.
CREATE TABLE halts (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    cabinet  TEXT COLLATE "C" NOT NULL REFERENCES cabinets (id),
    kind     TEXT COLLATE "C" NOT NULL CHECK (kind IN ('off_sale', 'locked_out')),
    holds    BOOLEAN NOT NULL,
    at_ms    BIGINT NOT NULL,
    by_name  TEXT COLLATE "C" NOT NULL,
    role     TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    text_zh  TEXT COLLATE "C" NOT NULL,
    text_en  TEXT COLLATE "C" NOT NULL,
    until_ms BIGINT NOT NULL,
    note     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX halts_of ON halts (cabinet, at_ms, id);
CREATE TRIGGER halts_never_change BEFORE UPDATE ON halts FOR EACH ROW EXECUTE FUNCTION refuse('by whose word a cabinet was halted never changes');
CREATE TRIGGER halts_never_go BEFORE DELETE ON halts FOR EACH ROW EXECUTE FUNCTION refuse('by whose word a cabinet was halted never changes');
CREATE TRIGGER halts_never_all_go BEFORE TRUNCATE ON halts EXECUTE FUNCTION refuse('by whose word a cabinet was halted never changes');

-- Those that nobody has taken back.
CREATE TABLE halts_in_force (
    cabinet TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    halt    TEXT COLLATE "C" NOT NULL REFERENCES halts (id),
    PRIMARY KEY (cabinet, kind)
);

-- When a cabinet was heard to have a task.
ALTER TABLE tasks ADD COLUMN reached_ms BIGINT NOT NULL DEFAULT 0;
