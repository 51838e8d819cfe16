-- +goose Up
-- What residents are told beside the pages. No row can be read as a phone number or a code: one is looked up and the other
-- unsealed when a message is sent, and what was sealed is forgotten after it.
CREATE TABLE messages (
    id         TEXT COLLATE "C" PRIMARY KEY,
    ref        TEXT COLLATE "C" NOT NULL UNIQUE,
    kind       TEXT COLLATE "C" NOT NULL,
    person     TEXT COLLATE "C" NOT NULL,
    visit      TEXT COLLATE "C" NOT NULL,
    amount_fen BIGINT NOT NULL,
    lang       TEXT COLLATE "C" NOT NULL,
    sealed     TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    attempts   BIGINT NOT NULL,
    next_ms    BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    ended_ms   BIGINT NOT NULL,
    provider   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX messages_due ON messages (next_ms) WHERE state = 'waiting';

-- What a resident wants of messages; who never said anything has no row.
CREATE TABLE wishes (
    person   TEXT COLLATE "C" PRIMARY KEY,
    lang     TEXT COLLATE "C" NOT NULL,
    receipts BOOLEAN NOT NULL
);

-- How long a person had a case open: each opening, and when it was last looked at.
CREATE TABLE review_openings (
    visit     TEXT COLLATE "C" NOT NULL,
    by_name   TEXT COLLATE "C" NOT NULL,
    opened_ms BIGINT NOT NULL,
    seen_ms   BIGINT NOT NULL,
    PRIMARY KEY (visit, by_name, opened_ms)
);
CREATE INDEX review_openings_when ON review_openings (opened_ms);
CREATE INDEX decisions_when ON decisions (at_ms);

-- The recordings that cabinets were asked for because their visits are to be decided: each once.
CREATE TABLE review_recordings (
    visit    TEXT COLLATE "C" PRIMARY KEY,
    task     TEXT COLLATE "C" NOT NULL,
    asked_ms BIGINT NOT NULL
);

-- When nobody wants a message, minutes after midnight.
ALTER TABLE chain ADD COLUMN quiet TEXT COLLATE "C" NOT NULL DEFAULT '{"From":1320,"To":480}';
