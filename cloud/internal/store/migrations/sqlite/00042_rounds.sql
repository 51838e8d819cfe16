-- +goose Up
-- Pictures of goods that were thrown away, each kept once, and where each was taken. A picture may be forgotten one day; that it was
-- taken stands.
CREATE TABLE photos (
    sum     TEXT PRIMARY KEY,
    picture BLOB NOT NULL
);
-- +goose StatementBegin
CREATE TRIGGER photos_never_change BEFORE UPDATE ON photos BEGIN SELECT RAISE(ABORT, 'a photo never changes'); END;
-- +goose StatementEnd

CREATE TABLE round_photos (
    id       TEXT    PRIMARY KEY,
    round    TEXT    NOT NULL REFERENCES rounds (id),
    store    TEXT    NOT NULL,
    day      TEXT    NOT NULL,
    cabinet  TEXT    NOT NULL,
    platform TEXT    NOT NULL,
    sku      TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    person   TEXT    NOT NULL,
    by_name  TEXT    NOT NULL CHECK (by_name <> ''),
    key      TEXT    NOT NULL CHECK (key <> ''),
    sum      TEXT    NOT NULL CHECK (sum <> '')
);
CREATE UNIQUE INDEX round_photos_key ON round_photos (round, key);
CREATE INDEX round_photos_of_store ON round_photos (store, day, at_ms, id);
CREATE INDEX round_photos_newest ON round_photos (day, at_ms, id);
-- +goose StatementBegin
CREATE TRIGGER round_photos_never_change BEFORE UPDATE ON round_photos BEGIN SELECT RAISE(ABORT, 'that a photo was taken stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER round_photos_never_go BEFORE DELETE ON round_photos BEGIN SELECT RAISE(ABORT, 'that a photo was taken stands'); END;
-- +goose StatementEnd

-- What a round carries from one of its cabinets to another. It is part of the lanes that it is taken from and put into.
CREATE TABLE round_transfers (
    round         TEXT    NOT NULL REFERENCES rounds (id),
    transfer      INTEGER NOT NULL,
    sku           TEXT    NOT NULL,
    from_cabinet  TEXT    NOT NULL,
    from_platform TEXT    NOT NULL,
    to_cabinet    TEXT    NOT NULL,
    to_platform   TEXT    NOT NULL,
    units         INTEGER NOT NULL CHECK (units > 0),
    PRIMARY KEY (round, transfer)
);

-- Rules of prices that hold no more, as they were in the end.
CREATE TABLE markdown_ends (
    category TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    rule     TEXT    NOT NULL,
    by_name  TEXT    NOT NULL CHECK (by_name <> ''),
    PRIMARY KEY (category, at_ms)
);
-- +goose StatementBegin
CREATE TRIGGER markdown_ends_never_change BEFORE UPDATE ON markdown_ends BEGIN SELECT RAISE(ABORT, 'a rule that has ended stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER markdown_ends_never_go BEFORE DELETE ON markdown_ends BEGIN SELECT RAISE(ABORT, 'a rule that has ended stands'); END;
-- +goose StatementEnd

-- What somebody wants of the refills of the chain (the empty store) or of one store: the last version holds. One of a store that
-- says null follows the chain's.
CREATE TABLE refill_policies (
    store   TEXT    NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    at_ms   INTEGER NOT NULL,
    by_name TEXT    NOT NULL CHECK (by_name <> ''),
    policy  TEXT    NOT NULL,
    PRIMARY KEY (store, version)
);
-- +goose StatementBegin
CREATE TRIGGER refill_policies_never_change BEFORE UPDATE ON refill_policies BEGIN SELECT RAISE(ABORT, 'what was wanted of refills stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refill_policies_never_go BEFORE DELETE ON refill_policies BEGIN SELECT RAISE(ABORT, 'what was wanted of refills stands'); END;
-- +goose StatementEnd
