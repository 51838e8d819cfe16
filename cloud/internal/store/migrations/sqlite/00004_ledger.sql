-- +goose Up
-- Postings are written first and their entry last: the entry checks that they balance, and no posting can follow it.
CREATE TABLE ledger_entries (
    id    TEXT    PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    ref   TEXT    NOT NULL UNIQUE
);

CREATE TABLE ledger_postings (
    entry   TEXT    NOT NULL REFERENCES ledger_entries (id) DEFERRABLE INITIALLY DEFERRED,
    line    INTEGER NOT NULL,
    account TEXT    NOT NULL,
    unit    TEXT    NOT NULL,
    amount  INTEGER NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry, line)
);
CREATE INDEX ledger_postings_of_account ON ledger_postings (account, unit);

CREATE TABLE ledger_balances (
    account TEXT    NOT NULL,
    unit    TEXT    NOT NULL,
    amount  INTEGER NOT NULL,
    PRIMARY KEY (account, unit)
) WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER ledger_postings_count AFTER INSERT ON ledger_postings BEGIN
    INSERT INTO ledger_balances (account, unit, amount) VALUES (NEW.account, NEW.unit, NEW.amount)
    ON CONFLICT (account, unit) DO UPDATE SET amount = amount + excluded.amount;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_postings_only_before_entry BEFORE INSERT ON ledger_postings
WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.entry)
BEGIN SELECT RAISE(ABORT, 'the entry is closed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_balance BEFORE INSERT ON ledger_entries
WHEN NOT EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id)
    OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id GROUP BY unit HAVING SUM(amount) <> 0)
BEGIN SELECT RAISE(ABORT, 'the entry does not balance'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_never_change BEFORE UPDATE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_never_go BEFORE DELETE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_postings_never_change BEFORE UPDATE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_postings_never_go BEFORE DELETE ON ledger_postings BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- +goose StatementEnd

CREATE TABLE payment_ops (
    id         TEXT    PRIMARY KEY,
    visit      TEXT    NOT NULL REFERENCES visits (id),
    person     TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    amount_fen INTEGER NOT NULL,
    on_op      TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    next_ms    INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
);
CREATE INDEX payment_ops_of_visit ON payment_ops (visit);
CREATE INDEX payment_ops_due ON payment_ops (next_ms) WHERE state IN ('pending', 'sent', 'unknown');
