-- +goose Up
-- What a resident, or somebody of the staff in their stead, holds against a bill; and what was decided: money, goods and
-- the reason in one. Both stand. A refund is an operation of the outbox that belongs to a ruling.
CREATE TABLE disputes (
    id      TEXT COLLATE "C" PRIMARY KEY,
    visit   TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    person  TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C" NOT NULL,
    words   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX disputes_of_visit ON disputes (visit, at_ms);
CREATE UNIQUE INDEX disputes_key ON disputes (visit, by_name, key) WHERE key <> '';

-- One of a visit at a time; the list of what waits stays short however many were decided.
CREATE TABLE open_disputes (
    visit   TEXT COLLATE "C" PRIMARY KEY REFERENCES visits (id),
    dispute TEXT COLLATE "C" NOT NULL REFERENCES disputes (id),
    at_ms   BIGINT NOT NULL
);
CREATE INDEX open_disputes_waiting ON open_disputes (at_ms);

CREATE TABLE dispute_lines (
    dispute TEXT COLLATE "C" NOT NULL REFERENCES disputes (id),
    line    BIGINT NOT NULL,
    sku     TEXT COLLATE "C" NOT NULL,
    qty     BIGINT NOT NULL CHECK (qty > 0),
    why     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (dispute, line)
);

CREATE TABLE rulings (
    dispute    TEXT COLLATE "C" PRIMARY KEY REFERENCES disputes (id),
    visit      TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    person     TEXT COLLATE "C" NOT NULL,
    by_name    TEXT COLLATE "C" NOT NULL CHECK (by_name <> ''),
    role       TEXT COLLATE "C" NOT NULL,
    at_ms      BIGINT NOT NULL,
    refund_fen BIGINT NOT NULL CHECK (refund_fen >= 0),
    waived_fen BIGINT NOT NULL CHECK (waived_fen >= 0),
    reason     TEXT COLLATE "C" NOT NULL CHECK (reason <> '')
);
CREATE INDEX rulings_of_visit ON rulings (visit);
CREATE INDEX rulings_of_person ON rulings (person, at_ms);
CREATE INDEX rulings_newest ON rulings (at_ms);

CREATE TABLE ruling_lines (
    dispute    TEXT COLLATE "C" NOT NULL REFERENCES rulings (dispute),
    line       BIGINT NOT NULL,
    sku        TEXT COLLATE "C" NOT NULL,
    qty        BIGINT NOT NULL CHECK (qty >= 0),
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    goods      TEXT COLLATE "C" NOT NULL,
    platform   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (dispute, line)
);

CREATE TABLE refunds (
    op      TEXT COLLATE "C" PRIMARY KEY REFERENCES payment_ops (id),
    dispute TEXT COLLATE "C" NOT NULL REFERENCES rulings (dispute)
);
CREATE INDEX refunds_of_dispute ON refunds (dispute);

-- Who did what with a resident's money, when and why.
CREATE TABLE actions (
    id         TEXT COLLATE "C" PRIMARY KEY,
    at_ms      BIGINT NOT NULL,
    by_name    TEXT COLLATE "C" NOT NULL CHECK (by_name <> ''),
    role       TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    visit      TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    dispute    TEXT COLLATE "C" NOT NULL,
    amount_fen BIGINT NOT NULL,
    why        TEXT COLLATE "C" NOT NULL
);
CREATE INDEX actions_of_visit ON actions (visit, at_ms);

ALTER TABLE chain ADD COLUMN dispute_within_ms BIGINT NOT NULL DEFAULT 1209600000;
ALTER TABLE chain ADD COLUMN support_visit_fen BIGINT NOT NULL DEFAULT 5000;
ALTER TABLE chain ADD COLUMN support_fen BIGINT NOT NULL DEFAULT 20000;
ALTER TABLE chain ADD COLUMN support_per_ms BIGINT NOT NULL DEFAULT 2592000000;

-- A receipt's number is the end of its visit's id.
CREATE INDEX visits_number ON visits (substr(id, 29));

-- Whatever the service believes: no more goes back than was captured, nor than was ruled.
-- +goose StatementBegin
CREATE FUNCTION refund_within_capture() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'refund' AND NEW.state NOT IN ('refused', 'cancelled') AND (NEW.amount_fen <= 0 OR NEW.amount_fen
        + (SELECT COALESCE(SUM(amount_fen), 0) FROM payment_ops
            WHERE visit = NEW.visit AND on_op = NEW.on_op AND kind = 'refund' AND state NOT IN ('refused', 'cancelled'))
        > COALESCE((SELECT amount_fen FROM payment_ops WHERE id = NEW.on_op AND visit = NEW.visit AND kind IN ('capture', 'pay') AND state = 'done'), 0)) THEN
        RAISE EXCEPTION 'more would go back than was captured';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER refunds_within_capture BEFORE INSERT ON payment_ops FOR EACH ROW EXECUTE FUNCTION refund_within_capture();

-- +goose StatementBegin
CREATE FUNCTION refund_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.kind = 'refund' AND (OLD.state IN ('done', 'refused', 'cancelled') OR NEW.kind <> OLD.kind OR NEW.id <> OLD.id
        OR NEW.visit <> OLD.visit OR NEW.on_op <> OLD.on_op OR NEW.amount_fen <> OLD.amount_fen) THEN
        RAISE EXCEPTION 'a refund stands';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER refunds_stand BEFORE UPDATE ON payment_ops FOR EACH ROW EXECUTE FUNCTION refund_stands();

-- +goose StatementBegin
CREATE FUNCTION refund_within_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT COALESCE(SUM(o.amount_fen), 0) FROM payment_ops o
            WHERE (o.id = NEW.op OR o.id IN (SELECT op FROM refunds WHERE dispute = NEW.dispute)) AND o.state NOT IN ('refused', 'cancelled'))
        > COALESCE((SELECT refund_fen FROM rulings WHERE dispute = NEW.dispute), 0) THEN
        RAISE EXCEPTION 'more would go back than was ruled';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER refunds_within_ruling BEFORE INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION refund_within_ruling();
