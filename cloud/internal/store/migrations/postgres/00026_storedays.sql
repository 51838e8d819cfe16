-- +goose Up
-- Days that somebody signed, with the figures as they were.
CREATE TABLE closed_days (
    store     TEXT COLLATE "C" NOT NULL,
    day       TEXT COLLATE "C" NOT NULL,
    by_name   TEXT COLLATE "C" NOT NULL,
    role      TEXT COLLATE "C" NOT NULL,
    closed_ms BIGINT NOT NULL,
    note      TEXT COLLATE "C" NOT NULL,
    open      BIGINT NOT NULL,
    figures   BYTEA NOT NULL,
    sum       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (store, day)
);
CREATE TRIGGER closed_days_never_change BEFORE UPDATE ON closed_days FOR EACH ROW EXECUTE FUNCTION refuse('a closed day never changes');
CREATE TRIGGER closed_days_never_go BEFORE DELETE ON closed_days FOR EACH ROW EXECUTE FUNCTION refuse('a closed day never changes');
-- +goose StatementBegin
CREATE FUNCTION only_open_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM closed_days WHERE store = NEW.store AND day >= NEW.day) THEN
        RAISE EXCEPTION 'the day, or a later one, is closed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER closed_days_in_order BEFORE INSERT ON closed_days FOR EACH ROW EXECUTE FUNCTION only_open_days();

-- What is closed is closed: whatever comes later for it is booked to a day that is open.
CREATE TRIGGER ledger_entries_on_open_days BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION only_open_days();

-- What each scale said last on each day.
CREATE TABLE day_levels (
    cabinet  TEXT COLLATE "C" NOT NULL,
    day      TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C" NOT NULL,
    at_ms    BIGINT NOT NULL,
    counts   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (cabinet, day, platform)
);

-- The provider's word on what it moved, line by line.
CREATE TABLE statements (
    sum     TEXT COLLATE "C" PRIMARY KEY,
    name    TEXT COLLATE "C" NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    lines   BIGINT NOT NULL,
    added   BIGINT NOT NULL
);
CREATE INDEX statements_newest ON statements (at_ms);

CREATE TABLE statement_lines (
    id            TEXT COLLATE "C" PRIMARY KEY,
    file          TEXT COLLATE "C" NOT NULL REFERENCES statements (sum) DEFERRABLE INITIALLY DEFERRED,
    at_ms         BIGINT NOT NULL,
    day           TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('capture', 'refund', 'fee')),
    order_number  TEXT COLLATE "C" NOT NULL,
    refund_number TEXT COLLATE "C" NOT NULL,
    amount_fen    BIGINT NOT NULL,
    fee_fen       BIGINT NOT NULL,
    merchant      TEXT COLLATE "C" NOT NULL,
    currency      TEXT COLLATE "C" NOT NULL,
    op            TEXT COLLATE "C" NOT NULL,
    store         TEXT COLLATE "C" NOT NULL
);
CREATE INDEX statement_lines_of_day ON statement_lines (day, store);
CREATE INDEX statement_lines_of_op ON statement_lines (op) WHERE op <> '';
CREATE INDEX statement_lines_unknown ON statement_lines (at_ms) WHERE store = '';
CREATE TRIGGER statement_lines_never_change BEFORE UPDATE ON statement_lines FOR EACH ROW EXECUTE FUNCTION refuse('what the provider stated never changes');
CREATE TRIGGER statement_lines_never_go BEFORE DELETE ON statement_lines FOR EACH ROW EXECUTE FUNCTION refuse('what the provider stated never changes');

CREATE INDEX payment_ops_on ON payment_ops (on_op) WHERE on_op <> '';
CREATE INDEX incidents_of_cabinet ON incidents (cabinet, first_ms);
CREATE INDEX visits_unsettled ON visits (created_ms) WHERE payment IN ('held', 'unknown', 'review');
