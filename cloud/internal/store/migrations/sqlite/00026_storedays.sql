-- +goose Up
-- Days that somebody signed, with the figures as they were.
CREATE TABLE closed_days (
    store     TEXT    NOT NULL,
    day       TEXT    NOT NULL,
    by_name   TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    closed_ms INTEGER NOT NULL,
    note      TEXT    NOT NULL,
    open      INTEGER NOT NULL,
    figures   BLOB    NOT NULL,
    sum       TEXT    NOT NULL,
    PRIMARY KEY (store, day)
) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER closed_days_never_change BEFORE UPDATE ON closed_days BEGIN SELECT RAISE(ABORT, 'a closed day never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closed_days_never_go BEFORE DELETE ON closed_days BEGIN SELECT RAISE(ABORT, 'a closed day never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER closed_days_in_order BEFORE INSERT ON closed_days
WHEN EXISTS (SELECT 1 FROM closed_days WHERE store = NEW.store AND day >= NEW.day)
BEGIN SELECT RAISE(ABORT, 'a later day is closed'); END;
-- +goose StatementEnd

-- What is closed is closed: whatever comes later for it is booked to a day that is open.
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_on_open_days BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM closed_days WHERE store = NEW.store AND day >= NEW.day)
BEGIN SELECT RAISE(ABORT, 'the day is closed'); END;
-- +goose StatementEnd

-- What each scale said last on each day.
CREATE TABLE day_levels (
    cabinet  TEXT    NOT NULL,
    day      TEXT    NOT NULL,
    platform TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    counts   TEXT    NOT NULL,
    PRIMARY KEY (cabinet, day, platform)
) WITHOUT ROWID;

-- The provider's word on what it moved, line by line.
CREATE TABLE statements (
    sum     TEXT    PRIMARY KEY,
    name    TEXT    NOT NULL,
    by_name TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    lines   INTEGER NOT NULL,
    added   INTEGER NOT NULL
);
CREATE INDEX statements_newest ON statements (at_ms);

CREATE TABLE statement_lines (
    id            TEXT    PRIMARY KEY,
    file          TEXT    NOT NULL REFERENCES statements (sum) DEFERRABLE INITIALLY DEFERRED,
    at_ms         INTEGER NOT NULL,
    day           TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('capture', 'refund', 'fee')),
    order_number  TEXT    NOT NULL,
    refund_number TEXT    NOT NULL,
    amount_fen    INTEGER NOT NULL,
    fee_fen       INTEGER NOT NULL,
    merchant      TEXT    NOT NULL,
    currency      TEXT    NOT NULL,
    op            TEXT    NOT NULL,
    store         TEXT    NOT NULL
);
CREATE INDEX statement_lines_of_day ON statement_lines (day, store);
CREATE INDEX statement_lines_of_op ON statement_lines (op) WHERE op <> '';
CREATE INDEX statement_lines_unknown ON statement_lines (at_ms) WHERE store = '';
-- +goose StatementBegin
CREATE TRIGGER statement_lines_never_change BEFORE UPDATE ON statement_lines BEGIN SELECT RAISE(ABORT, 'what the provider stated never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_lines_never_go BEFORE DELETE ON statement_lines BEGIN SELECT RAISE(ABORT, 'what the provider stated never changes'); END;
-- +goose StatementEnd

CREATE INDEX payment_ops_on ON payment_ops (on_op) WHERE on_op <> '';
CREATE INDEX incidents_of_cabinet ON incidents (cabinet, first_ms);
CREATE INDEX visits_unsettled ON visits (created_ms) WHERE payment IN ('held', 'unknown', 'review');
