-- +goose Up
-- For how much of a day's gaps nobody knew what would have been sold in them, because nothing was learned yet. Of the days that were
-- told before, those with gaps that cost nothing are such.
ALTER TABLE coverage_days ADD COLUMN blind_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE day_totals ADD COLUMN blind_ms BIGINT NOT NULL DEFAULT 0;
UPDATE coverage_days SET blind_ms = uncovered_ms WHERE lost_fen = 0 AND uncovered_ms > 0;
