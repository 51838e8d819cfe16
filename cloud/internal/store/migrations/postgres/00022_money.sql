-- +goose Up
-- A top-up is of no visit, and an operation says which provider it is for: what has been asked so far was asked of the
-- simulated one.
ALTER TABLE payment_ops ALTER COLUMN visit DROP NOT NULL;
ALTER TABLE payment_ops ADD COLUMN provider TEXT COLLATE "C" NOT NULL DEFAULT 'simulated';
ALTER TABLE payment_ops ADD COLUMN key TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE payment_ops ADD COLUMN by_name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE payment_ops ADD COLUMN note TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE payment_ops ADD CHECK (visit IS NOT NULL OR kind = 'topup');
CREATE INDEX payment_ops_of_person ON payment_ops (person, created_ms) WHERE kind IN ('pay', 'topup', 'waive');
CREATE UNIQUE INDEX payment_ops_once ON payment_ops (person, key, COALESCE(visit, '')) WHERE key <> '';
-- A debt is paid once, and a hold captured once, whoever asks.
CREATE UNIQUE INDEX payment_ops_one_pays ON payment_ops (visit) WHERE kind = 'pay' AND state IN ('pending', 'sent', 'unknown', 'done');
CREATE UNIQUE INDEX payment_ops_one_captures ON payment_ops (on_op) WHERE kind = 'capture' AND state IN ('pending', 'sent', 'unknown', 'done');

-- What is still owed of each visit.
CREATE TABLE debts (
    visit      TEXT COLLATE "C" PRIMARY KEY REFERENCES visits (id),
    person     TEXT COLLATE "C" NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    since_ms   BIGINT NOT NULL,
    tries      BIGINT NOT NULL,
    next_ms    BIGINT NOT NULL
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
CREATE FUNCTION ledger_prepaid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_postings p JOIN ledger_balances b ON b.account = p.account AND b.unit = p.unit
        WHERE p.entry = NEW.id AND b.amount > 0 AND (p.account >= 'prepaid:' AND p.account < 'prepaid;' OR p.account >= 'reserved:' AND p.account < 'reserved;')) THEN
        RAISE EXCEPTION 'more than was paid ahead';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_entries_prepaid BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_prepaid();
