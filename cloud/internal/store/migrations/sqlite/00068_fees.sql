-- +goose Up
-- Whether the fees of a statement stand in the ledger. Those that were taken in before fees were booked have none there.
ALTER TABLE statements ADD COLUMN fees_booked BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX statement_lines_fees ON statement_lines (file, day, store) WHERE fee_fen <> 0;
