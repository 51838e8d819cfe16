-- +goose Up
-- How warm it was at each probe in its last 24 hours: one row a probe, written over and over. last is the number of the newest
-- step of five minutes since 1970; steps are the lowest and the highest of each in tenths of a degree, two bytes each.
CREATE TABLE air (
    cabinet     TEXT COLLATE "C" NOT NULL,
    compartment BIGINT NOT NULL,
    probe       BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    steps       BYTEA  NOT NULL CHECK (length(steps) <= 1152),
    PRIMARY KEY (cabinet, compartment, probe)
);
