-- +goose Up
-- A round from a store to its cabinets and back: who walks it, what it brings, and what became of it. What was done on it, by
-- whom and when stands for ever; the round itself is what these steps have come to.
CREATE TABLE rounds (
    id         TEXT COLLATE "C" PRIMARY KEY,
    store      TEXT COLLATE "C" NOT NULL,
    day        TEXT COLLATE "C" NOT NULL,
    restocker  TEXT COLLATE "C" NOT NULL,
    walks      TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    person     TEXT COLLATE "C" NOT NULL,
    by_name    TEXT COLLATE "C" NOT NULL CHECK (by_name <> ''),
    key        TEXT COLLATE "C" NOT NULL,
    locked_ms  BIGINT NOT NULL,
    left_ms    BIGINT NOT NULL,
    ended_ms   BIGINT NOT NULL
);
CREATE UNIQUE INDEX rounds_key ON rounds (person, key) WHERE key <> '';
CREATE INDEX rounds_of_day ON rounds (day, created_ms);
CREATE INDEX rounds_open ON rounds (created_ms) WHERE state NOT IN ('done', 'cancelled');

CREATE TABLE round_stops (
    round   TEXT COLLATE "C" NOT NULL REFERENCES rounds (id),
    stop    BIGINT NOT NULL,
    cabinet TEXT COLLATE "C" NOT NULL REFERENCES cabinets (id),
    minutes BIGINT NOT NULL,
    state   TEXT COLLATE "C" NOT NULL,
    came_ms BIGINT NOT NULL,
    gone_ms BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    why     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, cabinet)
);

-- Units of one article on one platform; counted is below nothing where somebody took some out, and absent where nobody counted.
CREATE TABLE round_lines (
    round    TEXT COLLATE "C" NOT NULL REFERENCES rounds (id),
    line     BIGINT NOT NULL,
    cabinet  TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C" NOT NULL,
    sku      TEXT COLLATE "C" NOT NULL,
    planned  BIGINT NOT NULL CHECK (planned >= 0),
    picked   BIGINT NOT NULL CHECK (picked >= 0),
    short    TEXT COLLATE "C" NOT NULL,
    counted  BIGINT,
    weighed  BIGINT NOT NULL,
    adjusted BIGINT NOT NULL,
    before   BIGINT NOT NULL,
    after    BIGINT NOT NULL,
    answer   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (round, cabinet, platform, sku)
);

CREATE TABLE round_rests (
    round    TEXT COLLATE "C" NOT NULL REFERENCES rounds (id),
    sku      TEXT COLLATE "C" NOT NULL,
    expected BIGINT NOT NULL,
    back     BIGINT NOT NULL,
    kept     BIGINT NOT NULL,
    answered BOOLEAN NOT NULL,
    PRIMARY KEY (round, sku)
);

CREATE TABLE round_visits (
    visit TEXT COLLATE "C" PRIMARY KEY REFERENCES visits (id),
    round TEXT COLLATE "C" NOT NULL REFERENCES rounds (id)
);
CREATE INDEX round_visits_of ON round_visits (round, visit);

CREATE TABLE round_steps (
    id      TEXT COLLATE "C" PRIMARY KEY,
    round   TEXT COLLATE "C" NOT NULL REFERENCES rounds (id),
    at_ms   BIGINT NOT NULL,
    person  TEXT COLLATE "C" NOT NULL,
    by_name TEXT COLLATE "C" NOT NULL CHECK (by_name <> ''),
    key     TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    kind    TEXT COLLATE "C" NOT NULL,
    body    TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX round_steps_key ON round_steps (round, key);
CREATE INDEX round_steps_of ON round_steps (round, at_ms);

CREATE TRIGGER round_steps_never_change BEFORE UPDATE ON round_steps FOR EACH ROW EXECUTE FUNCTION refuse('what was done on a round stands');
CREATE TRIGGER round_steps_never_go BEFORE DELETE ON round_steps FOR EACH ROW EXECUTE FUNCTION refuse('what was done on a round stands');
CREATE TRIGGER round_visits_never_change BEFORE UPDATE ON round_visits FOR EACH ROW EXECUTE FUNCTION refuse('an opening stays with its round');
CREATE TRIGGER round_visits_never_go BEFORE DELETE ON round_visits FOR EACH ROW EXECUTE FUNCTION refuse('an opening stays with its round');
CREATE TRIGGER round_steps_never_all_go BEFORE TRUNCATE ON round_steps EXECUTE FUNCTION refuse('what was done on a round stands');
CREATE TRIGGER round_visits_never_all_go BEFORE TRUNCATE ON round_visits EXECUTE FUNCTION refuse('an opening stays with its round');
