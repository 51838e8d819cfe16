-- +goose Up
-- A past that was played and never lived. Books that have one say so for ever.
CREATE TABLE simulated_past (
    one      BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    from_ms  BIGINT NOT NULL,
    until_ms BIGINT NOT NULL CHECK (until_ms > from_ms),
    seed     BIGINT NOT NULL
);
CREATE TRIGGER simulated_past_stays BEFORE UPDATE ON simulated_past FOR EACH ROW EXECUTE FUNCTION refuse('a simulated past stays one');
CREATE TRIGGER simulated_past_never_goes BEFORE DELETE ON simulated_past FOR EACH ROW EXECUTE FUNCTION refuse('a simulated past stays one');
CREATE TRIGGER simulated_past_never_all_goes BEFORE TRUNCATE ON simulated_past EXECUTE FUNCTION refuse('a simulated past stays one');
