-- +goose Up
-- A round from a store to its cabinets and back: who walks it, what it brings, and what became of it. What was done on it, by
-- whom and when stands for ever; the round itself is what these steps have come to.
CREATE TABLE rounds (
    id         TEXT    PRIMARY KEY,
    store      TEXT    NOT NULL,
    day        TEXT    NOT NULL,
    restocker  TEXT    NOT NULL,
    walks      TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    person     TEXT    NOT NULL,
    by_name    TEXT    NOT NULL CHECK (by_name <> ''),
    key        TEXT    NOT NULL,
    locked_ms  INTEGER NOT NULL,
    left_ms    INTEGER NOT NULL,
    ended_ms   INTEGER NOT NULL
);
CREATE UNIQUE INDEX rounds_key ON rounds (person, key) WHERE key <> '';
CREATE INDEX rounds_of_day ON rounds (day, created_ms);
CREATE INDEX rounds_open ON rounds (created_ms) WHERE state NOT IN ('done', 'cancelled');

CREATE TABLE round_stops (
    round   TEXT    NOT NULL REFERENCES rounds (id),
    stop    INTEGER NOT NULL,
    cabinet TEXT    NOT NULL REFERENCES cabinets (id),
    minutes INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    came_ms INTEGER NOT NULL,
    gone_ms INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    why     TEXT    NOT NULL,
    PRIMARY KEY (round, cabinet)
);

-- Units of one article on one platform; counted is below nothing where somebody took some out, and absent where nobody counted.
CREATE TABLE round_lines (
    round    TEXT    NOT NULL REFERENCES rounds (id),
    line     INTEGER NOT NULL,
    cabinet  TEXT    NOT NULL,
    platform TEXT    NOT NULL,
    sku      TEXT    NOT NULL,
    planned  INTEGER NOT NULL CHECK (planned >= 0),
    picked   INTEGER NOT NULL CHECK (picked >= 0),
    short    TEXT    NOT NULL,
    counted  INTEGER,
    weighed  INTEGER NOT NULL,
    adjusted INTEGER NOT NULL,
    before   INTEGER NOT NULL,
    after    INTEGER NOT NULL,
    answer   TEXT    NOT NULL,
    PRIMARY KEY (round, cabinet, platform, sku)
);

CREATE TABLE round_rests (
    round    TEXT    NOT NULL REFERENCES rounds (id),
    sku      TEXT    NOT NULL,
    expected INTEGER NOT NULL,
    back     INTEGER NOT NULL,
    kept     INTEGER NOT NULL,
    answered BOOLEAN NOT NULL,
    PRIMARY KEY (round, sku)
);

CREATE TABLE round_visits (
    visit TEXT    PRIMARY KEY REFERENCES visits (id),
    round TEXT    NOT NULL REFERENCES rounds (id)
);
CREATE INDEX round_visits_of ON round_visits (round, visit);

CREATE TABLE round_steps (
    id      TEXT    PRIMARY KEY,
    round   TEXT    NOT NULL REFERENCES rounds (id),
    at_ms   INTEGER NOT NULL,
    person  TEXT    NOT NULL,
    by_name TEXT    NOT NULL CHECK (by_name <> ''),
    key     TEXT    NOT NULL CHECK (key <> ''),
    kind    TEXT    NOT NULL,
    body    TEXT    NOT NULL
);
CREATE UNIQUE INDEX round_steps_key ON round_steps (round, key);
CREATE INDEX round_steps_of ON round_steps (round, at_ms);

-- +goose StatementBegin
CREATE TRIGGER round_steps_never_change BEFORE UPDATE ON round_steps BEGIN SELECT RAISE(ABORT, 'what was done on a round stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER round_steps_never_go BEFORE DELETE ON round_steps BEGIN SELECT RAISE(ABORT, 'what was done on a round stands'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER round_visits_never_change BEFORE UPDATE ON round_visits BEGIN SELECT RAISE(ABORT, 'an opening stays with its round'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER round_visits_never_go BEFORE DELETE ON round_visits BEGIN SELECT RAISE(ABORT, 'an opening stays with its round'); END;
-- +goose StatementEnd
