-- +goose Up
-- How often a technician may open cabinets whose line is down.
ALTER TABLE chain ADD COLUMN offline_service INTEGER NOT NULL DEFAULT 20;

-- Who opened a door without buying, and why.
ALTER TABLE visits ADD COLUMN by_name TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN why TEXT NOT NULL DEFAULT '';
