-- +goose Up
-- Who works here may be blocked, may have a password that is only for the start, and may show something else beside the password.
ALTER TABLE staff ADD COLUMN blocked_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN starting_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN signed_in_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN app_sealed TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN app_step BIGINT NOT NULL DEFAULT 0;

ALTER TABLE sessions ADD COLUMN opened_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN step TEXT COLLATE "C" NOT NULL DEFAULT '' CHECK (step IN ('', 'password', 'second', 'enrol'));
ALTER TABLE sessions ADD COLUMN challenge TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX sessions_of ON sessions (person, expires_ms);

CREATE TABLE passkeys (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    name       TEXT COLLATE "C" NOT NULL,
    credential TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    used_ms    BIGINT NOT NULL
);
CREATE INDEX passkeys_of ON passkeys (person, created_ms);

CREATE TABLE recovery_codes (
    person  TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    mac     TEXT COLLATE "C" NOT NULL,
    used_ms BIGINT NOT NULL,
    PRIMARY KEY (person, mac)
);

-- What the staff did. Each row's seal is a keyed hash over the row and the seal before it; the key lies outside of this database.
CREATE TABLE trail (
    number  BIGINT NOT NULL PRIMARY KEY,
    at_ms   BIGINT NOT NULL,
    who     TEXT COLLATE "C" NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL,
    role    TEXT COLLATE "C" NOT NULL,
    did     TEXT COLLATE "C" NOT NULL,
    method  TEXT COLLATE "C" NOT NULL,
    route   TEXT COLLATE "C" NOT NULL,
    target  TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    seal    TEXT COLLATE "C" NOT NULL UNIQUE
);
CREATE INDEX trail_by_time ON trail (at_ms, number);
CREATE INDEX trail_by_name ON trail (by_name, number);
CREATE INDEX trail_by_did ON trail (did, number);
CREATE TRIGGER trail_never_changes BEFORE UPDATE ON trail FOR EACH ROW EXECUTE FUNCTION refuse('what the staff did never changes');
CREATE TRIGGER trail_never_goes BEFORE DELETE ON trail FOR EACH ROW EXECUTE FUNCTION refuse('what the staff did never changes');
CREATE TRIGGER trail_never_all_goes BEFORE TRUNCATE ON trail EXECUTE FUNCTION refuse('what the staff did never changes');
INSERT INTO settings (name, value) VALUES ('trail', 0);
