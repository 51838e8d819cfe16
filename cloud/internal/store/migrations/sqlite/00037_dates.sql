-- +goose Up
-- What a round is walked for: empty is a refill.
ALTER TABLE rounds ADD COLUMN kind TEXT NOT NULL DEFAULT '';

-- The last count of each lane, beside what the books had.
CREATE TABLE lane_counts (
    place   TEXT    NOT NULL,
    sku     TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    booked  INTEGER NOT NULL,
    counted INTEGER NOT NULL CHECK (counted >= 0),
    PRIMARY KEY (place, sku)
) WITHOUT ROWID;
