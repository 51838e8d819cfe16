-- +goose Up
-- Entries of which no clock says on which of several days they happened.
CREATE TABLE day_doubts (
    ref       TEXT PRIMARY KEY,
    store     TEXT NOT NULL,
    cabinet   TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day  TEXT NOT NULL
);
CREATE INDEX day_doubts_of_store ON day_doubts (store, last_day);
CREATE TRIGGER day_doubts_never_change BEFORE UPDATE ON day_doubts FOR EACH ROW EXECUTE FUNCTION refuse('a doubt stands');
CREATE TRIGGER day_doubts_never_go BEFORE DELETE ON day_doubts FOR EACH ROW EXECUTE FUNCTION refuse('a doubt stands');
CREATE TRIGGER day_doubts_never_all_go BEFORE TRUNCATE ON day_doubts EXECUTE FUNCTION refuse('a doubt stands');
