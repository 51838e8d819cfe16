-- +goose Up
-- What the chain risks on grants that are shown to a cabinet whose line is down.
ALTER TABLE chain ADD COLUMN offline_valid_ms BIGINT NOT NULL DEFAULT 600000;
ALTER TABLE chain ADD COLUMN offline_openings BIGINT NOT NULL DEFAULT 2;
ALTER TABLE chain ADD COLUMN offline_fen BIGINT NOT NULL DEFAULT 10000;
ALTER TABLE chain ADD COLUMN offline_per_ms BIGINT NOT NULL DEFAULT 86400000;
ALTER TABLE chain ADD COLUMN offline_cabinet BIGINT NOT NULL DEFAULT 20;

-- The grant of a visit that may be shown: its nonce, and from when to when. A visit that is offline does not keep the door
-- from others: the cabinet alone knows who came first.
ALTER TABLE visits ADD COLUMN nonce TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN offline BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE visits ADD COLUMN offered_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN offer_ends_ms BIGINT NOT NULL DEFAULT 0;
DROP INDEX visits_one_under_way;
CREATE UNIQUE INDEX visits_one_under_way ON visits (cabinet, compartment) WHERE ended_ms = 0 AND origin = 'cloud' AND NOT offline;
