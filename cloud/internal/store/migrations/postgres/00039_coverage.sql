-- +goose Up
-- What coverage is made of: what was so of a cabinet, or of all, from a moment on. The number is the order in which it was heard.
CREATE TABLE coverage_facts (
    number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref     TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    cabinet TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    from_ms BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    value   BIGINT NOT NULL,
    code    TEXT COLLATE "C" NOT NULL,
    made_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX coverage_facts_once ON coverage_facts (ref, kind, subject);
CREATE INDEX coverage_facts_of ON coverage_facts (cabinet, at_ms);
CREATE INDEX coverage_facts_newest ON coverage_facts (cabinet, kind, subject, at_ms);
CREATE TRIGGER coverage_facts_never_change BEFORE UPDATE ON coverage_facts FOR EACH ROW EXECUTE FUNCTION refuse('a fact never changes');
CREATE TRIGGER coverage_facts_never_go BEFORE DELETE ON coverage_facts FOR EACH ROW EXECUTE FUNCTION refuse('a fact never changes');
CREATE TRIGGER coverage_facts_never_all_go BEFORE TRUNCATE ON coverage_facts EXECUTE FUNCTION refuse('a fact never changes');

-- What each cabinet said last, so that a fact is written only where something changes.
CREATE TABLE coverage_heads (
    cabinet TEXT COLLATE "C" PRIMARY KEY,
    head    TEXT COLLATE "C" NOT NULL
);

-- What stores are judged by: hours, single days, marked articles, needs, codes.
CREATE TABLE coverage_rules (
    number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store   TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    day     TEXT COLLATE "C" NOT NULL,
    from_ms BIGINT NOT NULL,
    body    TEXT COLLATE "C" NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL,
    made_ms BIGINT NOT NULL
);
CREATE INDEX coverage_rules_of ON coverage_rules (store, number);
CREATE TRIGGER coverage_rules_never_change BEFORE UPDATE ON coverage_rules FOR EACH ROW EXECUTE FUNCTION refuse('a rule is followed by another one');
CREATE TRIGGER coverage_rules_never_go BEFORE DELETE ON coverage_rules FOR EACH ROW EXECUTE FUNCTION refuse('a rule is followed by another one');
CREATE TRIGGER coverage_rules_never_all_go BEFORE TRUNCATE ON coverage_rules EXECUTE FUNCTION refuse('a rule is followed by another one');

-- Days as they are told, and what they were told to be before.
CREATE TABLE coverage_days (
    store        TEXT COLLATE "C" NOT NULL,
    day          TEXT COLLATE "C" NOT NULL,
    open_ms      BIGINT NOT NULL,
    covered_ms   BIGINT NOT NULL,
    uncovered_ms BIGINT NOT NULL,
    unknown_ms   BIGINT NOT NULL,
    lost_fen     BIGINT NOT NULL,
    pieces       TEXT COLLATE "C" NOT NULL,
    made_ms      BIGINT NOT NULL,
    PRIMARY KEY (store, day)
);
CREATE TABLE coverage_corrections (
    number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store   TEXT COLLATE "C" NOT NULL,
    day     TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms   BIGINT NOT NULL,
    cabinet TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    ref     TEXT COLLATE "C" NOT NULL,
    sums    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX coverage_corrections_of ON coverage_corrections (store, day);
CREATE TRIGGER coverage_corrections_never_change BEFORE UPDATE ON coverage_corrections FOR EACH ROW EXECUTE FUNCTION refuse('a correction never changes');
CREATE TRIGGER coverage_corrections_never_go BEFORE DELETE ON coverage_corrections FOR EACH ROW EXECUTE FUNCTION refuse('a correction never changes');
CREATE TRIGGER coverage_corrections_never_all_go BEFORE TRUNCATE ON coverage_corrections EXECUTE FUNCTION refuse('a correction never changes');

-- Up to which fact days were told, and when the cloud was last known to run.
CREATE TABLE coverage_marks (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);
