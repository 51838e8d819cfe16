-- +goose Up
-- Pictures of goods that were thrown away, each kept once, and where each was taken. A picture may be forgotten one day; that it was
-- taken stands.
CREATE TABLE photos (
    sum     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    picture BYTEA NOT NULL
);
CREATE TRIGGER photos_never_change BEFORE UPDATE ON photos FOR EACH ROW EXECUTE FUNCTION refuse('a photo never changes');
CREATE TRIGGER photos_never_all_go BEFORE TRUNCATE ON photos EXECUTE FUNCTION refuse('a photo never changes');

CREATE TABLE round_photos (
    id       TEXT COLLATE "C" NOT NULL    PRIMARY KEY,
    round    TEXT COLLATE "C"    NOT NULL REFERENCES rounds (id),
    store    TEXT COLLATE "C"    NOT NULL,
    day      TEXT COLLATE "C"    NOT NULL,
    cabinet  TEXT COLLATE "C"    NOT NULL,
    platform TEXT COLLATE "C"    NOT NULL,
    sku      TEXT COLLATE "C"    NOT NULL,
    at_ms    BIGINT NOT NULL,
    person   TEXT COLLATE "C"    NOT NULL,
    by_name  TEXT COLLATE "C"    NOT NULL CHECK (by_name <> ''),
    key      TEXT COLLATE "C"    NOT NULL CHECK (key <> ''),
    sum      TEXT COLLATE "C"    NOT NULL CHECK (sum <> '')
);
CREATE UNIQUE INDEX round_photos_key ON round_photos (round, key);
CREATE INDEX round_photos_of_store ON round_photos (store, day, at_ms, id);
CREATE INDEX round_photos_newest ON round_photos (day, at_ms, id);
CREATE TRIGGER round_photos_never_change BEFORE UPDATE ON round_photos FOR EACH ROW EXECUTE FUNCTION refuse('that a photo was taken stands');
CREATE TRIGGER round_photos_never_go BEFORE DELETE ON round_photos FOR EACH ROW EXECUTE FUNCTION refuse('that a photo was taken stands');
CREATE TRIGGER round_photos_never_all_go BEFORE TRUNCATE ON round_photos EXECUTE FUNCTION refuse('that a photo was taken stands');

-- What a round carries from one of its cabinets to another. It is part of the lanes that it is taken from and put into.
CREATE TABLE round_transfers (
    round         TEXT COLLATE "C"    NOT NULL REFERENCES rounds (id),
    transfer      BIGINT NOT NULL,
    sku           TEXT COLLATE "C"    NOT NULL,
    from_cabinet  TEXT COLLATE "C"    NOT NULL,
    from_platform TEXT COLLATE "C"    NOT NULL,
    to_cabinet    TEXT COLLATE "C"    NOT NULL,
    to_platform   TEXT COLLATE "C"    NOT NULL,
    units         BIGINT NOT NULL CHECK (units > 0),
    PRIMARY KEY (round, transfer)
);

-- Rules of prices that hold no more, as they were in the end.
CREATE TABLE markdown_ends (
    category TEXT COLLATE "C"    NOT NULL,
    at_ms    BIGINT NOT NULL,
    rule     TEXT COLLATE "C"    NOT NULL,
    by_name  TEXT COLLATE "C"    NOT NULL CHECK (by_name <> ''),
    PRIMARY KEY (category, at_ms)
);
CREATE TRIGGER markdown_ends_never_change BEFORE UPDATE ON markdown_ends FOR EACH ROW EXECUTE FUNCTION refuse('a rule that has ended stands');
CREATE TRIGGER markdown_ends_never_go BEFORE DELETE ON markdown_ends FOR EACH ROW EXECUTE FUNCTION refuse('a rule that has ended stands');
CREATE TRIGGER markdown_ends_never_all_go BEFORE TRUNCATE ON markdown_ends EXECUTE FUNCTION refuse('a rule that has ended stands');

-- What somebody wants of the refills of the chain (the empty store) or of one store: the last version holds. One of a store that
-- says null follows the chain's.
CREATE TABLE refill_policies (
    store   TEXT COLLATE "C"    NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    at_ms   BIGINT NOT NULL,
    by_name TEXT COLLATE "C"    NOT NULL CHECK (by_name <> ''),
    policy  TEXT COLLATE "C"    NOT NULL,
    PRIMARY KEY (store, version)
);
CREATE TRIGGER refill_policies_never_change BEFORE UPDATE ON refill_policies FOR EACH ROW EXECUTE FUNCTION refuse('what was wanted of refills stands');
CREATE TRIGGER refill_policies_never_go BEFORE DELETE ON refill_policies FOR EACH ROW EXECUTE FUNCTION refuse('what was wanted of refills stands');
CREATE TRIGGER refill_policies_never_all_go BEFORE TRUNCATE ON refill_policies EXECUTE FUNCTION refuse('what was wanted of refills stands');
