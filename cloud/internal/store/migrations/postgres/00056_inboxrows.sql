-- +goose Up
-- Here events have always lain as they came, with an index to find them.
SELECT 1;
