-- +goose Up
-- How warm the food of the chain, and of some of a cabinet's compartments, may be, and for how long; null: the cabinet's box says it.
ALTER TABLE chain ADD COLUMN health TEXT NOT NULL DEFAULT '{}';
ALTER TABLE cabinets ADD COLUMN health TEXT NOT NULL DEFAULT 'null';

-- When the newest applied event of a journal happened, as far as is known: no later one is placed before it.
ALTER TABLE journals ADD COLUMN placed_ms INTEGER NOT NULL DEFAULT 0;

-- The newest calibration of each platform in each way: empty, weight or article.
CREATE TABLE calibrations (
    cabinet  TEXT    NOT NULL,
    platform TEXT    NOT NULL,
    way      TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (cabinet, platform, way)
);
