-- +goose Up
-- What residents are told beside the pages. No row can be read as a phone number or a code: one is looked up and the other
-- unsealed when a message is sent, and what was sealed is forgotten after it.
CREATE TABLE messages (
    id         TEXT    PRIMARY KEY,
    ref        TEXT    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,
    person     TEXT    NOT NULL,
    visit      TEXT    NOT NULL,
    amount_fen INTEGER NOT NULL,
    lang       TEXT    NOT NULL,
    sealed     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    attempts   INTEGER NOT NULL,
    next_ms    INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    ended_ms   INTEGER NOT NULL,
    provider   TEXT    NOT NULL
);
CREATE INDEX messages_due ON messages (next_ms) WHERE state = 'waiting';

-- What a resident wants of messages; who never said anything has no row.
CREATE TABLE wishes (
    person   TEXT    PRIMARY KEY,
    lang     TEXT    NOT NULL,
    receipts BOOLEAN NOT NULL
);

-- How long a person had a case open: each opening, and when it was last looked at.
CREATE TABLE review_openings (
    visit     TEXT    NOT NULL,
    by_name   TEXT    NOT NULL,
    opened_ms INTEGER NOT NULL,
    seen_ms   INTEGER NOT NULL,
    PRIMARY KEY (visit, by_name, opened_ms)
);
CREATE INDEX review_openings_when ON review_openings (opened_ms);
CREATE INDEX decisions_when ON decisions (at_ms);

-- The recordings that cabinets were asked for because their visits are to be decided: each once.
CREATE TABLE review_recordings (
    visit    TEXT    PRIMARY KEY,
    task     TEXT    NOT NULL,
    asked_ms INTEGER NOT NULL
);

-- When nobody wants a message, minutes after midnight.
ALTER TABLE chain ADD COLUMN quiet TEXT NOT NULL DEFAULT '{"From":1320,"To":480}';
