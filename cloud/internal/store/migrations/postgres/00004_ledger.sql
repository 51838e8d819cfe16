-- +goose Up
-- Postings are written first and their entry last: the entry checks that they balance, and no posting can follow it.
CREATE TABLE ledger_entries (
    id    TEXT COLLATE "C" PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    ref   TEXT COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE ledger_postings (
    entry   TEXT COLLATE "C" NOT NULL REFERENCES ledger_entries (id) DEFERRABLE INITIALLY DEFERRED,
    line    BIGINT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    unit    TEXT COLLATE "C" NOT NULL,
    amount  BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (entry, line)
);
CREATE INDEX ledger_postings_of_account ON ledger_postings (account, unit);

CREATE TABLE ledger_balances (
    account TEXT COLLATE "C" NOT NULL,
    unit    TEXT COLLATE "C" NOT NULL,
    amount  BIGINT NOT NULL,
    PRIMARY KEY (account, unit)
);

-- +goose StatementBegin
CREATE FUNCTION ledger_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_balances (account, unit, amount) VALUES (NEW.account, NEW.unit, NEW.amount)
    ON CONFLICT (account, unit) DO UPDATE SET amount = ledger_balances.amount + excluded.amount;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_postings_count AFTER INSERT ON ledger_postings FOR EACH ROW EXECUTE FUNCTION ledger_count();

-- +goose StatementBegin
CREATE FUNCTION ledger_before_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.entry) THEN
        RAISE EXCEPTION 'the entry is closed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_postings_only_before_entry BEFORE INSERT ON ledger_postings FOR EACH ROW EXECUTE FUNCTION ledger_before_entry();

-- +goose StatementBegin
CREATE FUNCTION ledger_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id)
        OR EXISTS (SELECT 1 FROM ledger_postings WHERE entry = NEW.id GROUP BY unit HAVING SUM(amount) <> 0) THEN
        RAISE EXCEPTION 'the entry does not balance';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_entries_balance BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_balance();
CREATE TRIGGER ledger_entries_never_change BEFORE UPDATE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is append-only');
CREATE TRIGGER ledger_entries_never_go BEFORE DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is append-only');
CREATE TRIGGER ledger_postings_never_change BEFORE UPDATE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is append-only');
CREATE TRIGGER ledger_postings_never_go BEFORE DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is append-only');
CREATE TRIGGER ledger_entries_never_all_go BEFORE TRUNCATE ON ledger_entries EXECUTE FUNCTION refuse('the ledger is append-only');
CREATE TRIGGER ledger_postings_never_all_go BEFORE TRUNCATE ON ledger_postings EXECUTE FUNCTION refuse('the ledger is append-only');

CREATE TABLE payment_ops (
    id         TEXT COLLATE "C" PRIMARY KEY,
    visit      TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    person     TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    amount_fen BIGINT NOT NULL,
    on_op      TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    attempts   BIGINT NOT NULL,
    next_ms    BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX payment_ops_of_visit ON payment_ops (visit);
CREATE INDEX payment_ops_due ON payment_ops (next_ms) WHERE state IN ('pending', 'sent', 'unknown');
