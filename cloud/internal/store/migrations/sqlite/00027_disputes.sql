-- +goose Up
-- What a resident, or somebody of the staff in their stead, holds against a bill; and what was decided: money, goods and
-- the reason in one. Both stand. A refund is an operation of the outbox that belongs to a ruling.
CREATE TABLE disputes (
    id      TEXT    PRIMARY KEY,
    visit   TEXT    NOT NULL REFERENCES visits (id),
    person  TEXT    NOT NULL,
    at_ms   INTEGER NOT NULL,
    by_name TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    words   TEXT    NOT NULL
);
CREATE INDEX disputes_of_visit ON disputes (visit, at_ms);
CREATE UNIQUE INDEX disputes_key ON disputes (visit, by_name, key) WHERE key <> '';

-- One of a visit at a time; the list of what waits stays short however many were decided.
CREATE TABLE open_disputes (
    visit   TEXT    PRIMARY KEY REFERENCES visits (id),
    dispute TEXT    NOT NULL REFERENCES disputes (id),
    at_ms   INTEGER NOT NULL
);
CREATE INDEX open_disputes_waiting ON open_disputes (at_ms);

CREATE TABLE dispute_lines (
    dispute TEXT    NOT NULL REFERENCES disputes (id),
    line    INTEGER NOT NULL,
    sku     TEXT    NOT NULL,
    qty     INTEGER NOT NULL CHECK (qty > 0),
    why     TEXT    NOT NULL,
    PRIMARY KEY (dispute, line)
);

CREATE TABLE rulings (
    dispute    TEXT    PRIMARY KEY REFERENCES disputes (id),
    visit      TEXT    NOT NULL REFERENCES visits (id),
    person     TEXT    NOT NULL,
    by_name    TEXT    NOT NULL CHECK (by_name <> ''),
    role       TEXT    NOT NULL,
    at_ms      INTEGER NOT NULL,
    refund_fen INTEGER NOT NULL CHECK (refund_fen >= 0),
    waived_fen INTEGER NOT NULL CHECK (waived_fen >= 0),
    reason     TEXT    NOT NULL CHECK (reason <> '')
);
CREATE INDEX rulings_of_visit ON rulings (visit);
CREATE INDEX rulings_of_person ON rulings (person, at_ms);
CREATE INDEX rulings_newest ON rulings (at_ms);

CREATE TABLE ruling_lines (
    dispute    TEXT    NOT NULL REFERENCES rulings (dispute),
    line       INTEGER NOT NULL,
    sku        TEXT    NOT NULL,
    qty        INTEGER NOT NULL CHECK (qty >= 0),
    amount_fen INTEGER NOT NULL CHECK (amount_fen >= 0),
    goods      TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    PRIMARY KEY (dispute, line)
);

CREATE TABLE refunds (
    op      TEXT PRIMARY KEY REFERENCES payment_ops (id),
    dispute TEXT NOT NULL REFERENCES rulings (dispute)
);
CREATE INDEX refunds_of_dispute ON refunds (dispute);

-- Who did what with a resident's money, when and why.
CREATE TABLE actions (
    id         TEXT    PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    by_name    TEXT    NOT NULL CHECK (by_name <> ''),
    role       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    visit      TEXT    NOT NULL REFERENCES visits (id),
    dispute    TEXT    NOT NULL,
    amount_fen INTEGER NOT NULL,
    why        TEXT    NOT NULL
);
CREATE INDEX actions_of_visit ON actions (visit, at_ms);

ALTER TABLE chain ADD COLUMN dispute_within_ms INTEGER NOT NULL DEFAULT 1209600000;
ALTER TABLE chain ADD COLUMN support_visit_fen INTEGER NOT NULL DEFAULT 5000;
ALTER TABLE chain ADD COLUMN support_fen INTEGER NOT NULL DEFAULT 20000;
ALTER TABLE chain ADD COLUMN support_per_ms INTEGER NOT NULL DEFAULT 2592000000;

-- A receipt's number is the end of its visit's id.
CREATE INDEX visits_number ON visits (substr(id, 29));

-- Whatever the service believes: no more goes back than was captured, nor than was ruled.
-- +goose StatementBegin
CREATE TRIGGER refunds_within_capture BEFORE INSERT ON payment_ops
WHEN NEW.kind = 'refund' AND NEW.state NOT IN ('refused', 'cancelled') AND (NEW.amount_fen <= 0 OR NEW.amount_fen
    + (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops
        WHERE visit = NEW.visit AND on_op = NEW.on_op AND kind = 'refund' AND state NOT IN ('refused', 'cancelled'))
    > COALESCE((SELECT amount_fen FROM payment_ops WHERE id = NEW.on_op AND visit = NEW.visit AND kind IN ('capture', 'pay') AND state = 'done'), 0))
BEGIN SELECT RAISE(ABORT, 'more would go back than was captured'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_stand BEFORE UPDATE ON payment_ops
WHEN OLD.kind = 'refund' AND (OLD.state IN ('done', 'refused', 'cancelled') OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id
    OR NEW.visit <> OLD.visit OR NEW.on_op <> OLD.on_op OR NEW.amount_fen <> OLD.amount_fen)
BEGIN SELECT RAISE(ABORT, 'a refund stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_within_ruling BEFORE INSERT ON refunds
WHEN (SELECT COALESCE(SUM(o.amount_fen), 0) FROM payment_ops o
        WHERE (o.id = NEW.op OR o.id IN (SELECT op FROM refunds WHERE dispute = NEW.dispute)) AND o.state NOT IN ('refused', 'cancelled'))
    > COALESCE((SELECT refund_fen FROM rulings WHERE dispute = NEW.dispute), 0)
BEGIN SELECT RAISE(ABORT, 'more would go back than was ruled'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disputes_never_change BEFORE UPDATE ON disputes BEGIN SELECT RAISE(ABORT, 'an objection stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disputes_never_go BEFORE DELETE ON disputes BEGIN SELECT RAISE(ABORT, 'an objection stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dispute_lines_never_change BEFORE UPDATE ON dispute_lines BEGIN SELECT RAISE(ABORT, 'an objection stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dispute_lines_never_go BEFORE DELETE ON dispute_lines BEGIN SELECT RAISE(ABORT, 'an objection stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rulings_never_change BEFORE UPDATE ON rulings BEGIN SELECT RAISE(ABORT, 'a ruling stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rulings_never_go BEFORE DELETE ON rulings BEGIN SELECT RAISE(ABORT, 'a ruling stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ruling_lines_never_change BEFORE UPDATE ON ruling_lines BEGIN SELECT RAISE(ABORT, 'a ruling stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ruling_lines_never_go BEFORE DELETE ON ruling_lines BEGIN SELECT RAISE(ABORT, 'a ruling stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_never_change BEFORE UPDATE ON refunds BEGIN SELECT RAISE(ABORT, 'a refund stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER refunds_never_go BEFORE DELETE ON refunds BEGIN SELECT RAISE(ABORT, 'a refund stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER actions_never_change BEFORE UPDATE ON actions BEGIN SELECT RAISE(ABORT, 'what was done stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER actions_never_go BEFORE DELETE ON actions BEGIN SELECT RAISE(ABORT, 'what was done stands'); END;
-- +goose StatementEnd
