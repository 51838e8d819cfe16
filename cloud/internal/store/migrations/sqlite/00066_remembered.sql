-- +goose Up
-- What the payment provider took since a backup was made, as it told the books that were restored from it. What of it they lack is looked
-- for here when a case is to be waived by time, and when a debt is made.
CREATE TABLE remembered (
    id         TEXT    PRIMARY KEY, -- of the operation
    kind       TEXT    NOT NULL,
    on_op      TEXT    NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen >= 0),
    at_ms      INTEGER NOT NULL
);
CREATE INDEX remembered_on ON remembered (on_op) WHERE on_op <> '';
