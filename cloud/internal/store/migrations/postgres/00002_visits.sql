-- +goose Up
CREATE TABLE visits (
    id            TEXT COLLATE "C" PRIMARY KEY,
    cabinet       TEXT COLLATE "C" NOT NULL,
    compartment   BIGINT NOT NULL,
    purpose       BIGINT NOT NULL,
    person        TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    origin        TEXT COLLATE "C" NOT NULL CHECK (origin IN ('cloud', 'cabinet')),
    price_version BIGINT NOT NULL,
    hold_fen      BIGINT NOT NULL,
    hold_op       TEXT COLLATE "C" NOT NULL,
    outcome       TEXT COLLATE "C" NOT NULL,
    payment       TEXT COLLATE "C" NOT NULL,
    code          TEXT COLLATE "C" NOT NULL,
    command       TEXT COLLATE "C" NOT NULL,
    challenge     TEXT COLLATE "C" NOT NULL,
    created_ms    BIGINT NOT NULL,
    sent_ms       BIGINT NOT NULL,
    not_after_ms  BIGINT NOT NULL,
    begun_ms      BIGINT NOT NULL,
    ended_ms      BIGINT NOT NULL
);
CREATE UNIQUE INDEX visits_one_under_way ON visits (cabinet, compartment) WHERE ended_ms = 0 AND origin = 'cloud';
CREATE UNIQUE INDEX visits_key ON visits (person, key) WHERE key <> '';
CREATE INDEX visits_of_cabinet ON visits (cabinet, created_ms);
CREATE INDEX visits_of_person ON visits (person, created_ms);
CREATE INDEX visits_newest ON visits (created_ms);
CREATE INDEX visits_in_review ON visits (created_ms) WHERE payment = 'review';
CREATE INDEX visits_under_way ON visits (created_ms) WHERE ended_ms = 0;

CREATE TABLE orders (
    visit     TEXT COLLATE "C" PRIMARY KEY REFERENCES visits (id),
    why       TEXT COLLATE "C" NOT NULL,
    total_fen BIGINT NOT NULL,
    answer    TEXT COLLATE "C" NOT NULL,
    hash      TEXT COLLATE "C" NOT NULL,
    at_ms     BIGINT NOT NULL
);

CREATE TABLE order_lines (
    visit     TEXT COLLATE "C" NOT NULL REFERENCES orders (visit),
    line      BIGINT NOT NULL,
    sku       TEXT COLLATE "C" NOT NULL,
    name_zh   TEXT COLLATE "C" NOT NULL,
    name_en   TEXT COLLATE "C" NOT NULL,
    qty       BIGINT NOT NULL CHECK (qty > 0),
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    PRIMARY KEY (visit, line)
);

-- A stored bill stands.
CREATE TRIGGER orders_never_change BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION refuse('an order never changes');
CREATE TRIGGER orders_never_go BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse('an order never changes');
CREATE TRIGGER order_lines_never_change BEFORE UPDATE ON order_lines FOR EACH ROW EXECUTE FUNCTION refuse('an order never changes');
CREATE TRIGGER order_lines_never_go BEFORE DELETE ON order_lines FOR EACH ROW EXECUTE FUNCTION refuse('an order never changes');
CREATE TRIGGER orders_never_all_go BEFORE TRUNCATE ON orders EXECUTE FUNCTION refuse('an order never changes');
CREATE TRIGGER order_lines_never_all_go BEFORE TRUNCATE ON order_lines EXECUTE FUNCTION refuse('an order never changes');
