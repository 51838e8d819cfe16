-- +goose Up
-- Which day of which store an entry is booked to. Entries from before are of their day in UTC, and pile up as their account.
ALTER TABLE ledger_entries ADD COLUMN store TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ledger_entries ADD COLUMN cabinet TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ledger_entries ADD COLUMN day TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ledger_entries ADD COLUMN late TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ledger_postings ADD COLUMN pile TEXT COLLATE "C" NOT NULL DEFAULT '';

DROP TRIGGER ledger_entries_never_change ON ledger_entries;
DROP TRIGGER ledger_postings_never_change ON ledger_postings;
UPDATE ledger_entries SET day = to_char(to_timestamp(at_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD');
UPDATE ledger_postings SET pile = account;
CREATE TRIGGER ledger_entries_never_change BEFORE UPDATE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is append-only');
CREATE TRIGGER ledger_postings_never_change BEFORE UPDATE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse('the ledger is append-only');
CREATE INDEX ledger_entries_of_day ON ledger_entries (store, day);
CREATE INDEX ledger_entries_late ON ledger_entries (store, late) WHERE late <> '';

-- What each pile changed on a day, and what it came to at its end: so that a day long past is read without what came after it.
CREATE TABLE ledger_days (
    pile    TEXT COLLATE "C" NOT NULL,
    unit    TEXT COLLATE "C" NOT NULL,
    day     TEXT COLLATE "C" NOT NULL,
    change  BIGINT NOT NULL,
    closing BIGINT NOT NULL,
    PRIMARY KEY (pile, unit, day)
);

CREATE INDEX ledger_days_of_day ON ledger_days (day, pile);

-- The piles there are, so that each is looked up once and not read through.
CREATE TABLE ledger_piles (
    pile TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pile, unit)
);

INSERT INTO ledger_piles (pile, unit) SELECT DISTINCT pile, unit FROM ledger_postings;
INSERT INTO ledger_days (pile, unit, day, change, closing)
SELECT pile, unit, day, change, SUM(change) OVER (PARTITION BY pile, unit ORDER BY day)
FROM (SELECT p.pile, p.unit, e.day, SUM(p.amount) AS change FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry GROUP BY p.pile, p.unit, e.day) sums;

-- +goose StatementBegin
CREATE FUNCTION ledger_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_piles (pile, unit) SELECT pile, unit FROM ledger_postings WHERE entry = NEW.id ON CONFLICT (pile, unit) DO NOTHING;
    INSERT INTO ledger_days (pile, unit, day, change, closing)
    SELECT p.pile, p.unit, NEW.day, 0, COALESCE(
        (SELECT d.closing FROM ledger_days d WHERE d.pile = p.pile AND d.unit = p.unit AND d.day < NEW.day ORDER BY d.day DESC LIMIT 1), 0)
    FROM ledger_postings p WHERE p.entry = NEW.id
    ON CONFLICT (pile, unit, day) DO NOTHING;
    UPDATE ledger_days SET
        change = change + CASE WHEN day = NEW.day THEN s.amount ELSE 0 END,
        closing = closing + s.amount
    FROM (SELECT pile AS of_pile, unit AS of_unit, SUM(amount) AS amount FROM ledger_postings WHERE entry = NEW.id GROUP BY pile, unit) s
    WHERE ledger_days.pile = s.of_pile AND ledger_days.unit = s.of_unit AND ledger_days.day >= NEW.day;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_entries_days AFTER INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_day();
