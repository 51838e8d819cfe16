-- +goose Up
-- What each day of a store came to, in sums: of each of its cabinets, and without one of the store itself. They can be made anew
-- from the books at any time.
CREATE TABLE day_totals (
    day          TEXT NOT NULL,
    store        TEXT NOT NULL,
    cabinet      TEXT NOT NULL,
    visits       INTEGER NOT NULL,
    orders       INTEGER NOT NULL,
    gross_fen    INTEGER NOT NULL,
    net_fen      INTEGER NOT NULL,
    cost_fen     INTEGER NOT NULL,
    back_fen     INTEGER NOT NULL,
    refunded_fen INTEGER NOT NULL,
    owed_fen     INTEGER NOT NULL,
    waste_fen    INTEGER NOT NULL,
    shrink_fen   INTEGER NOT NULL,
    lost_fen     INTEGER NOT NULL,
    sold_out_ms  INTEGER NOT NULL,
    reviewed_ms  INTEGER NOT NULL,
    walked_ms    INTEGER NOT NULL,
    open_ms      INTEGER NOT NULL,
    covered_ms   INTEGER NOT NULL,
    uncovered_ms INTEGER NOT NULL,
    unknown_ms   INTEGER NOT NULL,
    causes       TEXT NOT NULL,
    made_ms      INTEGER NOT NULL,
    PRIMARY KEY (day, store, cabinet)
) WITHOUT ROWID;
CREATE INDEX day_totals_of_store ON day_totals (store, day);

-- Days that changed since they were added up, and how often. Whoever adds one up ends what they saw.
CREATE TABLE days_due (
    day   TEXT NOT NULL,
    store TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (day, store)
) WITHOUT ROWID;
INSERT INTO days_due (day, store, times) SELECT DISTINCT day, CASE store WHEN '' THEN 'chain' ELSE store END, 1 FROM ledger_entries;

-- +goose StatementBegin
CREATE TRIGGER ledger_entries_due AFTER INSERT ON ledger_entries BEGIN
    INSERT INTO days_due (day, store, times) VALUES (NEW.day, CASE NEW.store WHEN '' THEN 'chain' ELSE NEW.store END, 1)
    ON CONFLICT (day, store) DO UPDATE SET times = days_due.times + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coverage_days_due AFTER INSERT ON coverage_days BEGIN
    INSERT INTO days_due (day, store, times) VALUES (NEW.day, NEW.store, 1)
    ON CONFLICT (day, store) DO UPDATE SET times = days_due.times + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER coverage_days_due_again AFTER UPDATE ON coverage_days BEGIN
    INSERT INTO days_due (day, store, times) VALUES (NEW.day, NEW.store, 1)
    ON CONFLICT (day, store) DO UPDATE SET times = days_due.times + 1;
END;
-- +goose StatementEnd

-- When stores are open otherwise than usual on some days, why, and who took that back.
CREATE TABLE special_hours (
    id       TEXT PRIMARY KEY,
    from_day TEXT NOT NULL,
    to_day   TEXT NOT NULL,
    hours    TEXT NOT NULL,
    reason   TEXT NOT NULL CHECK (reason <> ''),
    by_name  TEXT NOT NULL CHECK (by_name <> ''),
    made_ms  INTEGER NOT NULL
);
CREATE INDEX special_hours_newest ON special_hours (made_ms);
CREATE INDEX special_hours_until ON special_hours (to_day);
CREATE TABLE special_hours_of (
    store TEXT NOT NULL REFERENCES stores (id),
    hours TEXT NOT NULL REFERENCES special_hours (id),
    PRIMARY KEY (store, hours)
) WITHOUT ROWID;
CREATE INDEX special_hours_of_stores ON special_hours_of (hours, store);
CREATE TABLE special_hours_ends (
    hours   TEXT PRIMARY KEY REFERENCES special_hours (id),
    by_name TEXT NOT NULL CHECK (by_name <> ''),
    at_ms   INTEGER NOT NULL
) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER special_hours_never_change BEFORE UPDATE ON special_hours BEGIN SELECT RAISE(ABORT, 'what was said of a store''s hours stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER special_hours_never_go BEFORE DELETE ON special_hours BEGIN SELECT RAISE(ABORT, 'what was said of a store''s hours stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER special_hours_of_never_change BEFORE UPDATE ON special_hours_of BEGIN SELECT RAISE(ABORT, 'what was said of a store''s hours stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER special_hours_of_never_go BEFORE DELETE ON special_hours_of BEGIN SELECT RAISE(ABORT, 'what was said of a store''s hours stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER special_hours_ends_never_change BEFORE UPDATE ON special_hours_ends BEGIN SELECT RAISE(ABORT, 'what was said of a store''s hours stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER special_hours_ends_never_go BEFORE DELETE ON special_hours_ends BEGIN SELECT RAISE(ABORT, 'what was said of a store''s hours stands'); END;
-- +goose StatementEnd
