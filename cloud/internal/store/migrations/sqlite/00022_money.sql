-- +goose Up
-- A top-up is of no visit, and an operation says which provider it is for: what has been asked so far was asked of the
-- simulated one.
CREATE TABLE payment_ops_new (
    id         TEXT    PRIMARY KEY,
    visit      TEXT    REFERENCES visits (id),
    person     TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    amount_fen INTEGER NOT NULL,
    on_op      TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    next_ms    INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    provider   TEXT    NOT NULL DEFAULT 'simulated',
    key        TEXT    NOT NULL DEFAULT '',
    by_name    TEXT    NOT NULL DEFAULT '',
    note       TEXT    NOT NULL DEFAULT '',
    CHECK (visit IS NOT NULL OR kind = 'topup')
);
INSERT INTO payment_ops_new (id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms)
SELECT id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms FROM payment_ops;
DROP TABLE payment_ops;
ALTER TABLE payment_ops_new RENAME TO payment_ops;
CREATE INDEX payment_ops_of_visit ON payment_ops (visit);
CREATE INDEX payment_ops_due ON payment_ops (next_ms) WHERE state IN ('pending', 'sent', 'unknown');
CREATE INDEX payment_ops_of_person ON payment_ops (person, created_ms) WHERE kind IN ('pay', 'topup', 'waive');
CREATE UNIQUE INDEX payment_ops_once ON payment_ops (person, key, COALESCE(visit, '')) WHERE key <> '';
-- A debt is paid once, and a hold captured once, whoever asks.
CREATE UNIQUE INDEX payment_ops_one_pays ON payment_ops (visit) WHERE kind = 'pay' AND state IN ('pending', 'sent', 'unknown', 'done');
CREATE UNIQUE INDEX payment_ops_one_captures ON payment_ops (on_op) WHERE kind = 'capture' AND state IN ('pending', 'sent', 'unknown', 'done');

-- What is still owed of each visit.
CREATE TABLE debts (
    visit      TEXT    PRIMARY KEY REFERENCES visits (id),
    person     TEXT    NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen >= 0),
    since_ms   INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    next_ms    INTEGER NOT NULL
);
CREATE INDEX debts_of_person ON debts (person, since_ms) WHERE amount_fen > 0;
CREATE INDEX debts_due ON debts (next_ms) WHERE amount_fen > 0 AND next_ms > 0;
INSERT INTO debts (visit, person, amount_fen, since_ms, tries, next_ms)
SELECT v.id, v.person,
    COALESCE((SELECT d.total_fen FROM decisions d WHERE d.visit = v.id), (SELECT o.total_fen FROM orders o WHERE o.visit = v.id))
    - COALESCE((SELECT SUM(p.amount_fen) FROM payment_ops p WHERE p.visit = v.id AND p.kind = 'capture' AND p.state = 'done'), 0),
    v.ended_ms, 0, v.ended_ms + 3600000
FROM visits v WHERE v.payment = 'owed';

-- What a person paid ahead can be used up, and no more.
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_prepaid BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_postings p JOIN ledger_balances b ON b.account = p.account AND b.unit = p.unit
    WHERE p.entry = NEW.id AND b.amount > 0 AND (p.account >= 'prepaid:' AND p.account < 'prepaid;' OR p.account >= 'reserved:' AND p.account < 'reserved;'))
BEGIN SELECT RAISE(ABORT, 'more than was paid ahead'); END;
-- +goose StatementEnd
