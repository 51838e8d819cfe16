-- +goose Up
-- Text is compared byte by byte, as SQLite does, whatever the server's language is.

-- +goose StatementBegin
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;
-- +goose StatementEnd

CREATE TABLE settings (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO settings (name, value) VALUES ('fleet_epoch', 1), ('revision', 1);

CREATE TABLE chain (
    id             BIGINT PRIMARY KEY CHECK (id = 1),
    name_zh        TEXT COLLATE "C" NOT NULL,
    name_en        TEXT COLLATE "C" NOT NULL,
    support_phone  TEXT COLLATE "C" NOT NULL,
    hold_fen       BIGINT NOT NULL CHECK (hold_fen > 0),
    time_zone      TEXT COLLATE "C" NOT NULL,
    waive_after_ms BIGINT NOT NULL
);

CREATE TABLE stores (
    id      TEXT COLLATE "C" PRIMARY KEY,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    hours   TEXT COLLATE "C" NOT NULL
);

CREATE TABLE articles (
    sku   TEXT COLLATE "C" PRIMARY KEY,
    facts TEXT COLLATE "C" NOT NULL
);

CREATE TABLE cabinets (
    id            TEXT COLLATE "C" PRIMARY KEY,
    store         TEXT COLLATE "C" NOT NULL REFERENCES stores (id),
    number        BIGINT NOT NULL,
    place_zh      TEXT COLLATE "C" NOT NULL,
    place_en      TEXT COLLATE "C" NOT NULL,
    layout        TEXT COLLATE "C" NOT NULL,
    shard         BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 63),
    platforms     TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL DEFAULT ''
);

CREATE TABLE price_versions (
    version BIGINT PRIMARY KEY,
    at_ms   BIGINT NOT NULL
);

CREATE TABLE prices (
    version BIGINT NOT NULL REFERENCES price_versions (version),
    sku     TEXT COLLATE "C" NOT NULL,
    fen     BIGINT NOT NULL CHECK (fen >= 0),
    PRIMARY KEY (version, sku)
);

CREATE TABLE desired (
    cabinet TEXT COLLATE "C" NOT NULL REFERENCES cabinets (id),
    version BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    config  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (cabinet, version)
);

-- A visit is priced by the version that the resident saw: a list that is there never changes.
CREATE TRIGGER prices_never_change BEFORE UPDATE ON prices FOR EACH ROW EXECUTE FUNCTION refuse('a price list never changes');
CREATE TRIGGER prices_never_go BEFORE DELETE ON prices FOR EACH ROW EXECUTE FUNCTION refuse('a price list never changes');
CREATE TRIGGER prices_never_all_go BEFORE TRUNCATE ON prices EXECUTE FUNCTION refuse('a price list never changes');
