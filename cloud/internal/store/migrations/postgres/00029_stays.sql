-- +goose Up
-- Where each cabinet stood. An end is written once; 0 means that it stands there, or that nobody knows since when.
CREATE TABLE stays (
    cabinet  TEXT COLLATE "C" NOT NULL REFERENCES cabinets (id),
    from_ms  BIGINT NOT NULL,
    store    TEXT COLLATE "C" NOT NULL REFERENCES stores (id),
    until_ms BIGINT NOT NULL CHECK (until_ms = 0 OR until_ms > from_ms),
    PRIMARY KEY (cabinet, from_ms)
);
CREATE INDEX stays_with ON stays (store, from_ms);
CREATE UNIQUE INDEX stays_one_lasts ON stays (cabinet) WHERE until_ms = 0;

-- What is known of before: the stores that the entries of a cabinet were booked to, in the order of booking, and where it
-- stands now. It moved with the first entry that was booked elsewhere; and after the last one, where it stands elsewhere now.
INSERT INTO stays (cabinet, from_ms, store, until_ms)
WITH booked AS (
    SELECT e.cabinet, e.store, e.at_ms, e.id, MAX(e.at_ms) OVER (PARTITION BY e.cabinet ORDER BY e.id) AS until_now
    FROM ledger_entries e JOIN cabinets c ON c.id = e.cabinet JOIN stores t ON t.id = e.store
), told AS (
    SELECT cabinet, store, id AS turn, until_now AS at_ms FROM booked
    UNION ALL
    SELECT c.id, c.store, '~', COALESCE((SELECT MAX(b.at_ms) FROM booked b WHERE b.cabinet = c.id), 0) + 1 FROM cabinets c
), turns AS (
    SELECT cabinet, store, turn, at_ms, LAG(store) OVER (PARTITION BY cabinet ORDER BY turn) AS before FROM told
), begun AS (
    SELECT cabinet, store, turn, CASE WHEN before IS NULL THEN 0 ELSE at_ms END AS from_ms FROM turns WHERE before IS NULL OR before <> store
), lasting AS (
    SELECT cabinet, store, from_ms, COALESCE(LEAD(from_ms) OVER (PARTITION BY cabinet ORDER BY turn), 0) AS until_ms FROM begun
)
SELECT cabinet, from_ms, store, until_ms FROM lasting WHERE until_ms = 0 OR until_ms > from_ms;

-- +goose StatementBegin
CREATE FUNCTION stay_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.until_ms <> 0 OR NEW.cabinet <> OLD.cabinet OR NEW.from_ms <> OLD.from_ms OR NEW.store <> OLD.store THEN
        RAISE EXCEPTION 'where a cabinet stood never changes';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER stays_stand BEFORE UPDATE ON stays FOR EACH ROW EXECUTE FUNCTION stay_stands();
CREATE TRIGGER stays_never_go BEFORE DELETE ON stays FOR EACH ROW EXECUTE FUNCTION refuse('where a cabinet stood never changes');

-- Of which days a file states everything, as whoever took it in said.
CREATE TABLE statement_days (
    day     TEXT COLLATE "C" NOT NULL,
    file    TEXT COLLATE "C" NOT NULL REFERENCES statements (sum) DEFERRABLE INITIALLY DEFERRED,
    by_name TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (day, file)
);
CREATE INDEX statement_days_of_file ON statement_days (file, day);

INSERT INTO statement_days (day, file, by_name, at_ms)
SELECT DISTINCT l.day, l.file, s.by_name, s.at_ms FROM statement_lines l JOIN statements s ON s.sum = l.file;
CREATE TRIGGER statement_days_never_change BEFORE UPDATE ON statement_days FOR EACH ROW EXECUTE FUNCTION refuse('what the provider stated never changes');
CREATE TRIGGER statement_days_never_go BEFORE DELETE ON statement_days FOR EACH ROW EXECUTE FUNCTION refuse('what the provider stated never changes');

-- What never changes is not emptied either.
CREATE TRIGGER article_costs_never_all_go BEFORE TRUNCATE ON article_costs EXECUTE FUNCTION refuse('what an article cost never changes');
CREATE TRIGGER closed_days_never_all_go BEFORE TRUNCATE ON closed_days EXECUTE FUNCTION refuse('a closed day never changes');
CREATE TRIGGER decision_lines_never_all_go BEFORE TRUNCATE ON decision_lines EXECUTE FUNCTION refuse('a decision never changes');
CREATE TRIGGER decisions_never_all_go BEFORE TRUNCATE ON decisions EXECUTE FUNCTION refuse('a decision never changes');
CREATE TRIGGER handovers_never_all_go BEFORE TRUNCATE ON handovers EXECUTE FUNCTION refuse('what was signed never changes');
CREATE TRIGGER inbox_never_all_go BEFORE TRUNCATE ON inbox EXECUTE FUNCTION refuse('an event never changes');
CREATE TRIGGER movements_never_all_go BEFORE TRUNCATE ON movements EXECUTE FUNCTION refuse('what was moved never changes');
CREATE TRIGGER price_change_ends_never_all_go BEFORE TRUNCATE ON price_change_ends EXECUTE FUNCTION refuse('a price change ends once');
CREATE TRIGGER price_change_lines_never_all_go BEFORE TRUNCATE ON price_change_lines EXECUTE FUNCTION refuse('a price change never changes');
CREATE TRIGGER price_changes_never_all_go BEFORE TRUNCATE ON price_changes EXECUTE FUNCTION refuse('a price change never changes');
CREATE TRIGGER statement_days_never_all_go BEFORE TRUNCATE ON statement_days EXECUTE FUNCTION refuse('what the provider stated never changes');
CREATE TRIGGER statement_lines_never_all_go BEFORE TRUNCATE ON statement_lines EXECUTE FUNCTION refuse('what the provider stated never changes');
CREATE TRIGGER stays_never_all_go BEFORE TRUNCATE ON stays EXECUTE FUNCTION refuse('where a cabinet stood never changes');
