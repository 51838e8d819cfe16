-- +goose Up
-- What lies in a place of units that may be sold until the same day, as it was when goods last came there. What has left since
-- is in the books alone, and left from the first day on. The place is an account of goods. Told is how near its date somebody
-- was told that it is.
CREATE TABLE lots (
    place    TEXT COLLATE "C" NOT NULL,
    sku      TEXT COLLATE "C" NOT NULL,
    until    TEXT COLLATE "C" NOT NULL CHECK (until <> ''),
    units    BIGINT NOT NULL CHECK (units > 0),
    said     BOOLEAN NOT NULL,
    since_ms BIGINT NOT NULL,
    told     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (place, sku, until)
);
CREATE INDEX lots_due ON lots (until, place);

-- What is done in a category when a date comes near; the empty one is every other.
CREATE TABLE markdowns (
    category TEXT COLLATE "C" PRIMARY KEY,
    rule     TEXT COLLATE "C" NOT NULL
);

-- A version of one cabinet's own names only what differs from the chain's that it is based on; 0 is not sold there.
ALTER TABLE price_versions ADD COLUMN cabinet TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE price_versions ADD COLUMN base BIGINT NOT NULL DEFAULT 0;
CREATE INDEX price_versions_of ON price_versions (cabinet, version);
CREATE TRIGGER price_versions_never_change BEFORE UPDATE ON price_versions FOR EACH ROW EXECUTE FUNCTION refuse('a price list never changes');
CREATE TRIGGER price_versions_never_go BEFORE DELETE ON price_versions FOR EACH ROW EXECUTE FUNCTION refuse('a price list never changes');
CREATE TRIGGER price_versions_never_all_go BEFORE TRUNCATE ON price_versions EXECUTE FUNCTION refuse('a price list never changes');

-- Units whose date is over when the round was planned, to be taken out; and how many were.
ALTER TABLE round_lines ADD COLUMN expired BIGINT NOT NULL DEFAULT 0;
ALTER TABLE round_lines ADD COLUMN removed BIGINT NOT NULL DEFAULT 0;
