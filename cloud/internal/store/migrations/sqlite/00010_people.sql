-- +goose Up
-- A phone is known by its MAC and kept sealed; both keys lie outside of this database.
CREATE TABLE residents (
    id           TEXT    PRIMARY KEY,
    pseudonym    TEXT    NOT NULL UNIQUE,
    phone_mac    TEXT    NOT NULL UNIQUE,
    phone_sealed TEXT    NOT NULL,
    masked       TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL
);

CREATE TABLE staff (
    id         TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    role       TEXT    NOT NULL CHECK (role IN ('restocker', 'manager', 'technician', 'support', 'owner', 'auditor')),
    password   TEXT    NOT NULL,
    created_ms INTEGER NOT NULL
);

CREATE TABLE sign_in_codes (
    phone_mac  TEXT    PRIMARY KEY,
    code_mac   TEXT    NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    expires_ms INTEGER NOT NULL
);

CREATE TABLE sessions (
    hash       TEXT    PRIMARY KEY,
    person     TEXT    NOT NULL,
    expires_ms INTEGER NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (expires_ms);
