-- +goose Up
-- What a round takes to other stores of the chain, and fetches there. It is in the van until it is handed over.
CREATE TABLE round_legs (
    round   TEXT COLLATE "C" NOT NULL REFERENCES rounds (id),
    leg     BIGINT NOT NULL,
    store   TEXT COLLATE "C" NOT NULL,
    way     TEXT COLLATE "C" NOT NULL CHECK (way IN ('take', 'fetch')),
    sku     TEXT COLLATE "C" NOT NULL,
    units   BIGINT NOT NULL CHECK (units > 0),
    picked  BIGINT NOT NULL,
    short   TEXT COLLATE "C" NOT NULL,
    lots    TEXT COLLATE "C" NOT NULL,
    handed  BIGINT,
    reason  TEXT COLLATE "C" NOT NULL,
    over_ms BIGINT NOT NULL,
    why     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, leg)
);
CREATE INDEX round_legs_of_store ON round_legs (store, round);
