-- +goose Up
-- A payout is of no visit either, and belongs to the top-up that it gives back, or to none where a till hands it out.
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
    CHECK (visit IS NOT NULL OR kind IN ('topup', 'payout'))
);
INSERT INTO payment_ops_new (id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms, provider, key, by_name, note)
SELECT id, visit, person, kind, amount_fen, on_op, state, attempts, next_ms, created_ms, provider, key, by_name, note FROM payment_ops;
CREATE TABLE refunds_new (
    op      TEXT PRIMARY KEY REFERENCES payment_ops_new (id),
    dispute TEXT NOT NULL REFERENCES rulings (dispute)
);
INSERT INTO refunds_new (op, dispute) SELECT op, dispute FROM refunds;
DROP TABLE refunds;
DROP TABLE payment_ops;
ALTER TABLE payment_ops_new RENAME TO payment_ops;
ALTER TABLE refunds_new RENAME TO refunds;

CREATE INDEX payment_ops_of_visit ON payment_ops (visit);
CREATE INDEX payment_ops_due ON payment_ops (next_ms) WHERE state IN ('pending', 'sent', 'unknown');
CREATE INDEX payment_ops_of_person ON payment_ops (person, created_ms) WHERE kind IN ('pay', 'topup', 'waive', 'payout');
-- What one request asks for is one operation of a visit, or of a top-up that is paid out.
CREATE UNIQUE INDEX payment_ops_once ON payment_ops (person, key, COALESCE(visit, ''), on_op) WHERE key <> '';
CREATE UNIQUE INDEX payment_ops_one_pays ON payment_ops (visit) WHERE kind = 'pay' AND state IN ('pending', 'sent', 'unknown', 'done');
CREATE UNIQUE INDEX payment_ops_one_captures ON payment_ops (on_op) WHERE kind = 'capture' AND state IN ('pending', 'sent', 'unknown', 'done');
CREATE INDEX payment_ops_on ON payment_ops (on_op) WHERE on_op <> '';
CREATE INDEX payment_ops_noted ON payment_ops (created_ms) WHERE note <> '';
CREATE INDEX refunds_of_dispute ON refunds (dispute);

-- +goose StatementBegin
CREATE TRIGGER refunds_within_capture BEFORE INSERT ON payment_ops
WHEN NEW.kind = 'refund' AND NEW.state NOT IN ('refused', 'cancelled') AND (NEW.amount_fen <= 0 OR NEW.amount_fen
    + (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops
        WHERE visit = NEW.visit AND on_op = NEW.on_op AND kind = 'refund' AND state NOT IN ('refused', 'cancelled'))
    > COALESCE((SELECT amount_fen FROM payment_ops WHERE id = NEW.on_op AND visit = NEW.visit AND kind IN ('capture', 'pay') AND state = 'done'), 0))
BEGIN SELECT RAISE(ABORT, 'more would go back than was captured'); END;
-- +goose StatementEnd
-- No more of a top-up goes back than it brought, and no more in all than is left of what was paid ahead.
-- +goose StatementBegin
CREATE TRIGGER payouts_within_balance BEFORE INSERT ON payment_ops
WHEN NEW.kind = 'payout' AND NEW.state IN ('pending', 'sent', 'unknown') AND (NEW.amount_fen <= 0 OR NEW.amount_fen
    + (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops WHERE person = NEW.person AND kind = 'payout' AND kind IN ('pay', 'topup', 'waive', 'payout') AND state IN ('pending', 'sent', 'unknown'))
    > COALESCE((SELECT -amount FROM ledger_balances WHERE account = 'prepaid:' || NEW.person AND unit = 'fen'), 0))
BEGIN SELECT RAISE(ABORT, 'more would be paid out than was paid ahead'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payouts_within_topup BEFORE INSERT ON payment_ops
WHEN NEW.kind = 'payout' AND NEW.on_op <> '' AND NEW.state NOT IN ('refused', 'cancelled') AND NEW.amount_fen
    + (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops WHERE on_op = NEW.on_op AND on_op <> '' AND kind = 'payout' AND state NOT IN ('refused', 'cancelled'))
    > COALESCE((SELECT amount_fen FROM payment_ops WHERE id = NEW.on_op AND person = NEW.person AND kind = 'topup' AND state = 'done'), 0)
BEGIN SELECT RAISE(ABORT, 'more would be paid out than was paid ahead'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_stand BEFORE UPDATE ON payment_ops
WHEN OLD.kind = 'refund' AND (OLD.state IN ('done', 'refused', 'cancelled') OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id
    OR NEW.visit <> OLD.visit OR NEW.on_op <> OLD.on_op OR NEW.amount_fen <> OLD.amount_fen)
BEGIN SELECT RAISE(ABORT, 'a refund stands'); END;
-- +goose StatementEnd
-- A payout that has ended stands; its note is of the staff, and may go.
-- +goose StatementBegin
CREATE TRIGGER payouts_stand BEFORE UPDATE ON payment_ops
WHEN OLD.kind = 'payout' AND (OLD.state IN ('done', 'refused', 'cancelled') AND NEW.state <> OLD.state OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id
    OR NEW.person <> OLD.person OR NEW.on_op <> OLD.on_op OR NEW.amount_fen <> OLD.amount_fen)
BEGIN SELECT RAISE(ABORT, 'a payout stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_within_ruling BEFORE INSERT ON refunds
WHEN (SELECT COALESCE(SUM(o.amount_fen), 0) FROM payment_ops o
        WHERE (o.id = NEW.op OR o.id IN (SELECT op FROM refunds WHERE dispute = NEW.dispute)) AND o.state NOT IN ('refused', 'cancelled'))
    > COALESCE((SELECT refund_fen FROM rulings WHERE dispute = NEW.dispute), 0)
BEGIN SELECT RAISE(ABORT, 'more would go back than was ruled'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_never_change BEFORE UPDATE ON refunds BEGIN SELECT RAISE(ABORT, 'a refund stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_never_go BEFORE DELETE ON refunds BEGIN SELECT RAISE(ABORT, 'a refund stands'); END;
-- +goose StatementEnd