CREATE TRIGGER disputes_never_change BEFORE UPDATE ON disputes FOR EACH ROW EXECUTE FUNCTION refuse('an objection stands');
CREATE TRIGGER disputes_never_go BEFORE DELETE ON disputes FOR EACH ROW EXECUTE FUNCTION refuse('an objection stands');
CREATE TRIGGER disputes_never_all_go BEFORE TRUNCATE ON disputes EXECUTE FUNCTION refuse('an objection stands');
CREATE TRIGGER dispute_lines_never_change BEFORE UPDATE ON dispute_lines FOR EACH ROW EXECUTE FUNCTION refuse('an objection stands');
CREATE TRIGGER dispute_lines_never_go BEFORE DELETE ON dispute_lines FOR EACH ROW EXECUTE FUNCTION refuse('an objection stands');
CREATE TRIGGER dispute_lines_never_all_go BEFORE TRUNCATE ON dispute_lines EXECUTE FUNCTION refuse('an objection stands');
CREATE TRIGGER rulings_never_change BEFORE UPDATE ON rulings FOR EACH ROW EXECUTE FUNCTION refuse('a ruling stands');
CREATE TRIGGER rulings_never_go BEFORE DELETE ON rulings FOR EACH ROW EXECUTE FUNCTION refuse('a ruling stands');
CREATE TRIGGER rulings_never_all_go BEFORE TRUNCATE ON rulings EXECUTE FUNCTION refuse('a ruling stands');
CREATE TRIGGER ruling_lines_never_change BEFORE UPDATE ON ruling_lines FOR EACH ROW EXECUTE FUNCTION refuse('a ruling stands');
CREATE TRIGGER ruling_lines_never_go BEFORE DELETE ON ruling_lines FOR EACH ROW EXECUTE FUNCTION refuse('a ruling stands');
CREATE TRIGGER ruling_lines_never_all_go BEFORE TRUNCATE ON ruling_lines EXECUTE FUNCTION refuse('a ruling stands');
CREATE TRIGGER refunds_never_change BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION refuse('a refund stands');
CREATE TRIGGER refunds_never_go BEFORE DELETE ON refunds FOR EACH ROW EXECUTE FUNCTION refuse('a refund stands');
CREATE TRIGGER refunds_never_all_go BEFORE TRUNCATE ON refunds EXECUTE FUNCTION refuse('a refund stands');
CREATE TRIGGER actions_never_change BEFORE UPDATE ON actions FOR EACH ROW EXECUTE FUNCTION refuse('what was done stands');
CREATE TRIGGER actions_never_go BEFORE DELETE ON actions FOR EACH ROW EXECUTE FUNCTION refuse('what was done stands');
CREATE TRIGGER actions_never_all_go BEFORE TRUNCATE ON actions EXECUTE FUNCTION refuse('what was done stands');
