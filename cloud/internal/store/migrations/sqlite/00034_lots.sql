-- +goose Up
-- What lies in a place of units that may be sold until the same day, as it was when goods last came there. What has left since
-- is in the books alone, and left from the first day on. The place is an account of goods. Told is how near its date somebody
-- was told that it is.
CREATE TABLE lots (
    place    TEXT    NOT NULL,
    sku      TEXT    NOT NULL,
    until    TEXT    NOT NULL CHECK (until <> ''),
    units    INTEGER NOT NULL CHECK (units > 0),
    said     BOOLEAN NOT NULL,
    since_ms INTEGER NOT NULL,
    told     TEXT    NOT NULL,
    PRIMARY KEY (place, sku, until)
) WITHOUT ROWID;
CREATE INDEX lots_due ON lots (until, place);

-- What is done in a category when a date comes near; the empty one is every other.
CREATE TABLE markdowns (
    category TEXT PRIMARY KEY,
    rule     TEXT NOT NULL
) WITHOUT ROWID;

-- A version of one cabinet's own names only what differs from the chain's that it is based on; 0 is not sold there.
ALTER TABLE price_versions ADD COLUMN cabinet TEXT NOT NULL DEFAULT '';
ALTER TABLE price_versions ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
CREATE INDEX price_versions_of ON price_versions (cabinet, version);
-- +goose StatementBegin
CREATE TRIGGER price_versions_never_change BEFORE UPDATE ON price_versions BEGIN SELECT RAISE(ABORT, 'a price list never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER price_versions_never_go BEFORE DELETE ON price_versions BEGIN SELECT RAISE(ABORT, 'a price list never changes'); END;
-- +goose StatementEnd

-- Units whose date is over when the round was planned, to be taken out; and how many were.
ALTER TABLE round_lines ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE round_lines ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
