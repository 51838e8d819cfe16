-- +goose Up
-- What the forecast has learned, so that a restart need not learn it again: of the chain (the empty part) and of each cabinet. All
-- parts are of one day; where they are not, writing them was broken off, and the past is learned anew.
CREATE TABLE demand_parts (
    part    TEXT PRIMARY KEY,
    through TEXT NOT NULL,
    body    TEXT NOT NULL
);

-- Units that were sold before the books begin, as another system has told them.
CREATE TABLE past_sales (
    cabinet TEXT    NOT NULL REFERENCES cabinets (id),
    day     TEXT    NOT NULL,
    hour    INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    sku     TEXT    NOT NULL,
    units   INTEGER NOT NULL CHECK (units >= 0),
    PRIMARY KEY (cabinet, day, hour, sku)
) WITHOUT ROWID;
CREATE INDEX past_sales_of_day ON past_sales (day, cabinet);

-- When the rounds of a store are walked, and what one of them can do; a store that has none is walked at the usual hour.
CREATE TABLE round_habits (
    store   TEXT    PRIMARY KEY REFERENCES stores (id),
    minute  INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    days    INTEGER NOT NULL CHECK (days BETWEEN 1 AND 127),
    minutes INTEGER NOT NULL CHECK (minutes >= 0),
    totes   INTEGER NOT NULL CHECK (totes >= 0),
    by_name TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL
);

CREATE INDEX round_lines_of_cabinet ON round_lines (cabinet, round);
