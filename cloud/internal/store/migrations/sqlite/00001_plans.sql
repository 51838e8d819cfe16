-- +goose Up
CREATE TABLE settings (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
);
INSERT INTO settings (name, value) VALUES ('fleet_epoch', 1), ('revision', 1);

CREATE TABLE chain (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    name_zh        TEXT    NOT NULL,
    name_en        TEXT    NOT NULL,
    support_phone  TEXT    NOT NULL,
    hold_fen       INTEGER NOT NULL CHECK (hold_fen > 0),
    time_zone      TEXT    NOT NULL,
    waive_after_ms INTEGER NOT NULL
);

CREATE TABLE stores (
    id      TEXT PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    hours   TEXT NOT NULL
);

CREATE TABLE articles (
    sku   TEXT PRIMARY KEY,
    facts TEXT NOT NULL
);

CREATE TABLE cabinets (
    id            TEXT    PRIMARY KEY,
    store         TEXT    NOT NULL REFERENCES stores (id),
    number        INTEGER NOT NULL,
    place_zh      TEXT    NOT NULL,
    place_en      TEXT    NOT NULL,
    layout        TEXT    NOT NULL,
    shard         INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 63),
    platforms     TEXT    NOT NULL,
    password_hash TEXT    NOT NULL DEFAULT ''
);

CREATE TABLE price_versions (
    version INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL
);

CREATE TABLE prices (
    version INTEGER NOT NULL REFERENCES price_versions (version),
    sku     TEXT    NOT NULL,
    fen     INTEGER NOT NULL CHECK (fen >= 0),
    PRIMARY KEY (version, sku)
);

CREATE TABLE desired (
    cabinet TEXT    NOT NULL REFERENCES cabinets (id),
    version INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    config  TEXT    NOT NULL,
    PRIMARY KEY (cabinet, version)
);

-- A visit is priced by the version that the resident saw: a list that is there never changes.
-- +goose StatementBegin
CREATE TRIGGER prices_never_change BEFORE UPDATE ON prices BEGIN SELECT RAISE(ABORT, 'a price list never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER prices_never_go BEFORE DELETE ON prices BEGIN SELECT RAISE(ABORT, 'a price list never changes'); END;
-- +goose StatementEnd
