-- +goose Up
CREATE TABLE journals (
    cabinet TEXT COLLATE "C" PRIMARY KEY,
    journal TEXT COLLATE "C" NOT NULL,
    applied BIGINT NOT NULL,
    seen    BIGINT NOT NULL
);

CREATE TABLE inbox (
    cabinet TEXT COLLATE "C" NOT NULL,
    journal TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    hash    TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    event   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (cabinet, journal, seq)
);

CREATE TABLE quarantine (
    cabinet TEXT COLLATE "C" NOT NULL,
    journal TEXT COLLATE "C" NOT NULL,
    seq     BIGINT NOT NULL,
    hash    TEXT COLLATE "C" NOT NULL,
    reason  TEXT COLLATE "C" NOT NULL,
    detail  TEXT COLLATE "C" NOT NULL,
    at_ms   BIGINT NOT NULL,
    event   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (cabinet, journal, seq, hash)
);

CREATE TABLE incidents (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cabinet   TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    subject   TEXT COLLATE "C" NOT NULL,
    detail    TEXT COLLATE "C" NOT NULL,
    count     BIGINT NOT NULL,
    first_ms  BIGINT NOT NULL,
    last_ms   BIGINT NOT NULL,
    closed_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX incidents_open ON incidents (cabinet, kind, subject) WHERE closed_ms = 0;

CREATE TABLE levels (
    cabinet   TEXT COLLATE "C" NOT NULL,
    platform  TEXT COLLATE "C" NOT NULL,
    weight_mg BIGINT NOT NULL,
    units     TEXT COLLATE "C" NOT NULL,
    at_ms     BIGINT NOT NULL,
    PRIMARY KEY (cabinet, platform)
);

CREATE TABLE tallies (
    cabinet TEXT COLLATE "C" PRIMARY KEY,
    tally   TEXT COLLATE "C" NOT NULL
);

-- What a cabinet once wrote down is evidence.
CREATE TRIGGER inbox_never_changes BEFORE UPDATE ON inbox FOR EACH ROW EXECUTE FUNCTION refuse('an event never changes');
