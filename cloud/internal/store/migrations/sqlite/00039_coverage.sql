-- +goose Up
-- What coverage is made of: what was so of a cabinet, or of all, from a moment on. The number is the order in which it was heard.
CREATE TABLE coverage_facts (
    number  INTEGER PRIMARY KEY,
    ref     TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    cabinet TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    from_ms INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    value   INTEGER NOT NULL,
    code    TEXT    NOT NULL,
    made_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX coverage_facts_once ON coverage_facts (ref, kind, subject);
CREATE INDEX coverage_facts_of ON coverage_facts (cabinet, at_ms);
CREATE INDEX coverage_facts_newest ON coverage_facts (cabinet, kind, subject, at_ms);
-- +goose StatementBegin
CREATE TRIGGER coverage_facts_never_change BEFORE UPDATE ON coverage_facts BEGIN SELECT RAISE(ABORT, 'a fact never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coverage_facts_never_go BEFORE DELETE ON coverage_facts BEGIN SELECT RAISE(ABORT, 'a fact never changes'); END;
-- +goose StatementEnd

-- What each cabinet said last, so that a fact is written only where something changes.
CREATE TABLE coverage_heads (
    cabinet TEXT PRIMARY KEY,
    head    TEXT NOT NULL
) WITHOUT ROWID;

-- What stores are judged by: hours, single days, marked articles, needs, codes.
CREATE TABLE coverage_rules (
    number  INTEGER PRIMARY KEY,
    store   TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    day     TEXT    NOT NULL,
    from_ms INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    by_name TEXT    NOT NULL,
    made_ms INTEGER NOT NULL
);
CREATE INDEX coverage_rules_of ON coverage_rules (store, number);
-- +goose StatementBegin
CREATE TRIGGER coverage_rules_never_change BEFORE UPDATE ON coverage_rules BEGIN SELECT RAISE(ABORT, 'a rule is followed by another one'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coverage_rules_never_go BEFORE DELETE ON coverage_rules BEGIN SELECT RAISE(ABORT, 'a rule is followed by another one'); END;
-- +goose StatementEnd

-- Days as they are told, and what they were told to be before.
CREATE TABLE coverage_days (
    store        TEXT    NOT NULL,
    day          TEXT    NOT NULL,
    open_ms      INTEGER NOT NULL,
    covered_ms   INTEGER NOT NULL,
    uncovered_ms INTEGER NOT NULL,
    unknown_ms   INTEGER NOT NULL,
    lost_fen     INTEGER NOT NULL,
    pieces       TEXT    NOT NULL,
    made_ms      INTEGER NOT NULL,
    PRIMARY KEY (store, day)
) WITHOUT ROWID;
CREATE TABLE coverage_corrections (
    number  INTEGER PRIMARY KEY,
    store   TEXT    NOT NULL,
    day     TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER NOT NULL,
    cabinet TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    ref     TEXT    NOT NULL,
    sums    TEXT    NOT NULL
);
CREATE INDEX coverage_corrections_of ON coverage_corrections (store, day);
-- +goose StatementBegin
CREATE TRIGGER coverage_corrections_never_change BEFORE UPDATE ON coverage_corrections BEGIN SELECT RAISE(ABORT, 'a correction never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coverage_corrections_never_go BEFORE DELETE ON coverage_corrections BEGIN SELECT RAISE(ABORT, 'a correction never changes'); END;
-- +goose StatementEnd

-- Up to which fact days were told, and when the cloud was last known to run.
CREATE TABLE coverage_marks (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
