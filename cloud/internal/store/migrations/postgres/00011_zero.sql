-- +goose Up
-- When the steps of a settlement happened: the moment that their times count from, 0 where it is not known.
ALTER TABLE orders ADD COLUMN zero_ms BIGINT NOT NULL DEFAULT 0;
