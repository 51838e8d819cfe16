-- +goose Up
-- Who sends is looked up for each message, and a cabinet's row is wide: its layout alone is some kilobytes, so that those of ten
-- thousand push what is written out of the writer's memory.
CREATE INDEX cabinets_sending ON cabinets (id, password_hash, shard);
