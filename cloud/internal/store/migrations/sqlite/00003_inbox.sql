-- +goose Up
CREATE TABLE journals (
    cabinet TEXT    PRIMARY KEY,
    journal TEXT    NOT NULL,
    applied INTEGER NOT NULL,
    seen    INTEGER NOT NULL
);

CREATE TABLE inbox (
    cabinet TEXT    NOT NULL,
    journal TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    hash    TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    PRIMARY KEY (cabinet, journal, seq)
) WITHOUT ROWID;

CREATE TABLE quarantine (
    cabinet TEXT    NOT NULL,
    journal TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    hash    TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    PRIMARY KEY (cabinet, journal, seq, hash)
) WITHOUT ROWID;

CREATE TABLE incidents (
    id        INTEGER PRIMARY KEY,
    cabinet   TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    count     INTEGER NOT NULL,
    first_ms  INTEGER NOT NULL,
    last_ms   INTEGER NOT NULL,
    closed_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX incidents_open ON incidents (cabinet, kind, subject) WHERE closed_ms = 0;

CREATE TABLE levels (
    cabinet   TEXT    NOT NULL,
    platform  TEXT    NOT NULL,
    weight_mg INTEGER NOT NULL,
    units     TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (cabinet, platform)
);

CREATE TABLE tallies (
    cabinet TEXT PRIMARY KEY,
    tally   TEXT NOT NULL
);

-- What a cabinet once wrote down is evidence.
-- +goose StatementBegin
CREATE TRIGGER inbox_never_changes BEFORE UPDATE ON inbox BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
-- +goose StatementEnd
