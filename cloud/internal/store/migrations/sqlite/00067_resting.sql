-- +goose Up
-- A debt that rests is not charged by itself until a person has looked at it; why it rests, or nothing.
ALTER TABLE debts ADD COLUMN rests TEXT NOT NULL DEFAULT '';
DROP INDEX debts_due;
CREATE INDEX debts_due ON debts (next_ms) WHERE amount_fen > 0 AND next_ms > 0 AND rests = '';
CREATE INDEX debts_resting ON debts (since_ms, visit) WHERE amount_fen > 0 AND rests <> '';
-- When the books were restored, in milliseconds; 0: they never were. A debt of a visit from before that may have been paid or forgiven.
INSERT INTO settings (name, value) VALUES ('restored_ms', 0);
