-- +goose Up
-- How warm it was at each probe in its last 24 hours: one row a probe, written over and over. last is the number of the newest
-- step of five minutes since 1970; steps are the lowest and the highest of each in tenths of a degree, two bytes each.
CREATE TABLE air (
    cabinet     TEXT    NOT NULL,
    compartment INTEGER NOT NULL,
    probe       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    steps       BLOB    NOT NULL CHECK (length(steps) <= 1152),
    PRIMARY KEY (cabinet, compartment, probe)
);
