-- +goose Up
-- A past that was played and never lived. Books that have one say so for ever.
CREATE TABLE simulated_past (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    from_ms  INTEGER NOT NULL,
    until_ms INTEGER NOT NULL CHECK (until_ms > from_ms),
    seed     INTEGER NOT NULL
) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER simulated_past_stays BEFORE UPDATE ON simulated_past BEGIN SELECT RAISE(ABORT, 'a simulated past stays one'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER simulated_past_never_goes BEFORE DELETE ON simulated_past BEGIN SELECT RAISE(ABORT, 'a simulated past stays one'); END;
-- +goose StatementEnd
