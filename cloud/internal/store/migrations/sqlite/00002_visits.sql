-- +goose Up
CREATE TABLE visits (
    id            TEXT    PRIMARY KEY,
    cabinet       TEXT    NOT NULL,
    compartment   INTEGER NOT NULL,
    purpose       INTEGER NOT NULL,
    person        TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    origin        TEXT    NOT NULL CHECK (origin IN ('cloud', 'cabinet')),
    price_version INTEGER NOT NULL,
    hold_fen      INTEGER NOT NULL,
    hold_op       TEXT    NOT NULL,
    outcome       TEXT    NOT NULL,
    payment       TEXT    NOT NULL,
    code          TEXT    NOT NULL,
    command       TEXT    NOT NULL,
    challenge     TEXT    NOT NULL,
    created_ms    INTEGER NOT NULL,
    sent_ms       INTEGER NOT NULL,
    not_after_ms  INTEGER NOT NULL,
    begun_ms      INTEGER NOT NULL,
    ended_ms      INTEGER NOT NULL
);
CREATE UNIQUE INDEX visits_one_under_way ON visits (cabinet, compartment) WHERE ended_ms = 0 AND origin = 'cloud';
CREATE UNIQUE INDEX visits_key ON visits (person, key) WHERE key <> '';
CREATE INDEX visits_of_cabinet ON visits (cabinet, created_ms);
CREATE INDEX visits_of_person ON visits (person, created_ms);
CREATE INDEX visits_newest ON visits (created_ms);
CREATE INDEX visits_in_review ON visits (created_ms) WHERE payment = 'review';
CREATE INDEX visits_under_way ON visits (created_ms) WHERE ended_ms = 0;

CREATE TABLE orders (
    visit     TEXT    PRIMARY KEY REFERENCES visits (id),
    why       TEXT    NOT NULL,
    total_fen INTEGER NOT NULL,
    answer    TEXT    NOT NULL,
    hash      TEXT    NOT NULL,
    at_ms     INTEGER NOT NULL
);

CREATE TABLE order_lines (
    visit     TEXT    NOT NULL REFERENCES orders (visit),
    line      INTEGER NOT NULL,
    sku       TEXT    NOT NULL,
    name_zh   TEXT    NOT NULL,
    name_en   TEXT    NOT NULL,
    qty       INTEGER NOT NULL CHECK (qty > 0),
    price_fen INTEGER NOT NULL CHECK (price_fen >= 0),
    PRIMARY KEY (visit, line)
);

-- A stored bill stands.
-- +goose StatementBegin
CREATE TRIGGER orders_never_change BEFORE UPDATE ON orders BEGIN SELECT RAISE(ABORT, 'an order never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER orders_never_go BEFORE DELETE ON orders BEGIN SELECT RAISE(ABORT, 'an order never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER order_lines_never_change BEFORE UPDATE ON order_lines BEGIN SELECT RAISE(ABORT, 'an order never changes'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER order_lines_never_go BEFORE DELETE ON order_lines BEGIN SELECT RAISE(ABORT, 'an order never changes'); END;
-- +goose StatementEnd
