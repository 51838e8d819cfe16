-- +goose Up
-- A lane of which the scales could not say what was put in: what is counted stands. And why units were taken out, which are
-- written off for it when the stop is over.
ALTER TABLE round_lines ADD COLUMN blind BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE round_lines ADD COLUMN reason TEXT NOT NULL DEFAULT '';
