-- +goose Up
-- What a round takes to other stores of the chain, and fetches there. It is in the van until it is handed over.
CREATE TABLE round_legs (
    round   TEXT    NOT NULL REFERENCES rounds (id),
    leg     INTEGER NOT NULL,
    store   TEXT    NOT NULL,
    way     TEXT    NOT NULL CHECK (way IN ('take', 'fetch')),
    sku     TEXT    NOT NULL,
    units   INTEGER NOT NULL CHECK (units > 0),
    picked  INTEGER NOT NULL,
    short   TEXT    NOT NULL,
    lots    TEXT    NOT NULL,
    handed  INTEGER,
    reason  TEXT    NOT NULL,
    over_ms INTEGER NOT NULL,
    why     TEXT    NOT NULL,
    PRIMARY KEY (round, leg)
);
CREATE INDEX round_legs_of_store ON round_legs (store, round);
