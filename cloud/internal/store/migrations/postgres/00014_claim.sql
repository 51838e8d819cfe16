-- +goose Up
-- The one code of each cabinet that may be claimed with, or was last: who used it may ask again.
CREATE TABLE claims (
    cabinet    TEXT COLLATE "C" PRIMARY KEY REFERENCES cabinets (id),
    code_hash  TEXT COLLATE "C" NOT NULL UNIQUE,
    expires_ms BIGINT NOT NULL,
    used_ms    BIGINT NOT NULL DEFAULT 0,
    device_key TEXT COLLATE "C" NOT NULL DEFAULT '',
    journal    TEXT COLLATE "C" NOT NULL DEFAULT ''
);

-- What is known of the card that holds the journal in force: its newest boot, and which start of the agent that was; why it
-- is kept apart; whether another one may take its place once.
ALTER TABLE journals ADD COLUMN boot BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journals ADD COLUMN start TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE journals ADD COLUMN apart TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE journals ADD COLUMN expects BIGINT NOT NULL DEFAULT 0;
CREATE INDEX journals_apart ON journals (cabinet) WHERE apart <> '';

-- Journals that were in force and never will be again.
CREATE TABLE retired_journals (
    cabinet TEXT COLLATE "C" NOT NULL,
    journal TEXT COLLATE "C" NOT NULL,
    applied BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    PRIMARY KEY (cabinet, journal)
);
