-- +goose Up
-- Who works here may be blocked, may have a password that is only for the start, and may show something else beside the password.
ALTER TABLE staff ADD COLUMN blocked_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN starting_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN signed_in_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN app_sealed TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN app_step INTEGER NOT NULL DEFAULT 0;

ALTER TABLE sessions ADD COLUMN opened_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN step TEXT NOT NULL DEFAULT '' CHECK (step IN ('', 'password', 'second', 'enrol'));
ALTER TABLE sessions ADD COLUMN challenge TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_of ON sessions (person, expires_ms);

CREATE TABLE passkeys (
    id         TEXT    NOT NULL PRIMARY KEY,
    person     TEXT    NOT NULL REFERENCES staff (id),
    name       TEXT    NOT NULL,
    credential TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX passkeys_of ON passkeys (person, created_ms);

CREATE TABLE recovery_codes (
    person  TEXT    NOT NULL REFERENCES staff (id),
    mac     TEXT    NOT NULL,
    used_ms INTEGER NOT NULL,
    PRIMARY KEY (person, mac)
) WITHOUT ROWID;

-- What the staff did. Each row's seal is a keyed hash over the row and the seal before it; the key lies outside of this database.
CREATE TABLE trail (
    number  INTEGER NOT NULL PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    who     TEXT    NOT NULL,
    by_name TEXT    NOT NULL,
    role    TEXT    NOT NULL,
    did     TEXT    NOT NULL,
    method  TEXT    NOT NULL,
    route   TEXT    NOT NULL,
    target  TEXT    NOT NULL,
    outcome TEXT    NOT NULL,
    request TEXT    NOT NULL,
    seal    TEXT    NOT NULL UNIQUE
);
CREATE INDEX trail_by_time ON trail (at_ms, number);
CREATE INDEX trail_by_name ON trail (by_name, number);
CREATE INDEX trail_by_did ON trail (did, number);
-- +goose StatementBegin
CREATE TRIGGER trail_never_changes BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'what the staff did never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER trail_never_goes BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'what the staff did never changes'); END;
-- +goose StatementEnd
INSERT INTO settings (name, value) VALUES ('trail', 0);
