-- +goose Up
-- The one code of each cabinet that may be claimed with, or was last: who used it may ask again.
CREATE TABLE claims (
    cabinet    TEXT    PRIMARY KEY REFERENCES cabinets (id),
    code_hash  TEXT    NOT NULL UNIQUE,
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER NOT NULL DEFAULT 0,
    device_key TEXT    NOT NULL DEFAULT '',
    journal    TEXT    NOT NULL DEFAULT ''
);

-- What is known of the card that holds the journal in force: its newest boot, and which start of the agent that was; why it
-- is kept apart; whether another one may take its place once.
ALTER TABLE journals ADD COLUMN boot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journals ADD COLUMN start TEXT NOT NULL DEFAULT '';
ALTER TABLE journals ADD COLUMN apart TEXT NOT NULL DEFAULT '';
ALTER TABLE journals ADD COLUMN expects INTEGER NOT NULL DEFAULT 0;
CREATE INDEX journals_apart ON journals (cabinet) WHERE apart <> '';

-- Journals that were in force and never will be again.
CREATE TABLE retired_journals (
    cabinet TEXT    NOT NULL,
    journal TEXT    NOT NULL,
    applied INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (cabinet, journal)
);
