-- +goose Up
-- Who works here may be limited to stores, whose ids stand here with a space between them, and is signed in with devices that have names.
ALTER TABLE staff ADD COLUMN stores TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
