-- +goose Up
-- Where an article lies in a store: its aisle, and which place along it.
CREATE TABLE aisles (
    store TEXT    NOT NULL REFERENCES stores (id),
    sku   TEXT    NOT NULL,
    aisle TEXT    NOT NULL CHECK (aisle <> ''),
    turn  INTEGER NOT NULL CHECK (turn >= 0),
    PRIMARY KEY (store, sku)
) WITHOUT ROWID;

-- Where stores and cabinets stand, in millionths of a degree; zero both where nobody has said it. Hours are when a restocker can
-- reach a cabinet; null is at any time.
ALTER TABLE stores ADD COLUMN latitude INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stores ADD COLUMN longitude INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cabinets ADD COLUMN latitude INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cabinets ADD COLUMN longitude INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cabinets ADD COLUMN hours TEXT NOT NULL DEFAULT 'null';

-- The way to a stop from the one before. Due is when it should be reached, zero where positions were not known when picking began;
-- late is how many seconds that is after its cabinet can be reached.
ALTER TABLE round_stops ADD COLUMN metres INTEGER NOT NULL DEFAULT 0;
ALTER TABLE round_stops ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE round_stops ADD COLUMN late INTEGER NOT NULL DEFAULT 0;

-- Until when what a line brings may be sold: as the store's books had it when it left, and as somebody read it off at the door.
ALTER TABLE round_lines ADD COLUMN lots TEXT NOT NULL DEFAULT 'null';
ALTER TABLE round_lines ADD COLUMN said TEXT NOT NULL DEFAULT 'null';
