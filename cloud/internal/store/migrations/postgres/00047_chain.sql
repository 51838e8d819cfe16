-- +goose Up
-- What each day of a store came to, in sums: of each of its cabinets, and without one of the store itself. They can be made anew
-- from the books at any time.
CREATE TABLE day_totals (
    day          TEXT COLLATE "C" NOT NULL,
    store        TEXT COLLATE "C" NOT NULL,
    cabinet      TEXT COLLATE "C" NOT NULL,
    visits       BIGINT NOT NULL,
    orders       BIGINT NOT NULL,
    gross_fen    BIGINT NOT NULL,
    net_fen      BIGINT NOT NULL,
    cost_fen     BIGINT NOT NULL,
    back_fen     BIGINT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    owed_fen     BIGINT NOT NULL,
    waste_fen    BIGINT NOT NULL,
    shrink_fen   BIGINT NOT NULL,
    lost_fen     BIGINT NOT NULL,
    sold_out_ms  BIGINT NOT NULL,
    reviewed_ms  BIGINT NOT NULL,
    walked_ms    BIGINT NOT NULL,
    open_ms      BIGINT NOT NULL,
    covered_ms   BIGINT NOT NULL,
    uncovered_ms BIGINT NOT NULL,
    unknown_ms   BIGINT NOT NULL,
    causes       TEXT COLLATE "C" NOT NULL,
    made_ms      BIGINT NOT NULL,
    PRIMARY KEY (day, store, cabinet)
);
CREATE INDEX day_totals_of_store ON day_totals (store, day);

-- Days that changed since they were added up, and how often. Whoever adds one up ends what they saw.
CREATE TABLE days_due (
    day   TEXT COLLATE "C" NOT NULL,
    store TEXT COLLATE "C" NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (day, store)
);
INSERT INTO days_due (day, store, times) SELECT DISTINCT day, CASE store WHEN '' THEN 'chain' ELSE store END, 1 FROM ledger_entries;

-- +goose StatementBegin
CREATE FUNCTION day_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO days_due (day, store, times) VALUES (NEW.day, CASE NEW.store WHEN '' THEN 'chain' ELSE NEW.store END, 1)
    ON CONFLICT (day, store) DO UPDATE SET times = days_due.times + 1;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_entries_due AFTER INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION day_due();
CREATE TRIGGER coverage_days_due AFTER INSERT OR UPDATE ON coverage_days FOR EACH ROW EXECUTE FUNCTION day_due();

-- When stores are open otherwise than usual on some days, why, and who took that back.
CREATE TABLE special_hours (
    id       TEXT COLLATE "C" PRIMARY KEY,
    from_day TEXT COLLATE "C" NOT NULL,
    to_day   TEXT COLLATE "C" NOT NULL,
    hours    TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL CHECK (reason <> ''),
    by_name  TEXT COLLATE "C" NOT NULL CHECK (by_name <> ''),
    made_ms  BIGINT NOT NULL
);
CREATE INDEX special_hours_newest ON special_hours (made_ms);
CREATE INDEX special_hours_until ON special_hours (to_day);
CREATE TABLE special_hours_of (
    store TEXT COLLATE "C" NOT NULL REFERENCES stores (id),
    hours TEXT COLLATE "C" NOT NULL REFERENCES special_hours (id),
    PRIMARY KEY (store, hours)
);
CREATE INDEX special_hours_of_stores ON special_hours_of (hours, store);
CREATE TABLE special_hours_ends (
    hours   TEXT COLLATE "C" PRIMARY KEY REFERENCES special_hours (id),
    by_name TEXT COLLATE "C" NOT NULL CHECK (by_name <> ''),
    at_ms   BIGINT NOT NULL
);
CREATE TRIGGER special_hours_never_change BEFORE UPDATE ON special_hours FOR EACH ROW EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_never_go BEFORE DELETE ON special_hours FOR EACH ROW EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_never_all_go BEFORE TRUNCATE ON special_hours EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_of_never_change BEFORE UPDATE ON special_hours_of FOR EACH ROW EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_of_never_go BEFORE DELETE ON special_hours_of FOR EACH ROW EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_of_never_all_go BEFORE TRUNCATE ON special_hours_of EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_ends_never_change BEFORE UPDATE ON special_hours_ends FOR EACH ROW EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_ends_never_go BEFORE DELETE ON special_hours_ends FOR EACH ROW EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
CREATE TRIGGER special_hours_ends_never_all_go BEFORE TRUNCATE ON special_hours_ends EXECUTE FUNCTION refuse('what was said of a store''s hours stands');
