-- +goose Up
-- Goods that a person moved, counted or wrote off: who, when, why. One that was wrong is corrected by another one, which names
-- what it corrects.
CREATE TABLE movements (
    id       TEXT COLLATE "C" PRIMARY KEY,
    kind     TEXT COLLATE "C" NOT NULL,
    store    TEXT COLLATE "C" NOT NULL,
    cabinet  TEXT COLLATE "C" NOT NULL,
    person   TEXT COLLATE "C" NOT NULL,
    by_name  TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    note     TEXT COLLATE "C" NOT NULL,
    corrects TEXT COLLATE "C" NOT NULL,
    at_ms    BIGINT NOT NULL,
    lines    TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX movements_key ON movements (person, key) WHERE key <> '';
CREATE INDEX movements_of_cabinet ON movements (cabinet, at_ms);
CREATE INDEX movements_of_store ON movements (store, at_ms);
CREATE UNIQUE INDEX movements_correct_once ON movements (corrects) WHERE corrects <> '';

-- What became of an event that was set aside: empty while it waits, replayed, or dismissed.
ALTER TABLE quarantine ADD COLUMN how TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN done_by TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN done_ms BIGINT NOT NULL DEFAULT 0;

CREATE TRIGGER movements_never_change BEFORE UPDATE ON movements FOR EACH ROW EXECUTE FUNCTION refuse('what was moved never changes');
CREATE TRIGGER movements_never_go BEFORE DELETE ON movements FOR EACH ROW EXECUTE FUNCTION refuse('what was moved never changes');
