-- +goose Up
-- A cabinet that connects anew is sent another command for a visit whose first one it can no longer obey.
ALTER TABLE visits ADD COLUMN anew_ms INTEGER NOT NULL DEFAULT 0;
