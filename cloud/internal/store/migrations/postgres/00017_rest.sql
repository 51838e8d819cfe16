-- +goose Up
-- How warm the food of the chain, and of some of a cabinet's compartments, may be, and for how long; null: the cabinet's box says it.
ALTER TABLE chain ADD COLUMN health TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE cabinets ADD COLUMN health TEXT COLLATE "C" NOT NULL DEFAULT 'null';

-- When the newest applied event of a journal happened, as far as is known: no later one is placed before it.
ALTER TABLE journals ADD COLUMN placed_ms BIGINT NOT NULL DEFAULT 0;

-- The newest calibration of each platform in each way: empty, weight or article.
CREATE TABLE calibrations (
    cabinet  TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C" NOT NULL,
    way      TEXT COLLATE "C" NOT NULL,
    at_ms    BIGINT NOT NULL,
    body     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (cabinet, platform, way)
);
