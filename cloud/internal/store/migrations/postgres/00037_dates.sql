-- +goose Up
-- What a round is walked for: empty is a refill.
ALTER TABLE rounds ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT '';

-- The last count of each lane, beside what the books had.
CREATE TABLE lane_counts (
    place   TEXT COLLATE "C" NOT NULL,
    sku     TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    booked  BIGINT NOT NULL,
    counted BIGINT NOT NULL CHECK (counted >= 0),
    PRIMARY KEY (place, sku)
);
