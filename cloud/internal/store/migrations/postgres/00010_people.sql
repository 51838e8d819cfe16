-- +goose Up
-- A phone is known by its MAC and kept sealed; both keys lie outside of this database.
CREATE TABLE residents (
    id           TEXT COLLATE "C" PRIMARY KEY,
    pseudonym    TEXT COLLATE "C" NOT NULL UNIQUE,
    phone_mac    TEXT COLLATE "C" NOT NULL UNIQUE,
    phone_sealed TEXT COLLATE "C" NOT NULL,
    masked       TEXT COLLATE "C" NOT NULL,
    created_ms   BIGINT NOT NULL
);

CREATE TABLE staff (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    role       TEXT COLLATE "C" NOT NULL CHECK (role IN ('restocker', 'manager', 'technician', 'support', 'owner', 'auditor')),
    password   TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE sign_in_codes (
    phone_mac  TEXT COLLATE "C" PRIMARY KEY,
    code_mac   TEXT COLLATE "C" NOT NULL,
    tries      BIGINT NOT NULL DEFAULT 0,
    expires_ms BIGINT NOT NULL
);

CREATE TABLE sessions (
    hash       TEXT COLLATE "C" PRIMARY KEY,
    person     TEXT COLLATE "C" NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (expires_ms);
